"""Global Accelerator: moves traffic to another region by itself when an endpoint group has nothing healthy left.

It then ignores the traffic dial, so a group with a dial of 0 is a standby. An endpoint of weight 0 never takes traffic:
a standby of such endpoints waits for somebody to raise the weight. Client affinity only chooses among healthy
endpoints, so it changes no figure.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.declared import restore_term
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Note, Phase, Step
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.mechanisms.load_balancing import CLASSIC, LOAD_BALANCERS, notices_a_lost_balancer
from stanchion.recovery.serving import called, never, steps, untold
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import HARDWARE, Condition, any_of
from stanchion.recovery.term import Grade, Term, product

ACCELERATOR: Final = "aws:globalaccelerator/accelerator:Accelerator"
LISTENER: Final = "aws:globalaccelerator/listener:Listener"
GROUP: Final = "aws:globalaccelerator/endpointGroup:EndpointGroup"
# Only for these the endpoint group's own health check counts; a load balancer brings its own.
MACHINES: Final = ("aws:ec2/eip:Eip", "aws:ec2/instance:Instance")

FAILOVER = Source(
    "AWS Global Accelerator Developer Guide",
    "How failover works for unhealthy endpoints: weight above zero, the traffic dial is ignored, about 30 s",
)
CHECKS = Source("AWS Global Accelerator Developer Guide", "Endpoint groups, health check options: 30 s, threshold 3")
WEIGHTS = Source(
    "AWS Global Accelerator Developer Guide; terraform-provider-aws #31767",
    "Endpoint weights: 0 takes no traffic; a weight that is not set is sent as 0 by the provider",
)

SHIFT_SECONDS = 30.0
INTERVAL_SECONDS = 30.0
THRESHOLD = 3.0


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Steps of all listeners, each judged with its endpoint groups."""
    for listener in graph.of_type(LISTENER):
        groups = graph.referring(listener, "listenerArn", GROUP)
        accelerator = graph.reference(listener.at("acceleratorArn"), ACCELERATOR).one or listener
        yield from _listener(graph, accelerator, listener, groups)
    for group in graph.of_type(GROUP):
        if graph.reference(group.at("listenerArn"), LISTENER).literal:
            text = f"endpoint group '{group.name}' belongs to a listener that is not part of this program"
            yield Note(group.urn, f"{text}, so whether another region takes over can't be told")
        yield from _machines(graph, group)


def _listener(
    graph: ResourceGraph, accelerator: Resource, listener: Resource, groups: Sequence[Resource]
) -> Iterator[Finding]:
    name = f"{called('accelerator', accelerator)} sends traffic to another region"
    shift = _shift(graph, accelerator, listener, groups)
    yield Step(accelerator.urn, name, Disruption.REGION, Phase.SHIFT, (shift,))
    if shift.source is not FAILOVER or shift.amount != SHIFT_SECONDS:
        return
    # What one endpoint's health says is only an answer when the health of all of them can be told.
    watches = [watch for group in groups for watch in _watches(graph, group)]
    outside = [watch for watch in watches if isinstance(watch, str)]
    for text in outside:
        yield Note(listener.urn, text)
    if not outside:
        for step in watches:
            if isinstance(step, Step):
                yield step


def _shift(graph: ResourceGraph, accelerator: Resource, listener: Resource, groups: Sequence[Resource]) -> Term:
    """The shift of traffic after a region is lost, or why there is none."""
    name = called("accelerator", accelerator)
    enabled = accelerator.at("enabled").flag(True) if accelerator.type == ACCELERATOR else True
    if isinstance(enabled, Unsettled):
        return untold(f"shift by {name}", enabled, FAILOVER)
    if not enabled:
        return never(f"{name} is switched off", FAILOVER, accelerator.at("enabled"))
    regions: dict[str, list[Condition]] = {}
    for group in groups:
        region = _region(graph, group)
        if isinstance(region, Unsettled):
            return untold(f"regions of {name}", region, FAILOVER)
        regions.setdefault(region, []).append(_carries(group))
    if len(regions) < 2:
        where = f"one region only ({next(iter(regions))})" if regions else "no region"
        return never(f"{name} has an endpoint group in {where}", FAILOVER, groups[0] if groups else listener)
    carrying = [any_of(*conditions) for _, conditions in sorted(regions.items())]
    if sum(condition is True for condition in carrying) > 1:
        return Term.of(f"{name} shifts traffic", SHIFT_SECONDS, Grade.TYPICAL, FAILOVER, accelerator)
    if gap := next((condition for condition in carrying if isinstance(condition, Unsettled)), None):
        return untold(f"{name} shifts traffic", gap, WEIGHTS)
    waiting = next((group for group in groups if _has_endpoints(group) and _carries(group) is False), None)
    if waiting is None or not any(carrying):
        return never(f"{name} has endpoints that take traffic in one region only", FAILOVER, accelerator)
    return restore_term(graph, accelerator, f"somebody raises the weight of the endpoints of '{waiting.name}' from 0")


