"""What must hold between the gateway and the endpoints, nodes, repositories and cloud around it."""

from collections.abc import Iterator, Mapping, Sequence

from stanchion.costs.unit_prices import unit_prices
from stanchion.serving.fit import fitting
from stanchion.spec.addresses import LOOPBACK_HOSTS
from stanchion.spec.capacity import Capacity
from stanchion.spec.endpoints import Endpoint, OnlineEndpoint
from stanchion.spec.gateway import LOOPBACK, Gateway
from stanchion.spec.images import repository_rule
from stanchion.spec.local_command import place_rule
from stanchion.spec.models import Model
from stanchion.spec.part import Broken
from stanchion.spec.pools import Pool
from stanchion.spec.refusal import Refusal
from stanchion.spec.regions import Regions


def gateway_rules(
    gateway: Gateway | None,
    endpoints: Mapping[str, Endpoint],
    models: Mapping[str, Model],
    capacity: Capacity | None,
    repositories: Sequence[str],
    regions: Regions,
    *,
    local: bool,
) -> Iterator[Broken]:
    """A gateway where there is something to ask for, from an image that is there, which fits on the nodes.

    Args:
        gateway: what the document says of it.
        endpoints: the endpoints by name.
        models: the models by name.
        capacity: the pools.
        repositories: those of storage.
        regions: where the endpoints serve.
        local: whether the environment lies in the local cloud.
    """
    online = {name: each for name, each in endpoints.items() if isinstance(each, OnlineEndpoint)}
    for name, endpoint in online.items():
        yield from _webhook_rules(f"endpoints.{name}", endpoint, local=local)
        if capacity is not None and endpoint.model in models:
            yield from _price_rules(f"endpoints.{name}", endpoint, models[endpoint.model], capacity.pools, regions)
    if gateway is None:
        if online:
            yield (
                "endpoints",
                Refusal(
                    f"nobody reaches '{next(iter(online))}': every request passes a gateway, and there is none",
                    allowed="endpoints of kind llm or predictor only with gateway",
                    fix="add `gateway: {image: gateway@sha256:<64 digits>}`",
                ),
            )
        return
    yield from repository_rule("gateway", gateway, repositories)
    yield from place_rule("gateway", gateway.local_command, local=local)
    yield from _oidc_rules(gateway, local=local)
    if capacity is not None:
        yield from _room_rules(gateway, capacity.pools)


def _oidc_rules(gateway: Gateway, *, local: bool) -> Iterator[Broken]:
    if gateway.oidc is None or local:
        return
    for key, url in (("issuer", gateway.oidc.issuer), ("keys_uri", gateway.oidc.keys_uri)):
        if url.startswith(LOOPBACK):
            yield (
                f"gateway.oidc.{key}",
                Refusal(
                    f"'{url}' is not https, and whoever is on the way could sign tokens",
                    allowed="an address of https; http://127.0.0.1 only with cloud: local",
                    fix="write the address that the provider has for the internet",
                ),
            )


def _webhook_rules(key: str, endpoint: OnlineEndpoint, *, local: bool) -> Iterator[Broken]:
    if endpoint.human is None or local:
        return
    for number, host in enumerate(endpoint.human.webhook_hosts):
        if host in LOOPBACK_HOSTS:
            yield (
                f"{key}.human.webhook_hosts.{number}",
                Refusal(
                    f"'{host}' is the gateway itself",
                    allowed="hosts of the internet; this one only with cloud: local",
                    fix="write the name of the host that takes answers",
                ),
            )


def _price_rules(
    key: str, endpoint: OnlineEndpoint, model: Model, pools: Mapping[str, Pool], regions: Regions
) -> Iterator[Broken]:
    """What is counted in USD has a price: without one nothing would be counted, and nobody ever refused."""
    for number, quota in enumerate(endpoint.quotas):
        if quota.spend is None:
            continue
        for kind in endpoint.variants:
            variant = model.variants.get(kind)
            pool = pools.get(variant.pool) if variant else None
            if variant is None or pool is None:
                continue
            types = fitting(variant.resources, pool.types)
            unpriced = [
                region
                for region in regions.both
                if types and all(unit_prices().instance(each.name, region) is None for each in types)
            ]
            if unpriced:
                yield (
                    f"{key}.quotas.{number}.spend",
                    Refusal(
                        f"it can't be counted: no price is known of the nodes of pool '{variant.pool}' in "
                        f"{' and '.join(unpriced)}",
                        allowed=f"spend in {', '.join(sorted(unit_prices().regions))}, on types of the unit prices",
                        fix="write requests: or tokens: in place of it",
                    ),
                )
                break


def _room_rules(gateway: Gateway, pools: Mapping[str, Pool]) -> Iterator[Broken]:
    """Some node that always runs holds a gateway: they run where the cluster's own pods do."""
    types = [each for pool in pools.values() if pool.floor_per_zone and pool.accelerator is None for each in pool.types]
    if not types or any(each.holds(gateway.cpu.millis, gateway.memory.mib) for each in types):
        return
    cpu, memory = max(each.pod_millis for each in types), max(each.pod_mib for each in types)
    key, asked, most = ("memory", str(gateway.memory), f"{memory}MiB")
    if gateway.cpu.millis > cpu:
        key, asked, most = ("cpu", str(gateway.cpu), f"{cpu}m")
    yield (
        f"gateway.{key}",
        Refusal(
            f"'{asked}' is more than any node has that always runs and has no accelerator",
            allowed=f"up to {most}",
            fix="write less, or add a larger size to a pool with floor_per_zone",
        ),
    )
