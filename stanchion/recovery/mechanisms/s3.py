"""S3 buckets: versions against corruption, replication against the loss of a region, classes that are slow to read.

S3 keeps objects in several zones unless a storage class says otherwise, so machines and zones cost nothing. Replication
helps against the loss of a region only where it takes everything: a rule for a prefix leaves the rest, objects under a
key of KMS are left out unless they are selected, and a replica under a key of the lost region can't be read. It takes
what is written after it was set up: older objects need one run of Batch Replication, which no program shows. Whether it
takes delete markers changes nothing here, since a marker takes no data away.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.declared import restore_term
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Note, Protection, Store
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.reading.buckets import BUCKETS, encryption_rules, keeps_versions, lifecycle_rules
from stanchion.recovery.reading.keys import region_of_key
from stanchion.recovery.sources import Source, derived
from stanchion.recovery.survival import Condition, all_of, any_of, nothing_lost, protections
from stanchion.recovery.term import UNBOUNDED, Grade, Term, rank

DIRECTORY = "aws:s3/directoryBucket:DirectoryBucket"
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
TIERING = "aws:s3/bucketIntelligentTieringConfiguration:BucketIntelligentTieringConfiguration"

_GUIDE = "Amazon S3 User Guide"
ZONES = Source(_GUIDE, "Storage classes: objects lie in three zones at least, in the One Zone classes in one")
VERSIONS = Source(_GUIDE, "Versioning: an overwritten or deleted object stays as a noncurrent version")
TIME_CONTROL = Source("Amazon S3 Replication Time Control SLA", "99.9 % of objects within 15 minutes in a month")
UNTIMED = Source(_GUIDE, "Replication: without time control no time is stated")
RETRIEVAL = Source(
    _GUIDE, "Restoring archived objects: Flexible Retrieval standard 3-5 h, Deep Archive standard within 12 h"
)
_COPY = derived("a replica holds a copy of its source, and the source is judged itself")

TIMED_SECONDS = 15 * 60.0
# Standard retrievals, the larger end; expedited ones have limits on size and capacity, bulk ones take up to 48 h.
ARCHIVES = {
    "GLACIER": 5 * 3600.0,
    "DEEP_ARCHIVE": 12 * 3600.0,
    "ARCHIVE_ACCESS": 5 * 3600.0,
    "DEEP_ARCHIVE_ACCESS": 12 * 3600.0,
}
ONE_ZONE = ("ONEZONE_IA", "EXPRESS_ONEZONE")
_KMS = ("aws:kms", "aws:kms:dsse")


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Stores and protections of all buckets."""
    copies = _destinations(graph)
    for bucket in graph.of_type(*BUCKETS):
        yield Store(bucket.urn, "S3 bucket")
        yield from _zones(graph, bucket)
        yield from _versions(graph, bucket)
        for rule in _replication_rules(graph, bucket):
            yield from _replication(graph, bucket, rule)
        if bucket.urn in copies:
            term = Term.of("a replica has no data of its own", 0.0, Grade.BOUND, _COPY, bucket)
            source, running = copies[bucket.urn]
            yield from protections(bucket, f"copy of S3 bucket '{source}'", (Disruption.REGION,), [term], given=running)
    for bucket in graph.of_type(DIRECTORY):
        yield Store(bucket.urn, "S3 directory bucket")
        machine = nothing_lost("several copies in its zone", ZONES, bucket)
        yield from protections(bucket, "copies within a zone", (Disruption.INFRASTRUCTURE,), [machine])


def _zones(graph: ResourceGraph, bucket: Resource) -> Iterator[Protection]:
    machine = nothing_lost("several copies of each object", ZONES, bucket)
    yield from protections(bucket, "copies on several machines", (Disruption.INFRASTRUCTURE,), [machine])
    one_zone: list[Condition] = []
    # Older versions in one zone are no loss of what is current.
    for transition in _transitions(graph, bucket, versions=False):
        name = transition.text()
        one_zone.append(name if isinstance(name, Unsettled) else name in ONE_ZONE)
    single = any_of(*one_zone)
    zones = nothing_lost("copies in several zones", ZONES, bucket)
    given = single if isinstance(single, Unsettled) else not single
    yield from protections(bucket, "copies in several zones", (Disruption.ZONE,), [zones], given=given)


