"""Buckets get rid of what nobody sees: unfinished uploads and old versions."""

from collections.abc import Iterable, Mapping

from policies.reading.examples import bucket, part
from policies.rule import Example, Group, Program, Rule, Severity, Threshold, Thresholds, Violation
from stanchion.graph import GraphBuilder, Resource, ResourceGraph, Unsettled
from stanchion.recovery.reading.buckets import BUCKETS, LifecycleRule, lifecycle_rules, versioned
from stanchion.recovery.survival import Condition, all_of, any_of

_UPLOADS = "unfinished uploads are removed in time"
_VERSIONS = "noncurrent versions expire"


def check(program: Program, thresholds: Thresholds) -> Iterable[Violation]:
    """Buckets that keep unfinished uploads, or noncurrent versions, for ever."""
    for found in program.of_type(*BUCKETS):
        rules, gap = lifecycle_rules(program.graph, found)
        yield from _uploads(found, rules, gap, thresholds["maximumUploadDays"])
        kept = versioned(program.graph, found)
        if kept is not False:
            yield from _versions(found, rules, gap, kept)


def _uploads(found: Resource, rules: list[LifecycleRule], gap: Unsettled | None, most: float) -> Iterable[Violation]:
    answer = any_of(*(_aborts(rule, most) for rule in rules), gap or False)
    if isinstance(answer, Unsettled):
        yield Violation.unsettled(answer, _UPLOADS)
    elif not answer:
        yield Violation.at(
            found,
            f"Bucket '{found.name}' has no enabled lifecycle rule for all of its objects that aborts incomplete "
            f"uploads within {most:g} days: their parts are paid for, and no listing shows them.",
        )


def _aborts(rule: LifecycleRule, most: float) -> Condition:
    if not rule.abort_days.is_set:
        return False
    days = rule.abort_days.number(0)
    in_time: Condition = days if isinstance(days, Unsettled) else 0 < days <= most
    return all_of(rule.enabled, rule.whole, in_time)


def _versions(
    found: Resource, rules: list[LifecycleRule], gap: Unsettled | None, kept: Condition
) -> Iterable[Violation]:
    answer = any_of(*(_expires(rule) for rule in rules), gap or False)
    if answer is True:
        return
    if isinstance(kept, Unsettled) or isinstance(answer, Unsettled):
        yield Violation.unsettled(answer if isinstance(answer, Unsettled) else kept, _VERSIONS)  # pyright: ignore[reportArgumentType]
        return
    yield Violation.at(
        found,
        f"Bucket '{found.name}' keeps versions and has no enabled lifecycle rule for all of its objects that lets "
        "noncurrent ones expire: each overwritten object is paid for, for ever.",
    )


def _expires(rule: LifecycleRule) -> Condition:
    days = rule.noncurrent_days.number(0)
    return all_of(rule.enabled, rule.whole, days if isinstance(days, Unsettled) else days > 0)


_ABORT = {"id": "uploads", "status": "Enabled", "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7}}
_EXPIRE = {"id": "versions", "status": "Enabled", "noncurrentVersionExpiration": {"noncurrentDays": 30}}


def _program(*rules: Mapping[str, object], versions: str = "Enabled") -> ResourceGraph:
    builder = GraphBuilder()
    lake = bucket(builder, "lake")
    part(builder, "BucketVersioning", lake, "lake", {"versioningConfiguration": {"status": versions}})
    if rules:
        part(builder, "BucketLifecycleConfiguration", lake, "lake", {"rules": list(rules)})
    return builder.graph()


RULE = Rule(
    id="storage-bucket-lifecycle",
    group=Group.STORAGE,
    severity=Severity.MEDIUM,
    description="Each bucket aborts incomplete multipart uploads and lets noncurrent versions expire: both cost like "
    "objects and are seen by nobody.",
    remediation="Add an aws.s3.BucketLifecycleConfiguration with a rule without filter that has "
    "abortIncompleteMultipartUpload, and noncurrentVersionExpiration where versions are kept.",
    source="S3 user guide: configuring a bucket lifecycle to delete incomplete multipart uploads; S3 API: "
    "NoncurrentVersionExpiration",
    check=check,
    thresholds=(
        Threshold(
            "maximumUploadDays",
            7.0,
            "Most days an upload may stay unfinished; the platform's own choice.",
            minimum=1.0,
            maximum=365.0,
        ),
    ),
    passing=(
        Example("both go in time", lambda: _program(_ABORT, _EXPIRE)),
        Example("no versions, so none can pile up", lambda: _program(_ABORT, versions="Disabled")),
    ),
    failing=(
        Example("no lifecycle at all", _program, ("lake",)),
        Example("old versions stay", lambda: _program(_ABORT), ("lake",)),
        Example(
            "the rule is for a part only", lambda: _program(_ABORT | {"filter": {"prefix": "in/"}}, _EXPIRE), ("lake",)
        ),
        Example("the rule is off", lambda: _program(_ABORT | {"status": "Disabled"}, _EXPIRE), ("lake",)),
    ),
)
