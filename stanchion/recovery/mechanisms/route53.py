"""Route 53: records that answer with another region once a health check fails.

Until clients go elsewhere: F x (interval + timeout of a probe) until the check fails, then the time to live of what
resolvers remember. A record that nothing watches is healthy for ever, and an answer that points into a lost region is
then given for ever, so one such record in a group leaves no bound.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from stanchion.graph import Resource, ResourceGraph, Unsettled
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Note, Phase, Step
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.mechanisms.arc import HEALTH_CHECK, switched
from stanchion.recovery.mechanisms.cloudwatch_alarms import ALARM, goes_off
from stanchion.recovery.mechanisms.load_balancing import CLASSIC, LOAD_BALANCERS, notices_a_lost_balancer
from stanchion.recovery.serving import called, never, seconds, slowest, untold
from stanchion.recovery.sources import Source
from stanchion.recovery.term import Amount, Grade, Term, product, rank

RECORD: Final = "aws:route53/record:Record"
ZONE: Final = "aws:route53/zone:Zone"

FAILOVER = Source(
    "Amazon Route 53 Developer Guide", "Active-active and active-passive failover: a record without a check is healthy"
)
CHECKS = Source(
    "Amazon Route 53 Developer Guide",
    "How Route 53 determines whether a health check is healthy: interval 10 or 30 s, threshold 3; HTTP and HTTPS "
    "connect within 4 s and answer within 2 s, a body within 2 s more, TCP connects within 10 s",
)
LIVES = Source("Amazon Route 53 Developer Guide", "Values for records: TTL; an alias to a load balancer lives 60 s")

INTERVAL_SECONDS = 30.0
THRESHOLD = 3.0
ALIAS_TTL_SECONDS = 60.0
_PROBE_SECONDS = {"TCP": 10.0, "HTTP": 6.0, "HTTPS": 6.0, "HTTP_STR_MATCH": 8.0, "HTTPS_STR_MATCH": 8.0}
_POLICIES = {
    "failoverRoutingPolicies": "failover",
    "weightedRoutingPolicies": "weighted",
    "latencyRoutingPolicies": "latency",
    "geolocationRoutingPolicies": "geolocation",
    "geoproximityRoutingPolicy": "geoproximity",
    "multivalueAnswerRoutingPolicy": "multivalue",
}


@dataclass(frozen=True, slots=True)
class Watch:
    """How a record's health is known.

    Args:
        terms: until it is known to be bad; empty when nothing says so here.
        by_hand: the term of people who switch it, in place of detection.
        outside: why it is known, but not to this program.
    """

    terms: tuple[Term, ...] = ()
    by_hand: Term | None = None
    outside: str = ""

    @property
    def amount(self) -> Amount:
        """Its seconds."""
        return seconds(self.terms)


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Steps of all groups of records that answer for one name by a policy."""
    groups: dict[tuple[str, ...], list[Resource]] = defaultdict(list)
    for record in graph.of_type(RECORD):
        if policy_of(record):
            groups[_name_of(graph, record)].append(record)
    for key in sorted(groups):
        yield from _group(graph, groups[key])


def policy_of(record: Resource) -> str:
    """By which policy a record is chosen; empty for a simple one."""
    for key, policy in _POLICIES.items():
        value = record.at(key).value
        if value is not None and value is not False and value != []:
            return policy
    return ""


def _name_of(graph: ResourceGraph, record: Resource) -> tuple[str, ...]:
    """What records of one group have in common: zone, name and type; edges stand for a name that is not known yet."""
    zone = graph.reference(record.at("zoneId"), ZONE)
    where = zone.one.urn if zone.one else zone.literal or "unknown"
    kind, name = record.at("type").text(), record.at("name").text()
    if isinstance(name, Unsettled):
        name = " ".join(("unknown", *record.property_dependencies.get("name", ())))
    zone_name = zone.one.at("name").value if zone.one else ""
    name = name.lower().rstrip(".")
    if isinstance(zone_name, str) and zone_name:
        name = name.removesuffix(zone_name.lower().rstrip(".")).rstrip(".")
    return where, kind if isinstance(kind, str) else "unknown", name


