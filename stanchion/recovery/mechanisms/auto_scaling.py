"""Auto Scaling groups: what is left of the floor when a machine, all spot capacity, or a zone is gone.

Only what runs already is counted on: the minimum size, of which the on-demand part. A replacement has no published
bound, since capacity is not guaranteed; the team declares what its instances take. Spot alone has no bound at all.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.declared import restore_term
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Note, Phase, Step
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.mechanisms.cloudwatch_alarms import ALARM, ALTERNATIVE, COMPOSITE, fastest, goes_off
from stanchion.recovery.placement import placement_of
from stanchion.recovery.serving import called, goes_on, never, untold
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import Condition
from stanchion.recovery.term import Grade, Term

GROUP: Final = "aws:autoscaling/group:Group"
ATTACHMENT: Final = "aws:autoscaling/attachment:Attachment"
TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
CONFIGURATION: Final = "aws:ec2/launchConfiguration:LaunchConfiguration"

FLOOR = Source("Amazon EC2 Auto Scaling User Guide", "Scaling limits: the group never runs fewer than its minimum size")
MIX = Source(
    "Amazon EC2 Auto Scaling API",
    "InstancesDistribution: OnDemandBaseCapacity 0, OnDemandPercentageAboveBaseCapacity 100",
)
SPOT = Source(
    "Amazon EC2 User Guide; public trace of V100 spot capacity, 45 days, 9 zones, 2023",
    "Spot Instance interruptions: any time, two minutes' notice; longest gap of a zone 80.2 h",
)
SPREAD = Source(
    "Amazon EC2 Auto Scaling User Guide", "Availability Zone distribution: balanced best effort unless balanced only"
)
REFRESH = Source("Amazon EC2 Auto Scaling User Guide", "Instance refresh: rolls back when one of its alarms goes off")

MIN_HEALTHY_PERCENTAGE = 90.0


def min_healthy_percentage(group: Resource) -> Setting:
    """What part of a group stays while a refresh replaces it; not set is `MIN_HEALTHY_PERCENTAGE`."""
    return group.at("instanceRefresh")["preferences"]["minHealthyPercentage"]


@dataclass(frozen=True, slots=True)
class Floor:
    """What runs at least: instances in all, those of them nobody can take back, and whether new ones are spot only."""

    least: float
    firm: float
    spot_only: bool


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Steps of all Auto Scaling groups."""
    for group in graph.of_type(GROUP):
        name = called("group", group)
        floor = floor_of(graph, group)
        if isinstance(floor, Unsettled):
            machine = zone = untold(f"floor of {name}", floor, FLOOR)
        elif floor.spot_only:
            machine = zone = _spot_only(group)
        else:
            machine, zone = _after_a_machine(graph, group, floor), _after_a_zone(graph, group, floor)
        yield Step(group.urn, f"{name} after a machine", Disruption.INFRASTRUCTURE, Phase.RECOVER, (machine,))
        yield Step(group.urn, f"{name} after a zone", Disruption.ZONE, Phase.RECOVER, (zone,))
        yield from _refresh(graph, group)
        if note := _blind(graph, group):
            yield note


def floor_of(graph: ResourceGraph, group: Resource) -> Floor | Unsettled:
    """The floor of a group; the on-demand part is rounded down."""
    least = group.at("minSize").number(0)
    policy = group.at("mixedInstancesPolicy")
    if isinstance(least, Unsettled):
        return least
    if not policy.is_set:
        spot = _buys_spot(graph, group)
        return spot if isinstance(spot, Unsettled) else Floor(least, 0.0 if spot else least, spot)
    mix = policy["instancesDistribution"]
    base, share = mix["onDemandBaseCapacity"].number(0), mix["onDemandPercentageAboveBaseCapacity"].number(100)
    if isinstance(base, Unsettled):
        return base
    if isinstance(share, Unsettled):
        return share
    # A group that scales to zero is judged by the first instance it would start.
    return Floor(least, _firm(least, base, share), _firm(max(least, 1.0), base, share) < 1)


def _firm(size: float, base: float, share: float) -> float:
    above = max(0.0, size - base)
    return min(size, base) + math.floor(above * min(max(share, 0.0), 100.0) / 100)


