"""What must hold between endpoints and the tiers, models and pools that they name."""

from collections.abc import Iterator, Mapping

from stanchion.serving.cold_start import ColdStart, cold_start
from stanchion.serving.fit import fitting
from stanchion.serving.slots import LONGEST_BATCH, LONGEST_NAME, LONGEST_ONLINE, longest_name
from stanchion.spec.capacity import Capacity
from stanchion.spec.endpoints import BatchEndpoint, Endpoint, OnlineEndpoint
from stanchion.spec.local_command import place_rule
from stanchion.spec.models import Model, Variant
from stanchion.spec.part import Broken
from stanchion.spec.pools import SPOT_TYPES, Accelerator, Pool
from stanchion.spec.refusal import Refusal, unknown
from stanchion.spec.tiers import Disruption, Tier
from stanchion.spec.units import Duration


def endpoint_rules(
    environment: str,
    endpoints: Mapping[str, Endpoint],
    tiers: Mapping[str, Tier],
    models: Mapping[str, Model],
    capacity: Capacity | None,
    *,
    local: bool,
) -> Iterator[Broken]:
    """Names that are known and short enough, and capacity that keeps what the tier promises.

    Args:
        environment: its name, with which names in AWS begin.
        endpoints: the endpoints by name.
        tiers: the tiers by name.
        models: the models by name.
        capacity: the pools.
        local: whether the environment is the local cloud's.
    """
    for name, endpoint in endpoints.items():
        key = f"endpoints.{name}"
        yield from _name_rules(key, environment, name, endpoint)
        tier, model = tiers.get(endpoint.tier), models.get(endpoint.model)
        if tier is None:
            yield f"{key}.tier", unknown(endpoint.tier, "a tier", tiers, where="tiers")
        if model is None:
            yield f"{key}.model", unknown(endpoint.model, "a model", models, where="models")
        pools: Mapping[str, Pool] = capacity.pools if capacity else {}
        if isinstance(endpoint, BatchEndpoint):
            yield from place_rule(key, endpoint.local_command, local=local)
            if model is not None:
                yield from _batch_rules(key, endpoint, model, pools)
            continue
        yield from _online_rules(key, endpoint)
        if model is not None:
            yield from _variant_rules(key, endpoint, model, pools)
        if tier is not None and model is not None:
            yield from _promise_rules(key, endpoint, tier, model, pools)


def _name_rules(key: str, environment: str, name: str, endpoint: Endpoint) -> Iterator[Broken]:
    longest = longest_name(name, endpoint.variants)
    limits = (
        [(f"{environment}-{name}", LONGEST_BATCH)]
        if isinstance(endpoint, BatchEndpoint)
        else [(longest, LONGEST_NAME), (f"{environment}-{name}", LONGEST_ONLINE)]
    )
    over = max(len(made) - limit for made, limit in limits)
    if over > 0:
        made, limit = max(limits, key=lambda each: len(each[0]) - each[1])
        yield (
            key,
            Refusal(
                f"the name makes '{made}', which has {len(made)} letters and may have {limit}",
                allowed=f"a name of {len(name) - over} letters or fewer",
                fix=f"shorten '{name}' by {over}",
            ),
        )


