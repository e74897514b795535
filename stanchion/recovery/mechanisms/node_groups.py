"""EKS managed node groups: nodes that run whatever the demand is, spot, zones, and how an update takes them."""

from collections.abc import Iterator

from stanchion.graph import Resource, ResourceGraph, Unsettled
from stanchion.recovery.findings import Finding, Note
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.mechanisms.kubernetes.objects import EKS_CLUSTER, NODE_GROUP
from stanchion.recovery.mechanisms.kubernetes.pools import Pool
from stanchion.recovery.mechanisms.kubernetes.quantities import count
from stanchion.recovery.mechanisms.kubernetes.reservations import LAUNCH_TEMPLATE
from stanchion.recovery.mechanisms.kubernetes.survey import survey
from stanchion.recovery.mechanisms.kubernetes.unoccupied import nodes_alone


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Steps of node groups whose pods are elsewhere, and what is worth knowing of any."""
    if not graph.of_type(NODE_GROUP):
        return
    seen = survey(graph)
    yield from nodes_alone(graph, seen, NODE_GROUP)
    for pools in seen.pools.values():
        for pool in pools:
            if pool.resource.type == NODE_GROUP:
                yield from _remarks(pool)


def _remarks(pool: Pool) -> Iterator[Note]:
    resource = pool.resource
    if resource.at("capacityType").value == "CAPACITY_BLOCK":
        yield Note(resource.urn, f"{pool.label} runs in a capacity block: its nodes are taken away when the block ends")
    if isinstance(pool.zones, frozenset) and len(pool.zones) == 1:
        yield Note(resource.urn, f"{pool.label} has nodes in zone {min(pool.zones)} only: they all go with it")
    if pool.only_spot is True:
        yield Note(resource.urn, f"{pool.label} is spot only: no time is bounded until it has nodes again")
    if _all_at_once(resource, pool):
        yield Note(resource.urn, f"an update of {pool.label} may take all nodes of its floor at once")


def _all_at_once(resource: Resource, pool: Pool) -> bool:
    """Whether an update may make as many nodes unavailable as run at least; new ones are started first, as it can."""
    update = resource.at("updateConfig")
    most = count(update["maxUnavailable"], 1)
    percent = count(update["maxUnavailablePercentage"], 0)
    if isinstance(pool.floor, Unsettled) or isinstance(most, Unsettled) or isinstance(percent, Unsettled):
        return False
    return pool.floor > 1 and (most >= pool.floor or percent >= 100)


MECHANISM = Mechanism(name="node-groups", find=find, reads=frozenset((NODE_GROUP, EKS_CLUSTER, LAUNCH_TEMPLATE)))
