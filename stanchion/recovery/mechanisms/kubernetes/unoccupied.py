"""Pools of nodes whose pods are in no program: judged by themselves, for the workload that they say they belong to.

Where pods of their cluster are in the program, the pods' own steps say what capacity means for them, and a pool says
nothing again. A pool that no workload owns is judged through its pods alone.
"""

from collections import defaultdict
from collections.abc import Iterator

from stanchion.graph import ResourceGraph, Unsettled
from stanchion.recovery.findings import Finding, Note, Phase, Step
from stanchion.recovery.mechanisms.kubernetes.clusters import grace
from stanchion.recovery.mechanisms.kubernetes.losses import LOCAL
from stanchion.recovery.mechanisms.kubernetes.objects import DEPLOYMENT, STATEFUL_SET
from stanchion.recovery.mechanisms.kubernetes.placement import Placement
from stanchion.recovery.mechanisms.kubernetes.pools import Pool
from stanchion.recovery.mechanisms.kubernetes.room import room
from stanchion.recovery.mechanisms.kubernetes.survey import Survey
from stanchion.recovery.workloads import owner_of


def nodes_alone(graph: ResourceGraph, seen: Survey, *types: str) -> Iterator[Finding]:
    """Steps for the pools without pods, those groups of them whose first pool is of these types.

    Pools of one workload with the same taints stand in for one another, as they do for a pod that tolerates them.

    Args:
        graph: the program.
        seen: the survey of the same program.
        types: type tokens; the mechanisms of node groups and NodePools ask for their own.
    """
    occupied = {seen.cluster(graph, resource).key for resource in graph.of_type(DEPLOYMENT, STATEFUL_SET)}
    groups: dict[tuple[str, str, str], list[Pool]] = defaultdict(list)
    for key, pools in seen.pools.items():
        for pool in pools:
            owner = None if key in occupied else owner_of(graph, pool.resource)
            if owner is not None:
                groups[key, str(owner), _taints(pool)].append(pool)
    for name in sorted(groups):
        group = sorted(groups[name], key=lambda pool: pool.resource.urn)
        if group[0].resource.type in types:
            yield from _steps(graph, seen, tuple(group))


def _steps(graph: ResourceGraph, seen: Survey, group: tuple[Pool, ...]) -> Iterator[Finding]:
    first = group[0]
    noticed, remark = grace(seen.cluster(graph, first.resource), first.resource)
    label = first.label if len(group) == 1 else f"{first.label} and {len(group) - 1} more"
    if remark:
        yield Note(first.resource.urn, remark)
    yield Note(first.resource.urn, f"what runs on {label} is not in this program: only its nodes are judged")
    placed = Placement(group)
    for disruption in LOCAL:
        term = room(first.resource, placed, disruption)
        yield Step(first.resource.urn, f"a silent node of {label} is noticed", disruption, Phase.DETECT, (noticed,))
        yield Step(first.resource.urn, f"nodes of {label} run again", disruption, Phase.RECOVER, (term,))


def _taints(pool: Pool) -> str:
    if isinstance(pool.taints, Unsettled):
        return str(pool.taints)
    return repr(sorted(repr(taint.value) for taint in pool.taints))
