"""An online endpoint: the variants of a model, each in two slots, with a floor that stays and a burst that comes."""

import math
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.apps.v1 import (
    Deployment,
    DeploymentSpecArgs,
    DeploymentStrategyArgs,
    RollingUpdateDeploymentArgs,
)
from pulumi_kubernetes.autoscaling.v2 import HorizontalPodAutoscaler
from pulumi_kubernetes.core.v1 import Service, ServiceAccount, ServicePortArgs, ServiceSpecArgs
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.policy.v1 import PodDisruptionBudget, PodDisruptionBudgetSpecArgs

from components.alarm import AlarmTopicsArgs
from components.component import Component
from components.serving import probes, scaling
from components.serving.drain import drain
from components.serving.endpoint_alarms import slot_alarms
from components.serving.nodes_of_pods import bound_seconds
from components.serving.placement import CAPACITY_LABEL
from components.serving.priority import Share
from components.serving.protocol import PROTOCOLS, Kind
from components.serving.server_pod import Server, cold_start_annotations
from components.serving.slot import Slot, refuse_long
from components.serving.variant import VariantArgs, refuse_unfit
from stanchion.serving import activation, slots
from stanchion.serving.slots import DEPLOYED_FIELDS, SlotNames
from stanchion.spec import Duration

# Karpenter gives up a node that has not registered after 15 minutes, and tries another one.
NODE_SECONDS = 900
# An endpoint that Kubernetes calls stuck before its start could have ended would be called so always.
LEAST_PROGRESS_SECONDS = 600
SKIP_AWAIT = "pulumi.com/skipAwait"


@dataclass
class OnlineEndpointArgs:
    """Args of `OnlineEndpoint`.

    Args:
        endpoint_name: unique in the environment; its workload and its service account are called the same.
        kind: what its server speaks.
        tier: its tier.
        model: the name under which clients ask for it.
        variants: those that run in this region, with their floors here.
        cluster_name: a dimension of its metrics.
        region: where the bucket of weights lies.
        gateway_address: of the gateways, which tell the demand, such as `http://gateway.gateway.svc:8081`.
        alarm_topics: topics of the region.
        rto: the strictest of the tier's RTOs of infrastructure and zone, such as `2m`; no objective if None.
        spot: whether the replicas above the floor prefer spot.
        scale_to_zero: whether the floor goes when nobody asks.
        standby: whether it serves only when the other region is gone.
        longest_request: how long a request may take that still finishes when its replica leaves.
        namespace: where its objects lie; `EndpointsNamespace` makes it.
    """

    endpoint_name: str
    kind: Kind
    tier: str
    model: str
    variants: list[VariantArgs]
    cluster_name: pulumi.Input[str]
    region: str
    gateway_address: pulumi.Input[str]
    alarm_topics: AlarmTopicsArgs
    rto: str | None = None
    spot: bool = False
    scale_to_zero: bool = False
    standby: bool = False
    longest_request: str = "60s"
    namespace: str = slots.NAMESPACE