def _online_rules(key: str, endpoint: OnlineEndpoint) -> Iterator[Broken]:
    """What the numbers of replicas say among themselves."""
    capacity, standby = endpoint.capacity, endpoint.standby
    if capacity.max < capacity.floor:
        yield f"{key}.capacity.max", _under_floor(capacity.max, "floor", capacity.floor)
    elif capacity.spot and capacity.max == capacity.floor:
        yield (
            f"{key}.capacity.spot",
            Refusal(
                f"'true' does nothing: no replica comes above floor: {capacity.floor}, since max is {capacity.max}",
                allowed="spot with a max above the floor",
                fix=f"write max: {capacity.floor * 3 or 2}, or spot: false",
            ),
        )
    if standby is None:
        return
    allowed = ", ".join(endpoint.variants)
    if standby.rung not in endpoint.ladder:
        yield (
            f"{key}.standby.rung",
            Refusal(
                f"'{standby.rung}' is not on the ladder of this endpoint",
                allowed=allowed,
                fix=f"write {endpoint.variants[-1]}, or add {standby.rung} to the ladder",
            ),
        )
    elif standby.rung not in endpoint.variants:
        yield (
            f"{key}.standby.rung",
            Refusal(
                f"'{standby.rung}' is no variant of a model: no replica could run for it",
                allowed=allowed,
                fix=f"write {endpoint.variants[-1]}",
            ),
        )
    if capacity.max < standby.floor:
        yield (
            f"{key}.standby.floor",
            Refusal(
                f"'{standby.floor}' is above capacity.max: {capacity.max}",
                allowed=f"0 to {capacity.max}",
                fix=f"write {capacity.max}, or a larger capacity.max",
            ),
        )


def _under_floor(most: int, key: str, floor: int) -> Refusal:
    return Refusal(
        f"'{most}' is under {key}: {floor}, and these replicas always run",
        allowed=f"{floor} or more",
        fix=f"write {floor}, or a smaller {key}",
    )


def _variant_rules(key: str, endpoint: OnlineEndpoint, model: Model, pools: Mapping[str, Pool]) -> Iterator[Broken]:
    """Rungs that the model has, on pools whose nodes are of the kind that replicas ask for."""
    for rung in endpoint.variants:
        if rung not in model.variants:
            yield (
                f"{key}.ladder",
                Refusal(
                    f"'{rung}' is on it, and model '{endpoint.model}' has no such variant",
                    allowed=", ".join(each for each in endpoint.ladder if each != rung),
                    fix=f"remove it, or add {rung}: under models.{endpoint.model}.variants",
                ),
            )
            continue
        name = model.variants[rung].pool
        pool = pools.get(name)
        if pool is None:
            continue
        if not (pool.floor_per_zone or pool.overflow_cpu):
            yield (
                f"{key}.capacity.floor",
                Refusal(
                    f"the floor runs on demand, and pool '{name}' of variant {rung} never has a node on demand",
                    allowed="pools with floor_per_zone or overflow_cpu above 0",
                    fix=f"write floor_per_zone: 1 under capacity.pools.{name}",
                ),
            )
        if endpoint.capacity.spot and not pool.burst_cpu:
            yield (
                f"{key}.capacity.spot",
                Refusal(
                    f"'true' does nothing: pool '{name}' of variant {rung} has no burst",
                    allowed="spot on pools with burst_cpu above 0",
                    fix=f"write spot: false, or burst_cpu under capacity.pools.{name}",
                ),
            )


