"""A bucket and the resources that AWS splits off it."""

from collections.abc import Iterable
from dataclasses import dataclass

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.survival import Condition, any_of

BUCKETS = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")


def parts(graph: ResourceGraph, bucket: Resource, kind: str) -> tuple[Resource, ...]:
    """Resources of a kind that belong to a bucket, in both generations of the provider's types.

    Args:
        graph: the program.
        bucket: whose.
        kind: such as `BucketVersioning`.
    """
    module = kind[0].lower() + kind[1:]
    return graph.referring(bucket, "bucket", f"aws:s3/{module}:{kind}", f"aws:s3/{module}V2:{kind}V2")


@dataclass(frozen=True, slots=True)
class LifecycleRule:
    """One lifecycle rule, whichever way the program writes it.

    Args:
        at: the rule.
        enabled: whether it runs.
        whole: whether it holds for all objects of the bucket.
        abort_days: after how many days unfinished uploads go.
        expiration_days: age at which objects go.
        noncurrent_days: age at which noncurrent versions go.
        transitions: to other storage classes.
    """

    at: Setting
    enabled: Condition
    whole: Condition
    abort_days: Setting
    expiration_days: Setting
    noncurrent_days: Setting
    transitions: Setting


def lifecycle_rules(graph: ResourceGraph, bucket: Resource) -> tuple[list[LifecycleRule], Unsettled | None]:
    """The lifecycle rules of a bucket, and why the list of them can't be told."""
    found: list[LifecycleRule] = []
    gap: Unsettled | None = None
    for part in parts(graph, bucket, "BucketLifecycleConfiguration"):
        rules = part.at("rules").each()
        if isinstance(rules, Unsettled):
            gap = gap or rules
        else:
            found += [_separate(rule) for rule in rules]
    inline = bucket.at("lifecycleRules").each()
    if isinstance(inline, Unsettled):
        return found, gap or inline
    return found + [_inline(rule) for rule in inline], gap


def _separate(rule: Setting) -> LifecycleRule:
    status = rule["status"].text()
    return LifecycleRule(
        rule,
        status if isinstance(status, Unsettled) else status == "Enabled",
        _whole(rule),
        rule["abortIncompleteMultipartUpload"]["daysAfterInitiation"],
        rule["expiration"]["days"],
        rule["noncurrentVersionExpiration"]["noncurrentDays"],
        rule["transitions"],
    )


def _inline(rule: Setting) -> LifecycleRule:
    expiration, noncurrent = rule["expiration"], rule["noncurrentVersionExpiration"]
    return LifecycleRule(
        rule,
        rule["enabled"].flag(False),
        _whole(rule),
        rule["abortIncompleteMultipartUploadDays"],
        (expiration if expiration.is_set else rule["expirations"])["days"],
        (noncurrent if noncurrent.is_set else rule["noncurrentVersionExpirations"])["days"],
        rule["transitions"],
    )


def _whole(rule: Setting) -> Condition:
    narrowing = rule["filter"]
    prefixes = [rule["prefix"].text(), narrowing["prefix"].text()]
    for prefix in prefixes:
        if isinstance(prefix, Unsettled):
            return prefix
    others = [narrowing[key] for key in ("and", "tag", "objectSizeGreaterThan", "objectSizeLessThan")]
    return not any(prefixes) and not any(setting.value for setting in (*others, rule["tags"]))


def keeps_versions(graph: ResourceGraph, bucket: Resource) -> tuple[Condition, Setting]:
    """Whether what is overwritten or deleted stays as a version from now on, and the setting that says so."""
    states: list[tuple[Condition, Setting]] = [
        (setting.flag(False), setting)
        for setting in (
            bucket.at("objectLockEnabled"),
            bucket.at("versioning")["enabled"],
            bucket.at("versionings")["enabled"],
        )
    ]
    lock = bucket.at("objectLockConfiguration")["objectLockEnabled"]
    named = [(lock, lock.text())]
    for part in parts(graph, bucket, "BucketVersioning"):
        status = part.at("versioningConfiguration")["status"]
        named.append((status, status.text()))
    states += [(text if isinstance(text, Unsettled) else text == "Enabled", setting) for setting, text in named]
    # A bucket with versions that a resource of its own suspends keeps no new ones.
    suspended = next((s for s, text in named[1:] if text == "Suspended"), None)
    if suspended is not None:
        return False, suspended
    state = any_of(*(state for state, _ in states))
    return state, next((setting for one, setting in states if one is True), states[-1][1])


def versioned(graph: ResourceGraph, bucket: Resource) -> Condition:
    """Whether a bucket has noncurrent versions: versioning is enabled, or was and is suspended."""
    states: list[Condition] = [
        bucket.at("versioning")["enabled"].flag(False),
        bucket.at("objectLockEnabled").flag(False),
    ]
    states.append(bucket.at("versionings")["enabled"].flag(False))
    for part in parts(graph, bucket, "BucketVersioning"):
        status = part.at("versioningConfiguration")["status"].text()
        states.append(status if isinstance(status, Unsettled) else status in ("Enabled", "Suspended"))
    return any_of(*states)


def encryption_rules(graph: ResourceGraph, bucket: Resource) -> Iterable[Setting]:
    """Each `applyServerSideEncryptionByDefault` of a bucket; one that is unknown as a whole is given as it is."""
    places = [part.at("rules") for part in parts(graph, bucket, "BucketServerSideEncryptionConfiguration")]
    places.append(bucket.at("serverSideEncryptionConfiguration")["rule"])
    places.append(bucket.at("serverSideEncryptionConfigurations")["rules"])
    for place in places:
        rules = place.each()
        for rule in (place,) if isinstance(rules, Unsettled) else rules:
            default = rule["applyServerSideEncryptionByDefault"]
            yield default if default.is_set else rule["applyServerSideEncryptionByDefaults"]
