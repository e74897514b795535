"""When pods of a silent node are let go: their toleration, the order of nodes, and what holds some of them longer."""

from stanchion.graph import Resource, Unsettled
from stanchion.recovery.mechanisms.kubernetes.losses import holds_on
from stanchion.recovery.mechanisms.kubernetes.placement import Placement
from stanchion.recovery.mechanisms.kubernetes.sources import EVICTION_RATE, NODE_REPAIR, UNREACHABLE_STATE
from stanchion.recovery.mechanisms.kubernetes.tolerations import toleration
from stanchion.recovery.term import UNBOUNDED, Grade, Term

SECONDS_A_NODE = 10.0
# A node that is not Ready is replaced after 30 minutes.
REPAIR_SECONDS = 1800.0


def unbinding(resource: Resource, placed: Placement | None) -> Term:
    """How long pods stay bound to a node that was noticed to be silent.

    Node repair takes the node away, and with it every pod, whatever they tolerate. Pods with an identity or a disk have
    nothing else: their toleration marks them for deletion, and they keep their name and volumes until the node is gone.

    Args:
        resource: the controller of the pods.
        placed: the pools that take them; None when no nodes are in the program.
    """
    repaired = _repaired(placed)
    if not holds_on(resource):
        own = toleration(resource)
        if repaired is not True or isinstance(own.amount, Unsettled) or own.amount <= REPAIR_SECONDS:
            return own
        return _repair(resource)
    if repaired is True:
        # A longer toleration does not delay the repair, a shorter one does not hasten it.
        return _repair(resource)
    if isinstance(repaired, Unsettled):
        gap = repaired
        return Term("the silent node is given up", gap, Grade.NONE, UNREACHABLE_STATE, gap.urn, gap.property)
    name = "pods with a disk or an identity wait until the silent node is deleted, and nothing deletes it"
    return Term.of(name, UNBOUNDED, Grade.NONE, UNREACHABLE_STATE, resource)


def queue(nodes: tuple[float, Resource] | None) -> Term | None:
    """How long the last node of a lost zone waits to be evicted: one every 10 s; None when the nodes can't be counted.

    Args:
        nodes: the most nodes of the cluster, and the pool that has most of them.
    """
    if nodes is None:
        return None
    most, largest = nodes
    amount = SECONDS_A_NODE * max(0.0, most - 1)
    name = f"nodes of the zone are evicted one by one (up to {most:.0f})"
    return Term.of(name, amount, Grade.BOUND, EVICTION_RATE, largest)


def _repair(resource: Resource) -> Term:
    return Term.of("node repair replaces the silent node", REPAIR_SECONDS, Grade.TYPICAL, NODE_REPAIR, resource)


def _repaired(placed: Placement | None) -> bool | Unsettled:
    if placed is None:
        why = "is not in this program, so it can't be told whether a silent node is repaired"
        return Unsettled("", "", f"the node pool of these pods {why}")
    return placed.repaired