class OnlineEndpoint(Component):
    """Two slots of each variant behind a Service of its own, and one autoscaler that holds the floor of the one in use.

    Of a slot the floor runs on demand and is spread over zones; the burst prefers spot and comes with the load. What a
    rollout changes (image, weights, version, replicas, which slot is in use) is declared once and then belongs to the
    field manager `stanchion-deploy` (decision 19). Whoever serves the traffic asks both Services by name; nothing here
    decides between them.

    Cost: the floor's share of its nodes always, twice for as long as a rollout has both slots; 4 alarms a slot at 0.10
        USD a month (CloudWatch price page, from memory). With scale_to_zero nothing but the nodes of the pool's floor.
    Recovery: a lost node or zone leaves replicas of the floor elsewhere when there are two or more; else the time is
        noticing, the toleration, and a cold start. All spot can go at once, and the floor serves on.
    """

    protocol: pulumi.Output[str]
    addresses: pulumi.Output[dict[str, str]]

    def __init__(self, name: str, args: OnlineEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        refuse_long(args.endpoint_name, tuple(each.variant for each in args.variants))
        refuse_unfit(args.endpoint_name, args.variants, scale_to_zero=args.scale_to_zero)
        self.drain = drain(f"endpoint '{args.endpoint_name}'", Duration.parse(args.longest_request).seconds)
        super().__init__(name, args, opts)
        self.service_account = self._service_account(args)
        self.deployments: dict[str, Deployment] = {}
        self.services: dict[str, Service] = {}
        self.budgets: dict[str, PodDisruptionBudget] = {}
        self.autoscalers: dict[str, pulumi.CustomResource] = {}
        for variant in args.variants:
            server = self._server_of(variant, args)
            for color in slots.SLOTS:
                self._slot(Slot(SlotNames(args.endpoint_name, variant.variant, color), args.tier), server, args)
            self._floor_autoscaler(variant, args)
        self._outputs(args)

    def _service_account(self, args: OnlineEndpointArgs) -> ServiceAccount:
        return ServiceAccount(
            f"{self.name}-identity",
            metadata=self._metadata(args.endpoint_name, _shared_labels(args), args),
            automount_service_account_token=False,
            opts=self.child(),
        )

    def _server_of(self, variant: VariantArgs, args: OnlineEndpointArgs) -> Server:
        return Server(
            kind=args.kind,
            model=args.model,
            service_account=args.endpoint_name,
            region=args.region,
            drain=self.drain,
            bound_seconds=bound_seconds(None if args.rto is None else Duration.parse(args.rto).seconds),
            spot=args.spot,
            args=variant,
        )

    def _slot(self, slot: Slot, server: Server, args: OnlineEndpointArgs) -> None:
        variant = server.args
        self._service(slot, args)
        self._deployment(slot, Share.FLOOR, server, args)
        self._budget(slot, args)
        if variant.burst:
            self._deployment(slot, Share.BURST, server, args)
            self._burst_autoscaler(slot, variant, args)
        slot_alarms(
            self,
            slot.names,
            args.cluster_name,
            args.namespace,
            most=variant.max,
            burst=variant.burst > 0,
            start_seconds=_start_allowed(variant),
        )

    def _service(self, slot: Slot, args: OnlineEndpointArgs) -> None:
        spoken = PROTOCOLS[args.kind]
        # A Service counts as ready with its first endpoint, and a slot that does not serve has none.
        metadata = self._metadata(slot.names.service, slot.labels, args, {SKIP_AWAIT: "true"})
        self.services[slot.names.service] = Service(
            self._called(slot),
            metadata=metadata,
            spec=ServiceSpecArgs(
                type="ClusterIP",
                selector=slot.selector,
                ports=[ServicePortArgs(name="http", port=spoken.port, target_port="http", app_protocol="http")],
            ),
            opts=self.child(),
        )

    def _deployment(self, slot: Slot, share: Share, server: Server, args: OnlineEndpointArgs) -> None:
        variant, name = server.args, slot.names.deployment(share.value)
        floor = share is Share.FLOOR
        annotations = cold_start_annotations(variant)
        if not floor:
            # Whether spot can be had is nobody's promise; an update does not wait for it, nor fail without it.
            annotations[SKIP_AWAIT] = "true"
        progress = _progress_seconds(variant)
        self.deployments[name] = Deployment(
            f"{self._called(slot)}-{share.value}",
            metadata=self._metadata(name, {**slot.labels, CAPACITY_LABEL: share.value}, args, annotations),
            spec=DeploymentSpecArgs(
                replicas=variant.floor if floor and slot.in_service else 0,
                selector=LabelSelectorArgs(match_labels=slot.selector_of(share)),
                strategy=DeploymentStrategyArgs(
                    type="RollingUpdate",
                    # The new ones come at once and before the old ones go: one wave, and no replica less. Of a burst
                    # some may go first, since nobody promises room for twice as many on spot.
                    rolling_update=RollingUpdateDeploymentArgs(max_surge="100%", max_unavailable=0 if floor else "25%"),
                ),
                progress_deadline_seconds=progress,
                revision_history_limit=3,
                template=server.template(slot, share),
            ),
            opts=self.child(
                ignore_changes=list(DEPLOYED_FIELDS["Deployment"]),
                custom_timeouts=pulumi.CustomTimeouts(create=f"{progress + 60}s", update=f"{progress + 60}s"),
                depends_on=[self.service_account],
            ),
        )

    def _budget(self, slot: Slot, args: OnlineEndpointArgs) -> None:
        self.budgets[slot.names.service] = PodDisruptionBudget(
            f"{self._called(slot)}-budget",
            metadata=self._metadata(slot.names.service, slot.labels, args),
            spec=PodDisruptionBudgetSpecArgs(
                # The floor only. A budget over the burst would hold up the drain of spot nodes, all of which may have
                # to be drained at once, until their two minutes are over.
                selector=LabelSelectorArgs(match_labels=slot.selector_of(Share.FLOOR)),
                max_unavailable=1,
                unhealthy_pod_eviction_policy="AlwaysAllow",
            ),
            opts=self.child(),
        )

    def _burst_autoscaler(self, slot: Slot, variant: VariantArgs, args: OnlineEndpointArgs) -> None:
        asked = scaling.demand(slot, args.gateway_address)
        target = activation.scaling(variant.concurrency, variant.floor, variant.max).target
        self.autoscalers[slot.names.burst] = self._scaled_object(
            f"{self._called(slot)}-burst",
            self._metadata(slot.names.burst, slot.labels, args, scaling.burst_annotations(slot)),
            scaling.burst_autoscaler(slot, target, variant.max, asked, sleeps=args.scale_to_zero),
        )

    def _floor_autoscaler(self, variant: VariantArgs, args: OnlineEndpointArgs) -> None:
        """None for a floor of 0: Kubernetes can't hold one, and there is nothing to hold."""
        if not variant.floor:
            return
        both = [Slot(SlotNames(args.endpoint_name, variant.variant, color), args.tier) for color in slots.SLOTS]
        first = next(slot for slot in both if slot.in_service)
        name = slots.floor_autoscaler(args.endpoint_name, variant.variant)
        labels = {**_shared_labels(args), "stanchion.dev/variant": variant.variant}
        made = f"{self.name}-{variant.variant}-floor"
        if args.scale_to_zero:
            asked = [scaling.demand(slot, args.gateway_address) for slot in both]
            spec = scaling.sleeping_floor(first.names.floor, variant.floor, asked)
            self.autoscalers[name] = self._scaled_object(made, self._metadata(name, labels, args), spec)
            return
        self.autoscalers[name] = HorizontalPodAutoscaler(
            made,
            metadata=self._metadata(name, labels, args, scaling.BESIDE_KEDA),
            spec=scaling.floor_autoscaler(first.names.floor, variant.floor),
            opts=self.child(ignore_changes=list(DEPLOYED_FIELDS["HorizontalPodAutoscaler"])),
        )

    def _scaled_object(self, name: str, metadata: ObjectMetaArgs, spec: dict[str, Any]) -> CustomResource:
        return CustomResource(
            name,
            api_version=scaling.KEDA_API,
            kind="ScaledObject",
            metadata=metadata,
            spec=spec,
            opts=self.child(ignore_changes=list(DEPLOYED_FIELDS["ScaledObject"])),
        )

    def _called(self, slot: Slot) -> str:
        return f"{self.name}-{slot.names.variant}-{slot.names.slot}"

    def _metadata(
        self,
        name: str,
        labels: dict[str, str],
        args: OnlineEndpointArgs,
        annotations: dict[str, pulumi.Input[str]] | dict[str, str] | None = None,
    ) -> ObjectMetaArgs:
        standby = {"stanchion.dev/standby": "true"} if args.standby else {}
        return ObjectMetaArgs(
            name=name, namespace=args.namespace, labels={**labels, **standby}, annotations=annotations or None
        )

    def _outputs(self, args: OnlineEndpointArgs) -> None:
        spoken = PROTOCOLS[args.kind]
        self.protocol = pulumi.Output.from_input(spoken.name)
        self.published = {each.variant: _published(each, args) for each in args.variants}
        addresses = {
            f"{variant}-{color}": found["address"]
            for variant, about in self.published.items()
            for color, found in about["slots"].items()
        }
        self.addresses = pulumi.Output.from_input(addresses)
        self.register_outputs({"protocol": self.protocol, "addresses": self.addresses})


def _shared_labels(args: OnlineEndpointArgs) -> dict[str, str]:
    """Labels of what both slots use."""
    own = slots.labels(SlotNames(args.endpoint_name, "", ""), args.tier)
    return {key: value for key, value in own.items() if value}


def _start_allowed(variant: VariantArgs) -> float:
    """Seconds from a node for the pod until it has to serve: image, weights, and what the startup probe allows."""
    start = variant.start
    return (start.image_bytes + variant.weights.size_bytes) / start.bytes_per_second + probes.allowed(
        start.start_seconds
    )


def _progress_seconds(variant: VariantArgs) -> int:
    return max(LEAST_PROGRESS_SECONDS, NODE_SECONDS + math.ceil(_start_allowed(variant)))


def _published(variant: VariantArgs, args: OnlineEndpointArgs) -> dict[str, Any]:
    """A variant as the contract of the serving layer has it (`VariantOutputs`)."""
    start, names = variant.start, {c: SlotNames(args.endpoint_name, variant.variant, c) for c in slots.SLOTS}
    loaded = (start.image_bytes + variant.weights.size_bytes) / start.bytes_per_second
    port = PROTOCOLS[args.kind].port
    return {
        "floor": variant.floor,
        "max": variant.max,
        "concurrency": variant.concurrency,
        "cold_start_seconds": start.node_seconds + loaded + start.start_seconds,
        "activation": {color: activation.path(args.endpoint_name, variant.variant, color) for color in slots.SLOTS},
        "slots": {
            color: {
                "service": each.service,
                "address": f"http://{each.service}.{args.namespace}.svc:{port}",
                "floor": each.floor,
                "burst": each.burst if variant.burst else None,
            }
            for color, each in names.items()
        },
    }
