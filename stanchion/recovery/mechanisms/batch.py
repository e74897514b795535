"""AWS Batch: whether a job whose host is gone starts again, and on what.

Batch promises no time until a job runs again, so the team declares it on the queue. Two things leave no bound: a job
that is not retried, and a queue whose environments are all spot.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.declared import declared, restore_term
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Phase
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.placement import placement_of
from stanchion.recovery.serving import called, goes_on, never, steps, untold
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import HARDWARE, Condition
from stanchion.recovery.term import Grade, Term

ENVIRONMENT: Final = "aws:batch/computeEnvironment:ComputeEnvironment"
QUEUE: Final = "aws:batch/jobQueue:JobQueue"
JOB: Final = "aws:batch/jobDefinition:JobDefinition"

RETRIES = Source(
    "AWS Batch User Guide", "Automated job retries: one attempt unless set; what no rule matches is retried"
)
CAPACITY = Source("AWS Batch User Guide", "Compute environments: types EC2, SPOT, FARGATE, FARGATE_SPOT")
HOST_LOST = "Host EC2 (instance i-0) terminated."
_SPOT = frozenset({"SPOT", "FARGATE_SPOT"})


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Steps of all queues, and of job definitions that are not retried."""
    for queue in graph.of_type(QUEUE):
        name = called("job queue", queue)
        noticed = goes_on(f"{name} sees a lost host, within the declared time", RETRIES, queue, Grade.DECLARED)
        yield from steps(queue, f"{name} sees a lost host", Phase.DETECT, HARDWARE, noticed)
        again = f"jobs of {name} run again"
        yield from steps(queue, again, Phase.RECOVER, (Disruption.INFRASTRUCTURE,), _capacity(graph, queue))
        yield from steps(queue, again, Phase.RECOVER, (Disruption.ZONE,), _in_another_zone(graph, queue))
    for job in graph.of_type(JOB):
        term = _not_retried(job)
        if term is not None:
            yield from steps(job, f"{called('job', job)} runs again", Phase.RECOVER, HARDWARE, term)


def _environments(graph: ResourceGraph, queue: Resource) -> tuple[list[Resource], Unsettled | None]:
    """The compute environments of a queue that are here, and why one of them can't be told."""
    orders = queue.at("computeEnvironmentOrders")
    elements = orders.each()
    named = (orders,) if isinstance(elements, Unsettled) else tuple(order["computeEnvironment"] for order in elements)
    if not orders.is_set:
        old = queue.at("computeEnvironments")
        listed = old.each()
        named = (old,) if isinstance(listed, Unsettled) else listed
    found: dict[str, Resource] = {}
    gap: Unsettled | None = None
    for setting in named:
        reference = graph.reference(setting, ENVIRONMENT)
        found.update((environment.urn, environment) for environment in reference.resources)
        if reference.literal is not None:
            why = f"names '{reference.literal}', which is not part of this program"
            gap = gap or Unsettled(queue.urn, setting.path, why)
        gap = gap or reference.unsettled
    return [found[urn] for urn in sorted(found)], gap


def _is_spot(environment: Resource) -> Condition:
    kind = environment.at("computeResources")["type"].text("EC2")
    return kind if isinstance(kind, Unsettled) else kind.upper() in _SPOT


def _firm(graph: ResourceGraph, queue: Resource) -> tuple[list[Resource], Unsettled | None]:
    """The environments that are not spot, and why another one may or may not be."""
    environments, gap = _environments(graph, queue)
    firm: list[Resource] = []
    for environment in environments:
        spot = _is_spot(environment)
        if spot is False:
            firm.append(environment)
        elif isinstance(spot, Unsettled):
            gap = gap or spot
    return firm, gap


def _capacity(graph: ResourceGraph, queue: Resource) -> Term:
    name = called("job queue", queue)
    firm, gap = _firm(graph, queue)
    if firm:
        return restore_term(graph, queue, f"jobs of {name} wait for capacity, start again and end")
    if gap:
        return untold(f"capacity of {name}", gap, CAPACITY)
    at = queue.at("computeEnvironmentOrders")
    return never(f"{name} has spot capacity only, and spot may stay away", CAPACITY, at)


def _in_another_zone(graph: ResourceGraph, queue: Resource) -> Term:
    firm, _ = _firm(graph, queue)
    term = _capacity(graph, queue)
    if not firm:
        return term
    name = called("job queue", queue)
    zones = placement_of(graph, [e.at("computeResources")["subnets"] for e in firm]).reaches(2)
    if isinstance(zones, Unsettled):
        # Subnets of another stack have no ids before it is deployed; who chose them may say how many zones they are in.
        if not any(_declared_zones(graph, each) >= 2 for each in firm):
            return untold(f"zones of {name}", zones, CAPACITY)
        zones = True
    return term if zones else never(f"{name} has on-demand capacity in one zone only", CAPACITY, firm[0])


def _declared_zones(graph: ResourceGraph, environment: Resource) -> int:
    """The zones that an environment says it reaches; 0 when it says nothing, or no number."""
    said = declared(graph, environment, "zones")
    return int(said) if isinstance(said, str) and said.isdecimal() else 0


def _not_retried(job: Resource) -> Term | None:
    """Why a job is not started again after its host is gone; None when it is."""
    name = called("job", job)
    strategy = job.at("retryStrategy")
    attempts = strategy["attempts"].number(1)
    if isinstance(attempts, Unsettled):
        return untold(f"attempts of {name}", attempts, RETRIES)
    if attempts < 2:
        return never(
            f"{name} has one attempt, so it is not retried when its host is gone", RETRIES, strategy["attempts"]
        )
    rules = strategy["evaluateOnExits"].each()
    if isinstance(rules, Unsettled):
        return untold(f"retry rules of {name}", rules, RETRIES)
    for rule in rules:
        if not _matches(rule):
            continue
        action = rule["action"].text()
        if isinstance(action, Unsettled):
            return untold(f"retry rules of {name}", action, RETRIES)
        if action.upper() == "EXIT":
            return never(f"a rule of {name} ends it when its host is gone", RETRIES, rule)
        return None
    return None


def _matches(rule: Setting) -> bool:
    """Whether a rule is about a lost host: the status reason is known, there is no exit code and no reason."""
    given = {key: rule[key].value for key in ("onStatusReason", "onReason", "onExitCode")}
    texts = {"onStatusReason": HOST_LOST, "onReason": "", "onExitCode": ""}
    return all(
        fnmatchcase(texts[key], pattern) if isinstance(pattern, str) else True
        for key, pattern in given.items()
        if pattern is not None
    )


MECHANISM = Mechanism("batch", find, reads=frozenset({ENVIRONMENT, QUEUE, JOB}))
