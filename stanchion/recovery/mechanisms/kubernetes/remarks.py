"""What a reader should know about pods and their nodes, and what changes no figure."""

from collections.abc import Iterator

from stanchion.graph import Resource, ResourceGraph, Unsettled
from stanchion.recovery.findings import Note
from stanchion.recovery.mechanisms.kubernetes.objects import (
    DEPLOYMENT,
    DISRUPTION_BUDGET,
    STATEFUL_SET,
    mapping,
    named,
    namespace_of,
    pod_labels,
    selects,
)
from stanchion.recovery.mechanisms.kubernetes.placement import Placement
from stanchion.recovery.mechanisms.kubernetes.quantities import share
from stanchion.recovery.mechanisms.kubernetes.spread import CAPACITY_TYPE, is_spread
from stanchion.recovery.mechanisms.kubernetes.survey import Survey

# A budget is for one controller; one that selects a whole namespace is not followed to its end.
_CANDIDATES = 8


def pool_remarks(resource: Resource, placed: Placement | None) -> Iterator[Note]:
    """Spot beside other capacity: what it means that all of it can go at once.

    Evictions stop in a zone of up to 50 nodes of which at least 55 %, but not all, are unhealthy. The loss of one node
    never reaches that (three are needed), the loss of all spot nodes of a mixed zone does. Endpoints are still taken
    out then, so that it delays only pods that have to start elsewhere; no setting says what share spot has, so it is a
    note. Seen on a real control plane with 16 of 31 nodes silent: 41 of 200 pods were still pending after 120 s.
    """
    if placed is None or not placed.some_spot or is_spread(resource, CAPACITY_TYPE):
        return
    yield Note(
        resource.urn,
        f"{named(resource)} may run on spot instances altogether: losing them at once is not the loss of one node. A "
        f"hard spread over {CAPACITY_TYPE} keeps a part elsewhere. Where 55 % of up to 50 nodes of a zone fall silent, "
        "but not all, evictions stop until the dead nodes are deleted.",
    )


def budget_remarks(graph: ResourceGraph, seen: Survey) -> Iterator[Note]:
    """Disruption budgets that let no pod go: a drain never ends, and the notice of a spot instance passes unused."""
    budgets = graph.of_type(DISRUPTION_BUDGET)
    if not budgets:
        return
    pods: dict[tuple[str, str | None, str, str], list[Resource]] = {}
    for resource in graph.of_type(DEPLOYMENT, STATEFUL_SET):
        place = (seen.cluster(graph, resource).key, namespace_of(graph, resource))
        for key, value in mapping(pod_labels(resource).value).items():
            pods.setdefault((*place, key, str(value)), []).append(resource)
    for budget in budgets:
        selector = budget.at("spec")["selector"]
        place = (seen.cluster(graph, budget).key, namespace_of(graph, budget))
        # Of the labels asked for the rarest one is looked up, so that a label that all share costs nothing.
        asked = [(key, str(value)) for key, value in mapping(selector["matchLabels"].value).items()]
        named_by = [pods.get((*place, *pair), []) for pair in asked]
        candidates = min(named_by, key=len) if named_by else []
        for resource in candidates[:_CANDIDATES]:
            if selects(selector, pod_labels(resource)) is True:
                yield from _blocked(graph, seen, budget, resource)


def _blocked(graph: ResourceGraph, seen: Survey, budget: Resource, resource: Resource) -> Iterator[Note]:
    floor = seen.replicas(graph, resource).floor
    if isinstance(floor, Unsettled) or floor == 0:
        return
    spec = budget.at("spec")
    least, most = spec["minAvailable"], spec["maxUnavailable"]
    kept = share(least, 0, floor, up=True) if least.is_set else 0.0
    gone = share(most, 0, floor, up=True) if most.is_set else floor
    if (isinstance(kept, float) and kept >= floor) or gone == 0.0:
        yield Note(
            budget.urn,
            f"{named(budget)} lets no pod of {named(resource)} go at its floor of {floor:.0f}: nodes can't be drained, "
            "and the two minutes' notice of a spot instance passes unused",
        )
