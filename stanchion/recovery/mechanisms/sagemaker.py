"""SageMaker endpoints: how many instances each variant runs, in how many zones, and alarms that roll a bad one back.

SageMaker spreads the instances of a variant over zones from two instances on, as well as it can. How long it takes to
replace the only one is published nowhere: the team declares it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.declared import restore_term
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Note, Phase, Step
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.mechanisms.auto_scaling import alarms_of
from stanchion.recovery.mechanisms.cloudwatch_alarms import ALTERNATIVE
from stanchion.recovery.placement import placement_of
from stanchion.recovery.serving import called, goes_on, never, seconds, steps, untold
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import HARDWARE, Condition
from stanchion.recovery.term import Grade, Term

ENDPOINT: Final = "aws:sagemaker/endpoint:Endpoint"
CONFIGURATION: Final = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
MODEL: Final = "aws:sagemaker/model:Model"
TARGET: Final = "aws:appautoscaling/target:Target"
Targets = Mapping[str, list[Resource]]

INSTANCES = Source(
    "Amazon SageMaker Developer Guide",
    "Best practices for deploying models: two instances or more, which SageMaker attempts to spread over zones",
)
NETWORK = Source("Amazon SageMaker Developer Guide", "Give hosted endpoints access to resources in a VPC: two subnets")
SERVERLESS = Source("Amazon SageMaker Developer Guide", "Serverless Inference: no instances of one's own")
ROLLBACK = Source(
    "Amazon SageMaker Developer Guide", "Auto-rollback configuration and monitoring: alarms during the bake"
)


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Steps of all endpoints, variant by variant."""
    targets: dict[str, list[Resource]] = defaultdict(list)
    for target in graph.of_type(TARGET):
        named = target.at("resourceId").text()
        targets[named if isinstance(named, str) else ""].append(target)
    for endpoint in graph.of_type(ENDPOINT):
        yield from _variants(graph, endpoint, targets)
        yield from _rollback(graph, endpoint)


def _variants(graph: ResourceGraph, endpoint: Resource, targets: Targets) -> Iterator[Step]:
    name = called("endpoint", endpoint)
    named = graph.reference(endpoint.at("endpointConfigName"), CONFIGURATION)
    if not named.resources:
        why = f"names '{named.literal}', which is not part of this program"
        gap = named.unsettled or Unsettled(endpoint.urn, "endpointConfigName", why)
        yield from steps(endpoint, f"{name} serves on", Phase.RECOVER, HARDWARE, untold(name, gap, INSTANCES))
    for configuration in named.resources:
        variants = configuration.at("productionVariants").each()
        if isinstance(variants, Unsettled):
            term = untold(f"variants of {name}", variants, INSTANCES)
            yield from steps(endpoint, f"{name} serves on", Phase.RECOVER, HARDWARE, term)
            continue
        for variant in variants:
            yield from _variant(graph, endpoint, variant, targets)


def _variant(graph: ResourceGraph, endpoint: Resource, variant: Setting, targets: Targets) -> Iterator[Step]:
    given = variant["variantName"].value
    name = (
        f"variant '{given}' of {called('endpoint', endpoint)}"
        if isinstance(given, str)
        else called("endpoint", endpoint)
    )
    step = f"{name} serves on"
    serverless = variant["serverlessConfig"]
    if gap := serverless.unsettled:
        yield from steps(endpoint, step, Phase.RECOVER, HARDWARE, untold(f"instances of {name}", gap, INSTANCES))
        return
    if serverless.is_set:
        term = goes_on(f"{name} is serverless", SERVERLESS, variant, Grade.TYPICAL)
        yield from steps(endpoint, step, Phase.RECOVER, HARDWARE, term)
        return
    running = _floor(variant, _targets(graph, endpoint, variant, targets))
    at = variant["initialInstanceCount"]
    if isinstance(running, Unsettled):
        yield from steps(endpoint, step, Phase.RECOVER, HARDWARE, untold(f"instances of {name}", running, INSTANCES))
        return
    machine = zone = restore_term(graph, endpoint, f"{name} gets another instance: it runs {running:.0f}")
    if running > 1:
        machine = goes_on(f"the others of {running:.0f} instances of {name} serve on", INSTANCES, at)
        zone = goes_on(f"the others of {running:.0f} instances of {name} serve on", INSTANCES, at, Grade.TYPICAL)
    zones = _in_two_zones(graph, variant)
    if isinstance(zones, Unsettled):
        zone = untold(f"zones of {name}", zones, NETWORK)
    elif not zones:
        zone = never(f"the network of {name} has subnets in one zone only", NETWORK, variant["modelName"])
    yield from steps(endpoint, step, Phase.RECOVER, (Disruption.INFRASTRUCTURE,), machine)
    yield from steps(endpoint, step, Phase.RECOVER, (Disruption.ZONE,), zone)