def _buys_spot(graph: ResourceGraph, group: Resource) -> Condition:
    """Whether the template of a group without a mix asks for spot instances."""
    template, configuration = group.at("launchTemplate"), group.at("launchConfiguration")
    named = graph.reference(configuration, CONFIGURATION)
    if not configuration.is_set:
        key = "id" if template["id"].is_set else "name"
        named = graph.reference(template[key], TEMPLATE)
    if named.literal is not None:
        why = f"names '{named.literal}', which is not part of this program, so it can't be told if it asks for spot"
        at = configuration if configuration.is_set else template
        return Unsettled(group.urn, at.path, why)
    if named.unsettled:
        return named.unsettled
    for found in named.resources:
        if found.type == CONFIGURATION:
            price = found.at("spotPrice")
            if price.is_set and price.value != "":
                return True
            continue
        market = found.at("instanceMarketOptions")["marketType"].text()
        if isinstance(market, Unsettled) or market == "spot":
            return market if isinstance(market, Unsettled) else True
    return False


def _after_a_machine(graph: ResourceGraph, group: Resource, floor: Floor) -> Term:
    """A machine is gone, or all spot capacity at once."""
    name = called("group", group)
    if floor.least < 2:
        return restore_term(graph, group, f"{name} starts a replacement: its floor is {floor.least:.0f}")
    left = f"{floor.least:.0f} instances of {name}, {floor.firm:.0f} of them on demand: the others serve on"
    return goes_on(left, FLOOR, group.at("minSize"))


def _after_a_zone(graph: ResourceGraph, group: Resource, floor: Floor) -> Term:
    name = called("group", group)
    zones = placement_of(graph, [group.at("vpcZoneIdentifiers")], group.at("availabilityZones")).reaches(2)
    if isinstance(zones, Unsettled):
        return untold(f"zones of {name}", zones, SPREAD)
    if not zones:
        return never(f"{name} stands in one zone only", SPREAD, group.at("vpcZoneIdentifiers"))
    if floor.firm < 2:
        return restore_term(graph, group, f"{name} starts a replacement in another zone: {floor.firm:.0f} on demand")
    strategy = group.at("availabilityZoneDistribution")["capacityDistributionStrategy"]
    grade = Grade.BOUND if strategy.value == "balanced-only" else Grade.TYPICAL
    left = f"{floor.firm:.0f} on-demand instances of {name} over its zones: the others serve on"
    return goes_on(left, SPREAD, strategy, grade)


def _spot_only(group: Resource) -> Term:
    at = group.at("mixedInstancesPolicy") if group.at("mixedInstancesPolicy").is_set else group.at("launchTemplate")
    return never(f"{called('group', group)} has spot capacity only, and spot may stay away", SPOT, at)


def _refresh(graph: ResourceGraph, group: Resource) -> Iterator[Step]:
    """A refresh that rolls back when an alarm goes off detects a bad deployment by itself."""
    preferences = group.at("instanceRefresh")["preferences"]
    if preferences["autoRollback"].flag(False) is not True:
        return
    name = f"instance refresh of {called('group', group)} is rolled back"
    setting = preferences["alarmSpecification"]["alarms"]
    terms = alarms_of(graph, setting, name)
    if terms:
        yield Step(group.urn, name, Disruption.APPLICATION, Phase.DETECT, terms, alternative=ALTERNATIVE)


def alarms_of(graph: ResourceGraph, names: Setting, what: str) -> tuple[Term, ...]:
    """Until the first of the named alarms goes off; empty when none of them is in the program.

    Args:
        graph: the program.
        names: a list of alarm names.
        what: the roll back waits for them.
    """
    elements = names.each()
    bills: list[tuple[Term, ...]] = []
    gap: Unsettled | None = None
    for element in (names,) if isinstance(elements, Unsettled) else elements:
        named = graph.reference(element, ALARM, COMPOSITE)
        gap = gap or named.unsettled
        bills += [goes_off(graph, alarm) for alarm in named.resources]
    if bills:
        return fastest(bills)
    return (untold(what, gap, REFRESH),) if gap else ()


def _blind(graph: ResourceGraph, group: Resource) -> Note | None:
    """A dead process on a machine that runs is only replaced when the load balancer's check counts."""
    attached = [key for key in ("targetGroupArns", "loadBalancers", "trafficSources") if group.at(key).value]
    if not attached and not graph.referring(group, "autoscalingGroupName", ATTACHMENT):
        return None
    kind = group.at("healthCheckType").text("EC2")
    if isinstance(kind, Unsettled) or "ELB" in kind.upper():
        return None
    text = f"group '{group.name}' replaces machines that fail, not processes: its health check type is {kind}, not ELB"
    return Note(group.urn, text)


MECHANISM = Mechanism("auto-scaling", find, reads=frozenset({GROUP, ATTACHMENT, TEMPLATE, CONFIGURATION}))