def _region(graph: ResourceGraph, group: Resource) -> str | Unsettled:
    own = group.at("endpointGroupRegion").text()
    return own if isinstance(own, Unsettled) or own else graph.region_of(group)


def _endpoints(group: Resource) -> tuple[Setting, ...] | Unsettled:
    return group.at("endpointConfigurations").each()


def _has_endpoints(group: Resource) -> bool:
    return bool(_endpoints(group))


def _carries(group: Resource) -> Condition:
    """Whether an endpoint of the group takes traffic."""
    endpoints = _endpoints(group)
    if isinstance(endpoints, Unsettled):
        return endpoints
    return any_of(*(_takes_traffic(endpoint) for endpoint in endpoints))


def _takes_traffic(endpoint: Setting) -> Condition:
    weight = endpoint["weight"]
    if not weight.is_set and endpoint.unsettled is None:
        why = "is not set, and the provider then sends 0, with which an endpoint takes no traffic; set one up to 255"
        return Unsettled(weight.resource.urn, weight.path, why)
    number = weight.number(0)
    return number if isinstance(number, Unsettled) else number > 0


def _watches(graph: ResourceGraph, group: Resource) -> Iterator[Step | str]:
    """How each endpoint's health is watched: a step, or a sentence where that is decided outside of the program."""
    endpoints = _endpoints(group)
    if isinstance(endpoints, Unsettled):
        term = untold("health of the endpoints", endpoints, CHECKS)
        yield Step(group.urn, "endpoints are noticed to be lost", Disruption.REGION, Phase.DETECT, (term,))
        return
    for endpoint in endpoints:
        setting = endpoint["endpointId"]
        named = graph.reference(setting, *LOAD_BALANCERS, CLASSIC, *MACHINES)
        name = f"{called('endpoint group', group)} notices a lost endpoint"
        if named.unsettled:
            term = untold("health check of the endpoint", named.unsettled, CHECKS)
            yield Step(group.urn, name, Disruption.REGION, Phase.DETECT, (term,))
        elif named.literal is not None and not named.literal.startswith(("eipalloc-", "i-")):
            yield _outside(group, f"'{named.literal}' is not part of this program")
        elif not named.resources or named.resources[0].type in MACHINES:
            yield Step(group.urn, name, Disruption.REGION, Phase.DETECT, (own_check(group),))
        for balancer in named.resources:
            if balancer.type in MACHINES:
                continue
            terms = notices_a_lost_balancer(graph, balancer)
            if terms is None:
                yield _outside(group, f"load balancer '{balancer.name}' has its target groups outside of this program")
            else:
                yield Step(group.urn, name, Disruption.REGION, Phase.DETECT, terms)


def _outside(group: Resource, why: str) -> str:
    return f"how fast endpoint group '{group.name}' notices a lost endpoint can't be told: {why}"


def own_check(group: Resource) -> Term:
    """The endpoint group's own health check."""
    every, failed = group.at("healthCheckIntervalSeconds"), group.at("thresholdCount")
    amount = product(every.number(INTERVAL_SECONDS), failed.number(THRESHOLD))
    return Term.of(f"failed health checks of {called('endpoint group', group)}", amount, Grade.BOUND, CHECKS, every)


def _machines(graph: ResourceGraph, group: Resource) -> Iterator[Step]:
    """A group of two machines or more leaves out one that is lost, within its region."""
    endpoints = _endpoints(group)
    if isinstance(endpoints, Unsettled):
        return
    machines = [e for e in endpoints if _is_machine(graph, e) and _takes_traffic(e) is True]
    if len(machines) < 2:
        return
    name = called("endpoint group", group)
    yield from steps(group, f"{name} notices a lost machine", Phase.DETECT, HARDWARE, own_check(group))
    shift = Term.of(f"{name} leaves out a lost machine", SHIFT_SECONDS, Grade.TYPICAL, FAILOVER, group)
    yield from steps(group, f"{name} leaves out a lost machine", Phase.SHIFT, HARDWARE, shift)


def _is_machine(graph: ResourceGraph, endpoint: Setting) -> bool:
    named = graph.reference(endpoint["endpointId"], *MACHINES)
    literal = named.literal or ""
    return bool(named.resources) or literal.startswith(("eipalloc-", "i-"))


MECHANISM = Mechanism("global-accelerator", find, reads=frozenset({ACCELERATOR, LISTENER, GROUP}))
