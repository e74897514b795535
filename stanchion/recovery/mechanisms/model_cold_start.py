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
from stanchion.recovery.mechanisms.kubernetes.losses import LOCAL, Fate, is_standby, loss
from stanchion.recovery.mechanisms.kubernetes.objects import DAEMON_SET, DEPLOYMENT, STATEFUL_SET, named
from stanchion.recovery.mechanisms.kubernetes.rollouts import rollout, shown
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
    for resource in controllers:
        if is_standby(graph, resource):
            continue
        yield from _rollback(graph, seen, resource)
        if resource.type == DAEMON_SET:
            continue
        for disruption in LOCAL:
            if loss(graph, seen, resource, disruption).fate is Fate.RESTARTS:
                yield _step(graph, resource, disruption, start_terms(graph, resource))
        yield from _elsewhere(graph, seen, counterparts, resource)


def _rollback(graph: ResourceGraph, seen: Survey, resource: Resource) -> Iterator[Finding]:
    """Every wave of a rollout waits for its pods to start."""
    replicas = None if resource.type == DAEMON_SET else seen.replicas(graph, resource)
    if replicas is not None and replicas.floor == 0 and replicas.reaction is None:
        return
    how = rollout(resource, replicas)
    terms = tuple(
        Term(
            term.name if how.waves == 1 else f"{term.name}, {shown(how.waves)}",
            product(term.amount, how.waves),
            term.grade,
            term.source,
            term.urn,
            term.property,
        )
        for term in start_terms(graph, resource)
    )
    yield _step(graph, resource, Disruption.APPLICATION, terms)


def _elsewhere(graph: ResourceGraph, seen: Survey, counterparts: Counterparts, resource: Resource) -> Iterator[Finding]:
    """A counterpart in another region of which no replica runs has to start."""
    others = counterparts.of(graph, resource)
    if not others or any(_runs(graph, seen, other) for other in others):
        return
    for other in others:
        replicas = seen.replicas(graph, other)
        if not isinstance(replicas.floor, Unsettled) and replicas.reaction is not None:
            yield _step(graph, other, Disruption.REGION, start_terms(graph, other))


def _runs(graph: ResourceGraph, seen: Survey, resource: Resource) -> bool:
    floor = seen.replicas(graph, resource).floor
    return not isinstance(floor, Unsettled) and floor >= 1


def _step(graph: ResourceGraph, resource: Resource, disruption: Disruption, terms: tuple[Term, ...]) -> Step:
    # After the step of the same pods that gives them a node, and after the disks that they mount.
    after = (resource.urn, *(claim.urn for claim in claims_of(graph, resource)))
    return Step(resource.urn, f"pods of {named(resource)} start", disruption, Phase.RECOVER, terms, after)


MECHANISM = Mechanism(name="model-cold-start", find=find, reads=frozenset((DEPLOYMENT, STATEFUL_SET, DAEMON_SET)))
