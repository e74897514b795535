"""Spot comes from many pools."""

from collections.abc import Iterable

from policies.reading.examples import single
from policies.reading.spot import GROUP, NODE_GROUP, NODE_POOLS, group_purchase, node_group_is_spot, pool_capacity_types
from policies.rule import Example, Group, Level, Program, Rule, Severity, Threshold, Thresholds, Violation
from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled

_INSTANCE_TYPE = "node.kubernetes.io/instance-type"
_DEMAND = "spot comes from enough instance types"


def check(program: Program, thresholds: Thresholds) -> Iterable[Violation]:
    """Spot capacity that is limited to few instance types."""
    least = thresholds["minimumTypes"]
    for group in program.of_type(GROUP):
        if group_purchase(program.graph, group).spot is True:
            yield from _group(group, least)
    for node_group in program.of_type(NODE_GROUP):
        if node_group_is_spot(node_group) is True:
            yield from _count(node_group.at("instanceTypes"), f"Node group '{node_group.name}'", least)
    for pool in program.of_type(*NODE_POOLS):
        yield from _pool(pool, thresholds["minimumNodePoolTypes"])


def _group(group: Resource, least: float) -> Iterable[Violation]:
    subject = f"Auto Scaling group '{group.name}'"
    overrides = group.at("mixedInstancesPolicy")["launchTemplate"]["overrides"]
    each = overrides.each()
    if isinstance(each, Unsettled):
        yield Violation.unsettled(each, _DEMAND)
        return
    # A requirement (attribute-based selection) stands for all types that fit it.
    if any(override["instanceRequirements"].is_set for override in each):
        return
    yield from _few(overrides, {str(o["instanceType"].value) for o in each}, subject, least)


def _pool(pool: Resource, least: float) -> Iterable[Violation]:
    types = pool_capacity_types(pool)[1]
    requirements = pool.at("spec")["template"]["spec"]["requirements"].each()
    if isinstance(types, Unsettled) or "spot" not in types or isinstance(requirements, Unsettled):
        return
    for requirement in requirements:
        if requirement["key"].value == _INSTANCE_TYPE and requirement["operator"].text("In") == "In":
            yield from _count(requirement["values"], f"NodePool '{pool.name}'", least)


def _count(setting: Setting, subject: str, least: float) -> Iterable[Violation]:
    each = setting.each()
    if isinstance(each, Unsettled):
        yield Violation.unsettled(each, _DEMAND)
        return
    yield from _few(setting, {str(item.value) for item in each}, subject, least)


def _few(setting: Setting, names: set[str], subject: str, least: float) -> Iterable[Violation]:
    if len(names) < least:
        yield Violation.at(
            setting,
            f"{subject} takes spot from {len(names)} instance type(s), {least:g} are advised: the fewer, the likelier "
            "it is that all are taken back at once.",
        )


def _types(count: int) -> ResourceGraph:
    overrides = [{"instanceType": f"m{number}i.large"} for number in range(count)]
    return _mixed(overrides)


def _mixed(overrides: list[dict[str, object]] | list[dict[str, str]]) -> ResourceGraph:
    policy = {
        "instancesDistribution": {"onDemandBaseCapacity": 1, "onDemandPercentageAboveBaseCapacity": 0},
        "launchTemplate": {"overrides": overrides},
    }
    return single(GROUP, "workers", {"minSize": 2, "mixedInstancesPolicy": policy})


def _node_pool(count: int) -> ResourceGraph:
    requirements = [
        {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["spot", "on-demand"]},
        {"key": _INSTANCE_TYPE, "operator": "In", "values": [f"g{number}.xlarge" for number in range(count)]},
    ]
    return single(NODE_POOLS[0], "gpu", {"spec": {"template": {"spec": {"requirements": requirements}}}})


RULE = Rule(
    id="capacity-spot-diversified",
    group=Group.CAPACITY,
    severity=Severity.LOW,
    level=Level.ADVISORY,
    description="Spot capacity may come from many instance types, so that one pool's end is not the end of all.",
    remediation="Add instance types to the overrides, or describe what is needed by instanceRequirements.",
    source="EC2 user guide: best practices for Spot, be flexible about instance types; Karpenter documentation: "
    "disruption, spot consolidation",
    check=check,
    thresholds=(
        Threshold(
            "minimumTypes",
            10.0,
            "Instance types of a group (EC2 user guide, best practices for Spot: at least 10).",
            minimum=1.0,
        ),
        Threshold(
            "minimumNodePoolTypes",
            15.0,
            "Instance types of a NodePool (Karpenter documentation: 15, below which spot nodes are not consolidated).",
            minimum=1.0,
        ),
    ),
    passing=(
        Example("ten types", lambda: _types(10)),
        Example("whatever fits", lambda: _mixed([{"instanceRequirements": {"vcpuCount": {"min": 4}}}])),
        Example("a wide pool", lambda: _node_pool(15)),
    ),
    failing=(
        Example("two types", lambda: _types(2), ("workers",)),
        Example("a narrow pool", lambda: _node_pool(3), ("gpu",)),
    ),
)
