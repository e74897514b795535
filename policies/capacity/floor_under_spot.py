"""Something keeps running when AWS takes all spot instances back."""

from collections.abc import Iterable

from policies.reading.examples import CRITICAL, single
from policies.reading.spot import (
    ECS_SERVICE,
    GROUP,
    NODE_GROUP,
    NODE_POOLS,
    group_purchase,
    node_group_is_spot,
    pool_capacity_types,
    service_uses_fargate_spot,
    strategies_of,
    target_groups_of,
)
from policies.reading.tiers import tier_named
from policies.rule import Example, Group, Program, Rule, Severity, Threshold, Thresholds, Violation
from stanchion.graph import GraphBuilder, Resource, ResourceGraph, Unsettled

_DEMAND = "something keeps running without spot instances"
_FARGATE_PROFILE = "aws:eks/fargateProfile:FargateProfile"


def check(program: Program, thresholds: Thresholds) -> Iterable[Violation]:
    """Groups, node groups, pools and services that may be left with nothing; batch environments are meant to wait."""
    exempt = frozenset(thresholds["exemptTiers"])
    least = thresholds["minimumOnDemand"]
    kept = _kept_by_target_group(program, least)
    for group in program.of_type(GROUP):
        if tier_named(program, group) not in exempt:
            yield from _group(program, group, least, kept)
    yield from _node_groups(program, exempt)
    yield from _node_pools(program, exempt)
    for service in program.of_type(ECS_SERVICE):
        if tier_named(program, service) not in exempt:
            yield from _service(service, least)


def _kept_by_target_group(program: Program, least: float) -> dict[str, str]:
    """By target group, a group that keeps instances there that are not spot."""
    kept: dict[str, str] = {}
    for group in program.graph.of_type(GROUP):
        floor = group_purchase(program.graph, group).floor
        if not isinstance(floor, Unsettled) and floor >= least:
            for target_group in target_groups_of(program.graph, group):
                kept.setdefault(target_group.urn, group.urn)
    return kept


def _group(program: Program, group: Resource, least: float, kept: dict[str, str]) -> Iterable[Violation]:
    purchase = group_purchase(program.graph, group)
    floor = purchase.floor
    if purchase.spot is False or (not isinstance(floor, Unsettled) and floor >= least):
        return
    if any(kept.get(target.urn, group.urn) != group.urn for target in target_groups_of(program.graph, group)):
        return
    gap = purchase.spot if isinstance(purchase.spot, Unsettled) else floor
    if isinstance(gap, Unsettled):
        yield Violation.unsettled(gap, _DEMAND)
        return
    yield Violation(
        f"Auto Scaling group '{group.name}' keeps {gap:g} instances that are not spot at its smallest size, and no "
        f"other group keeps some behind the same target group; at least {least:g} must stay when spot is taken back.",
        group.urn,
        purchase.at.path if purchase.at.resource is group else "launchTemplate",
    )


def _cluster(program: Program, resource: Resource) -> tuple[str, ...]:
    found = program.graph.reference(resource.at("clusterName"))
    return tuple(r.urn for r in found.resources) or (found.literal or "",)


def _node_groups(program: Program, exempt: frozenset[str]) -> Iterable[Violation]:
    """A cluster whose node groups are all spot; several of them are judged together."""
    floors = {key for profile in program.graph.of_type(_FARGATE_PROFILE) for key in _cluster(program, profile)}
    for group in program.graph.of_type(NODE_GROUP):
        size = group.at("scalingConfig")["minSize"].number(0)
        if node_group_is_spot(group) is False and (isinstance(size, Unsettled) or size >= 1):
            floors.update(_cluster(program, group))
    for group in program.of_type(NODE_GROUP):
        spot = node_group_is_spot(group)
        if spot is False or tier_named(program, group) in exempt or floors.intersection(_cluster(program, group)):
            continue
        if isinstance(spot, Unsettled):
            yield Violation.unsettled(spot, _DEMAND)
        else:
            yield Violation.at(
                group.at("capacityType"),
                f"Node group '{group.name}' is spot, and its cluster has no node group that keeps an on-demand node.",
            )


def _node_pools(program: Program, exempt: frozenset[str]) -> Iterable[Violation]:
    """Pools that may only use spot in a program where nothing else provides nodes."""
    another = any(node_group_is_spot(group) is False for group in program.graph.of_type(NODE_GROUP)) or any(
        _offers_on_demand(pool) and tier_named(program, pool) not in exempt
        for pool in program.graph.of_type(*NODE_POOLS)
    )
    for pool in program.of_type(*NODE_POOLS):
        at, own = pool_capacity_types(pool)
        if tier_named(program, pool) in exempt:
            continue
        if isinstance(own, Unsettled):
            yield Violation.unsettled(own, _DEMAND)
        elif "spot" in own and not own - {"spot"} and not another:
            yield Violation.at(
                at,
                f"NodePool '{pool.name}' may only use spot, and no other pool or node group here is on-demand.",
            )


def _offers_on_demand(pool: Resource) -> bool:
    types = pool_capacity_types(pool)[1]
    return not isinstance(types, Unsettled) and bool(types - {"spot"})


