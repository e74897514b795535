"""What recovery loads can be read at once."""

from collections.abc import Iterable

from policies.reading.examples import bucket, part
from policies.rule import Example, Group, Program, Rule, Severity, Threshold, Thresholds, Violation
from stanchion.graph import GraphBuilder, Resource, ResourceGraph, Unsettled
from stanchion.recovery.reading.buckets import BUCKETS, lifecycle_rules, parts

# Standard retrieval takes 3-5 h from Glacier Flexible Retrieval and 12 h from Deep Archive (S3 user guide, archive
# retrieval options); Glacier Instant Retrieval is read at once.
_RESTORED_FIRST = {"GLACIER": "3 to 5 hours", "DEEP_ARCHIVE": "12 to 48 hours"}
_ARCHIVE_TIERS = {"ARCHIVE_ACCESS": "3 to 5 hours", "DEEP_ARCHIVE_ACCESS": "12 hours"}
_MODEL = "aws:sagemaker/model:Model"


def check(program: Program, thresholds: Thresholds) -> Iterable[Violation]:
    """Buckets that models are loaded from, with a class or a tier that has to be restored first."""
    purposes = frozenset(thresholds["purposes"])
    for bucket_ in program.of_type(*BUCKETS):
        if _needed(program, bucket_, purposes):
            yield from _classes(program, bucket_)
            yield from _tiers(program, bucket_)


def _needed(program: Program, bucket_: Resource, purposes: frozenset[str]) -> bool:
    purpose = program.graph.tags_of(bucket_).get("stanchion:purpose")
    return (isinstance(purpose, str) and purpose in purposes) or bool(program.graph.referrers(bucket_, _MODEL))


def _classes(program: Program, bucket_: Resource) -> Iterable[Violation]:
    rules, gap = lifecycle_rules(program.graph, bucket_)
    if gap:
        yield Violation.unsettled(gap, "everything in the bucket can be read at once")
    for rule in rules:
        transitions = rule.transitions.each()
        if rule.enabled is False:
            continue
        if isinstance(transitions, Unsettled):
            yield Violation.unsettled(transitions, "everything in the bucket can be read at once")
            continue
        for transition in transitions:
            storage = transition["storageClass"].text()
            if isinstance(storage, Unsettled):
                yield Violation.unsettled(storage, "everything in the bucket can be read at once")
            elif storage in _RESTORED_FIRST:
                yield Violation.at(
                    transition["storageClass"],
                    f"Objects of bucket '{bucket_.name}', from which recovery loads, go to {storage}: a restore takes "
                    f"{_RESTORED_FIRST[storage]} before anything can start.",
                )


def _tiers(program: Program, bucket_: Resource) -> Iterable[Violation]:
    for configuration in parts(program.graph, bucket_, "BucketIntelligentTieringConfiguration"):
        tierings = configuration.at("tierings").each()
        if configuration.at("status").text("Enabled") == "Disabled":
            continue
        if isinstance(tierings, Unsettled):
            yield Violation.unsettled(tierings, "everything in the bucket can be read at once")
            continue
        for tiering in tierings:
            tier = tiering["accessTier"].text()
            if isinstance(tier, Unsettled):
                yield Violation.unsettled(tier, "everything in the bucket can be read at once")
            elif tier in _ARCHIVE_TIERS:
                yield Violation.at(
                    tiering["accessTier"],
                    f"What is not read for a while in bucket '{bucket_.name}', from which recovery loads, goes to "
                    f"{tier}: a restore takes up to {_ARCHIVE_TIERS[tier]} before anything can start.",
                )


def _program(storage_class: str, purpose: str = "models") -> ResourceGraph:
    builder = GraphBuilder()
    models = bucket(builder, "models", tags={"stanchion:purpose": purpose})
    rule = {"id": "age", "status": "Enabled", "transitions": [{"days": 90, "storageClass": storage_class}]}
    part(builder, "BucketLifecycleConfiguration", models, "models", {"rules": [rule]})
    return builder.graph()


def _intelligent(tier: str) -> ResourceGraph:
    builder = GraphBuilder()
    models = bucket(builder, "models", tags={"stanchion:purpose": "models"})
    tierings = [{"accessTier": tier, "days": 180}]
    part(builder, "BucketIntelligentTieringConfiguration", models, "tiers", {"name": "t", "tierings": tierings})
    return builder.graph()


RULE = Rule(
    id="recovery-nothing-archived-that-recovery-needs",
    group=Group.RECOVERY,
    severity=Severity.HIGH,
    description="Buckets that models are loaded from keep them in classes that are read at once: an archive adds hours "
    "or days to every recovery.",
    remediation="Leave out GLACIER, DEEP_ARCHIVE and the archive access tiers; GLACIER_IR is read at once.",
    source="S3 user guide: archive retrieval options; S3 Intelligent-Tiering access tiers",
    check=check,
    thresholds=(
        Threshold(
            "purposes", ("models",), "Values of the tag stanchion:purpose that recovery loads from; the platform's own."
        ),
    ),
    passing=(
        Example("old models are read at once", lambda: _program("GLACIER_IR")),
        Example("nothing is loaded from an archive", lambda: _program("DEEP_ARCHIVE", purpose="archive")),
    ),
    failing=(
        Example("old models have to be restored", lambda: _program("GLACIER"), ("models",)),
        Example("models that rest are archived", lambda: _intelligent("DEEP_ARCHIVE_ACCESS"), ("tiers",)),
    ),
)
