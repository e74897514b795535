"""What serves stands in more than one zone."""

from collections.abc import Iterable

from policies.reading.spot import ECS_SERVICE, GROUP, NODE_GROUP
from policies.rule import Example, Group, Program, Rule, Severity, Threshold, Thresholds, Violation
from stanchion.graph import GraphBuilder, Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.survival import zones_of

BALANCERS = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
SUBNETS = ("aws:ec2/subnet:Subnet", "aws:ec2/defaultSubnet:DefaultSubnet")
_DEMAND = "it stands in more than one zone"
_OUTSIDE = "names subnets that are not part of this program"


def check(program: Program, thresholds: Thresholds) -> Iterable[Violation]:
    """Groups, services and load balancers in fewer zones than they should be."""
    least = thresholds["minimumZones"]
    for group in program.of_type(GROUP):
        zones = group.at("availabilityZones")
        if zones.is_set:
            yield from _named(zones, least)
        else:
            yield from _subnets(program, group.at("vpcZoneIdentifiers"), least)
    yield from _node_groups(program, least)
    for service in program.of_type(ECS_SERVICE):
        subnets = service.at("networkConfiguration")["subnets"]
        if subnets.is_set:
            yield from _subnets(program, subnets, least)
    for balancer in program.of_type(*BALANCERS):
        yield from _balancer(program, balancer, least)


def _node_groups(program: Program, least: float) -> Iterable[Violation]:
    """Node groups that stand in for one another: of one cluster, bought alike, with the same taints.

    One for each zone is how a floor is spread; each alone stands in one zone on purpose.
    """
    alike: dict[tuple[str, ...], list[Resource]] = {}
    for group in program.graph.of_type(NODE_GROUP):
        alike.setdefault(_kind(program, group), []).append(group)
    for group in program.of_type(NODE_GROUP):
        found: dict[str, Resource] = {}
        gap: Unsettled | None = None
        for other in alike[_kind(program, group)]:
            subnets, unknown = _resources(program, other.at("subnetIds"))
            found.update(subnets)
            gap = gap or unknown
        known, unknown_zone = zones_of(_zone(subnet) for subnet in found.values())
        yield from _verdict(group.at("subnetIds"), known, gap or unknown_zone, least)


def _kind(program: Program, group: Resource) -> tuple[str, ...]:
    cluster = program.graph.reference(group.at("clusterName"))
    named = tuple(resource.urn for resource in cluster.resources) or (cluster.literal or group.urn,)
    return (*named, repr(group.at("capacityType").value), repr(group.at("taints").value))


def _named(zones: Setting, least: float) -> Iterable[Violation]:
    each = zones.each()
    if isinstance(each, Unsettled):
        yield Violation.unsettled(each, _DEMAND)
        return
    known, gap = zones_of(each)
    yield from _verdict(zones, known, gap, least)


def _subnets(program: Program, setting: Setting, least: float) -> Iterable[Violation]:
    found, gap = _resources(program, setting)
    known, unknown_zone = zones_of(_zone(subnet) for subnet in found.values())
    yield from _verdict(setting, known, gap or unknown_zone, least)


def _zone(subnet: Resource) -> Setting:
    zone = subnet.at("availabilityZone")
    return zone if zone.is_set else subnet.at("availabilityZoneId")


def _resources(program: Program, setting: Setting) -> tuple[dict[str, Resource], Unsettled | None]:
    """The subnets a list names, as far as they are part of the program."""
    each = setting.each()
    found: dict[str, Resource] = {}
    gap: Unsettled | None = None
    for item in (setting,) if isinstance(each, Unsettled) else each:
        reference = program.graph.reference(item, *SUBNETS)
        found.update((resource.urn, resource) for resource in reference.resources)
        if reference.unsettled:
            gap = gap or reference.unsettled
        elif reference.literal is not None:
            gap = gap or Unsettled(setting.resource.urn, setting.path, _OUTSIDE)
    return found, gap


