"""Traffic has somewhere to go when a region is gone."""

from collections.abc import Iterable

from policies.reading.examples import CRITICAL, STANDARD, tiered
from policies.reading.tiers import objective_of
from policies.rule import Example, Group, Program, Rule, Severity, Thresholds, Violation
from stanchion.graph import GraphBuilder, Resource, ResourceGraph, Unsettled
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.objectives import Objective

LISTENER = "aws:globalaccelerator/listener:Listener"
ENDPOINT_GROUP = "aws:globalaccelerator/endpointGroup:EndpointGroup"
RECORD = "aws:route53/record:Record"
HEALTH_CHECK = "aws:route53/healthCheck:HealthCheck"
# Of an endpoint that says no weight (Global Accelerator developer guide, endpoint weights).
DEFAULT_WEIGHT = 128


def check(program: Program, _: Thresholds) -> Iterable[Violation]:
    """Accelerators and failover records that have no second place to send traffic to, or could not use it."""
    for listener in program.of_type(LISTENER):
        yield from _listener(program, listener)
    yield from _failover_pairs(program)


def _listener(program: Program, listener: Resource) -> Iterable[Violation]:
    groups = program.graph.referring(listener, "listenerArn", ENDPOINT_GROUP)
    accelerator = program.graph.reference(listener.at("acceleratorArn")).resources
    objective = objective_of(program, [listener, *groups, *accelerator], Disruption.REGION)
    regions: dict[str, Resource] = {}
    gap: Unsettled | None = None
    for group in groups:
        region = group.at("endpointGroupRegion").text()
        region = region or program.graph.region_of(group)
        if isinstance(region, Unsettled):
            gap = gap or region
        else:
            regions[region] = group
    if _needs_two(objective) and len(regions) < 2:
        if gap:
            yield Violation.unsettled(gap, "a second region can take the traffic")
        else:
            where = f"only {', '.join(regions)}" if regions else "none at all"
            yield Violation.at(
                listener,
                f"Listener '{listener.name}' has endpoint groups in {where}: when that region is gone, there is "
                "nowhere to send traffic to.",
            )
    yield from _weights(groups, objective)


def _needs_two(objective: Objective | None) -> bool:
    """One region is enough only where the tier promises nothing for its loss."""
    return objective is None or objective.rto is not None


def _weights(groups: tuple[Resource, ...], objective: Objective | None) -> Iterable[Violation]:
    dead: list[Resource] = []
    for group in groups:
        answer = _takes_traffic(group)
        if isinstance(answer, Unsettled):
            yield Violation.unsettled(answer, "the endpoint group takes traffic")
        elif answer is None:
            yield Violation.at(
                group.at("endpointConfigurations"), f"Endpoint group '{group.name}' has no endpoint to send traffic to."
            )
        elif not answer:
            dead.append(group)
    # A standby that must not take traffic before people decide has weight 0, but then somebody has to be asked.
    waits = objective is not None and not objective.automatic
    if waits and len(dead) < len(groups):
        return
    for group in dead:
        why = (
            "and so have all others, so that nothing takes traffic"
            if len(dead) == len(groups)
            else "so Global Accelerator never fails over to it by itself, and no tier says that people decide"
        )
        yield Violation.at(
            group.at("endpointConfigurations"), f"All endpoints of endpoint group '{group.name}' have weight 0, {why}."
        )


def _takes_traffic(group: Resource) -> bool | Unsettled | None:
    """Whether an endpoint has weight; None without endpoints."""
    endpoints = group.at("endpointConfigurations").each()
    if isinstance(endpoints, Unsettled):
        return endpoints
    if not endpoints:
        return None
    weights = [endpoint["weight"].number(DEFAULT_WEIGHT) for endpoint in endpoints]
    if any(not isinstance(weight, Unsettled) and weight > 0 for weight in weights):
        return True
    return next((weight for weight in weights if isinstance(weight, Unsettled)), False)


def _failover_pairs(program: Program) -> Iterable[Violation]:
    pairs: dict[tuple[str, ...], dict[str, Resource]] = {}
    for record in program.of_type(RECORD):
        policies = record.at("failoverRoutingPolicies")
        if not policies.is_set or policies.value == []:
            continue
        role = policies[0]["type"].text()
        if isinstance(role, Unsettled):
            yield Violation.unsettled(role, "the pair of failover records is complete")
            continue
        pairs.setdefault(_identity(program, record), {})[role] = record
        yield from _record(program, record, role)
    for pair in pairs.values():
        if len(pair) < 2:
            role, record = next(iter(pair.items()))
            missing = "SECONDARY" if role == "PRIMARY" else "PRIMARY"
            yield Violation.at(
                record, f"Failover record '{record.name}' is {role} and there is no {missing} of its name and type."
            )


