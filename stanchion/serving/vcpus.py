"""How many vCPUs the pools of one region may take at once: what the account's quotas there must admit."""

from collections import defaultdict

from stanchion.addressing import ZONES
from stanchion.recovery.mechanisms.kubernetes.quotas import quota_code
from stanchion.spec import Capacity, Pool

# A node is started before the one that it replaces is gone.
SURGE_NODES = 1


def on_demand(pool: Pool) -> int:
    """vCPUs on demand that a pool takes at most.

    The floor may be of the largest type, unless something is reserved: that is of the first one, and counts whether it
    runs or not (EC2 user guide, On-Demand Capacity Reservations and quotas).
    """
    first, largest = pool.types[0].vcpus, max(each.vcpus for each in pool.types)
    surge = SURGE_NODES if pool.floor_per_zone else 0
    if pool.reserved_per_zone is None:
        always = (pool.floor_per_zone + surge) * largest
    else:
        always = (pool.floor_per_zone + pool.reserved_per_zone) * first + surge * largest
    return ZONES * always + pool.overflow_cpu


def quotas(capacity: Capacity) -> dict[str, int]:
    """vCPUs by the code of the quota that they count against, over all pools of a region.

    A pool whose types count against several quotas may fill any of them.
    """
    found: dict[str, int] = defaultdict(int)
    for pool in capacity.pools.values():
        for spot, amount in ((False, on_demand(pool)), (True, pool.burst_cpu)):
            if amount:
                for code in sorted({quota_code(each.name, spot=spot) for each in pool.types}):
                    found[code] += amount
    return dict(found)