def _group(graph: ResourceGraph, records: Sequence[Resource]) -> Iterator[Finding]:
    primaries = [r for r in records if _role(r) == "PRIMARY"]
    failover = [r for r in records if policy_of(r) == "failover"]
    if len(failover) == len(records) and not any(isinstance(_role(r), Unsettled) for r in records):
        if not primaries:
            yield Note(records[0].urn, f"the primary of record '{records[0].name}' is not part of this program")
            return
        if len(primaries) == len(records):
            text = f"record '{primaries[0].name}' has no secondary in this program"
            yield _shift(primaries[0], never(text, FAILOVER, primaries[0].at("failoverRoutingPolicies")))
            return
        watched = primaries
    else:
        watched = list(records)
        if gap := next((role for r in failover if isinstance(role := _role(r), Unsettled)), None):
            yield _shift(records[0], untold("failover to another record", gap, FAILOVER))
            return
        if len(records) < 2:
            text = f"record '{records[0].name}' is the only one of its name, so there is nothing else to answer"
            yield _shift(records[0], never(text, FAILOVER, records[0]))
            return
    if region := _one_region(graph, records):
        yield _shift(records[0], never(f"all records of '{records[0].name}' point into {region}", FAILOVER, records[0]))
        return
    for record in watched:
        yield from _watched(graph, record)
    for record in records:
        if record not in watched and not any(_pointed_at(graph, record)):
            text = "points at nothing in this program, so nothing says that it can serve"
            yield Note(record.urn, f"record '{record.name}', which takes over for '{watched[0].name}', {text}")


def _role(record: Resource) -> str | Unsettled:
    role = record.at("failoverRoutingPolicies")["type"].text()
    return role.upper() if isinstance(role, str) else role


def _shift(record: Resource, *terms: Term) -> Step:
    name = f"{called('record', record)} answers with another region"
    return Step(record.urn, name, Disruption.REGION, Phase.SHIFT, terms)


def _watched(graph: ResourceGraph, record: Resource) -> Iterator[Finding]:
    """Detection and shift away from one record."""
    watch = watch_of(graph, record)
    lives = _lives(record)
    if watch is None:
        text = f"nothing checks {called('record', record)}, so it is answered for ever"
        yield _shift(record, never(text, FAILOVER, record.at("healthCheckId")))
        return
    yield _shift(record, *((watch.by_hand,) if watch.by_hand else ()), lives)
    if watch.outside:
        yield Note(record.urn, f"how fast record '{record.name}' is found unhealthy can't be told: {watch.outside}")
    elif watch.terms:
        name = f"{called('record', record)} is found unhealthy"
        yield Step(record.urn, name, Disruption.REGION, Phase.DETECT, watch.terms)


def _lives(record: Resource) -> Term:
    if record.at("aliases").is_set:
        name = f"resolvers remember alias record '{record.name}'"
        return Term.of(name, ALIAS_TTL_SECONDS, Grade.BOUND, LIVES, record.at("aliases"))
    ttl = record.at("ttl")
    amount: Amount = ttl.number(0) if ttl.is_set else ttl.wrong("a time to live")
    return Term.of(f"resolvers remember {called('record', record)}", amount, Grade.BOUND, LIVES, ttl)


def watch_of(graph: ResourceGraph, record: Resource) -> Watch | None:
    """How a record's health is known; None when it is healthy for ever."""
    named = graph.reference(record.at("healthCheckId"), HEALTH_CHECK)
    if named.unsettled:
        return Watch((untold("health check of the record", named.unsettled, CHECKS),))
    if named.literal:
        return Watch(outside=f"health check '{named.literal}' is not part of this program")
    if named.resources:
        return _slowest([_check(graph, check) for check in named.resources])
    evaluates = record.at("aliases")["evaluateTargetHealth"].flag(False)
    if isinstance(evaluates, Unsettled):
        return Watch((untold("health of the alias target", evaluates, FAILOVER),))
    return _target(graph, record) if evaluates else None


def _target(graph: ResourceGraph, record: Resource) -> Watch:
    found = {b.urn: b for b in _pointed_at(graph, record) if b.type in (*LOAD_BALANCERS, CLASSIC)}
    bills = [notices_a_lost_balancer(graph, found[urn]) for urn in sorted(found)]
    if not bills or any(terms is None for terms in bills):
        return Watch(outside="the health of its alias target is judged by what is not part of this program")
    return Watch(slowest(terms for terms in bills if terms is not None))