def _floor(variant: Setting, targets: Iterable[Resource]) -> float | Unsettled:
    """How many instances of a variant run at least: what it starts with, or what scaling may take it down to."""
    least = [variant["initialInstanceCount"].number(1)]
    scaling = variant["managedInstanceScaling"]
    if scaling.is_set and scaling["status"].value != "DISABLED":
        least.append(scaling["minInstanceCount"].number(1))
    least += [target.at("minCapacity").number(0) for target in targets]
    gap = next((number for number in least if isinstance(number, Unsettled)), None)
    return gap or min(number for number in least if not isinstance(number, Unsettled))


def _targets(graph: ResourceGraph, endpoint: Resource, variant: Setting, targets: Targets) -> Iterator[Resource]:
    """Scaling targets of this variant; all of the endpoint's whose variant is not known yet."""
    name, given = endpoint.at("name").value, variant["variantName"].value
    if isinstance(name, str) and isinstance(given, str):
        yield from targets.get(f"endpoint/{name}/variant/{given}", ())
    for target in graph.referrers(endpoint, TARGET):
        if not isinstance(target.at("resourceId").value, str):
            yield target


def _in_two_zones(graph: ResourceGraph, variant: Setting) -> Condition:
    """A model without a network of its own, or outside of the program, is not bound to zones by the program."""
    for model in graph.reference(variant["modelName"], MODEL).resources:
        subnets = model.at("vpcConfig")["subnets"]
        if subnets.is_set:
            zones = placement_of(graph, [subnets]).reaches(2)
            if zones is not True:
                return zones
    return True


def _rollback(graph: ResourceGraph, endpoint: Resource) -> Iterator[Finding]:
    """Alarms of the deployment configuration roll a bad deployment back while the old fleet is kept."""
    deployment = endpoint.at("deploymentConfig")
    alarms = deployment["autoRollbackConfiguration"]["alarms"]
    listed = alarms.each()
    names = [alarms] if isinstance(listed, Unsettled) else [alarm["alarmName"] for alarm in listed]
    name = f"deployment to {called('endpoint', endpoint)} is rolled back"
    bills = [terms for setting in names if (terms := alarms_of(graph, setting, name))]
    if not bills:
        return
    terms = min(bills, key=lambda found: (_known(found), [t.urn for t in found]))
    yield Step(endpoint.urn, name, Disruption.APPLICATION, Phase.DETECT, terms, alternative=ALTERNATIVE)
    policy = deployment["blueGreenUpdatePolicy"]
    routing = policy["trafficRoutingConfiguration"]
    baked, kept = routing["waitIntervalInSeconds"].number(0), policy["terminationWaitInSeconds"].number(0)
    slow = seconds(terms)
    if not any(isinstance(value, Unsettled) for value in (baked, kept, slow)) and policy.is_set:
        watched = _plain(baked) + _plain(kept)
        if _plain(slow) > watched:
            text = f"needs {_plain(slow):.0f} s to go off, and the old fleet is kept for {watched:.0f} s only"
            yield Note(endpoint.urn, f"the first alarm that would roll endpoint '{endpoint.name}' back {text}")


def _known(terms: tuple[Term, ...]) -> float:
    return _plain(seconds(terms))


def _plain(amount: float | Unsettled) -> float:
    return float("inf") if isinstance(amount, Unsettled) else amount


MECHANISM = Mechanism("sagemaker", find, reads=frozenset({ENDPOINT, CONFIGURATION, MODEL, TARGET}))
