"""Capacity that AWS may take back: which groups can hold spot instances, and how many others they keep running."""

from collections.abc import Iterable
from dataclasses import dataclass

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.survival import Condition, any_of

GROUP = "aws:autoscaling/group:Group"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
ECS_SERVICE = "aws:ecs/service:Service"
NODE_POOLS = ("kubernetes:karpenter.sh/v1:NodePool", "kubernetes:karpenter.sh/v1beta1:NodePool")
LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
LAUNCH_CONFIGURATION = "aws:ec2/launchConfiguration:LaunchConfiguration"
TARGET_GROUPS = ("aws:lb/targetGroup:TargetGroup", "aws:alb/targetGroup:TargetGroup")
CAPACITY_TYPE = "karpenter.sh/capacity-type"
_EVERY_CAPACITY = frozenset({"spot", "on-demand", "reserved"})


@dataclass(frozen=True, slots=True)
class Purchase:
    """How a group buys its instances.

    Args:
        at: the setting that decides.
        spot: whether some can be spot.
        floor: how many are not at its smallest size, the base among them, which is launched before any other.
    """

    at: Setting
    spot: Condition
    floor: float | Unsettled


def group_purchase(graph: ResourceGraph, group: Resource) -> Purchase:
    """How an Auto Scaling group buys.

    Defaults: a base of 0 and 100 % above it (EC2 Auto Scaling API, InstancesDistribution).
    """
    policy = group.at("mixedInstancesPolicy")
    size = group.at("minSize").number(0)
    if not policy.is_set:
        template, spot = _template_is_spot(graph, group)
        return Purchase(template, spot, 0.0 if spot is True else size)
    distribution = policy["instancesDistribution"]
    base = distribution["onDemandBaseCapacity"].number(0)
    share_setting = distribution["onDemandPercentageAboveBaseCapacity"]
    share = share_setting.number(100)
    base_setting = distribution["onDemandBaseCapacity"]
    if isinstance(share, Unsettled):
        return Purchase(share_setting, share, base if isinstance(base, Unsettled) or base >= 1 else share)
    if share >= 100:
        return Purchase(share_setting, False, size)
    if isinstance(base, Unsettled):
        return Purchase(base_setting, True, base)
    if isinstance(size, Unsettled):
        return Purchase(base_setting, True, base if base >= 1 or share <= 0 else size)
    return Purchase(
        base_setting if base_setting.is_set else distribution, True, base + max(size - base, 0) * share / 100
    )


def _template_is_spot(graph: ResourceGraph, group: Resource) -> tuple[Setting, Condition]:
    template = group.at("launchTemplate")
    found: list[tuple[Setting, Condition]] = []
    for key in ("id", "name"):
        for resource in graph.reference(template[key], LAUNCH_TEMPLATE).resources:
            market = resource.at("instanceMarketOptions")["marketType"]
            text = market.text()
            found.append((market, text if isinstance(text, Unsettled) else text == "spot"))
    for resource in graph.reference(group.at("launchConfiguration"), LAUNCH_CONFIGURATION).resources:
        price = resource.at("spotPrice")
        found.append((price, price.unsettled or bool(price.value)))
    return found[0] if found else (template, False)


def node_group_is_spot(group: Resource) -> Condition:
    """Whether an EKS node group is spot; ON_DEMAND is the default (EKS API, CreateNodegroup)."""
    text = group.at("capacityType").text("ON_DEMAND")
    return text if isinstance(text, Unsettled) else text == "SPOT"


def pool_capacity_types(pool: Resource) -> tuple[Setting, frozenset[str] | Unsettled]:
    """The capacity types a Karpenter NodePool may use; all of them when it says nothing.

    What no requirement names may be any, and spot is tried first (Karpenter documentation, NodePools,
    spec.template.spec.requirements).
    """
    requirements = pool.at("spec")["template"]["spec"]["requirements"]
    each = requirements.each()
    if isinstance(each, Unsettled):
        return requirements, each
    for requirement in each:
        key, operator = requirement["key"].text(), requirement["operator"].text("In")
        if isinstance(key, Unsettled) or (key == CAPACITY_TYPE and isinstance(operator, Unsettled)):
            return requirement, key if isinstance(key, Unsettled) else operator  # pyright: ignore[reportReturnType]
        if key != CAPACITY_TYPE:
            continue
        values = _texts(requirement["values"])
        if isinstance(values, Unsettled):
            return requirement["values"], values
        return requirement, frozenset(values) if operator == "In" else _EVERY_CAPACITY - values
    return requirements, _EVERY_CAPACITY


def _texts(setting: Setting) -> frozenset[str] | Unsettled:
    each = setting.each()
    if isinstance(each, Unsettled):
        return each
    texts = [item.text() for item in each]
    gap = next((text for text in texts if isinstance(text, Unsettled)), None)
    return gap or frozenset(str(text) for text in texts)


def strategies_of(service: Resource) -> tuple[Setting, ...] | Unsettled:
    """The capacity provider strategies of an ECS service."""
    return service.at("capacityProviderStrategies").each()


def service_uses_fargate_spot(service: Resource) -> Condition:
    """Whether tasks of an ECS service can run on Fargate Spot."""
    strategies = strategies_of(service)
    if isinstance(strategies, Unsettled):
        return strategies
    names = [strategy["capacityProvider"].text() for strategy in strategies]
    return any_of(*(name if isinstance(name, Unsettled) else name == "FARGATE_SPOT" for name in names))


def target_groups_of(graph: ResourceGraph, group: Resource) -> tuple[Resource, ...]:
    """The target groups that the instances of an Auto Scaling group register with."""
    found: dict[str, Resource] = {}
    _collect(graph, (group.at("targetGroupArns"),), found)
    sources = group.at("trafficSources").each()
    _collect(graph, () if isinstance(sources, Unsettled) else [s["identifier"] for s in sources], found)
    for attachment in graph.referring(
        group, "autoscalingGroupName", "aws:autoscaling/attachment:Attachment",
        "aws:autoscaling/trafficSourceAttachment:TrafficSourceAttachment",
    ):  # fmt: skip
        _collect(graph, (attachment.at("lbTargetGroupArn"), attachment.at("trafficSource")["identifier"]), found)
    return tuple(found[urn] for urn in sorted(found))


def target_groups_of_service(graph: ResourceGraph, service: Resource) -> tuple[Resource, ...]:
    """The target groups that the tasks of an ECS service register with."""
    found: dict[str, Resource] = {}
    balancers = service.at("loadBalancers").each()
    _collect(graph, () if isinstance(balancers, Unsettled) else [b["targetGroupArn"] for b in balancers], found)
    return tuple(found[urn] for urn in sorted(found))


def _collect(graph: ResourceGraph, settings: Iterable[Setting], found: dict[str, Resource]) -> None:
    for setting in settings:
        each = setting.each()
        for item in (setting,) if isinstance(each, Unsettled) else each:
            for resource in graph.reference(item, *TARGET_GROUPS).resources:
                found[resource.urn] = resource
