"""Load balancers: how fast they notice a dead target, and in how many zones they stand.

A health check notices a process that does not answer. It does not notice wrong answers, so it detects nothing after a
bad deployment (that is what alarms are for) and nothing that only a region's loss shows from outside.
"""

from collections.abc import Iterator
from typing import Final

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Phase, Step
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.placement import Placement, placement_of
from stanchion.recovery.serving import called, depends, never, slowest, steps, untold
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import HARDWARE, Condition
from stanchion.recovery.term import Grade, Term, product

LOAD_BALANCERS: Final = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
TARGET_GROUPS: Final = ("aws:lb/targetGroup:TargetGroup", "aws:alb/targetGroup:TargetGroup")
LISTENERS: Final = ("aws:lb/listener:Listener", "aws:alb/listener:Listener")
RULES: Final = ("aws:lb/listenerRule:ListenerRule", "aws:alb/listenerRule:ListenerRule")
CLASSIC: Final = "aws:elb/loadBalancer:LoadBalancer"

CHECKS = Source(
    "Elastic Load Balancing User Guide; pulumi_aws lb.TargetGroup",
    "Health checks for target groups: HealthCheckIntervalSeconds 30, UnhealthyThresholdCount (3 by the provider, "
    "2 by the API), HealthCheckTimeoutSeconds",
)
CLASSIC_CHECKS = Source(
    "Classic Load Balancers User Guide", "Configure health checks: interval 30 s, timeout 5 s, unhealthy threshold 2"
)
ONE_A_ZONE = Source(
    "Elastic Load Balancing API", "CreateLoadBalancer, Subnets: one subnet a zone; an application load balancer has two"
)
NODE_ADDRESS = Source("Elastic Load Balancing User Guide", "How it works, request routing: DNS answers live 60 s")
CROSS_ZONE = Source(
    "Elastic Load Balancing User Guide",
    "Cross-zone load balancing: off, a zone whose targets are all unhealthy leaves the DNS answer",
)
DRAINING = Source("Elastic Load Balancing User Guide", "Deregistration delay: 300 s unless set")

INTERVAL_SECONDS = 30.0
UNHEALTHY_CHECKS = 3.0
NODE_TTL_SECONDS = 60.0
DEREGISTRATION_DELAY_SECONDS = 300.0
_TIMEOUT_SECONDS = {"HTTP": 6.0, "GENEVE": 5.0}
_OTHER_TIMEOUT_SECONDS = 10.0
_CLASSIC_CHECKS, _CLASSIC_TIMEOUT_SECONDS = 2.0, 5.0


def deregistration_delay(target_group: Resource) -> Setting:
    """How long a target that leaves is drained, in seconds; not set is `DEREGISTRATION_DELAY_SECONDS`."""
    return target_group.at("connectionDrainingTimeout" if target_group.type == CLASSIC else "deregistrationDelay")


def notices(target_group: Resource) -> tuple[Term, ...]:
    """Until a target that stopped answering gets no more requests; empty for Lambda targets, which have no machine.

    The last of U checks starts at most U intervals after the failure and ends with its timeout.
    """
    check = target_group.at("healthCheck")
    kind = target_group.at("targetType").text("instance")
    if kind == "lambda":
        return ()
    name = called("target group", target_group)
    enabled = check["enabled"].flag(True)
    if isinstance(enabled, Unsettled):
        return (untold(f"health checks of {name}", enabled, CHECKS),)
    if not enabled:
        return (never(f"health checks of {name} are switched off", CHECKS, check["enabled"]),)
    protocol = target_group.at("protocol").text("HTTP")
    timeout = _TIMEOUT_SECONDS.get(protocol, _OTHER_TIMEOUT_SECONDS) if isinstance(protocol, str) else protocol
    return _checks(name, check, UNHEALTHY_CHECKS, timeout, CHECKS)


def classic_notices(balancer: Resource) -> tuple[Term, ...]:
    """The same for a classic load balancer, which has its health check in itself."""
    name = called("load balancer", balancer)
    return _checks(name, balancer.at("healthCheck"), _CLASSIC_CHECKS, _CLASSIC_TIMEOUT_SECONDS, CLASSIC_CHECKS)


def _checks(
    name: str, check: Setting, threshold: float, timeout: float | Unsettled, source: Source
) -> tuple[Term, ...]:
    every, failed = check["interval"].number(INTERVAL_SECONDS), check["unhealthyThreshold"].number(threshold)
    until = check["timeout"]
    waited = until.number(0) if until.is_set else timeout
    return (
        Term.of(f"failed health checks of {name}", product(every, failed), Grade.BOUND, source, check["interval"]),
        Term.of(f"timeout of the last health check of {name}", waited, Grade.BOUND, source, until),
    )


def target_groups(graph: ResourceGraph, balancer: Resource) -> tuple[Resource, ...]:
    """To which target groups a load balancer's listeners and their rules send requests."""
    found: dict[str, Resource] = {}
    for listener in graph.referring(balancer, "loadBalancerArn", *LISTENERS):
        actions = [listener.at("defaultActions")]
        actions += [rule.at("actions") for rule in graph.referring(listener, "listenerArn", *RULES)]
        for setting in actions:
            for named in _targets(setting):
                found.update((group.urn, group) for group in graph.reference(named, *TARGET_GROUPS).resources)
    return tuple(found[urn] for urn in sorted(found))


