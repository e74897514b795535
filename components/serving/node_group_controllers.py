"""What EKS Auto Mode has built in and managed node groups have not: who makes a burst grow, who registers gateways."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi_kubernetes.helm.v3 import Release, RepositoryOptsArgs

from components.component import Component
from components.serving.placement import CAPACITY_TYPE
from components.serving.pod_identity import pod_role

NAMESPACE = "kube-system"
AUTOSCALER, BALANCER = "cluster-autoscaler", "aws-load-balancer-controller"
# Releases of kubernetes/autoscaler and aws/eks-charts, read 2026-11-27.
CHARTS = {
    AUTOSCALER: ("https://kubernetes.github.io/autoscaler", "9.56.0"),
    BALANCER: ("https://aws.github.io/eks-charts", "3.5.0"),
}
# The autoscaler has the version of the cluster, since it runs the scheduler's own code.
AUTOSCALER_TAGS = {"1.33": "v1.33.1", "1.34": "v1.34.0", "1.35": "v1.35.0"}
# What both have to see of EC2, Auto Scaling and Elastic Load Balancing; none of it can be narrowed to resources.
READ_POLICY = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"
TIMEOUT_SECONDS = 900


@dataclass
class NodeGroupControllersArgs:
    """Args of `NodeGroupControllers`.

    Args:
        cluster_name: the cluster, whose node groups are made larger and smaller.
        account_id: whose clusters may use the roles.
        region: of the cluster.
        vpc_id: of the cluster; pods can't ask the node for it.
        kubernetes_version: decides the autoscaler's.
        replicas: of each; one leads.
    """

    cluster_name: pulumi.Input[str]
    account_id: str
    region: str
    vpc_id: pulumi.Input[str]
    kubernetes_version: str
    replicas: int = 2


class NodeGroupControllers(Component):
    """An autoscaler that finds the node groups by the tags EKS gives them, and the controller of `GatewayBinding`.

    Each may change what is this cluster's, or what it is told by name, and nothing else: the size of groups that are
    tagged as owned by the cluster, and the members of target groups. Load balancers are declared by us, so that nothing
    in the cluster can make one.

    Cost: 0.4 vCPU and 1.2 GB of the floor's nodes.
    Recovery: without the autoscaler no burst grows, and the floor serves. Without the other new gateways get no
        requests, and those that are registered go on. Of each one replica leads, and another takes over within 15 s.
    """

    def __init__(self, name: str, args: NodeGroupControllersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        refuse_unknown(name, args)
        super().__init__(name, args, opts)
        self.roles: dict[str, aws.iam.Role] = {}
        arn = f"arn:aws:autoscaling:{args.region}:{args.account_id}:autoScalingGroup:*:autoScalingGroupName/eks-*"
        resize = {
            "Effect": "Allow",
            "Action": ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
            "Resource": arn,
            "Condition": pulumi.Output.from_input(args.cluster_name).apply(
                lambda cluster: {
                    "StringEquals": {f"autoscaling:ResourceTag/k8s.io/cluster-autoscaler/{cluster}": "owned"}
                }
            ),
        }
        look = {
            "Effect": "Allow",
            # Labels and taints of a group that has no node yet.
            "Action": "eks:DescribeNodegroup",
            "Resource": pulumi.Output.concat(
                f"arn:aws:eks:{args.region}:{args.account_id}:nodegroup/", args.cluster_name, "/*/*"
            ),
        }
        register = {
            "Effect": "Allow",
            "Action": ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"],
            "Resource": f"arn:aws:elasticloadbalancing:{args.region}:{args.account_id}:targetgroup/*",
        }
        self.autoscaler = self._controller(AUTOSCALER, [resize, look], _autoscaler(args), args)
        self.balancer = self._controller(BALANCER, [register], _balancer(args), args)
        self.register_outputs({})

    def _controller(
        self, chart: str, statements: list[dict[str, Any]], values: dict[str, Any], args: NodeGroupControllersArgs
    ) -> Release:
        role = self.roles[chart] = pod_role(
            self,
            chart,
            account_id=args.account_id,
            cluster_name=args.cluster_name,
            namespace=NAMESPACE,
            service_account=chart,
            tags=self.shared(),
        )
        read = aws.iam.RolePolicyAttachment(
            f"{self.name}-{chart}-read", role=role.name, policy_arn=READ_POLICY, opts=self.child()
        )
        change = aws.iam.RolePolicy(
            f"{self.name}-{chart}-change",
            role=role.name,
            policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements}),
            opts=self.child(),
        )
        association = aws.eks.PodIdentityAssociation(
            f"{self.name}-{chart}",
            cluster_name=args.cluster_name,
            namespace=NAMESPACE,
            service_account=chart,
            role_arn=role.arn,
            tags=self.shared(),
            opts=self.child(depends_on=[read, change]),
        )
        repository, version = CHARTS[chart]
        return Release(
            f"{self.name}-{chart}",
            name=chart,
            namespace=NAMESPACE,
            chart=chart,
            version=version,
            repository_opts=RepositoryOptsArgs(repo=repository),
            atomic=True,
            timeout=TIMEOUT_SECONDS,
            values={**_common(args), **values},
            # A pod that starts before has no identity for as long as it lives.
            opts=self.child(depends_on=[association]),
        )


def _common(args: NodeGroupControllersArgs) -> dict[str, Any]:
    return {
        "replicaCount": args.replicas,
        "priorityClassName": "system-cluster-critical",
        # Whoever brings nodes must not go with them.
        "affinity": {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [
                        {"matchExpressions": [{"key": CAPACITY_TYPE, "operator": "NotIn", "values": ["spot"]}]}
                    ]
                }
            }
        },
        "podDisruptionBudget": {"maxUnavailable": 1},
    }


def _autoscaler(args: NodeGroupControllersArgs) -> dict[str, Any]:
    return {
        "fullnameOverride": AUTOSCALER,
        "cloudProvider": "aws",
        "awsRegion": args.region,
        "autoDiscovery": {"clusterName": args.cluster_name},
        "image": {"tag": AUTOSCALER_TAGS[args.kubernetes_version]},
        "rbac": {"serviceAccount": {"name": AUTOSCALER}},
        "extraArgs": {
            # Model servers have their weights on the node's disk; by default no node with such a pod would ever go.
            "skip-nodes-with-local-storage": False,
            "skip-nodes-with-system-pods": False,
            "expander": "least-waste",
            # As long as a burst waits until it is made smaller, and longer than a start.
            "scale-down-unneeded-time": "10m",
        },
        "resources": {"requests": {"cpu": "100m", "memory": "400Mi"}, "limits": {"memory": "400Mi"}},
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65534,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containerSecurityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }


def _balancer(args: NodeGroupControllersArgs) -> dict[str, Any]:
    return {
        "clusterName": args.cluster_name,
        "region": args.region,
        "vpcId": args.vpc_id,
        "serviceAccount": {"create": True, "name": BALANCER},
        # It binds and does nothing else: no Ingress of anybody makes a load balancer, and no Service waits for it.
        "createIngressClassResource": False,
        "ingressClassParams": {"create": False},
        "enableServiceMutatorWebhook": False,
        "enableShield": False,
        "enableWaf": False,
        "enableWafv2": False,
        # Otherwise each update of the release makes another certificate, and the webhook fails in between.
        "keepTLSSecret": True,
        "resources": {"requests": {"cpu": "100m", "memory": "200Mi"}, "limits": {"memory": "200Mi"}},
    }


def refuse_unknown(name: str, args: NodeGroupControllersArgs) -> None:
    """Refuse a version without an autoscaler, and a single replica.

    Raises:
        ValueError: a sentence with the value, those there are and the fix.
    """
    if args.kubernetes_version not in AUTOSCALER_TAGS:
        raise ValueError(
            f"'{name}' has no autoscaler for Kubernetes '{args.kubernetes_version}'; allowed: "
            f"{', '.join(AUTOSCALER_TAGS)}. Add its version to components/serving/node_group_controllers.py."
        )
    if args.replicas < 2:
        raise ValueError(
            f"'{name}' has {args.replicas} replica of each controller; allowed: 2 or more. While the only one moves to "
            "another node, no burst grows."
        )
