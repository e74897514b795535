"""CloudFront origin groups: a second origin is asked in the same request, but only for GET, HEAD and OPTIONS.

An inference request is a POST, so an origin group never moves it. CloudFront refuses a behaviour that allows POST and
targets a group; what people deploy instead is POST to one origin beside a group for the rest, which is the same gap.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Note, Phase, Step
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.serving import called, goes_on, never, untold
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import Condition, any_of
from stanchion.recovery.term import Amount, Grade, Term, product, total

DISTRIBUTION: Final = "aws:cloudfront/distribution:Distribution"
# Origins of these kinds lead to more than one region by themselves.
STEERED: Final = ("aws:globalaccelerator/accelerator:Accelerator", "aws:route53/record:Record")

METHODS = Source(
    "Amazon CloudFront Developer Guide; aws-cdk #32450",
    "Request and response behavior for origin groups: fails over for GET, HEAD and OPTIONS only",
)
ATTEMPTS = Source(
    "Amazon CloudFront Developer Guide",
    "Control origin timeouts and attempts: 1 to 3 attempts (3) of 1 to 10 s (10); response 30 s, tried as often",
)
CRITERIA = Source("Amazon CloudFront Developer Guide", "Create an origin group: failover criteria")

CONNECTION_ATTEMPTS, CONNECTION_SECONDS, RESPONSE_SECONDS = 3.0, 10.0, 30.0
_REGIONAL = ("aws:s3/", "aws:lb/", "aws:alb/", "aws:elb/")
_FAILED_OVER = frozenset({"GET", "HEAD", "OPTIONS"})
# A load balancer of a region whose targets are gone answers, with one of these.
_GATEWAY_ERRORS = frozenset({500, 502, 503, 504})


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Steps of all distributions that have an origin group; without one nothing in CloudFront moves traffic."""
    for distribution in graph.of_type(DISTRIBUTION):
        groups = distribution.at("originGroups").each()
        if isinstance(groups, Unsettled):
            yield _shift(distribution, untold("failover to another origin", groups, METHODS))
        elif groups:
            yield from _behaviours(graph, distribution, _by_id(groups))


def _by_id(settings: tuple[Setting, ...]) -> dict[str, Setting]:
    named = ((setting["originId"].value, setting) for setting in settings)
    return {key: setting for key, setting in named if isinstance(key, str)}


def _behaviours(graph: ResourceGraph, distribution: Resource, groups: Mapping[str, Setting]) -> Iterator[Finding]:
    ordered = distribution.at("orderedCacheBehaviors").each()
    others = (distribution.at("orderedCacheBehaviors"),) if isinstance(ordered, Unsettled) else ordered
    origins = distribution.at("origins").each()
    by_id = {} if isinstance(origins, Unsettled) else _by_id(origins)
    for behaviour in (distribution.at("defaultCacheBehavior"), *others):
        if behaviour.is_set:
            yield from _behaviour(graph, behaviour, groups, by_id)


def _behaviour(
    graph: ResourceGraph, behaviour: Setting, groups: Mapping[str, Setting], origins: Mapping[str, Setting]
) -> Iterator[Finding]:
    distribution = behaviour.resource
    path = behaviour["pathPattern"].value
    name = f"requests for '{path}'" if isinstance(path, str) else "requests by the default behaviour"
    target = behaviour["targetOriginId"].text()
    writes = _writes(behaviour)
    if isinstance(target, Unsettled):
        yield _shift(distribution, untold(name, target, METHODS))
    elif target in groups:
        if writes is False:
            yield from _failover(graph, name, groups[target], origins)
        elif writes is True:
            text = f"a POST never fails over to another origin: {name}"
            yield _shift(distribution, never(text, METHODS, behaviour["allowedMethods"]))
        else:
            yield _shift(distribution, untold(name, writes, METHODS))
    elif writes is not False and not _is_steered(graph, origins.get(target)):
        text = f"{name} allow POST and go to one origin, '{target}', that nothing takes over for"
        term = never(text, METHODS, behaviour["targetOriginId"])
        yield _shift(distribution, untold(name, writes, METHODS) if isinstance(writes, Unsettled) else term)


def _writes(behaviour: Setting) -> Condition:
    """Whether a behaviour lets methods through that never fail over."""
    methods = behaviour["allowedMethods"].each()
    if isinstance(methods, Unsettled):
        return methods
    found: list[Condition] = []
    for method in methods:
        text = method.text()
        found.append(text if isinstance(text, Unsettled) else text.upper() not in _FAILED_OVER)
    return any_of(*found)


def _is_steered(graph: ResourceGraph, origin: Setting | None) -> bool:
    """Whether the one origin is itself an address behind which something moves traffic between regions."""
    return origin is not None and bool(graph.reference(origin["domainName"], *STEERED).resources)


