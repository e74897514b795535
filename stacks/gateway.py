"""The part of a serving layer that every request passes."""

from typing import Any

import pulumi

from components.serving.cluster import Engine
from components.serving.gateway import Gateway, GatewayArgs
from components.serving.gateway_alarms import GatewayEndpointArgs
from components.serving.gateway_namespace import GatewayNamespace, GatewayNamespaceArgs
from stacks.capacity import image_of
from stacks.needs import LayerOutputs, Needs
from stacks.topics import topics_of
from stanchion.contracts import ClusterOutputs, ControlOutputs
from stanchion.layers import Place
from stanchion.serving.cold_start import DISK_BYTES_PER_SECOND
from stanchion.serving.gateway_document import gateway_document
from stanchion.serving.gateway_places import GATEWAY, GATEWAY_NAMESPACE, internal_address, peers
from stanchion.serving.tiers import strictest_first
from stanchion.spec import Capacity, Cloud, Duration, Environment

# What a pod runs as on the local cloud, unless the document says it.
LOCAL_COMMAND = ["python", "-m", "gateway"]


def gateway(
    spec: Environment, place: Place, capacity: Capacity, needs: Needs, opts: pulumi.ResourceOptions
) -> dict[str, Any] | None:
    """Declare the gateways of a region; what the layer publishes of them, or None where nothing is served online."""
    if spec.gateway is None or not spec.online_endpoints:
        return None
    region = str(place.region)
    foundation, cluster = needs.foundation(region), needs.cluster(region)
    namespace = GatewayNamespace(
        f"{spec.name}-gateways",
        GatewayNamespaceArgs(
            vpc_cidr=foundation.output(lambda f: f.network.cidr), collector_port=spec.gateway.traces_port
        ),
        opts,
    )
    objectives = [rto for tier in spec.tiers.values() for rto in (tier.rto.infrastructure, tier.rto.zone) if rto]
    said = spec.gateway
    Gateway(
        f"{spec.name}-gateway",
        GatewayArgs(
            environment=spec.name,
            configuration=_configuration(spec, region, needs),
            image=image_of(said, foundation),
            image_bytes=said.image_size.bytes,
            image_bytes_per_second=int(DISK_BYTES_PER_SECOND),
            region=region,
            tiers=strictest_first(spec),
            endpoints=[
                GatewayEndpointArgs(name, each.slo.p95.milliseconds, each.slo.availability)
                for name, each in spec.online_endpoints.items()
            ],
            alarm_topics=topics_of(foundation),
            cpu=str(said.cpu),
            memory=said.memory.kubernetes,
            floor=said.replicas.floor,
            most=said.replicas.max,
            deadline=str(_longest(spec)),
            rto=str(min(objectives)) if objectives else None,
            targets={tier: _target(cluster, tier) for tier in (spec.entry.hostnames if spec.entry else {})},
            engine=Engine(capacity.engine.value),
            traces_endpoint=said.traces,
            local_command=(said.local_command or LOCAL_COMMAND) if spec.cloud is Cloud.LOCAL else [],
        ),
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[namespace])),
    )
    return {"namespace": GATEWAY_NAMESPACE, "service": GATEWAY, "internal_address": internal_address()}


def _target(cluster: LayerOutputs[ClusterOutputs], tier: str) -> pulumi.Output[str]:
    def target_group(outputs: ClusterOutputs) -> str:
        # It is there: the document has an entry.
        assert outputs.entry is not None  # noqa: S101  for the type checker
        return outputs.entry.targets[tier].target_group_arn

    return cluster.output(target_group)


def _longest(spec: Environment) -> Duration:
    return max(each.deadline for each in spec.online_endpoints.values())


def _configuration(spec: Environment, region: str, needs: Needs) -> pulumi.Output[str]:
    """What follows from the document, and where things are that the control layer made."""
    control = needs.of(ControlOutputs, region)
    return pulumi.Output.json_dumps(
        {
            **gateway_document(spec, region),
            "event_stream": control.output(lambda c: c.events.stream),
            "ticket_queue": control.output(lambda c: c.tickets.queue_url),
            "cache_address": control.output(lambda c: c.cache_address),
            "hash_key": control.output(lambda c: c.hash_key),
            "peers": peers(),
        },
        sort_keys=True,
    )