def _service(service: Resource, least: float) -> Iterable[Violation]:
    spot = service_uses_fargate_spot(service)
    strategies = strategies_of(service)
    if spot is False or isinstance(strategies, Unsettled):
        if isinstance(strategies, Unsettled):
            yield Violation.unsettled(strategies, _DEMAND)
        return
    for strategy in strategies:
        base = strategy["base"].number(0)
        if strategy["capacityProvider"].value != "FARGATE_SPOT" and not isinstance(base, Unsettled) and base >= least:
            return
    if isinstance(spot, Unsettled):
        yield Violation.unsettled(spot, _DEMAND)
        return
    yield Violation.at(
        service.at("capacityProviderStrategies"),
        f"Service '{service.name}' runs on Fargate Spot, and no other capacity provider has a base of {least:g} tasks.",
    )


def _mixed(**distribution: int) -> ResourceGraph:
    builder = GraphBuilder(tags=CRITICAL)
    template = builder.add("aws:ec2/launchTemplate:LaunchTemplate", "node", {})
    policy = {
        "instancesDistribution": distribution,
        "launchTemplate": {"launchTemplateSpecification": {"launchTemplateId": template.ref("id")}},
    }
    builder.add(GROUP, "workers", {"minSize": 2, "maxSize": 10, "mixedInstancesPolicy": policy})
    return builder.graph()


def _beside(min_size: int) -> ResourceGraph:
    builder = GraphBuilder(tags=CRITICAL)
    targets = builder.add("aws:lb/targetGroup:TargetGroup", "api", {})
    spot = builder.add(
        "aws:ec2/launchTemplate:LaunchTemplate", "spot", {"instanceMarketOptions": {"marketType": "spot"}}
    )
    steady = builder.add("aws:ec2/launchTemplate:LaunchTemplate", "steady", {})
    for name, template, size in (("spot", spot, 0), ("steady", steady, min_size)):
        inputs = {
            "minSize": size,
            "launchTemplate": {"id": template.ref("id")},
            "targetGroupArns": [targets.ref("arn")],
        }
        builder.add(GROUP, name, inputs)
    return builder.graph()


def _cluster_of(*capacity_types: str) -> ResourceGraph:
    builder = GraphBuilder(tags=CRITICAL)
    cluster = builder.add("aws:eks/cluster:Cluster", "main", {})
    for kind in capacity_types:
        inputs = {"clusterName": cluster.ref("name"), "capacityType": kind, "scalingConfig": {"minSize": 1}}
        builder.add(NODE_GROUP, kind.lower(), inputs)
    return builder.graph()


def _pool(*values: str) -> ResourceGraph:
    requirement = {"key": "karpenter.sh/capacity-type", "operator": "In", "values": list(values)}
    return single(NODE_POOLS[0], "serving", {"spec": {"template": {"spec": {"requirements": [requirement]}}}})


def _tasks(base: int) -> ResourceGraph:
    strategies = [
        {"capacityProvider": "FARGATE", "base": base, "weight": 1},
        {"capacityProvider": "FARGATE_SPOT", "weight": 4},
    ]
    return single(ECS_SERVICE, "api", {"capacityProviderStrategies": strategies})


RULE = Rule(
    id="capacity-floor-under-spot",
    group=Group.CAPACITY,
    severity=Severity.HIGH,
    description="Beside spot instances something runs that AWS doesn't take back: all spot of a region can be gone for "
    "days, so capacity that is spot only has no bound on its recovery.",
    remediation="Set onDemandBaseCapacity to 1 or more, add an on-demand group behind the same target group or "
    "cluster, allow on-demand in the NodePool, or give FARGATE a base.",
    source="EC2 Auto Scaling API: InstancesDistribution; EC2 user guide: Spot Instance interruptions; ECS API: "
    "CapacityProviderStrategyItem",
    check=check,
    thresholds=(
        Threshold(
            "minimumOnDemand", 1.0, "Instances or tasks that aren't spot; the platform's own choice.", minimum=1.0
        ),
        Threshold(
            "exemptTiers", ("batch",), "Tiers whose work may wait until spot is back; the platform's own choice."
        ),
    ),
    passing=(
        Example("a base of one", lambda: _mixed(onDemandBaseCapacity=1, onDemandPercentageAboveBaseCapacity=0)),
        Example("half of two", lambda: _mixed(onDemandPercentageAboveBaseCapacity=50)),
        Example("another group keeps one", lambda: _beside(1)),
        Example("another node group keeps one", lambda: _cluster_of("SPOT", "ON_DEMAND")),
        Example("the pool may use on-demand", lambda: _pool("spot", "on-demand")),
        Example("one task stays", lambda: _tasks(1)),
    ),
    failing=(
        Example("no base", lambda: _mixed(onDemandPercentageAboveBaseCapacity=0), ("workers",)),
        Example("the other group may shrink to nothing", lambda: _beside(0), ("spot",)),
        Example("a cluster on spot only", lambda: _cluster_of("SPOT"), ("spot",)),
        Example("a pool on spot only", lambda: _pool("spot"), ("serving",)),
        Example("no task stays", lambda: _tasks(0), ("api",)),
    ),
)
