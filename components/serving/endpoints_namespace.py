"""The namespace of a region's online endpoints: what may run in it, who reaches it, and whom it reaches."""

from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes.core.v1 import ConfigMap, Namespace, ResourceQuota, ResourceQuotaSpecArgs
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
from pulumi_kubernetes.scheduling.v1 import PriorityClass

from components.component import Component
from components.serving.priority import priorities
from components.serving.weights import LOADER_FILE, loader_name, loader_script
from stanchion.serving.slots import NAMESPACE

# By it a namespace says that gateways run there.
GATEWAY_ROLE = ("stanchion.dev/role", "gateway")
# The agent of EKS Pod Identity on each node (EKS user guide, EKS Pod Identity agent, read 2026-11-27).
IDENTITY_AGENTS = ("169.254.170.23/32", "fd00:ec2::23/128")
# S3 has public addresses, behind the VPC's gateway endpoint too. What is private is reached by nobody from here: not
# the cluster's API, not another team's service, not the metadata of the node.
PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"]


@dataclass
class EndpointsNamespaceArgs:
    """Args of `EndpointsNamespace`.

    Args:
        tiers: names of all tiers, the strictest first; each gets a priority for floors and one for bursts.
        namespace: its name.
        https_cidrs: private ranges that pods may reach by HTTPS as well, such as the VPC's where S3 has an interface
            endpoint.
    """

    tiers: list[str]
    namespace: str = NAMESPACE
    https_cidrs: list[str] = field(default_factory=list)


class EndpointsNamespace(Component):
    """A namespace in which pods have no rights (`restricted`), and no traffic but what serving needs.

    In come requests from namespaces of gateways. Out go names, the identity agent, and S3 for the weights. Network
    policies are kept by Auto Mode's node classes and by the VPC CNI add-on, if they are told to.

    Cost: nothing.
    Recovery: priorities are what lets a floor that lost its node take the place of a burst, at once and without a new
        node. Everything else here is made again with the cluster.
    """

    def __init__(self, name: str, args: EndpointsNamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.namespace = self._namespace(args)
        self.policies = {
            "deny-all": self._policy("deny-all", args, ["Ingress", "Egress"]),
            "from-gateways": self._from_gateways(args),
            "to-weights": self._to_weights(args),
        }
        self.quota = self._quota(args)
        self.loader = self._loader(args)
        self.priorities = self._priorities(args)
        self.register_outputs({})

    def _namespace(self, args: EndpointsNamespaceArgs) -> Namespace:
        levels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
        return Namespace(
            f"{self.name}-namespace",
            metadata=ObjectMetaArgs(name=args.namespace, labels={**SHARED, **levels}),
            opts=self.child(),
        )

    def _policy(
        self,
        name: str,
        args: EndpointsNamespaceArgs,
        types: list[str],
        ingress: list[NetworkPolicyIngressRuleArgs] | None = None,
        egress: list[NetworkPolicyEgressRuleArgs] | None = None,
    ) -> NetworkPolicy:
        return NetworkPolicy(
            f"{self.name}-{name}",
            metadata=self._metadata(name, args),
            spec=NetworkPolicySpecArgs(
                pod_selector=LabelSelectorArgs(), policy_types=types, ingress=ingress, egress=egress
            ),
            opts=self.child(depends_on=[self.namespace]),
        )

    def _from_gateways(self, args: EndpointsNamespaceArgs) -> NetworkPolicy:
        key, value = GATEWAY_ROLE
        gateways = NetworkPolicyPeerArgs(namespace_selector=LabelSelectorArgs(match_labels={key: value}))
        return self._policy(
            "from-gateways", args, ["Ingress"], ingress=[NetworkPolicyIngressRuleArgs(from_=[gateways])]
        )

    def _to_weights(self, args: EndpointsNamespaceArgs) -> NetworkPolicy:
        anywhere = [
            IPBlockArgs(cidr="0.0.0.0/0", except_=PRIVATE),
            *(IPBlockArgs(cidr=cidr) for cidr in args.https_cidrs),
        ]
        agents = [NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=cidr)) for cidr in IDENTITY_AGENTS]
        return self._policy(
            "to-weights",
            args,
            ["Egress"],
            egress=[
                # To anywhere: Auto Mode answers on the node itself, which no selector can name.
                NetworkPolicyEgressRuleArgs(ports=[_port("UDP", 53), _port("TCP", 53)]),
                NetworkPolicyEgressRuleArgs(to=agents, ports=[_port("TCP", 80)]),
                NetworkPolicyEgressRuleArgs(
                    to=[NetworkPolicyPeerArgs(ip_block=block) for block in anywhere], ports=[_port("TCP", 443)]
                ),
            ],
        )

    def _quota(self, args: EndpointsNamespaceArgs) -> ResourceQuota:
        # No endpoint gets an address of its own past the gateway. How many pods there may be is their own limit.
        return ResourceQuota(
            f"{self.name}-quota",
            metadata=self._metadata("no-way-in", args),
            spec=ResourceQuotaSpecArgs(hard={"services.loadbalancers": "0", "services.nodeports": "0"}),
            opts=self.child(depends_on=[self.namespace]),
        )

    def _loader(self, args: EndpointsNamespaceArgs) -> ConfigMap:
        return ConfigMap(
            f"{self.name}-loader",
            metadata=self._metadata(loader_name(), args),
            data={LOADER_FILE: loader_script()},
            immutable=True,
            opts=self.child(depends_on=[self.namespace]),
        )

    def _priorities(self, args: EndpointsNamespaceArgs) -> dict[str, PriorityClass]:
        return {
            name: PriorityClass(
                f"{self.name}-{name}",
                metadata=ObjectMetaArgs(name=name, labels=SHARED),
                value=value,
                global_default=False,
                preemption_policy="PreemptLowerPriority",
                description=f"Pods of online endpoints: {name}.",
                opts=self.child(),
            )
            for name, value in priorities(args.tiers).items()
        }

    def _metadata(self, name: str, args: EndpointsNamespaceArgs) -> ObjectMetaArgs:
        return ObjectMetaArgs(name=name, namespace=args.namespace, labels=SHARED)


SHARED = {"stanchion.dev/shared": "true"}


def _port(protocol: str, port: int) -> NetworkPolicyPortArgs:
    return NetworkPolicyPortArgs(protocol=protocol, port=port)
