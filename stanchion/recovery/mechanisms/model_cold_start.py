"""Cold start: image, weights and engine of pods that have to start anew, after they have a node.

Kept apart from the pods' other terms, since it is what grows with a model. See `kubernetes/startup.py` for what is
declared and what is a bound.
"""

from collections.abc import Iterator

from stanchion.graph import Resource, ResourceGraph, Unsettled
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Phase, Step
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.mechanisms.kubernetes.claims import claims_of
from stanchion.recovery.mechanisms.kubernetes.counterparts import Counterparts
from stanchion.recovery.mechanisms.kubernetes.losses import LOCAL, Fate, fate, is_standby, loss
from stanchion.recovery.mechanisms.kubernetes.objects import DAEMON_SET, DEPLOYMENT, STATEFUL_SET, named
from stanchion.recovery.mechanisms.kubernetes.rollouts import shown
from stanchion.recovery.mechanisms.kubernetes.startup import start_terms
from stanchion.recovery.mechanisms.kubernetes.survey import Survey, survey
from stanchion.recovery.term import Term, product


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """The starts of pods after each disruption that makes them start anew."""
    controllers = graph.of_type(DEPLOYMENT, STATEFUL_SET, DAEMON_SET)
    if not controllers:
        return
    seen = survey(graph)
    counterparts = Counterparts(graph, seen)
    started: dict[str, Resource] = {}
    for resource in controllers:
        if is_standby(graph, resource):
            continue
        start = start_terms(graph, resource)
        yield from _rollback(graph, seen, resource, start)
        if resource.type == DAEMON_SET:
            continue
        for disruption in LOCAL:
            if loss(graph, seen, resource, disruption).fate is Fate.RESTARTS:
                yield _step(graph, resource, disruption, start)
        for other in _elsewhere(graph, seen, counterparts, resource):
            started[other.urn] = other
    for other in started.values():
        yield _step(graph, other, Disruption.REGION, start_terms(graph, other))


def _rollback(graph: ResourceGraph, seen: Survey, resource: Resource, start: tuple[Term, ...]) -> Iterator[Finding]:
    """Every wave of a rollout waits for its pods to start."""
    if resource.type != DAEMON_SET and fate(graph, seen, resource) is Fate.IDLE:
        return
    how = seen.rollout(graph, resource)
    terms = tuple(
        Term(
            term.name if how.waves == 1 else f"{term.name}, {shown(how.waves)}",
            product(term.amount, how.waves),
            term.grade,
            term.source,
            term.urn,
            term.property,
        )
        for term in start
    )
    yield _step(graph, resource, Disruption.APPLICATION, terms)


def _elsewhere(
    graph: ResourceGraph, seen: Survey, counterparts: Counterparts, resource: Resource
) -> tuple[Resource, ...]:
    """Counterparts in other regions that have to start, when none of them runs."""
    if fate(graph, seen, resource) in (Fate.IDLE, Fate.BURST):
        return ()
    others = [o for o in counterparts.of(graph, resource) if fate(graph, seen, o) not in (Fate.IDLE, Fate.BURST)]
    if any(_runs(graph, seen, other) for other in others):
        return ()
    return tuple(
        other
        for other in others
        if (replicas := seen.replicas(graph, other)).reaction is not None and not isinstance(replicas.floor, Unsettled)
    )


def _runs(graph: ResourceGraph, seen: Survey, resource: Resource) -> bool:
    floor = seen.replicas(graph, resource).floor
    return not isinstance(floor, Unsettled) and floor >= 1


def _step(graph: ResourceGraph, resource: Resource, disruption: Disruption, terms: tuple[Term, ...]) -> Step:
    # After the step of the same pods that gives them a node, and after the disks that they mount.
    after = (resource.urn, *(claim.urn for claim in claims_of(graph, resource)))
    return Step(resource.urn, f"pods of {named(resource)} start", disruption, Phase.RECOVER, terms, after)


MECHANISM = Mechanism(name="model-cold-start", find=find, reads=frozenset((DEPLOYMENT, STATEFUL_SET, DAEMON_SET)))
