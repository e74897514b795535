"""Running floors of node pools: what a disruption leaves of them at least."""

from collections.abc import Sequence
from dataclasses import dataclass

from stanchion.graph import Resource, Setting, Unsettled
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.mechanisms.kubernetes.pools import Pool


@dataclass(frozen=True, slots=True)
class Left:
    """Nodes of a running floor that are left at least, and whether that rests on a best effort."""

    nodes: float
    gap: Unsettled | None
    best_effort: bool
    at: Setting | Resource


def left_of(pools: Sequence[Pool], disruption: Disruption) -> Left:
    """What a disruption leaves of the running floors at least."""
    floors = [(pool, pool.floor) for pool in pools if isinstance(pool.floor, float) and pool.floor > 0]
    gap = next((pool.floor for pool in pools if isinstance(pool.floor, Unsettled)), None)
    at = max(floors, key=lambda one: (one[1], one[0].resource.urn), default=None)
    place: Setting | Resource = at[0].floor_at if at else pools[0].floor_at
    whole = sum(floor for _, floor in floors)
    if disruption is Disruption.REGION:
        return Left(whole, gap, False, place)
    if disruption is not Disruption.ZONE:
        return Left(max(0.0, whole - 1), gap, False, place)
    return _outside_a_zone(floors, gap, place)


def _outside_a_zone(floors: list[tuple[Pool, float]], gap: Unsettled | None, place: Setting | Resource) -> Left:
    known: list[tuple[Pool, float, frozenset[str]]] = []
    for pool, floor in floors:
        if isinstance(pool.zones, frozenset) and pool.zones:
            known.append((pool, floor, pool.zones))
        elif gap is None and isinstance(pool.zones, Unsettled):
            gap = pool.zones
    zones = sorted({zone for _, _, own in known for zone in own})
    left = min((sum(_outside(p, f, own, zone) for p, f, own in known) for zone in zones), default=0.0)
    pinned = [one for one in known if len(one[2]) == 1]
    surely = min((sum(f for _, f, own in pinned if zone not in own) for zone in zones), default=0.0)
    return Left(left, gap, surely < 1, place)


def _outside(pool: Pool, floor: float, own: frozenset[str], zone: str) -> float:
    if zone not in own:
        return floor
    # Karpenter puts a static pool's nodes in any of its zones; Auto Scaling balances.
    return floor - -(-floor // len(own)) if pool.balanced else 0.0
