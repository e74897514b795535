"""What may start instances: how many vCPUs each pool, group and compute environment has at its largest, by quota."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor

from policies.reading.spot import GROUP, LAUNCH_CONFIGURATION, LAUNCH_TEMPLATE, group_purchase
from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.mechanisms.kubernetes.quantities import count
from stanchion.recovery.mechanisms.kubernetes.quotas import demand, most_vcpus, quota_code
from stanchion.recovery.mechanisms.kubernetes.survey import survey
from stanchion.recovery.term import Amount

ENVIRONMENT = "aws:batch/computeEnvironment:ComputeEnvironment"
# Batch chooses among families c, m and r then (AWS Batch API, ComputeResource, instanceTypes).
_BATCH_CHOOSES = {"optimal": "m", "default_x86_64": "m", "default_arm64": "m"}


@dataclass(frozen=True, slots=True)
class Taker:
    """Something that starts instances.

    Args:
        resource: what declares it.
        label: how people call it: `NodePool 'gpu'`.
        region: whose quotas it takes from.
        vcpus: at its largest, by the code of the quota; infinite where nothing limits it.
        gap: why it can't be told which quotas those are.
    """

    resource: Resource
    label: str
    region: str | Unsettled
    vcpus: Mapping[str, Amount] = field(default_factory=dict[str, Amount])
    gap: Unsettled | None = None


@dataclass(frozen=True, slots=True)
class _Kind:
    """An instance type, and how much of a group's size one instance stands for."""

    name: str
    weight: float
    at: Setting


def takers(graph: ResourceGraph) -> Iterator[Taker]:
    """Node groups, NodePools, the pools of Auto Mode, Auto Scaling groups, compute environments of Batch."""
    for pools in survey(graph).pools.values():
        for pool in pools:
            found = demand(pool)
            gap = None
            if not found and 0.0 not in (pool.ceiling, pool.ceiling_cpu) and not pool.types:
                gap = Unsettled(pool.resource.urn, "", "names no instance types, families or categories")
            yield Taker(pool.resource, pool.label, pool.region, found, gap)
    for group in graph.of_type(GROUP):
        yield _group(graph, group)
    for environment in graph.of_type(ENVIRONMENT):
        yield _environment(graph, environment)


def _group(graph: ResourceGraph, group: Resource) -> Taker:
    label, region = f"Auto Scaling group '{group.name}'", graph.region_of(group)
    most, kinds = count(group.at("maxSize"), 0), _kinds(graph, group)
    if isinstance(most, Unsettled):
        return Taker(group, label, region, gap=most)
    if isinstance(kinds, Unsettled):
        return Taker(group, label, region, gap=kinds)
    found: dict[str, Amount] = {}
    for size, spot in zip(_split(graph, group, most), (False, True), strict=True):
        for kind in kinds if size else ():
            if code := quota_code(kind.name, spot=spot):
                amount = most_vcpus(ceil(size / kind.weight), [kind.name], kind.at)
                found[code] = _larger(found.get(code, 0.0), amount)
    return Taker(group, label, region, found)


def _larger(one: Amount, other: Amount) -> Amount:
    if isinstance(one, Unsettled) or isinstance(other, Unsettled):
        return one if isinstance(one, Unsettled) else other
    return max(one, other)


def _split(graph: ResourceGraph, group: Resource, most: float) -> tuple[float, float]:
    """The most on-demand and the most spot capacity; of what can't be told either may be all.

    The on-demand share is rounded up (EC2 Auto Scaling user guide, mixed instances groups); the spot part is taken to
    be rounded up too, so that neither is too small.
    """
    distribution = group.at("mixedInstancesPolicy")["instancesDistribution"]
    if not group.at("mixedInstancesPolicy").is_set:
        spot = group_purchase(graph, group).spot
        return (0.0 if spot is True else most, 0.0 if spot is False else most)
    base = distribution["onDemandBaseCapacity"].number(0)
    share = distribution["onDemandPercentageAboveBaseCapacity"].number(100)
    if isinstance(base, Unsettled) or isinstance(share, Unsettled):
        return most, most
    above = max(0.0, most - base)
    part = above * min(max(share, 0.0), 100.0) / 100
    return min(base, most) + ceil(part), above - floor(part)


def _kinds(graph: ResourceGraph, group: Resource) -> Sequence[_Kind] | Unsettled:
    """The instance types a group may start: those of its overrides, else that of its template."""
    mix = group.at("mixedInstancesPolicy")["launchTemplate"]
    overrides = mix["overrides"].each()
    if isinstance(overrides, Unsettled):
        return overrides
    found: list[_Kind] = []
    for override in overrides:
        if override["instanceRequirements"].is_set:
            why = "describes instances by what they have, which does not tell the quota they count against"
            return Unsettled(group.urn, override["instanceRequirements"].path, why)
        name, weight = override["instanceType"].text(), override["weightedCapacity"].number(1)
        if isinstance(name, Unsettled):
            return name
        if isinstance(weight, Unsettled):
            return weight
        if weight <= 0:
            return override["weightedCapacity"].wrong("a weight above 0")
        if name:
            found.append(_Kind(name, weight, override["instanceType"]))
    return found or _of_template(graph, group, mix["launchTemplateSpecification"])


def _of_template(graph: ResourceGraph, group: Resource, mixed: Setting) -> Sequence[_Kind] | Unsettled:
    template, configuration = group.at("launchTemplate"), group.at("launchConfiguration")
    if mixed.is_set:
        named = mixed["launchTemplateId"] if mixed["launchTemplateId"].is_set else mixed["launchTemplateName"]
    elif template.is_set:
        named = template["id"] if template["id"].is_set else template["name"]
    else:
        named = configuration
    reference = graph.reference(named, LAUNCH_TEMPLATE, LAUNCH_CONFIGURATION)
    if reference.one is None:
        why = f"names '{reference.literal}', which is not part of this program, so its instance type can't be told"
        return reference.unsettled or Unsettled(group.urn, named.path, why)
    at = reference.one.at("instanceType")
    name = at.text()
    if name == "":
        return Unsettled(reference.one.urn, "instanceType", "is not set")
    return name if isinstance(name, Unsettled) else (_Kind(name, 1.0, at),)


def _environment(graph: ResourceGraph, environment: Resource) -> Taker:
    """A compute environment of Batch; it may exceed its maximum by a single instance (AWS Batch API, maxvCpus)."""
    label, region = f"compute environment '{environment.name}'", graph.region_of(environment)
    resources = environment.at("computeResources")
    bought, most = resources["type"].text("EC2"), resources["maxVcpus"].number(0)
    names = resources["instanceTypes"].each()
    if isinstance(bought, Unsettled):
        return Taker(environment, label, region, gap=bought)
    if isinstance(names, Unsettled):
        return Taker(environment, label, region, gap=names)
    found: dict[str, Amount] = {}
    for item in names if bought.upper() in ("EC2", "SPOT") else ():
        name = item.text()
        if isinstance(name, Unsettled):
            return Taker(environment, label, region, gap=name)
        code = quota_code(_BATCH_CHOOSES.get(name, name), spot=bought.upper() == "SPOT")
        if code:
            found[code] = most
    return Taker(environment, label, region, found)
