"""Reserved capacity and quotas: what may run, as far as the program says; the pods' own steps use it.

An open-ended reservation bounds the start of a node (`kubernetes/room.py`), one that ends does not. A quota bounds
nothing from below; one that is too small for what must run makes it impossible.
"""

from collections import defaultdict
from collections.abc import Iterator

from stanchion.graph import Resource, ResourceGraph, Unsettled
from stanchion.recovery.findings import Finding, Note
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.mechanisms.kubernetes.pools import Pool
from stanchion.recovery.mechanisms.kubernetes.quotas import SERVICE_QUOTA, quota_code, vcpus
from stanchion.recovery.mechanisms.kubernetes.reservations import BLOCK, RESERVATION, ends
from stanchion.recovery.mechanisms.kubernetes.survey import Survey, survey


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Notes on reservations that assure nothing, and on quotas that what must run does not fit into."""
    resources = graph.of_type(RESERVATION, BLOCK, SERVICE_QUOTA)
    if not resources:
        return
    seen = survey(graph)
    used = {r.resource.urn for pools in seen.pools.values() for pool in pools for r in pool.reservations}
    for resource in graph.of_type(RESERVATION, BLOCK):
        yield from _reservation(resource, used, bool(seen.pools))
    yield from _quotas(seen)


def _reservation(resource: Resource, used: set[str], pools: bool) -> Iterator[Note]:
    label = f"{'capacity block' if resource.type == BLOCK else 'capacity reservation'} '{resource.name}'"
    end = ends(resource)
    if isinstance(end, Unsettled):
        yield Note(resource.urn, f"it can't be told whether {label} ends by itself, so it is not counted: {end}")
    elif end:
        yield Note(resource.urn, f"{label} ends by itself: it assures no capacity after that, and is not counted")
    elif pools and resource.urn not in used:
        yield Note(
            resource.urn,
            f"no node group or NodePool of this program uses {label}: its instance type, its match criteria, or what "
            "names it does not fit",
        )


def _quotas(seen: Survey) -> Iterator[Note]:
    """Running floors that their quota does not admit."""
    for region in sorted(seen.quotas):
        pools = [pool for group in seen.pools.values() for pool in group if pool.region == region]
        floors = _floors(pools)
        for code, quota in sorted(seen.quotas[region].items()):
            value = quota.at("value").number(0)
            if isinstance(value, float) and floors.get(code, 0.0) > value:
                text = (
                    f"the quota {code} admits {value:.0f} vCPUs in {region}, and the nodes that must run there have "
                    f"{floors[code]:.0f}: some of them can't"
                )
                yield Note(quota.urn, text)


def _floors(pools: list[Pool]) -> dict[str, float]:
    """vCPUs that must run, by quota, as far as types and floors are known."""
    found: dict[str, float] = defaultdict(float)
    for pool in pools:
        sizes = [size for size in map(vcpus, pool.types) if size is not None]
        if sizes and isinstance(pool.floor, float):
            found[quota_code(pool.types[0], spot=False)] += pool.floor * min(sizes)
    return found


MECHANISM = Mechanism(name="capacity", find=find, reads=frozenset((RESERVATION, BLOCK, SERVICE_QUOTA)))