def _check(graph: ResourceGraph, check: Resource, within: frozenset[str] = frozenset()) -> Watch:
    """Until a health check fails after its endpoint does."""
    name = called("health check", check)
    disabled, kind = check.at("disabled").flag(False), check.at("type").text()
    if disabled is True:
        return Watch((never(f"{name} is switched off, so it is always healthy", CHECKS, check.at("disabled")),))
    gap = next((value for value in (disabled, kind) if isinstance(value, Unsettled)), None)
    if gap or not isinstance(kind, str):
        return Watch((untold(name, gap or check.at("type").wrong("a type"), CHECKS),))
    match kind.upper():
        case "CALCULATED":
            return _children(graph, check, within | {check.urn})
        case "CLOUDWATCH_METRIC":
            return _alarm(graph, check)
        case "RECOVERY_CONTROL":
            return Watch(by_hand=switched(graph, check))
        case protocol:
            return _probes(check, _PROBE_SECONDS.get(protocol))


def _probes(check: Resource, timeout: float | None) -> Watch:
    name = called("health check", check)
    every, failed = check.at("requestInterval"), check.at("failureThreshold")
    count = failed.number(THRESHOLD)
    if timeout is None:
        return Watch((untold(name, check.at("type").wrong("a type of health check"), CHECKS),))
    return Watch(
        (
            Term.of(
                f"failed probes of {name}", product(every.number(INTERVAL_SECONDS), count), Grade.BOUND, CHECKS, every
            ),
            Term.of(f"timeouts of the probes of {name}", product(timeout, count), Grade.BOUND, CHECKS, failed),
        )
    )


def _children(graph: ResourceGraph, check: Resource, within: frozenset[str]) -> Watch:
    setting = check.at("childHealthchecks")
    children = setting.each()
    found: dict[str, Resource] = {}
    for child in (setting,) if isinstance(children, Unsettled) else children:
        named = graph.reference(child, HEALTH_CHECK)
        if named.unsettled:
            return Watch((untold(f"children of {called('health check', check)}", named.unsettled, CHECKS),))
        if named.literal:
            return Watch(outside=f"health check '{named.literal}' is not part of this program")
        found.update((resource.urn, resource) for resource in named.resources if resource.urn not in within)
    watches = [_check(graph, found[urn], within) for urn in sorted(found)]
    if not watches:
        gap = setting.wrong("a list of other health checks")
        return Watch((untold(f"children of {called('health check', check)}", gap, CHECKS),))
    return _slowest(watches)


def _alarm(graph: ResourceGraph, check: Resource) -> Watch:
    setting = check.at("cloudwatchAlarmName")
    named = graph.reference(setting, ALARM)
    if named.resources:
        return Watch(slowest(goes_off(graph, alarm) for alarm in named.resources))
    if named.literal:
        return Watch(outside=f"alarm '{named.literal}' is not part of this program")
    gap = named.unsettled or setting.wrong("the name of an alarm")
    return Watch((untold(f"alarm of {called('health check', check)}", gap, CHECKS),))


def _slowest(watches: Sequence[Watch]) -> Watch:
    """What is outside or by hand can't be compared, so it goes before what is known."""
    for watch in watches:
        if watch.outside or watch.by_hand:
            return watch
    return max(watches, key=lambda watch: rank(watch.amount))


def _pointed_at(graph: ResourceGraph, record: Resource) -> Iterator[Resource]:
    """What a record's answer comes from, as far as the program holds it."""
    values = record.at("records").each()
    settings = [record.at("aliases")["name"], *([record.at("records")] if isinstance(values, Unsettled) else values)]
    for setting in settings:
        yield from (found for found in graph.reference(setting).resources if found.type != ZONE)


def _one_region(graph: ResourceGraph, records: Sequence[Resource]) -> str:
    """The region all records point into, when each one's is known and it is the same one."""
    regions: set[str] = set()
    for record in records:
        here = {graph.region_of(found) for found in _pointed_at(graph, record) if _is_regional(found)}
        known = {region for region in here if isinstance(region, str)}
        if not here or len(known) != len(here):
            return ""
        regions |= known
    return next(iter(regions)) if len(regions) == 1 else ""


def _is_regional(resource: Resource) -> bool:
    return resource.type.startswith("aws:") and not resource.type.startswith(
        ("aws:route53", "aws:cloudfront", "aws:globalaccelerator", "aws:iam")
    )


MECHANISM = Mechanism("route53", find, reads=frozenset({RECORD, HEALTH_CHECK, ZONE}))
