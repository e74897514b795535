"""Where pods go whose node is gone: room on nodes that run anyway, a reservation, or nothing that anybody assures."""

from collections.abc import Sequence

from stanchion.graph import Resource, Unsettled
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.mechanisms.kubernetes.placement import Placement, pinned_zones
from stanchion.recovery.mechanisms.kubernetes.pools import Pool
from stanchion.recovery.mechanisms.kubernetes.sources import (
    KARPENTER_CAPACITY,
    NODE_BOOT,
    NODE_GROUP_ZONES,
    RUNNING_FLOOR,
    SPOT,
)
from stanchion.recovery.term import UNBOUNDED, Grade, Term
from stanchion.serving.cold_start import BOOT_SECONDS


def room(resource: Resource, placed: Placement, disruption: Disruption) -> Term:
    """The time until there is a node for pods that have to start anew.

    Only a running floor or a reservation is bounded; a floor is taken to have room, since no setting says how full its
    nodes are. What would have to be started first is unbounded: on-demand capacity is not guaranteed, spot even less.

    Args:
        resource: the controller of the pods.
        placed: the pools that take them.
        disruption: INFRASTRUCTURE takes one node, ZONE all of one zone, REGION none of this cluster.
    """
    if not placed.certain and not placed.uncertain:
        why = "asks for nodes that no pool of the program has (node selector, affinity, taints)"
        gap = Unsettled(resource.urn, "spec.template.spec", why)
        return Term.of("a node for the pods", gap, Grade.NONE, KARPENTER_CAPACITY, resource)
    zones = pinned_zones(resource)
    if disruption is Disruption.ZONE and zones is not None and len(zones) == 1:
        name = f"the pods may run in zone {min(zones)} only"
        return Term.of(name, UNBOUNDED, Grade.NONE, KARPENTER_CAPACITY, resource)
    if not placed.certain:
        gap = placed.gap or Unsettled(resource.urn, "spec.template.spec", "asks for nodes of which nothing is known")
        return Term("a node for the pods", gap, Grade.NONE, KARPENTER_CAPACITY, gap.urn, gap.property)
    left = placed.left(disruption)
    if left.nodes >= 1:
        name = f"room on the running floor ({_nodes(left.nodes)} left)"
        if left.best_effort:
            return Term.of(name, 0.0, Grade.TYPICAL, NODE_GROUP_ZONES, left.at)
        return Term.of(name, 0.0, Grade.BOUND, RUNNING_FLOOR, left.at)
    gap = left.gap or placed.gap
    reserved = _reserved(placed.certain, disruption)
    if reserved is not None:
        return Term.of("a node in reserved capacity boots", BOOT_SECONDS, Grade.TYPICAL, NODE_BOOT, reserved)
    if gap is not None:
        return Term("a node for the pods", gap, Grade.NONE, KARPENTER_CAPACITY, gap.urn, gap.property)
    first = placed.certain[0]
    if placed.only_spot:
        name = f"spot capacity of {_names(placed.certain)} is not assured"
        return Term.of(name, UNBOUNDED, Grade.NONE, SPOT, first.resource)
    name = f"capacity of {_names(placed.certain)} that does not run yet is not assured"
    return Term.of(name, UNBOUNDED, Grade.NONE, KARPENTER_CAPACITY, first.floor_at)


def _reserved(pools: Sequence[Pool], disruption: Disruption) -> Resource | None:
    """A reservation that outlives the disruption: any for a node's loss, in a second zone for a zone's."""
    usable = [r for pool in pools for r in pool.reservations if isinstance(r.instances, float) and r.instances >= 1]
    if disruption is Disruption.ZONE and len({r.zone for r in usable if isinstance(r.zone, str)}) < 2:
        return None
    return min((r.resource for r in usable), key=lambda r: r.urn, default=None)


def _nodes(count: float) -> str:
    return "1 node" if count == 1 else f"{count:.0f} nodes"


def _names(pools: Sequence[Pool]) -> str:
    labels = sorted({pool.label for pool in pools})
    return labels[0] if len(labels) == 1 else f"{labels[0]} and {len(labels) - 1} more"
