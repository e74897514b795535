"""What runs on every cluster beside the models: pinned add-ons, each with no more rights than it needs."""

import json
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.component import Component
from components.serving.add_on_versions import AddOn, version_of
from components.serving.cluster import Engine
from components.serving.pod_identity import pod_role

_AWS = "arn:aws:iam::aws:policy"
# Namespace, service account and managed policy of those that call AWS (EKS user guide, AWS add-ons, read 2026-11-23).
# The S3 driver has none: it mounts with the identity of the pod that asks, which reads its own data and no other.
IDENTITIES = {
    AddOn.VPC_CNI: ("kube-system", "aws-node", f"{_AWS}/AmazonEKS_CNI_Policy"),
    AddOn.EBS_CSI: ("kube-system", "ebs-csi-controller-sa", f"{_AWS}/service-role/AmazonEBSCSIDriverPolicy"),
    AddOn.OBSERVABILITY: ("amazon-cloudwatch", "cloudwatch-agent", f"{_AWS}/CloudWatchAgentServerPolicy"),
}
CONFIGURATION: dict[AddOn, dict[str, Any]] = {
    # Without it network policies are accepted and do nothing.
    AddOn.VPC_CNI: {"enableNetworkPolicy": "true"},
    # Buckets are mounted on nodes with accelerators and on spot nodes too, whatever their taints.
    AddOn.S3_CSI: {"node": {"tolerateAllTaints": True}},
    AddOn.METRICS_SERVER: {"replicas": 2},
}


@dataclass
class AddOnsArgs:
    """Args of `AddOns`.

    Args:
        cluster_name: the cluster.
        account_id: whose clusters may use the roles.
        kubernetes_version: decides the versions; one of `add_on_versions`.
        add_ons: which ones, in any order; `before_nodes` and `after_nodes` say which an engine needs.
        versions: other versions than the pinned ones, by EKS's name of the add-on.
    """

    cluster_name: pulumi.Input[str]
    account_id: str
    kubernetes_version: str
    add_ons: list[AddOn]
    versions: dict[str, str] = field(default_factory=dict)


class AddOns(Component):
    """Add-ons pinned by version; what somebody changes by hand in the cluster is put back.

    Auto Mode has network, DNS, proxy, block storage and the identity agent built in; with them as add-ons as well there
    would be two of each. So it gets metrics and observability only. No engine gets the S3 driver: weights are fetched
    and checked before a server starts (decision 18), and nothing else is mounted.

    Cost: none but what they use: observability about 0.30 USD per metric and month and 0.50 USD per GB of logs
        (CloudWatch price page, from memory).
    Recovery: without metrics-server autoscalers on CPU stand still; what runs goes on. It runs on the floor, twice.
    """

    def __init__(self, name: str, args: AddOnsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        refuse_unknown(name, args)
        super().__init__(name, args, opts)
        self.roles: dict[AddOn, aws.iam.Role] = {}
        self.add_ons = {add_on: self._add_on(add_on, args) for add_on in args.add_ons}
        self.register_outputs({})

    def _add_on(self, add_on: AddOn, args: AddOnsArgs) -> aws.eks.Addon:
        return aws.eks.Addon(
            f"{self.name}-{add_on.value}",
            cluster_name=args.cluster_name,
            addon_name=add_on.value,
            addon_version=args.versions.get(add_on.value) or version_of(add_on, args.kubernetes_version),
            configuration_values=json.dumps(CONFIGURATION[add_on]) if add_on in CONFIGURATION else None,
            pod_identity_associations=self._identity(add_on, args),
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            tags=self.shared(),
            opts=self.child(),
        )

    def _identity(self, add_on: AddOn, args: AddOnsArgs) -> list[aws.eks.AddonPodIdentityAssociationArgs] | None:
        if add_on not in IDENTITIES:
            return None
        namespace, service_account, policy = IDENTITIES[add_on]
        role = self.roles[add_on] = pod_role(
            self,
            add_on.value,
            account_id=args.account_id,
            cluster_name=args.cluster_name,
            namespace=namespace,
            service_account=service_account,
            tags=self.shared(),
        )
        aws.iam.RolePolicyAttachment(
            f"{self.name}-{add_on.value}", role=role.name, policy_arn=policy, opts=self.child()
        )
        return [aws.eks.AddonPodIdentityAssociationArgs(role_arn=role.arn, service_account=service_account)]


def before_nodes(engine: Engine) -> list[AddOn]:
    """What has to be there before a node is ready; an add-on that needs a node to run on would wait for it in vain."""
    if engine is Engine.AUTO_MODE:
        return []
    return [AddOn.POD_IDENTITY, AddOn.VPC_CNI, AddOn.KUBE_PROXY]


def after_nodes(engine: Engine) -> list[AddOn]:
    """What runs on nodes."""
    always = [AddOn.METRICS_SERVER, AddOn.OBSERVABILITY]
    return always if engine is Engine.AUTO_MODE else [AddOn.COREDNS, AddOn.EBS_CSI, *always]


def refuse_unknown(name: str, args: AddOnsArgs) -> None:
    """Refuse a version for an add-on that is not installed.

    Raises:
        ValueError: a sentence with the add-on and those there are.
    """
    installed = [add_on.value for add_on in args.add_ons]
    unknown = sorted(set(args.versions) - set(installed))
    if unknown:
        raise ValueError(
            f"'{name}' names a version of add-on '{unknown[0]}', which it does not install; installed here: "
            f"{', '.join(installed)}."
        )