def _shift(distribution: Resource, term: Term) -> Step:
    name = f"{called('distribution', distribution)} asks another region"
    return Step(distribution.urn, name, Disruption.REGION, Phase.SHIFT, (term,))


def _failover(graph: ResourceGraph, name: str, group: Setting, origins: Mapping[str, Setting]) -> Iterator[Finding]:
    distribution = group.resource
    members = group["members"].each()
    if isinstance(members, Unsettled):
        yield _shift(distribution, untold(name, members, ATTEMPTS))
        return
    named = [_origin(member, origins) for member in members]
    if len(members) < 2:
        yield _shift(
            distribution, never(f"the origin group of {name} has no second origin", CRITERIA, group["members"])
        )
        return
    if region := _same_region(graph, named):
        yield _shift(distribution, never(f"both origins of {name} lie in {region}", CRITERIA, group["members"]))
        return
    codes = _codes(group)
    if isinstance(codes, Unsettled):
        yield _shift(distribution, untold(name, codes, CRITERIA))
        return
    if not codes & _GATEWAY_ERRORS:
        text = f"no 5xx answer makes {name} fail over, and a load balancer without targets answers 503"
        yield _shift(distribution, never(text, CRITERIA, group["failoverCriteria"]))
        return
    if missing := sorted(_GATEWAY_ERRORS - codes):
        left = ", ".join(str(code) for code in missing)
        text = f"{name} do not fail over on {left}: such an answer of a failing origin is handed on"
        yield Note(distribution.urn, f"distribution '{distribution.name}': {text}")
    detect = _attempts(named[0], group, name)
    yield Step(distribution.urn, f"the first origin of {name} is given up", Disruption.REGION, Phase.DETECT, detect)
    yield _shift(distribution, goes_on(f"the second origin of {name} is asked at once", ATTEMPTS, group["members"]))


def _origin(member: Setting, origins: Mapping[str, Setting]) -> Setting | None:
    key = member["originId"].value
    return origins.get(key) if isinstance(key, str) else None


def _attempts(origin: Setting | None, group: Setting, name: str) -> tuple[Term, ...]:
    """Until an origin is given up: it does not take the connection, or takes it and does not answer."""
    if origin is None:
        gap = group["members"].wrong("a list of origins of this distribution")
        return (untold(f"first origin of {name}", gap, ATTEMPTS),)
    attempts = _or(origin["connectionAttempts"], CONNECTION_ATTEMPTS)
    connect = product(attempts, _or(origin["connectionTimeout"], CONNECTION_SECONDS))
    response = origin["customOriginConfig"]["originReadTimeout"]
    answer = product(attempts, _or(response, RESPONSE_SECONDS))
    whole = _or(origin["responseCompletionTimeout"], 0.0)
    # This one caps all attempts together, connections among them.
    if isinstance(whole, float) and 0 < whole < _seconds(total((connect, answer))):
        at = origin["responseCompletionTimeout"]
        return (Term.of(f"completion timeout of the first origin of {name}", whole, Grade.BOUND, ATTEMPTS, at),)
    return (
        Term.of(f"connection attempts for {name}", connect, Grade.BOUND, ATTEMPTS, origin["connectionAttempts"]),
        Term.of(f"attempts without an answer for {name}", answer, Grade.BOUND, ATTEMPTS, response),
    )


def _or(setting: Setting, default: float) -> float | Unsettled:
    """A deployed origin carries 0 for what its program leaves out."""
    number = setting.number(default)
    return default if number == 0 else number


def _seconds(amount: Amount) -> float:
    return 0.0 if isinstance(amount, Unsettled) else amount


def _codes(group: Setting) -> set[int] | Unsettled:
    codes = group["failoverCriteria"]["statusCodes"].each()
    if isinstance(codes, Unsettled):
        return codes
    found: set[int] = set()
    for code in codes:
        number = code.number(0)
        if isinstance(number, Unsettled):
            return number
        found.add(int(number))
    return found


def _same_region(graph: ResourceGraph, origins: list[Setting | None]) -> str:
    """The region of all origins when each one's is known and it is the same one.

    Edges do not tell the origins of one list apart, but when all they lead to lies in one region, so do the origins.
    """
    regions: set[str | Unsettled] = set()
    for origin in origins:
        found = graph.reference(origin["domainName"]).resources if origin is not None else ()
        if not found or not all(resource.type.startswith(_REGIONAL) for resource in found):
            return ""
        regions |= {graph.region_of(resource) for resource in found}
    only = next(iter(regions)) if len(regions) == 1 else ""
    return only if isinstance(only, str) else ""


MECHANISM = Mechanism("cloudfront", find, reads=frozenset({DISTRIBUTION}))
