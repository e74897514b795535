"""Secrets: copies in every zone, versions, replicas in other regions.

SSM parameters are no stores: their value is an input, so the program that declares them writes it again. A secret is
one even then, since rotation and people change it; but a value that the program declares is not lost with a region.
"""

from collections.abc import Iterator

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.declared import restore_term
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Protection, Store
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.sources import Source, derived
from stanchion.recovery.survival import HARDWARE, Condition, any_of, at_least, nothing_lost, protections
from stanchion.recovery.term import Grade

SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type token
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
ROTATION = "aws:secretsmanager/secretRotation:SecretRotation"

_GUIDE = "AWS Secrets Manager User Guide"
ZONES = Source(_GUIDE, "Resilience: the service keeps secrets in several zones of its region")
VERSIONS = Source(_GUIDE, "Secret versions: the previous one is kept; a deleted secret can be restored in its window")
REPLICAS = Source(_GUIDE, "Replicating secrets: each new value is propagated to the replicas; no time is stated")
DECLARED_VALUE = derived("the program declares the value, so a deployment writes it again")


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Stores and protections of all secrets."""
    for secret in graph.of_type(SECRET):
        yield Store(secret.urn, "secret")
        zones = nothing_lost("copies in several zones", ZONES, secret)
        yield from protections(secret, "copies in several zones", HARDWARE, [zones])
        yield from _versions(secret)
        yield from _replicas(graph, secret)
        yield from _declared(graph, secret)


def _versions(secret: Resource) -> Iterator[Protection]:
    """The previous value is one call away; without a recovery window a deletion is final."""
    setting = secret.at("recoveryWindowInDays")
    kept = nothing_lost("the previous version is kept", VERSIONS, setting)
    given = at_least(setting.number(30), 1)
    yield from protections(secret, "versions", (Disruption.APPLICATION,), [kept], given=given)


def _replicas(graph: ResourceGraph, secret: Resource) -> Iterator[Protection]:
    """A secret changes at rotation or by hand, so a replica has its value at nearly all times; no bound says so."""
    setting = secret.at("replicas")
    replicas = setting.each()
    here = graph.region_of(secret)
    given: Condition
    if isinstance(replicas, Unsettled):
        given = replicas
    else:
        given = any_of(*(_elsewhere(replica["region"], here) for replica in replicas))
    has = nothing_lost("a replica has the current value", REPLICAS, setting, Grade.TYPICAL)
    yield from protections(secret, "replica in another region", (Disruption.REGION,), [has], given=given)


def _elsewhere(region: Setting, here: str | Unsettled) -> Condition:
    there = region.text()
    if isinstance(there, Unsettled):
        return there
    if not there:
        return False
    return here if isinstance(here, Unsettled) else there != here


def _declared(graph: ResourceGraph, secret: Resource) -> Iterator[Protection]:
    if graph.referring(secret, "secretId", ROTATION):
        return
    for version in graph.referring(secret, "secretId", VERSION):
        written = nothing_lost("the program declares the value", DECLARED_VALUE, version)
        back = restore_term(graph, secret, "deployment in the other region")
        yield from protections(secret, f"declared by '{version.name}'", (Disruption.REGION,), [written], [back])


MECHANISM = Mechanism("secrets-and-parameters", find, stores=frozenset({SECRET}), reads=frozenset({VERSION, ROTATION}))
