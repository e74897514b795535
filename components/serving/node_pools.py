"""What a Karpenter NodePool of EKS Auto Mode says: the floor of a zone, the burst on spot, the overflow on demand."""

from dataclasses import dataclass
from typing import Any

import pulumi

from components.serving.placement import (
    CAPACITY_LABEL,
    CAPACITY_TYPE,
    INSTANCE_TYPE,
    POOL_LABEL,
    SPOT_TAINT,
    TAINT_VALUE,
    ZONE,
    Accelerator,
    Architecture,
)

API_VERSION = "karpenter.sh/v1"
# Auto Mode replaces a node after 14 days by default and 21 at most (EKS user guide, create a node pool, managed
# instances; read 2026-11-23). Expiry asks no disruption budget, so the floors of two zones must not expire together.
LIFE_HOURS = 336
ZONES_APART_HOURS = 48
# The pool of the higher weight is tried first; static ones have none (Karpenter 1.14.1, schema of NodePool).
BURST_WEIGHT, OVERFLOW_WEIGHT = 50, 10
# Room to start a node before the one it replaces is gone.
SURGE_NODES = 1


@dataclass
class PoolArgs:
    """Args of one pool: a floor in each zone, a burst on spot, and an overflow for when there is no spot.

    Args:
        pool: its name, such as `general`; nodes carry it as label.
        instance_types: of the burst, 15 or more; the overflow takes them too.
        floor_types: of the floor, the first of them also the reserved one; those of the burst if empty.
        floor_per_zone: nodes that run in each zone whatever the demand is.
        burst_cpu: most vCPUs of the burst; no burst if 0.
        overflow_cpu: most vCPUs on demand when spot can't be had; no overflow if 0.
        reserved_per_zone: instances reserved in each zone beyond the floor, which bounds the start of nodes after the
            loss of another zone or region; they are paid for whether they run or not. None: nothing is reserved, the
            floor neither. 0 reserves the floor.
        accelerator: what the nodes have and only pods that ask for it may use.
        architecture: of all types.
        ephemeral_gib: disk of a node for images and weights.
    """

    pool: str
    instance_types: list[str]
    floor_types: list[str]
    floor_per_zone: int = 1
    burst_cpu: int = 0
    overflow_cpu: int = 0
    reserved_per_zone: int | None = None
    accelerator: Accelerator | None = None
    architecture: Architecture = Architecture.AMD64
    ephemeral_gib: int = 80


def floor_spec(pool: PoolArgs, number: int, zone: pulumi.Input[str]) -> dict[str, Any]:
    """Nodes of one zone that run whatever the demand is.

    A pool over several zones may put all of its nodes into one of them, so each zone has its own.

    Args:
        pool: whose floor it is.
        number: of the zone, from 0.
        zone: its name.
    """
    types = pool.floor_types or pool.instance_types
    reserved = ["reserved"] if pool.reserved_per_zone is not None else []
    return {
        "replicas": pool.floor_per_zone,
        "limits": {"nodes": str(pool.floor_per_zone + SURGE_NODES)},
        "disruption": {"consolidateAfter": "Never", "budgets": [{"nodes": "1"}]},
        "template": _template(
            pool,
            "floor",
            [*reserved, "on-demand"],
            types,
            life_hours=LIFE_HOURS - number * ZONES_APART_HOURS,
            zones=[zone],
        ),
    }


def burst_spec(pool: PoolArgs, zones: list[pulumi.Input[str]]) -> dict[str, Any]:
    """Spot nodes for as long as pods wait for them, tried before the overflow."""
    return _dynamic(pool, "burst", ["spot"], pool.instance_types, pool.burst_cpu, BURST_WEIGHT, zones)


def overflow_spec(pool: PoolArgs, zones: list[pulumi.Input[str]]) -> dict[str, Any]:
    """Nodes on demand, in what is reserved first, for when spot can't be had or a zone is lost."""
    reserved = ["reserved"] if pool.reserved_per_zone is not None else []
    types = list(dict.fromkeys([*pool.floor_types, *pool.instance_types]))
    return _dynamic(pool, "overflow", [*reserved, "on-demand"], types, pool.overflow_cpu, OVERFLOW_WEIGHT, zones)


def _dynamic(
    pool: PoolArgs,
    capacity: str,
    capacity_types: list[str],
    types: list[str],
    cpu: int,
    weight: int,
    zones: list[pulumi.Input[str]],
) -> dict[str, Any]:
    return {
        "weight": weight,
        "limits": {"cpu": str(cpu)},
        "disruption": {
            "consolidationPolicy": "WhenEmptyOrUnderutilized",
            # Longer than a dip between two waves of requests: a node with an accelerator takes minutes to come back.
            "consolidateAfter": "10m",
            "budgets": [{"nodes": "20%"}],
        },
        "template": _template(pool, capacity, capacity_types, types, life_hours=LIFE_HOURS, zones=zones),
    }


def _template(
    pool: PoolArgs,
    capacity: str,
    capacity_types: list[str],
    types: list[str],
    *,
    life_hours: int,
    zones: list[pulumi.Input[str]],
) -> dict[str, Any]:
    return {
        "metadata": {"labels": {CAPACITY_LABEL: capacity, POOL_LABEL: pool.pool}},
        "spec": {
            "nodeClassRef": {"group": "eks.amazonaws.com", "kind": "NodeClass", "name": pool.pool},
            "requirements": [
                {"key": CAPACITY_TYPE, "operator": "In", "values": capacity_types},
                {"key": INSTANCE_TYPE, "operator": "In", "values": types},
                {"key": ZONE, "operator": "In", "values": zones},
                {"key": "kubernetes.io/arch", "operator": "In", "values": [pool.architecture.value]},
            ],
            "taints": _taints(pool, capacity),
            "expireAfter": f"{life_hours}h",
            # After that a node goes whatever a disruption budget says; Auto Mode would wait a day.
            "terminationGracePeriod": "1h",
        },
    }


def _taints(pool: PoolArgs, capacity: str) -> list[dict[str, str]]:
    taints = []
    if pool.accelerator is not None:
        taints.append({"key": pool.accelerator.value, "value": TAINT_VALUE, "effect": "NoSchedule"})
    if capacity == "burst":
        taints.append({"key": SPOT_TAINT, "value": TAINT_VALUE, "effect": "NoSchedule"})
    return taints
