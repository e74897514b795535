"""Karpenter NodePools, those of EKS Auto Mode too: what capacity they may use, what runs always, what they disrupt.

Only a static pool (`spec.replicas`) has nodes whatever the demand is; any other starts them when pods wait, and nothing
bounds how long that takes.
"""

from collections.abc import Iterator

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.findings import Finding, Note
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.mechanisms.kubernetes.objects import (
    EC2_NODE_CLASS,
    EKS_CLUSTER,
    NODE_CLASS,
    NODE_POOL,
)
from stanchion.recovery.mechanisms.kubernetes.pools import Pool, closed
from stanchion.recovery.mechanisms.kubernetes.quantities import seconds
from stanchion.recovery.mechanisms.kubernetes.survey import survey
from stanchion.recovery.mechanisms.kubernetes.unoccupied import nodes_alone

# Pods that lie about a node's end for less than this have no time to move.
_SHORT_LIFE = 3600.0


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Steps of NodePools whose pods are elsewhere, and what is worth knowing of any."""
    if not graph.of_type(NODE_POOL, EKS_CLUSTER):
        return
    seen = survey(graph)
    yield from nodes_alone(graph, seen, NODE_POOL, EKS_CLUSTER)
    for resource in graph.of_type(NODE_POOL):
        if closed(resource.at("spec")["limits"]):
            yield Note(resource.urn, f"NodePool '{resource.name}' has a limit of 0: it starts no node")
        yield from _disruption(resource)
    for pools in seen.pools.values():
        for pool in pools:
            if pool.resource.type == NODE_POOL:
                yield from _capacity(pool)


def _capacity(pool: Pool) -> Iterator[Note]:
    urn = pool.resource.urn
    replicas = pool.resource.at("spec")["replicas"]
    if pool.only_spot is True:
        yield Note(urn, f"{pool.label} is spot only: no time is bounded until it has nodes again")
    elif replicas.is_set and pool.spot is True:
        yield Note(urn, f"{pool.label} has a fixed size but may fill it with spot instances: it counts as no floor")
    if isinstance(pool.floor, float) and pool.floor > 0 and (pool.zones is None or _several(pool)):
        yield Note(urn, f"{pool.label} may put all of its fixed nodes into one zone; a pool for each zone can't")


def _several(pool: Pool) -> bool:
    return isinstance(pool.zones, frozenset) and len(pool.zones) > 1


def _disruption(resource: Resource) -> Iterator[Note]:
    """Planned disruption is no failure, but all nodes at once are one."""
    spec = resource.at("spec")
    budgets = spec["disruption"]["budgets"].each()
    known = () if isinstance(budgets, Unsettled) else budgets
    if known and all(_unlimited(budget) for budget in known):
        yield Note(resource.urn, f"NodePool '{resource.name}' lets all of its nodes be disrupted at once")
    life = seconds(spec["template"]["spec"]["expireAfter"], 720 * 3600.0)
    if isinstance(life, float) and life < _SHORT_LIFE:
        yield Note(resource.urn, f"nodes of NodePool '{resource.name}' are replaced every {life / 60:.0f} min")


def _unlimited(budget: Setting) -> bool:
    return str(budget["nodes"].value).strip() == "100%"


MECHANISM = Mechanism(
    name="node-pools", find=find, reads=frozenset((NODE_POOL, NODE_CLASS, EC2_NODE_CLASS, EKS_CLUSTER))
)
