"""What one region serves: the Kubernetes objects of its endpoints and gateways, and the alarms born with them."""

from typing import Any

import pulumi

from components.alarm import AlarmTopicsArgs
from components.serving.endpoint import OnlineEndpoint, OnlineEndpointArgs
from components.serving.endpoints_namespace import EndpointsNamespace, EndpointsNamespaceArgs
from components.serving.protocol import Kind
from components.serving.variant import StartArgs, VariantArgs
from components.serving.weights import WeightsArgs
from stacks.capacity import ACCELERATORS, capacity_of, image_of
from stacks.gateway import gateway
from stacks.kubernetes_provider import kubernetes_provider
from stacks.needs import LayerOutputs, Needs, publish
from stacks.providers import provider_of
from stacks.topics import topics_of
from stanchion.contracts import ClusterOutputs, FoundationOutputs, ServingOutputs
from stanchion.layers import Place
from stanchion.serving.cold_start import cold_start
from stanchion.serving.gateway_places import internal_address
from stanchion.serving.regional import Served, served_in
from stanchion.serving.slots import NAMESPACE
from stanchion.serving.tiers import strictest_first
from stanchion.spec import Capacity, Environment, Variant
from stanchion.spec import OnlineEndpoint as EndpointSpec

Foundation = LayerOutputs[FoundationOutputs]
Cluster = LayerOutputs[ClusterOutputs]


def build(spec: Environment, place: Place, needs: Needs) -> LayerOutputs[ServingOutputs]:
    """Build what `place.region` serves.

    Raises:
        StanchionError: the environment says nothing about capacity.
    """
    region = str(place.region)
    capacity = capacity_of(spec, place)
    foundation, cluster = needs.foundation(region), needs.cluster(region)
    name = cluster.output(lambda c: c.access.name)
    opts = pulumi.ResourceOptions(
        providers=[
            provider_of(spec, place),
            kubernetes_provider(
                place,
                name,
                cluster.output(lambda c: c.access.endpoint),
                cluster.output(lambda c: c.access.certificate_authority),
            ),
        ]
    )
    namespace = EndpointsNamespace(f"{spec.name}-endpoints", EndpointsNamespaceArgs(tiers=strictest_first(spec)), opts)
    inside = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[namespace]))
    variants: dict[str, list[VariantArgs]] = {}
    served: dict[str, list[Served]] = {}
    for endpoint_name, _, variant, each in served_in(spec, region):
        variants.setdefault(endpoint_name, []).append(_variant(variant, each, capacity, foundation))
        served.setdefault(endpoint_name, []).append(each)
    endpoints = {
        endpoint_name: _endpoint(
            spec, region, endpoint_name, variants[endpoint_name], served[endpoint_name], name, topics_of(foundation),
            inside,
        )
        for endpoint_name in variants
    }  # fmt: skip
    return publish(
        ServingOutputs,
        {
            "account": spec.accounts.workload,
            "region": region,
            "cluster": name,
            "namespace": NAMESPACE,
            "endpoints": {
                endpoint_name: _published(spec.online_endpoints[endpoint_name], made)
                for endpoint_name, made in endpoints.items()
            },
            "gateway": gateway(spec, place, capacity, needs, opts),
        },
        stack=pulumi.get_stack(),
    )


def _variant(variant: Variant, served: Served, capacity: Capacity, foundation: Foundation) -> VariantArgs:
    pool = capacity.pools[variant.pool]
    start = cold_start(variant, pool)
    accelerators = variant.resources.accelerators
    bucket = foundation.output(lambda f: f.buckets.models.name)
    return VariantArgs(
        variant=served.variant,
        image=image_of(variant, foundation),
        weights=WeightsArgs(
            uri=pulumi.Output.concat("s3://", bucket, "/", variant.weights.prefix),
            sha256=variant.weights.sha256,
            size_bytes=variant.weights.size.bytes,
        ),
        start=StartArgs(
            image_bytes=start.image_bytes,
            bytes_per_second=start.bytes_per_second,
            start_seconds=variant.start.seconds,
            node_seconds=round(start.provision),
        ),
        pool=variant.pool,
        cpu=str(variant.resources.cpu),
        memory=variant.resources.memory.kubernetes,
        concurrency=variant.concurrency,
        floor=served.floor,
        max=served.most,
        accelerator=ACCELERATORS[pool.accelerator.value] if pool.accelerator and accelerators else None,
        accelerators=accelerators,
        arguments=list(variant.arguments),
        local_command=list(variant.local_command or []),
    )


def _endpoint(
    spec: Environment,
    region: str,
    name: str,
    variants: list[VariantArgs],
    served: list[Served],
    cluster_name: pulumi.Input[str],
    topics: AlarmTopicsArgs,
    opts: pulumi.ResourceOptions,
) -> OnlineEndpoint:
    endpoint = spec.online_endpoints[name]
    rto = spec.tiers[endpoint.tier].rto
    strictest = min((each for each in (rto.infrastructure, rto.zone) if each is not None), default=None)
    return OnlineEndpoint(
        f"{spec.name}-{name}",
        OnlineEndpointArgs(
            endpoint_name=name,
            kind=Kind(endpoint.kind),
            tier=endpoint.tier,
            model=endpoint.model,
            variants=variants,
            cluster_name=cluster_name,
            region=region,
            gateway_address=internal_address(),
            longest_request=str(endpoint.deadline),
            alarm_topics=topics,
            rto=None if strictest is None else str(strictest),
            spot=any(each.spot for each in served),
            scale_to_zero=any(each.scale_to_zero for each in served),
            standby=region == spec.regions.standby,
        ),
        opts,
    )


def _published(endpoint: EndpointSpec, made: OnlineEndpoint) -> dict[str, Any]:
    return {
        "kind": endpoint.kind,
        "protocol": made.protocol,
        "tier": endpoint.tier,
        "use_case": endpoint.use_case,
        "model": endpoint.model,
        "ladder": list(endpoint.ladder),
        "scale_to_zero": endpoint.capacity.scale_to_zero,
        "variants": made.published,
    }
