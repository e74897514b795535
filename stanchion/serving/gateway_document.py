"""What a gateway is told as far as the environment's document says it, in the shape of `GatewayConfiguration`.

What only an update makes known is left out: the event stream, the queue of tickets, the cache's address, the hash key.
"""

from typing import Any

from stanchion.costs.estimate import replica_usd_per_hour
from stanchion.costs.unit_prices import UnitPrices, unit_prices
from stanchion.errors import StanchionError
from stanchion.keys.names import key_table
from stanchion.quotas.names import quota_table
from stanchion.routing.places import Places
from stanchion.serving.gateway_metrics import NAMESPACE as METRICS_NAMESPACE
from stanchion.serving.ports import PORTS
from stanchion.serving.regional import Served, served_in
from stanchion.serving.slots import NAMESPACE, SLOTS, SlotNames
from stanchion.serving.tiers import strictest_first
from stanchion.spec import Environment, Gateway, OnlineEndpoint, Pool, Variant
from stanchion.spec.answers import CachedAnswers, HumanAnswers
from stanchion.spec.payloads import Payloads
from stanchion.spec.quotas import EndpointQuota
from stanchion.tickets.names import ticket_table


def gateway_document(spec: Environment, region: str) -> dict[str, Any]:
    """The fields of `GatewayConfiguration` that follow from the document alone, as JSON has them.

    Args:
        spec: the document.
        region: one of `spec.regions.both`, where the gateway runs.

    Raises:
        KeyError: the environment serves nothing in that region.
        StanchionError: it says nothing of a gateway, or of the nodes that endpoints run on.
    """
    gateway, pools = spec.gateway, spec.capacity.pools if spec.capacity else None
    if gateway is None or pools is None:
        lacks = "gateway" if gateway is None else "capacity"
        raise StanchionError(
            f"environment '{spec.name}' has no gateway to configure: its document says nothing under `{lacks}:`; add "
            "it, or remove the endpoints of kind llm and predictor."
        )
    running: dict[str, list[tuple[Variant, Served]]] = {name: [] for name in spec.online_endpoints}
    for name, _, variant, each in served_in(spec, region):
        running[name].append((variant, each))
    prices = unit_prices()
    return {
        "environment": spec.name,
        "account": spec.accounts.workload,
        "region": region,
        "tiers": strictest_first(spec),
        "endpoints": {
            name: _endpoint(name, endpoint, running[name], pools, prices, region)
            for name, endpoint in spec.online_endpoints.items()
        },
        "routing": Places(spec.name, region).gateway(gateway.poll.seconds).model_dump(mode="json"),
        "limits": {
            "body_bytes": gateway.largest_body.bytes,
            "header_bytes": gateway.largest_headers.bytes,
            "concurrency": gateway.concurrency,
        },
        "key_table": key_table(spec.name),
        "quota_table": quota_table(spec.name),
        "ticket_table": ticket_table(spec.name),
        "price_version": gateway.prices,
        "oidc": _oidc(gateway),
        "namespace": NAMESPACE,
        "metrics_namespace": METRICS_NAMESPACE,
    }


def _endpoint(
    name: str,
    endpoint: OnlineEndpoint,
    running: list[tuple[Variant, Served]],
    pools: dict[str, Pool],
    prices: UnitPrices,
    region: str,
) -> dict[str, Any]:
    port = PORTS[endpoint.kind]
    return {
        "kind": endpoint.kind,
        "tier": endpoint.tier,
        "use_case": endpoint.use_case,
        "model": endpoint.model,
        "ladder": list(endpoint.ladder),
        "variants": {
            each.variant: {
                "concurrency": variant.concurrency,
                "pool": variant.pool,
                "hosts": {slot: f"{SlotNames(name, each.variant, slot).host}:{port}" for slot in SLOTS},
                "usd_per_hour": _usd_per_hour(variant, pools[variant.pool], prices, region),
            }
            for variant, each in running
        },
        "scale_to_zero": any(each.scale_to_zero for _, each in running),
        "deadline_seconds": endpoint.deadline.seconds,
        "rung_seconds": endpoint.rung_timeout.milliseconds / 1000,
        "cache": _cache(endpoint.cache),
        "human": _human(endpoint.human),
        "quotas": [_quota(each) for each in endpoint.quotas],
        "without_counters": endpoint.without_counters,
        "payloads": _payloads(endpoint.payloads),
    }


def _usd_per_hour(variant: Variant, pool: Pool, prices: UnitPrices, region: str) -> float | None:
    asked = variant.resources
    return replica_usd_per_hour(prices, region, pool.types, asked.cpu.millis, asked.memory.mib, asked.accelerators)


def _cache(cache: CachedAnswers | None) -> dict[str, Any] | None:
    if cache is None:
        return None
    return {
        "fresh_seconds": cache.fresh.seconds,
        "stale_seconds": cache.stale.seconds,
        "shared": cache.shared,
        "largest_bytes": cache.largest.bytes,
    }


def _human(human: HumanAnswers | None) -> dict[str, Any] | None:
    if human is None:
        return None
    return {
        "answer_seconds": human.answer_within.seconds,
        "keep_seconds": human.keep.seconds,
        "webhook_hosts": list(human.webhook_hosts),
    }


def _quota(quota: EndpointQuota) -> dict[str, Any]:
    return {
        "scope": quota.per,
        "unit": quota.unit,
        "window": quota.window,
        "soft": quota.soft,
        "hard": quota.hard,
    }


def _payloads(payloads: Payloads) -> dict[str, Any]:
    return {
        "sample": payloads.sample / 100,
        "largest_bytes": payloads.largest.bytes,
        "drop": list(payloads.drop),
        "hash": list(payloads.hash),
    }


def _oidc(gateway: Gateway) -> dict[str, Any] | None:
    return None if gateway.oidc is None else gateway.oidc.model_dump(mode="json")
