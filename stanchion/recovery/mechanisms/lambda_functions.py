"""Lambda functions: survive machines and zones by design, unless a network of one zone holds them.

A function lies in one region. Where the program has the same function in another region, that one serves; where it
has not, nothing is said about the loss of a region. What happens to events that a function fails on is noted.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from stanchion.graph import Resource, ResourceGraph, Unsettled
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Note, Phase, Step
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.placement import placement_of
from stanchion.recovery.serving import called, depends, goes_on, never, steps, untold
from stanchion.recovery.sources import Source, derived
from stanchion.recovery.survival import HARDWARE, Condition
from stanchion.recovery.term import Grade, Term

FUNCTION: Final = "aws:lambda/function:Function"
MAPPING: Final = "aws:lambda/eventSourceMapping:EventSourceMapping"
PROVISIONED: Final = "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig"
STREAMS: Final = ("aws:kinesis/stream:Stream", "aws:dynamodb/table:Table")

ZONES = Source(
    "AWS Lambda Developer Guide; Serverless Architectures with AWS Lambda, High Availability",
    "Resilience: functions run in several zones; one in a network runs in the zones of its subnets",
)
RESERVED = Source("AWS Lambda Developer Guide", "Configuring reserved concurrency: 0 throttles every call")
COPY = derived("the same function is declared in another region")


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Steps of all functions, and what becomes of the events they fail on."""
    twins = _by_name(graph)
    for function in graph.of_type(FUNCTION):
        yield from _design(graph, function)
        yield from _region(graph, function, twins)
    for mapping in graph.of_type(MAPPING):
        yield from _blocked_shard(graph, mapping)
    for configuration in graph.of_type(PROVISIONED):
        text = f"provisioned concurrency '{configuration.name}' is of one region: another region starts cold"
        yield Note(configuration.urn, text)


def _design(graph: ResourceGraph, function: Resource) -> Iterator[Finding]:
    name = called("function", function)
    reserved = function.at("reservedConcurrentExecutions")
    most = reserved.number(-1)
    if isinstance(most, Unsettled):
        yield from steps(
            function, f"{name} runs", Phase.RECOVER, HARDWARE, untold(f"concurrency of {name}", most, RESERVED)
        )
        return
    if most == 0:
        yield Note(function.urn, f"function '{function.name}' has a reserved concurrency of 0: every call is throttled")
        return
    elsewhere = goes_on(f"{name} runs on other machines", ZONES, function)
    yield from steps(function, f"{name} runs elsewhere", Phase.DETECT, HARDWARE, elsewhere)
    yield from steps(function, f"{name} runs elsewhere", Phase.RECOVER, (Disruption.INFRASTRUCTURE,), elsewhere)
    subnets = function.at("vpcConfig")["subnetIds"]
    other = goes_on(f"{name} runs in other zones", ZONES, subnets)
    stuck = never(f"the network of {name} has subnets in one zone only", ZONES, subnets)
    term = depends(_in_two_zones(graph, function), other, stuck)
    yield from steps(function, f"{name} runs in another zone", Phase.RECOVER, (Disruption.ZONE,), term)


def _in_two_zones(graph: ResourceGraph, function: Resource) -> Condition:
    subnets = function.at("vpcConfig")["subnetIds"]
    if subnets.unsettled is None and not subnets.value:
        return True
    return placement_of(graph, [subnets]).reaches(2)


def _by_name(graph: ResourceGraph) -> dict[str, dict[str, list[Resource]]]:
    """Functions by name and region."""
    found: dict[str, dict[str, list[Resource]]] = defaultdict(lambda: defaultdict(list))
    for function in graph.of_type(FUNCTION):
        region = graph.region_of(function)
        name = _name(function)
        if isinstance(region, str) and name:
            found[name][region].append(function)
    return found


def _name(function: Resource) -> str:
    name = function.at("name").value
    return name if isinstance(name, str) else ""


def _region(graph: ResourceGraph, function: Resource, twins: dict[str, dict[str, list[Resource]]]) -> Iterator[Step]:
    """Only a name that is given says that two functions are the same one."""
    regions = twins.get(_name(function), {})
    here = graph.region_of(function)
    others = [twin for region, found in sorted(regions.items()) if region != here for twin in found]
    running = [twin for twin in others if twin.at("reservedConcurrentExecutions").number(-1) != 0]
    if isinstance(here, Unsettled) or not running:
        return
    twin = min(running, key=lambda resource: resource.urn)
    text = f"function '{_name(function)}' is deployed in {graph.region_of(twin)} too"
    term = Term.of(text, 0.0, Grade.TYPICAL, COPY, twin)
    name = f"{called('function', function)} runs in another region"
    yield from steps(function, name, Phase.RECOVER, (Disruption.REGION,), term)


def _blocked_shard(graph: ResourceGraph, mapping: Resource) -> Iterator[Note]:
    """By default a record that always fails holds up its shard until it expires; nothing keeps it then."""
    source = mapping.at("eventSourceArn")
    literal = source.value if isinstance(source.value, str) else ""
    streams = graph.reference(source, *STREAMS).resources
    if not streams and not any(part in literal for part in (":kinesis:", ":dynamodb:")):
        return
    retries, age = mapping.at("maximumRetryAttempts").number(-1), mapping.at("maximumRecordAgeInSeconds").number(-1)
    if retries == -1 and age == -1:
        text = "retries a record that it can't process until it expires from the stream, and holds up all behind it"
        yield Note(mapping.urn, f"event source mapping '{mapping.name}' {text}")
    elif not mapping.at("destinationConfig")["onFailure"]["destinationArn"].is_set:
        text = "drops a record that it can't process and keeps it nowhere: it has no destination for failures"
        yield Note(mapping.urn, f"event source mapping '{mapping.name}' {text}")


MECHANISM = Mechanism("lambda-functions", find, reads=frozenset({FUNCTION, MAPPING, PROVISIONED}))
