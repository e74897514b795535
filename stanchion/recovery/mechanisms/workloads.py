"""Pods of Deployments, StatefulSets and DaemonSets: who notices, who keeps serving, what it takes to run elsewhere.

A silent node is noticed after the node monitor grace; its pods' endpoints are taken out then. A workload whose hard
spread leaves a replica elsewhere keeps serving, so that is all. Otherwise its pods stay bound for their toleration and
then need a node (`kubernetes/room.py`) and a start (`model_cold_start`). Pods with an identity or a disk wait until the
silent node is given up. What scaled to zero is woken by its autoscaler first. A burst beside a floor, and the idle slot
of a blue/green pair, are no parts of the way back (`kubernetes/roles.py`).

Where no pool of the cluster is in the program (nodes and pods are often layers of their own) only the pods' own terms
are given, with a note: nothing is said about capacity. A region's loss is spoken of only when a counterpart of the same
workload runs in another region.
"""

from collections.abc import Iterator

from stanchion.graph import Resource, ResourceGraph, Unsettled
from stanchion.recovery.declared import declared
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Note, Phase, Step
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.mechanisms.kubernetes.clusters import grace
from stanchion.recovery.mechanisms.kubernetes.counterparts import Counterparts
from stanchion.recovery.mechanisms.kubernetes.eviction import queue, unbinding
from stanchion.recovery.mechanisms.kubernetes.losses import LOCAL, Fate, Loss, fate, is_standby, loss
from stanchion.recovery.mechanisms.kubernetes.objects import (
    AUTOSCALERS,
    DAEMON_SET,
    DEPLOYMENT,
    EKS_CLUSTER,
    SCALED_OBJECT,
    SERVICE,
    STATEFUL_SET,
    named,
)
from stanchion.recovery.mechanisms.kubernetes.placement import Placement
from stanchion.recovery.mechanisms.kubernetes.probes import detection
from stanchion.recovery.mechanisms.kubernetes.remarks import budget_remarks, pool_remarks
from stanchion.recovery.mechanisms.kubernetes.roles import roles
from stanchion.recovery.mechanisms.kubernetes.rollouts import replacement, shown
from stanchion.recovery.mechanisms.kubernetes.room import room
from stanchion.recovery.mechanisms.kubernetes.sources import EBS, RUNNING_FLOOR, SPREAD
from stanchion.recovery.mechanisms.kubernetes.survey import Survey, survey
from stanchion.recovery.mechanisms.kubernetes.takeover import takeover
from stanchion.recovery.mechanisms.kubernetes.volumes import in_one_zone
from stanchion.recovery.term import UNBOUNDED, Grade, Term, rank, total


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Steps and notes of all controllers of pods."""
    controllers = graph.of_type(DEPLOYMENT, STATEFUL_SET, DAEMON_SET)
    if not controllers:
        return
    seen = survey(graph)
    counterparts = Counterparts(graph, seen)
    yield from budget_remarks(graph, seen)
    for resource in controllers:
        if is_standby(graph, resource):
            yield Note(resource.urn, f"{named(resource)} is a standby: it is judged for the loss of a region only")
        elif resource.type == DAEMON_SET:
            yield from _daemon(graph, seen, resource)
            yield from _application(graph, seen, resource)
        else:
            yield from _local(graph, seen, resource)
            yield from _application(graph, seen, resource)
            yield from _region(graph, seen, counterparts, resource)


def _local(graph: ResourceGraph, seen: Survey, resource: Resource) -> Iterator[Finding]:
    """The loss of a node and of a zone."""
    placed = seen.pools_for(graph, resource)
    noticed, remark = grace(seen.cluster(graph, resource), resource)
    fates = {disruption: loss(graph, seen, resource, disruption) for disruption in LOCAL}
    if fates[Disruption.INFRASTRUCTURE].fate in (Fate.IDLE, Fate.BURST):
        yield Note(resource.urn, _aside(graph, seen, resource))
        return
    if remark:
        yield Note(resource.urn, remark)
    if placed is None:
        yield Note(
            resource.urn,
            f"the nodes of {named(resource)} are not in this program: nothing is said about their capacity",
        )
    for disruption, found in fates.items():
        lost = "node" if disruption is Disruption.INFRASTRUCTURE else "zone"
        name = f"endpoints of {named(resource)} on the lost {lost} are taken out"
        yield Step(resource.urn, name, disruption, Phase.DETECT, (noticed,))
        yield from _recovery(graph, seen, resource, disruption, found, placed)
    yield from pool_remarks(resource, placed)


def _recovery(
    graph: ResourceGraph,
    seen: Survey,
    resource: Resource,
    disruption: Disruption,
    found: Loss,
    placed: Placement | None,
) -> Iterator[Finding]:
    match found.fate:
        case Fate.SERVES:
            left, floor = found.left.replicas, found.replicas.floor
            name = f"{left:.0f} of {floor:.0f} replicas keep serving"
            term = Term.of(name, 0.0, Grade.BOUND, SPREAD, resource)
            yield Step(resource.urn, f"{named(resource)} is spread", disruption, Phase.RECOVER, (term,))
            if found.left.assumed:
                text = (
                    f"the spread of {named(resource)} has no minDomains, and its nodes are not in this program: that "
                    f"there are two {'hosts' if disruption is Disruption.INFRASTRUCTURE else 'zones'} is assumed"
                )
                yield Note(resource.urn, text)
        case Fate.UNKNOWN:
            gap = found.gap or Unsettled(resource.urn, "spec", "can't be told")
            term = Term("how many replicas are left", gap, Grade.BOUND, SPREAD, gap.urn, gap.property)
            yield Step(resource.urn, f"{named(resource)} serves again", disruption, Phase.RECOVER, (term,))
        case Fate.RESTARTS:
            yield from _restart(graph, seen, resource, disruption, found, placed)
        case Fate.IDLE | Fate.BURST:
            return


def _aside(graph: ResourceGraph, seen: Survey, resource: Resource) -> str:
    """Why a controller is no part of the way back."""
    other = roles(graph, seen).adds_to(graph, seen, resource)
    slot = declared(graph, resource, "slot")
    if not roles(graph, seen).idle(graph, seen, resource) and other is not None:
        return f"{named(resource)} adds to {named(other)} behind one Service: without it there is less, and not nothing"
    if isinstance(slot, str):
        return f"{named(resource)} is in slot '{slot}', which is idle: it serves nobody until a rollout fills it"
    return f"{named(resource)} has 0 replicas, and nothing scales it: it serves nobody"


def _restart(
    graph: ResourceGraph,
    seen: Survey,
    resource: Resource,
    disruption: Disruption,
    found: Loss,
    placed: Placement | None,
) -> Iterator[Finding]:
    terms = [unbinding(resource, placed)]
    if disruption is Disruption.ZONE:
        waiting = queue(seen.most_nodes(seen.cluster(graph, resource).key))
        terms += [*([waiting] if waiting else ()), *_disk(graph, seen, resource)]
    if found.replicas.floor == 0 and found.replicas.reaction is not None:
        terms.append(found.replicas.reaction)
    if placed is not None:
        terms.append(room(resource, placed, disruption))
    yield Step(resource.urn, f"pods of {named(resource)} run elsewhere", disruption, Phase.RECOVER, tuple(terms))
    if found.left.hint:
        yield Note(resource.urn, f"{disruption.value}: {found.left.hint}")


def _disk(graph: ResourceGraph, seen: Survey, resource: Resource) -> tuple[Term, ...]:
    """A disk of the lost zone: its pods can run nowhere else until the zone is back, or somebody restores a backup."""
    bound = in_one_zone(graph, seen.storage, resource)
    if bound is False:
        return ()
    name = "a disk of the pods lies in the lost zone"
    if isinstance(bound, Unsettled):
        return (Term("the pods' disks in another zone", bound, Grade.NONE, EBS, bound.urn, bound.property),)
    return (Term.of(name, UNBOUNDED, Grade.NONE, EBS, resource),)


def _daemon(graph: ResourceGraph, seen: Survey, resource: Resource) -> Iterator[Finding]:
    """One pod a node: the other nodes have theirs, as far as it is known that there are any."""
    placed = seen.pools_for(graph, resource)
    noticed, _ = grace(seen.cluster(graph, resource), resource)
    for disruption in LOCAL:
        left = None if placed is None or not placed.certain else placed.left(disruption)
        if left is None or left.nodes < 1:
            continue
        name = f"endpoints of {named(resource)} on the lost node are taken out"
        yield Step(resource.urn, name, disruption, Phase.DETECT, (noticed,))
        grade = Grade.TYPICAL if left.best_effort else Grade.BOUND
        term = Term.of("pods on the nodes that are left keep serving", 0.0, grade, RUNNING_FLOOR, left.at)
        yield Step(resource.urn, f"{named(resource)} runs on every node", disruption, Phase.RECOVER, (term,))


def _application(graph: ResourceGraph, seen: Survey, resource: Resource) -> Iterator[Finding]:
    """A bad version: noticed by a probe, undone by rolling out the earlier one to every pod."""
    if resource.type != DAEMON_SET and fate(graph, seen, resource) is Fate.IDLE:
        return
    noticed = detection(resource)
    if noticed is None:
        text = f"{named(resource)} has no readiness or liveness probe: Kubernetes notices nothing of a bad version"
        yield Note(resource.urn, text)
    else:
        name = f"{named(resource)} is taken out of service"
        yield Step(resource.urn, name, Disruption.APPLICATION, Phase.DETECT, (noticed,))
    how = seen.rollout(graph, resource)
    terms = replacement(resource, how)
    if isinstance(how.waves, Unsettled) and not terms:
        gap = how.waves
        terms = (Term("how many waves the rollout has", gap, Grade.BOUND, how.source, gap.urn, gap.property),)
    name = f"{named(resource)} goes back to its earlier version {shown(how.waves)}"
    if terms:
        yield Step(resource.urn, name, Disruption.APPLICATION, Phase.RECOVER, terms)


def _region(graph: ResourceGraph, seen: Survey, counterparts: Counterparts, resource: Resource) -> Iterator[Finding]:
    """A counterpart in another region takes over; without one nothing is said here."""
    if fate(graph, seen, resource) in (Fate.IDLE, Fate.BURST):
        return
    others = counterparts.of(graph, resource)
    # Idle ones take over from nobody; where all are, that is what there is to say.
    awake = [other for other in others if fate(graph, seen, other) is not Fate.IDLE]
    options = [
        (takeover(graph, seen, resource, other, counterparts.region(other) or ""), other) for other in awake or others
    ]
    if not options:
        return
    terms, best = min(options, key=lambda one: (rank(total(term.amount for term in one[0])), one[1].urn))
    name = f"{named(best)} in {counterparts.region(best)} takes over from {named(resource)}"
    yield Step(best.urn, name, Disruption.REGION, Phase.RECOVER, terms)


MECHANISM = Mechanism(
    name="kubernetes-workloads",
    find=find,
    reads=frozenset((DEPLOYMENT, STATEFUL_SET, DAEMON_SET, SERVICE, SCALED_OBJECT, EKS_CLUSTER, *AUTOSCALERS)),
)
