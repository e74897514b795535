"""What it takes until the pods of another region serve in place of the lost ones."""

from stanchion.graph import Resource, ResourceGraph, Unsettled
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.mechanisms.kubernetes.quotas import quota_term
from stanchion.recovery.mechanisms.kubernetes.room import room
from stanchion.recovery.mechanisms.kubernetes.survey import Survey
from stanchion.recovery.sources import derived
from stanchion.recovery.term import UNBOUNDED, Grade, Term

RUNNING = derived("replicas that run whatever the demand is serve at once")


def takeover(graph: ResourceGraph, seen: Survey, lost: Resource, other: Resource, region: str) -> tuple[Term, ...]:
    """The terms of a takeover; they add up.

    A floor that runs serves at once; where it is smaller than the lost one, its autoscaler has to see the load too.
    Both sizes are in the term's name, since nothing assures the nodes above a floor. From zero the autoscaler has to
    see the demand first, and nodes are needed; the start itself is the cold start's step.

    Args:
        graph: the program.
        seen: the survey of the same program.
        lost: the controller whose region is gone.
        other: its counterpart.
        region: where that runs.
    """
    here, there = seen.replicas(graph, other), seen.replicas(graph, lost)
    placed = seen.pools_for(graph, other)
    quota = None if placed is None else quota_term(seen.quotas.get(region, {}), placed.pools, region)
    quotas = (quota,) if quota else ()
    if isinstance(here.floor, Unsettled):
        gap = here.floor
        return (Term("replicas that run there", gap, Grade.BOUND, RUNNING, gap.urn, gap.property), *quotas)
    reaction = (here.reaction,) if here.reaction else ()
    if here.floor >= 1:
        wanted = "an unknown number" if isinstance(there.floor, Unsettled) else f"{there.floor:.0f}"
        name = f"{here.floor:.0f} replicas run there already (for {wanted} here)"
        full = not isinstance(there.floor, Unsettled) and here.floor >= there.floor
        # An autoscaler whose least and most are one holds a floor and adds nothing.
        full = full or here.ceiling == here.floor
        return (Term.of(name, 0.0, Grade.BOUND, RUNNING, here.at), *(() if full else reaction), *quotas)
    if not reaction:
        return (Term.of("no replica runs there, and nothing starts one", UNBOUNDED, Grade.NONE, RUNNING, here.at),)
    nodes = () if placed is None else (room(other, placed, Disruption.REGION),)
    return (*reaction, *nodes, *quotas)