def _versions(graph: ResourceGraph, bucket: Resource) -> Iterator[Protection]:
    """Nothing is lost as long as the damage is noticed before noncurrent versions expire."""
    given, at = keeps_versions(graph, bucket)
    loss = nothing_lost("the version before the damage", VERSIONS, at)
    back = [restore_term(graph, bucket, "versions are put back"), *_slowest(_classes(graph, bucket))]
    yield from protections(bucket, "versions", (Disruption.APPLICATION,), [loss], back, given=given)


@dataclass(frozen=True, slots=True)
class _Rule:
    """A replication rule: where it stands, whether it runs, and whether it takes everything."""

    at: Setting
    name: str
    enabled: Condition
    whole: Condition


def _replication_rules(graph: ResourceGraph, bucket: Resource) -> Iterator[_Rule]:
    places = [config.at("rules") for config in graph.referring(bucket, "bucket", REPLICATION)]
    places += [bucket.at("replicationConfiguration")["rules"], bucket.at("replicationConfigurations")["rules"]]
    for place in places:
        rules = place.each()
        for rule in (place,) if isinstance(rules, Unsettled) else rules:
            status = rule["status"].text("Enabled")
            enabled: Condition = status if isinstance(status, Unsettled) else status == "Enabled"
            named = rule["id"].text()
            name = f"replication rule '{named}'" if isinstance(named, str) and named else f"`{rule.path}`"
            yield _Rule(rule, name, enabled, _takes_all(rule))


def _takes_all(rule: Setting) -> Condition:
    narrowing = rule["filter"]
    both = narrowing["and"]
    found: list[Condition] = []
    for setting in (rule["prefix"], narrowing["prefix"], both["prefix"]):
        prefix = setting.text()
        found.append(prefix if isinstance(prefix, Unsettled) else not prefix)
    found += [tags.unsettled or not tags.value for tags in (narrowing["tag"], narrowing["tags"], both["tags"])]
    return all_of(*found)


def _replication(graph: ResourceGraph, bucket: Resource, rule: _Rule) -> Iterator[Finding]:
    destination = rule.at["destination"]
    target = graph.reference(destination["bucket"], *BUCKETS)
    there = _region_of(graph, destination["bucket"])
    here = graph.region_of(bucket)
    apart: Condition = here != there
    if isinstance(here, Unsettled) or isinstance(there, Unsettled):
        apart = here if isinstance(here, Unsettled) else there if isinstance(there, Unsettled) else apart
    readable = _encrypted_too(graph, bucket, rule.at, there)
    given = all_of(apart, rule.enabled, rule.whole, readable)
    if given is False:
        yield Note(bucket.urn, f"{rule.name} of bucket '{bucket.name}' does not count: {_why(apart, rule, readable)}.")
        return
    timed = destination["replicationTime"]["status"]
    status = timed.text("Disabled")
    if isinstance(status, Unsettled):
        loss = Term.of("replication time", status, Grade.SLA, TIME_CONTROL, timed)
    elif status == "Enabled":
        loss = Term.of("replication with time control", TIMED_SECONDS, Grade.SLA, TIME_CONTROL, timed)
    else:
        loss = Term.of("replication without time control", UNBOUNDED, Grade.NONE, UNTIMED, timed)
    classes = [destination["storageClass"]]
    for bucket_there in target.resources:
        classes += _classes(graph, bucket_there, versions=False)
    back = _slowest(classes)
    name = f"{rule.name} to {there}" if isinstance(there, str) else rule.name
    yield from protections(bucket, name, (Disruption.REGION,), [loss], back, given=given)


def _why(apart: Condition, rule: _Rule, readable: Condition) -> str:
    if apart is False:
        return "its destination lies in the same region"
    if rule.enabled is False:
        return "it is off"
    if rule.whole is False:
        return "it takes a part of the objects only"
    return (
        "objects under a key of KMS are not selected, or their replicas are under a key of another region"
        if readable is False
        else "it does not hold"
    )


def _region_of(graph: ResourceGraph, setting: Setting) -> str | Unsettled:
    """Where the destination lies; an ARN of a bucket names no region, so another program's can't be told."""
    found = graph.reference(setting, *BUCKETS)
    regions = [graph.region_of(resource) for resource in found.resources]
    if len(set(map(str, regions))) == 1:
        return regions[0]
    if regions:
        # Edges tell of all buckets that the rules name, and not which rule names which.
        here = graph.region_of(setting.resource)
        away = [region for region in regions if region != here]
        return (
            away[0]
            if len(away) == len(regions)
            else Unsettled(setting.resource.urn, setting.path, "names one of several buckets in different regions")
        )
    if found.unsettled:
        return found.unsettled
    return Unsettled(setting.resource.urn, setting.path, "names a bucket of another program, whose region is not known")


