"""Kinds that are recorded in the state and not made in the cluster, each with the reason why.

Nothing is done for them, and `stanchion sandbox status` lists them, so that nobody mistakes one for a kind that works.
The list's growth fails a test until its snapshot is changed.
"""

from typing import Final

# Recorded always.
STATE_ONLY: Final[dict[str, str]] = {
    "kubernetes:helm.sh/v3:Release": (
        "charts come from registries that the local cloud does not reach; what a chart would install is absent"
    ),
}

# Recorded while the cluster does not serve them; with their definition in the cluster they are objects as all others.
UNLESS_SERVED: Final[dict[str, str]] = {
    "kubernetes:eks.amazonaws.com/v1:NodeClass": (
        "its controller is a part of EKS Auto Mode and runs in AWS, and its definition is not published"
    ),
    "kubernetes:eks.amazonaws.com/v1:IngressClassParams": (
        "its controller is a part of EKS Auto Mode and runs in AWS, and its definition is not published"
    ),
    "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding": (
        "its controller is a part of EKS Auto Mode and runs in AWS, and its definition is not published"
    ),
    "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding": (
        "the AWS Load Balancer Controller comes as a chart, and no load balancer of the local cloud has targets"
    ),
    "kubernetes:karpenter.sh/v1:NodePool": (
        "Karpenter is built when a drill first asks for it; until then its definitions are not in the cluster"
    ),
    "kubernetes:keda.sh/v1alpha1:ScaledObject": "KEDA comes as a chart; without it nothing acts on the object",
    "kubernetes:keda.sh/v1alpha1:TriggerAuthentication": "KEDA comes as a chart; without it nothing acts on the object",
}