def _batch_rules(key: str, endpoint: BatchEndpoint, model: Model, pools: Mapping[str, Pool]) -> Iterator[Broken]:
    variant = model.variants["full"]
    pool = pools.get(variant.pool)
    if pool is None:
        return
    if len(pool.types) < SPOT_TYPES:
        yield (
            f"{key}.model",
            Refusal(
                f"jobs run on spot, and pool '{variant.pool}' of model '{endpoint.model}' has {len(pool.types)} types",
                allowed=f"models on pools of {SPOT_TYPES} types or more",
                fix=f"add families or sizes under capacity.pools.{variant.pool}",
            ),
        )
    if pool.accelerator is Accelerator.NEURON:
        yield (
            f"{key}.model",
            Refusal(
                f"AWS Batch gives out no {pool.accelerator.value} devices by number, which pool '{variant.pool}' has",
                allowed="models on pools without accelerator, or with accelerator: nvidia",
                fix="give the batch endpoint a model of its own on such a pool",
            ),
        )
    vcpus = -(-variant.resources.cpu.millis // 1000)
    if endpoint.max_vcpus < vcpus:
        yield (
            f"{key}.max_vcpus",
            Refusal(
                f"'{endpoint.max_vcpus}' is less than one job has: {vcpus}",
                allowed=f"{vcpus} or more",
                fix=f"write {vcpus * 16}",
            ),
        )


def _promise_rules(
    key: str, endpoint: OnlineEndpoint, tier: Tier, model: Model, pools: Mapping[str, Pool]
) -> Iterator[Broken]:
    """What is gone must be back within the tier's RTO; how long that takes is computed."""
    yield from _floor_rules(key, endpoint, tier, model, pools)
    variant = model.variants["full"]
    start = _start(variant, pools.get(variant.pool))
    if endpoint.capacity.scale_to_zero and endpoint.capacity.floor and start is not None:
        late = _late(tier, ("application", "infrastructure"), start.total)
        if late is not None:
            yield (
                f"{key}.capacity.scale_to_zero",
                Refusal(
                    f"'true' breaks the promise of tier {endpoint.tier}, {late}: the first request after a pause waits "
                    f"for a cold start of {start.sentence}",
                    allowed="scale to zero on tiers whose RTO is longer than the cold start",
                    fix="write scale_to_zero: false, or another tier",
                ),
            )
    standby = endpoint.standby
    if standby is not None and standby.floor == 0 and standby.rung in endpoint.variants:
        spare = model.variants.get(standby.rung) if standby.rung in ("full", "quantized") else None
        begun = _start(spare, pools.get(spare.pool)) if spare else None
        if begun is not None:
            yield from _standby_rules(key, endpoint.tier, tier, begun)


def _floor_rules(
    key: str, endpoint: OnlineEndpoint, tier: Tier, model: Model, pools: Mapping[str, Pool]
) -> Iterator[Broken]:
    if endpoint.capacity.floor:
        return
    if endpoint.capacity.spot:
        variant = model.variants["full"]
        start = _start(variant, pools.get(variant.pool), floor_is_there=False)
        late = None if start is None else _late(tier, ("infrastructure", "zone"), start.total)
        if start is not None and late is not None:
            yield (
                f"{key}.capacity.floor",
                Refusal(
                    f"'0' with spot: true leaves nothing when spot is taken back, and tier {endpoint.tier} promises "
                    f"{late}: a replica takes {start.sentence}",
                    allowed="1 or more on such a tier",
                    fix="write floor: 2, or another tier",
                ),
            )
            return
    if endpoint.capacity.scale_to_zero:
        what, fix = "'0' is what would come back at the first request", "write floor: 1"
    else:
        what = "'0' keeps no replica, and nothing would start one"
        fix = "write floor: 1, and scale_to_zero: true if it may go when nobody asks"
    yield f"{key}.capacity.floor", Refusal(what, allowed="1 or more", fix=fix)


def _standby_rules(key: str, name: str, tier: Tier, start: ColdStart) -> Iterator[Broken]:
    rto, decide = tier.rto.region, tier.decide.region
    deciding = decide.seconds if isinstance(decide, Duration) else 0
    if rto is None or deciding + start.total <= rto.seconds:
        return
    first = f"after {decide} to decide, " if deciding else ""
    yield (
        f"{key}.standby.floor",
        Refusal(
            f"'0' breaks the promise of tier {name}, rto.region: {rto}: {first}the first replica there takes "
            f"{start.sentence}",
            allowed="1 or more on such a tier",
            fix="write floor: 1, or another tier",
        ),
    )


def _start(variant: Variant, pool: Pool | None, *, floor_is_there: bool = True) -> ColdStart | None:
    if pool is None or not fitting(variant.resources, pool.types):
        return None
    return cold_start(variant, pool, floor_is_there=floor_is_there)


def _late(tier: Tier, disruptions: tuple[Disruption, ...], seconds: float) -> str | None:
    """The tightest objective that a start of so many seconds breaks, as people wrote it."""
    promised: list[tuple[Duration, Disruption]] = []
    for disruption in disruptions:
        rto: Duration | None = getattr(tier.rto, disruption)
        if rto is not None and rto.seconds < seconds:
            promised.append((rto, disruption))
    if not promised:
        return None
    rto, disruption = min(promised)
    return f"rto.{disruption}: {rto}"