def _encrypted_too(graph: ResourceGraph, bucket: Resource, rule: Setting, there: str | Unsettled) -> Condition:
    """Whether objects under a key of KMS are replicated, and their replicas can be read without this region."""
    by_key: list[Condition] = []
    for default in encryption_rules(graph, bucket):
        algorithm = default["sseAlgorithm"].text()
        by_key.append(algorithm if isinstance(algorithm, Unsettled) else algorithm in _KMS)
    encrypted = any_of(*by_key)
    if encrypted is False:
        return True
    criteria = rule["sourceSelectionCriteria"]["sseKmsEncryptedObjects"]
    status = (criteria["status"] if criteria["status"].is_set else criteria["enabled"]).text()
    selected = status if isinstance(status, Unsettled) else status in ("Enabled", "true")
    key = rule["destination"]["encryptionConfiguration"]["replicaKmsKeyId"]
    if not key.is_set:
        key = rule["destination"]["replicaKmsKeyId"]
    region = region_of_key(graph, key)
    usable: Condition = region if isinstance(region, Unsettled) else region is None or there == region
    if usable is False and isinstance(there, Unsettled):
        usable = there
    taken = all_of(selected, usable)
    if isinstance(encrypted, Unsettled):
        # Without encryption all would be well; with it, it is as the settings say.
        return True if taken is True else encrypted
    return taken


def _transitions(graph: ResourceGraph, bucket: Resource, *, versions: bool) -> Iterator[Setting]:
    """The storage class of each transition that may run, of noncurrent versions too if asked for."""
    rules, gap = lifecycle_rules(graph, bucket)
    if gap is not None and gap.urn in graph.resources:
        resource = graph.resources[gap.urn]
        yield Setting(resource, gap.property, resource.at(gap.property).value, gap)
    for rule in rules:
        if rule.enabled is False:
            continue
        for place in (rule.transitions, *((rule.at["noncurrentVersionTransitions"],) if versions else ())):
            found = place.each()
            if isinstance(found, Unsettled):
                yield place
            else:
                yield from (transition["storageClass"] for transition in found)


def _classes(graph: ResourceGraph, bucket: Resource, *, versions: bool = True) -> list[Setting]:
    """The classes and tiers that objects of a bucket may move to."""
    classes = list(_transitions(graph, bucket, versions=versions))
    for tiering in graph.referring(bucket, "bucket", TIERING):
        if tiering.at("status").text("Enabled") == "Disabled":
            continue
        tiers = tiering.at("tierings").each()
        classes += [tiering.at("tierings")] if isinstance(tiers, Unsettled) else [tier["accessTier"] for tier in tiers]
    return classes


def _slowest(classes: list[Setting]) -> list[Term]:
    """What it takes to read the slowest class that an object may lie in; nothing when all are at hand."""
    terms = [term for setting in classes for term in _class_of(setting)]
    return [max(terms, key=lambda term: rank(term.amount))] if terms else []


def _class_of(setting: Setting) -> Iterator[Term]:
    name = setting.text()
    if isinstance(name, Unsettled):
        yield Term.of("retrieval of archived objects", name, Grade.TYPICAL, RETRIEVAL, setting)
    elif name in ARCHIVES:
        yield Term.of(f"retrieval from {name}", ARCHIVES[name], Grade.TYPICAL, RETRIEVAL, setting)


def _destinations(graph: ResourceGraph) -> dict[str, tuple[str, Condition]]:
    """Buckets that another one is replicated into and that replicate nowhere.

    Returns:
        By URN, the name of the source, and whether the replication runs.
    """
    found: dict[str, tuple[str, Condition]] = {}
    sources: set[str] = set()
    for bucket in graph.of_type(*BUCKETS):
        for rule in _replication_rules(graph, bucket):
            if rule.enabled is False:
                continue
            sources.add(bucket.urn)
            for target in graph.reference(rule.at["destination"]["bucket"], *BUCKETS).resources:
                before = found.get(target.urn)
                if target.urn != bucket.urn and (before is None or (before[1] is not True and rule.enabled is True)):
                    found[target.urn] = bucket.name, rule.enabled
    return {urn: copy for urn, copy in found.items() if urn not in sources}


MECHANISM = Mechanism(
    "s3",
    find,
    stores=frozenset({*BUCKETS, DIRECTORY}),
    reads=frozenset(
        {
            REPLICATION,
            TIERING,
            "aws:s3/bucketVersioning:BucketVersioning",
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        }
    ),
)
