"""The namespace of gateways: what may run in it, who reaches it, and whom it reaches."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import Namespace
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import (
    IPBlockArgs,
    NetworkPolicy,
    NetworkPolicyEgressRuleArgs,
    NetworkPolicyIngressRuleArgs,
    NetworkPolicyPeerArgs,
    NetworkPolicyPortArgs,
    NetworkPolicySpecArgs,
)
from pulumi_kubernetes.rbac.v1 import (
    PolicyRuleArgs,
    Role,
    RoleBinding,
    RoleRefArgs,
    SubjectArgs,
)

from components.component import Component
from components.serving.endpoints_namespace import GATEWAY_ROLE, IDENTITY_AGENTS, SHARED
from stanchion.serving.gateway_places import (
    ACCOUNT,
    GATEWAY_NAMESPACE,
    INTERNAL_PORT,
    PUBLIC_PORT,
)
from stanchion.serving.slots import NAMESPACE

# Valkey, and its TLS.
CACHE_PORTS = (6379, 6380)
AUTOSCALER_ROLE = ("stanchion.dev/role", "autoscaler")
# By Kubernetes itself, on every namespace.
NAME_LABEL = "kubernetes.io/metadata.name"


@dataclass
class GatewayNamespaceArgs:
    """Args of `GatewayNamespace`.

    Args:
        vpc_cidr: from where the load balancer and the nodes ask, and where the cache lies.
        collector_port: of the OpenTelemetry collector that gets traces; none if None.
        namespace: its name.
        endpoints_namespace: of the model servers.
    """

    vpc_cidr: pulumi.Input[str]
    collector_port: int | None = None
    namespace: str = GATEWAY_NAMESPACE
    endpoints_namespace: str = NAMESPACE


class GatewayNamespace(Component):
    """A namespace whose pods may do what a gateway does: take requests, ask models, AWS and the cluster's API.

    In the cluster they may read where pods are, in two namespaces, and change nothing.

    Cost: nothing.
    Recovery: made again with the cluster.
    """

    def __init__(self, name: str, args: GatewayNamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        key, value = GATEWAY_ROLE
        levels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
        self.namespace = Namespace(
            f"{self.name}-namespace",
            metadata=ObjectMetaArgs(name=args.namespace, labels={**SHARED, **levels, key: value}),
            opts=self.child(),
        )
        self.policies = {
            "deny-all": self._policy("deny-all", args, ["Ingress", "Egress"]),
            "in": self._policy("in", args, ["Ingress"], ingress=self._ingress(args)),
            "out": self._policy("out", args, ["Egress"], egress=self._egress(args)),
        }
        rules = {
            # What a replica's version is, is a label of its pod.
            args.endpoints_namespace: [_read("discovery.k8s.io", "endpointslices"), _read("", "pods")],
            # Gateways add up what they have to do.
            args.namespace: [_read("discovery.k8s.io", "endpointslices")],
        }
        for namespace, allowed in rules.items():
            self._rights(namespace, allowed, args)
        self.register_outputs({})

    def _policy(
        self,
        name: str,
        args: GatewayNamespaceArgs,
        types: list[str],
        ingress: list[NetworkPolicyIngressRuleArgs] | None = None,
        egress: list[NetworkPolicyEgressRuleArgs] | None = None,
    ) -> NetworkPolicy:
        return NetworkPolicy(
            f"{self.name}-{name}",
            metadata=ObjectMetaArgs(name=name, namespace=args.namespace, labels=SHARED),
            spec=NetworkPolicySpecArgs(
                pod_selector=LabelSelectorArgs(), policy_types=types, ingress=ingress, egress=egress
            ),
            opts=self.child(depends_on=[self.namespace]),
        )

    def _ingress(self, args: GatewayNamespaceArgs) -> list[NetworkPolicyIngressRuleArgs]:
        vpc = NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=args.vpc_cidr))
        autoscaler = NetworkPolicyPeerArgs(namespace_selector=_labelled(*AUTOSCALER_ROLE))
        peers = NetworkPolicyPeerArgs(pod_selector=LabelSelectorArgs())
        return [
            # The load balancer and the nodes' probes have addresses of the VPC and no labels.
            NetworkPolicyIngressRuleArgs(from_=[vpc], ports=[_tcp(PUBLIC_PORT), _tcp(INTERNAL_PORT)]),
            NetworkPolicyIngressRuleArgs(from_=[autoscaler, peers], ports=[_tcp(INTERNAL_PORT)]),
        ]

    def _egress(self, args: GatewayNamespaceArgs) -> list[NetworkPolicyEgressRuleArgs]:
        models = NetworkPolicyPeerArgs(namespace_selector=_labelled(NAME_LABEL, args.endpoints_namespace))
        agents = [NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=cidr)) for cidr in IDENTITY_AGENTS]
        cache = NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=args.vpc_cidr))
        peers = NetworkPolicyPeerArgs(pod_selector=LabelSelectorArgs())
        return [
            # To anywhere: Auto Mode answers on the node itself, which no selector can name.
            NetworkPolicyEgressRuleArgs(ports=[NetworkPolicyPortArgs(protocol="UDP", port=53), _tcp(53)]),
            NetworkPolicyEgressRuleArgs(to=[models]),
            NetworkPolicyEgressRuleArgs(to=[peers], ports=[_tcp(INTERNAL_PORT)]),
            NetworkPolicyEgressRuleArgs(to=agents, ports=[_tcp(80)]),
            NetworkPolicyEgressRuleArgs(to=[cache], ports=[_tcp(port) for port in CACHE_PORTS]),
            # AWS, the cluster's API, issuers of tokens and webhooks have addresses that nobody knows beforehand.
            NetworkPolicyEgressRuleArgs(ports=[_tcp(port) for port in sorted({443, args.collector_port or 443})]),
        ]

    def _rights(self, namespace: str, allowed: list[PolicyRuleArgs], args: GatewayNamespaceArgs) -> None:
        metadata = ObjectMetaArgs(name="gateway", namespace=namespace, labels=SHARED)
        role = Role(f"{self.name}-{namespace}", metadata=metadata, rules=allowed, opts=self._later())
        RoleBinding(
            f"{self.name}-{namespace}",
            metadata=metadata,
            role_ref=RoleRefArgs(api_group="rbac.authorization.k8s.io", kind="Role", name="gateway"),
            subjects=[SubjectArgs(kind="ServiceAccount", name=ACCOUNT, namespace=args.namespace)],
            opts=self.child(depends_on=[role]),
        )

    def _later(self) -> pulumi.ResourceOptions:
        return self.child(depends_on=[self.namespace])


def _read(group: str, kind: str) -> PolicyRuleArgs:
    return PolicyRuleArgs(api_groups=[group], resources=[kind], verbs=["get", "list", "watch"])


def _labelled(key: str, value: str) -> LabelSelectorArgs:
    return LabelSelectorArgs(match_labels={key: value})


def _tcp(port: int) -> NetworkPolicyPortArgs:
    return NetworkPolicyPortArgs(protocol="TCP", port=port)