def _identity(program: Program, record: Resource) -> tuple[str, ...]:
    """What the two records of a pair have in common; a name that is not known yet is told by what it is made of."""
    zone = program.graph.reference(record.at("zoneId"))
    zones = tuple(sorted(resource.urn for resource in zone.resources)) or (zone.literal or "",)
    name = record.at("name")
    made_of = record.property_dependencies.get("name", ())
    text = str(name.value).rstrip(".").lower() if name.unsettled is None else f"<{','.join(sorted(made_of))}>"
    return (*zones, text, str(record.at("type").value))


def _record(program: Program, record: Resource, role: str) -> Iterable[Violation]:
    check_id = record.at("healthCheckId")
    alias = record.at("aliases")[0]["evaluateTargetHealth"]
    if not check_id.is_set and alias.flag(False) is not True:
        if gap := alias.unsettled:
            yield Violation.unsettled(gap, "the record is given up when its target is dead")
            return
        yield Violation.at(
            record,
            f"Failover record '{record.name}' ({role}) has no health check and doesn't evaluate its target's health: "
            "Route 53 takes it for healthy always.",
        )
    for checked in program.graph.reference(check_id, HEALTH_CHECK).resources:
        if checked.at("disabled").flag(False) is True:
            yield Violation.at(
                checked.at("disabled"),
                f"Health check '{checked.name}' of failover record '{record.name}' is disabled, so Route 53 takes the "
                "record for healthy always.",
            )


def _accelerator(tags: dict[str, str], regions: tuple[str, ...], weights: tuple[int, ...]) -> ResourceGraph:
    builder = GraphBuilder(tags=tags)
    accelerator = builder.add("aws:globalaccelerator/accelerator:Accelerator", "entry", {})
    listener = builder.add(LISTENER, "https", {"acceleratorArn": accelerator.ref("id")})
    for region, weight in zip(regions, weights, strict=True):
        endpoint = {"endpointId": "arn:of:a:load:balancer", "weight": weight}
        inputs = {
            "listenerArn": listener.ref("id"),
            "endpointGroupRegion": region,
            "endpointConfigurations": [endpoint],
        }
        builder.add(ENDPOINT_GROUP, region, inputs)
    return builder.graph()


def _records(*, second: bool = True, checked: bool = True) -> ResourceGraph:
    builder = GraphBuilder(tags=STANDARD)
    zone = builder.add("aws:route53/zone:Zone", "example", {"name": "example.com"})
    for role in ("PRIMARY", "SECONDARY") if second else ("PRIMARY",):
        check_ = builder.add(HEALTH_CHECK, f"{role}-check".lower(), {"type": "HTTPS", "fqdn": "api.example.com"})
        inputs = {
            "zoneId": zone.ref("zoneId"),
            "name": "api.example.com",
            "type": "A",
            "failoverRoutingPolicies": [{"type": role}],
        }
        builder.add(RECORD, role.lower(), inputs | ({"healthCheckId": check_.ref("id")} if checked else {}))
    return builder.graph()


_TWO = ("us-east-1", "us-west-2")

RULE = Rule(
    id="recovery-both-endpoint-groups-alive",
    group=Group.RECOVERY,
    severity=Severity.CRITICAL,
    description="An accelerator of a tier that promises an RTO for the loss of a region has endpoints with weight in "
    "two regions (a standby of weight 0 only where people decide), and failover records come in pairs with health "
    "checks.",
    remediation="Add an endpoint group in the standby region with an endpoint of weight above 0, or declare in the "
    "tier how long people take to decide; give both failover records a health check.",
    source="Global Accelerator developer guide: how failover works for unhealthy endpoints; Route 53 API: "
    "ResourceRecordSet, Failover and HealthCheckId",
    check=check,
    passing=(
        Example("both regions take traffic", lambda: _accelerator(CRITICAL, _TWO, (128, 128)), settings=tiered),
        Example("people decide, so the standby waits", lambda: _accelerator(STANDARD, _TWO, (128, 0)), settings=tiered),
        Example("a pair with health checks", _records, settings=tiered),
    ),
    failing=(
        Example("one region only", lambda: _accelerator(CRITICAL, _TWO[:1], (128,)), ("https",), settings=tiered),
        Example(
            "nobody is asked, and the standby has weight 0",
            lambda: _accelerator(CRITICAL, _TWO, (128, 0)),
            ("us-west-2",),
            settings=tiered,
        ),
        Example(
            "nothing takes traffic", lambda: _accelerator(STANDARD, _TWO, (0, 0)), tuple(sorted(_TWO)), settings=tiered
        ),
        Example("half a pair", lambda: _records(second=False), ("primary",), settings=tiered),
        Example("no health checks", lambda: _records(checked=False), ("primary", "secondary"), settings=tiered),
    ),
)