def _balancer(program: Program, balancer: Resource, least: float) -> Iterable[Violation]:
    """A load balancer takes one subnet of a zone and no second one, so its subnets are its zones."""
    subnets, mappings = balancer.at("subnets"), balancer.at("subnetMappings")
    setting = mappings if mappings.is_set else subnets
    if not setting.is_set:
        return
    each = setting.each()
    if isinstance(each, Unsettled):
        found, gap = _resources(program, setting)
        count = len(found)
        if gap and not found:
            yield Violation.unsettled(gap, _DEMAND)
            return
    else:
        count = len(each)
    if count < least:
        yield Violation.at(
            setting, f"Load balancer '{balancer.name}' stands in {count} zone(s); at least {least:g} are needed."
        )


def _verdict(setting: Setting, known: set[str], gap: Unsettled | None, least: float) -> Iterable[Violation]:
    if len(known) >= least:
        return
    if gap:
        yield Violation.unsettled(gap, _DEMAND)
        return
    where = ", ".join(sorted(known)) or "no zone that is said"
    yield Violation.at(
        setting, f"{setting.resource.label} stands in {where}; at least {least:g} zones are needed to lose one."
    )


def _group(*zones: str | None) -> ResourceGraph:
    builder = GraphBuilder()
    subnets = [
        builder.add(SUBNETS[0], f"private-{number}", {"availabilityZone": zone} if zone else {})
        for number, zone in enumerate(zones)
    ]
    builder.add(GROUP, "workers", {"vpcZoneIdentifiers": [subnet.ref("id") for subnet in subnets]})
    return builder.graph()


def _outside() -> ResourceGraph:
    builder = GraphBuilder()
    builder.add(NODE_GROUP, "workers", {"subnetIds": ["subnet-1", "subnet-2"]})
    return builder.graph()


def _node_groups_in(*zones: str, taint: str = "") -> ResourceGraph:
    """A node group for each zone; a taint on the first sets it apart."""
    builder = GraphBuilder()
    cluster = builder.add("aws:eks/cluster:Cluster", "main", {})
    for number, zone in enumerate(zones):
        subnet = builder.add(SUBNETS[0], f"private-{number}", {"availabilityZone": zone})
        inputs: dict[str, object] = {"clusterName": cluster.ref("name"), "subnetIds": [subnet.ref("id")]}
        if taint and number == 0:
            inputs["taints"] = [{"key": taint, "effect": "NO_SCHEDULE"}]
        builder.add(NODE_GROUP, f"floor-{number}", inputs)
    return builder.graph()


def _load_balancer(count: int) -> ResourceGraph:
    builder = GraphBuilder()
    subnets = [builder.add(SUBNETS[0], f"public-{number}", {}) for number in range(count)]
    builder.add(BALANCERS[0], "api", {"subnets": [subnet.ref("id") for subnet in subnets]})
    return builder.graph()


RULE = Rule(
    id="capacity-zones",
    group=Group.CAPACITY,
    severity=Severity.HIGH,
    description="Auto Scaling groups, node groups, services and load balancers stand in two zones or more.",
    remediation="Give them subnets of several zones, and say the zone of each subnet; add the network's stack as "
    "context where it is another one.",
    source="EC2 Auto Scaling user guide: distribute instances across Availability Zones; Elastic Load Balancing API: "
    "CreateLoadBalancer, Subnets",
    check=check,
    thresholds=(
        Threshold(
            "minimumZones", 2.0, "Zones that each stands in; losing one leaves the others.", minimum=2.0, maximum=6.0
        ),
    ),
    passing=(
        Example("two zones", lambda: _group("us-east-1a", "us-east-1b")),
        Example("a load balancer with two subnets", lambda: _load_balancer(2)),
        Example("a node group for each zone", lambda: _node_groups_in("us-east-1a", "us-east-1b")),
    ),
    failing=(
        Example("two subnets of one zone", lambda: _group("us-east-1a", "us-east-1a"), ("workers",)),
        Example("AWS picks the zone of a subnet", lambda: _group("us-east-1a", None), ("private-1",)),
        Example("node groups in one zone", lambda: _node_groups_in("us-east-1a", "us-east-1a"), ("floor-0", "floor-1")),
        Example(
            "a node group that no other stands in for",
            lambda: _node_groups_in("us-east-1a", "us-east-1b", taint="nvidia.com/gpu"),
            ("floor-0", "floor-1"),
        ),
        Example("subnets of another program", _outside, ("workers",)),
        Example("a load balancer with one subnet", lambda: _load_balancer(1), ("api",)),
    ),
)
