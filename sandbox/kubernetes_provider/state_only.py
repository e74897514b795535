"""Kinds that are recorded and have no effect, each with the reason why; `stanchion sandbox status` lists them.

They are listed so that nobody mistakes one for a kind that works. The lists' growth fails a test until its snapshot is
changed.
"""

from typing import Final

# Kept in the engine's state alone: nothing is done in the cluster.
STATE_ONLY: Final[dict[str, str]] = {
    "kubernetes:helm.sh/v3:Release": (
        "charts come from registries that the local cloud does not reach; what a chart would install is absent"
    ),
}

# Objects of the cluster as all others, checked by their schema; but no controller in the local cloud acts on them.
WITHOUT_CONTROLLER: Final[dict[str, str]] = {
    "kubernetes:eks.amazonaws.com/v1:NodeClass": (
        "its controller is a part of EKS Auto Mode and runs in AWS; local nodes have no network, role or disk"
    ),
    "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding": (
        "its controller is a part of EKS Auto Mode and runs in AWS; no load balancer of the local cloud gets targets"
    ),
    "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding": (
        "the AWS Load Balancer Controller does not run here; no load balancer of the local cloud gets targets"
    ),
    "kubernetes:networking.k8s.io/v1:Ingress": (
        "no ingress controller runs in the local cloud; an ingress gets no address, and none is waited for"
    ),
}
