"""A spot instance has let go of its requests before it is taken back."""

from collections.abc import Iterable

from policies.reading.spot import (
    ECS_SERVICE,
    GROUP,
    NODE_GROUP,
    NODE_POOLS,
    TARGET_GROUPS,
    group_purchase,
    node_group_is_spot,
    pool_capacity_types,
    service_uses_fargate_spot,
    target_groups_of,
    target_groups_of_service,
)
from policies.rule import Example, Group, Program, Rule, Severity, Threshold, Thresholds, Violation
from stanchion.graph import GraphBuilder, Resource, ResourceGraph, Unsettled

ATTACHMENTS = (
    "aws:lb/targetGroupAttachment:TargetGroupAttachment",
    "aws:alb/targetGroupAttachment:TargetGroupAttachment",
)
# What AWS waits when nothing is said (Elastic Load Balancing API, TargetGroupAttribute).
DEFAULT_DELAY = 300


def check(program: Program, thresholds: Thresholds) -> Iterable[Violation]:
    """Target groups whose targets may be spot and that wait for longer than the notice."""
    spot, claimed = _targets(program)
    pods_on_spot = _pods_on_spot(program)
    for target_group in program.of_type(*TARGET_GROUPS):
        # What no group and no service of the program claims is filled by a cluster, from whatever nodes it has.
        unclaimed = target_group.urn not in claimed and target_group.at("targetType").value != "lambda"
        if target_group.urn in spot or (unclaimed and pods_on_spot):
            yield from _judge(target_group, thresholds["noticeSeconds"])


def _targets(program: Program) -> tuple[set[str], set[str]]:
    """Target groups that may hold spot instances, and those of which it is known who fills them."""
    spot: set[str] = set()
    claimed: set[str] = set()
    graph = program.graph
    for group in graph.of_type(GROUP):
        urns = {target.urn for target in target_groups_of(graph, group)}
        claimed |= urns
        if urns and group_purchase(graph, group).spot is not False:
            spot |= urns
    for service in graph.of_type(ECS_SERVICE):
        urns = {target.urn for target in target_groups_of_service(graph, service)}
        claimed |= urns
        if urns and service_uses_fargate_spot(service) is not False:
            spot |= urns
    for attachment in graph.of_type(*ATTACHMENTS):
        claimed |= {r.urn for r in graph.reference(attachment.at("targetGroupArn"), *TARGET_GROUPS).resources}
    return spot, claimed


def _pods_on_spot(program: Program) -> bool:
    if any(node_group_is_spot(group) is not False for group in program.graph.of_type(NODE_GROUP)):
        return True
    found = (pool_capacity_types(pool)[1] for pool in program.graph.of_type(*NODE_POOLS))
    return any(isinstance(types, Unsettled) or "spot" in types for types in found)


def _judge(target_group: Resource, notice: float) -> Iterable[Violation]:
    setting = target_group.at("deregistrationDelay")
    delay = setting.number(DEFAULT_DELAY)
    if isinstance(delay, Unsettled):
        yield Violation.unsettled(delay, f"targets are let go within the {notice:g} s of a spot notice")
    elif delay >= notice:
        said = f"waits {delay:g} s" if setting.is_set else f"says nothing, so it waits {delay:g} s"
        yield Violation.at(
            setting,
            f"Target group '{target_group.name}' {said} for a target that is leaving; its targets may be spot, which "
            f"are gone {notice:g} s after the notice, with the requests they still have.",
        )


def _program(delay: int | None, *, spot: bool = True) -> ResourceGraph:
    builder = GraphBuilder()
    targets = builder.add(TARGET_GROUPS[0], "api", {"deregistrationDelay": delay} if delay is not None else {})
    policy = {"instancesDistribution": {"onDemandBaseCapacity": 1, "onDemandPercentageAboveBaseCapacity": 0}}
    inputs: dict[str, object] = {"minSize": 2, "targetGroupArns": [targets.ref("arn")]}
    builder.add(GROUP, "workers", inputs | ({"mixedInstancesPolicy": policy} if spot else {}))
    return builder.graph()


def _pods() -> ResourceGraph:
    builder = GraphBuilder()
    builder.add(TARGET_GROUPS[0], "gateway", {"targetType": "ip"})
    builder.add(NODE_GROUP, "burst", {"capacityType": "SPOT"})
    return builder.graph()


RULE = Rule(
    id="capacity-deregistration-under-spot-notice",
    group=Group.CAPACITY,
    severity=Severity.MEDIUM,
    description="Target groups with spot instances in them wait less than two minutes for requests to end: the notice "
    "is no longer, and the default of 300 s is.",
    remediation="Set deregistrationDelay below 120, and let the application end its requests in that time.",
    source="EC2 user guide: Spot Instance interruption notices; Elastic Load Balancing API: TargetGroupAttribute, "
    "deregistration_delay.timeout_seconds",
    check=check,
    thresholds=(
        Threshold(
            "noticeSeconds",
            120.0,
            "Seconds between the notice and the end (EC2 user guide, Spot Instance interruption notices: 2 minutes).",
            minimum=1.0,
            maximum=120.0,
        ),
    ),
    passing=(
        Example("90 s", lambda: _program(90)),
        Example("no spot, no hurry", lambda: _program(None, spot=False)),
    ),
    failing=(
        Example("the default", lambda: _program(None), ("api",)),
        Example("as long as the notice", lambda: _program(120), ("api",)),
        Example("pods on spot nodes", _pods, ("gateway",)),
    ),
)