def _targets(actions: Setting) -> Iterator[Setting]:
    every = actions.each()
    if isinstance(every, Unsettled):
        yield actions
        return
    for action in every:
        yield action["targetGroupArn"]
        groups = action["forward"]["targetGroups"]
        weighted = groups.each()
        yield from (groups,) if isinstance(weighted, Unsettled) else (group["arn"] for group in weighted)


def notices_a_lost_balancer(graph: ResourceGraph, balancer: Resource) -> tuple[Term, ...] | None:
    """Until the health of a load balancer turns, as those see it who steer traffic to it.

    Returns:
        The slowest of its target groups; None when none is in the program.
    """
    if balancer.type == CLASSIC:
        return classic_notices(balancer)
    bills = [terms for group in target_groups(graph, balancer) if (terms := notices(group))]
    return slowest(bills) if bills else None


def placement(graph: ResourceGraph, balancer: Resource) -> Placement:
    """The zones in which a load balancer has nodes."""
    subnets = [balancer.at("subnets")]
    mappings = balancer.at("subnetMappings").each()
    subnets += [balancer.at("subnetMappings")] if isinstance(mappings, Unsettled) else [m["subnetId"] for m in mappings]
    return placement_of(graph, subnets, balancer.at("availabilityZones") if balancer.type == CLASSIC else None)


def in_two_zones(graph: ResourceGraph, balancer: Resource) -> Condition:
    """Whether a load balancer outlives one of its zones."""
    placed = placement(graph, balancer)
    # AWS refuses a second subnet in the same zone, so counting subnets counts zones, also where none can be told.
    if (balancer.type != CLASSIC and placed.subnets > 1) or len(placed.zones) > 1:
        return True
    if placed.gap is not None and _may_be_more(balancer, placed):
        return True if _kind(balancer) == "application" else placed.gap
    if not placed.subnets:
        return Unsettled(balancer.urn, "subnets", "is not set, so its zones can't be told")
    return False


def _may_be_more(balancer: Resource, placed: Placement) -> bool:
    """One subnet that is listed is one, known or not; a list that is wholly unknown may hold any number."""
    lists = (balancer.at("subnets"), balancer.at("subnetMappings"))
    return balancer.type == CLASSIC or any(s.unsettled for s in lists) or not placed.subnets


def _kind(balancer: Resource) -> str | Unsettled:
    return "classic" if balancer.type == CLASSIC else balancer.at("loadBalancerType").text("application")


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Steps of all load balancers and target groups."""
    for balancer in graph.of_type(*LOAD_BALANCERS, CLASSIC):
        yield _zone(graph, balancer)
        yield from _without_cross_zone(graph, balancer)
        if balancer.type == CLASSIC:
            yield from _detection(balancer, called("load balancer", balancer), classic_notices(balancer))
    for group in graph.of_type(*TARGET_GROUPS):
        yield from _detection(group, called("target group", group), notices(group))


def _detection(resource: Resource, name: str, terms: tuple[Term, ...]) -> Iterator[Step]:
    if terms:
        yield from steps(resource, f"{name} notices dead targets", Phase.DETECT, HARDWARE, *terms)


def _zone(graph: ResourceGraph, balancer: Resource) -> Step:
    name = called("load balancer", balancer)
    moved = Term.of(
        f"clients of {name} forget the lost zone's address", NODE_TTL_SECONDS, Grade.BOUND, NODE_ADDRESS, balancer
    )
    stuck = never(f"{name} stands in one zone only", ONE_A_ZONE, balancer.at("subnets"))
    term = depends(in_two_zones(graph, balancer), moved, stuck)
    return Step(balancer.urn, f"{name} leaves a lost zone", Disruption.ZONE, Phase.SHIFT, (term,))


def _without_cross_zone(graph: ResourceGraph, balancer: Resource) -> Iterator[Step]:
    """Where each zone serves its own targets only, the last target of a zone takes the zone's address with it."""
    default = _cross_zone(balancer)
    groups = target_groups(graph, balancer) if balancer.type != CLASSIC else (balancer,)
    conditions = [_of_group(group, default) if group is not balancer else default for group in groups] or [default]
    if all(condition is True for condition in conditions):
        return
    gap = next((c for c in conditions if isinstance(c, Unsettled)), None)
    certain = any(c is False for c in conditions)
    name = f"clients of {called('load balancer', balancer)} forget a zone without targets"
    setting = balancer.at("enableCrossZoneLoadBalancing")
    term = Term.of(name, NODE_TTL_SECONDS, Grade.BOUND, CROSS_ZONE, setting)
    if gap and not certain:
        term = untold(name, gap, CROSS_ZONE)
    yield Step(balancer.urn, name, Disruption.INFRASTRUCTURE, Phase.SHIFT, (term,))


def _cross_zone(balancer: Resource) -> Condition:
    """Application load balancers always have it, the provider switches it on for classic ones."""
    kind = _kind(balancer)
    if isinstance(kind, Unsettled):
        return kind
    if kind == "classic":
        return balancer.at("crossZoneLoadBalancing").flag(True)
    return True if kind == "application" else balancer.at("enableCrossZoneLoadBalancing").flag(False)


def _of_group(group: Resource, default: Condition) -> Condition:
    setting = group.at("loadBalancingCrossZoneEnabled").text("use_load_balancer_configuration")
    if isinstance(setting, Unsettled):
        return setting
    return default if setting == "use_load_balancer_configuration" else setting.lower() == "true"


MECHANISM = Mechanism(
    "load-balancing", find, reads=frozenset({*LOAD_BALANCERS, *TARGET_GROUPS, *LISTENERS, *RULES, CLASSIC})
)
