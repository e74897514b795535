"""Objects that matter most are encrypted with a key of one's own."""

from collections.abc import Iterable

from policies.reading.examples import CRITICAL, STANDARD, bucket, part
from policies.reading.tiers import tier_named
from policies.rule import Example, Group, Program, Rule, Severity, Threshold, Thresholds, Violation
from stanchion.graph import GraphBuilder, Resource, ResourceGraph, Unsettled
from stanchion.recovery.reading.buckets import BUCKETS, encryption_rules
from stanchion.recovery.survival import Condition, any_of

LOGGING = ("aws:s3/bucketLogging:BucketLogging", "aws:s3/bucketLoggingV2:BucketLoggingV2")


def check(program: Program, thresholds: Thresholds) -> Iterable[Violation]:
    """Buckets of these tiers whose default encryption isn't KMS."""
    tiers = frozenset(thresholds["keyForTiers"])
    for found in program.of_type(*BUCKETS):
        tier = tier_named(program, found)
        # S3 delivers access logs under its own key only, as far as its guide promises.
        if tier in tiers and not _receives_logs(program, found):
            yield from _judge(program, found, str(tier))


def _receives_logs(program: Program, found: Resource) -> bool:
    return bool(program.graph.referring(found, "targetBucket", *LOGGING))


def _judge(program: Program, found: Resource, tier: str) -> Iterable[Violation]:
    answers: list[Condition] = []
    for default in encryption_rules(program.graph, found):
        algorithm = default["sseAlgorithm"].text()
        answers.append(algorithm if isinstance(algorithm, Unsettled) else algorithm.startswith("aws:kms"))
    answer = any_of(*answers)
    if isinstance(answer, Unsettled):
        yield Violation.unsettled(answer, "the bucket is encrypted with a KMS key")
    elif not answer:
        yield Violation.at(
            found,
            f"Bucket '{found.name}' belongs to tier {tier} and is encrypted with S3's own key, which nobody can "
            "withhold and whose use nobody sees.",
        )


def _program(tags: dict[str, str], algorithm: str | None) -> ResourceGraph:
    builder = GraphBuilder(tags=tags)
    lake = bucket(builder, "lake")
    if algorithm:
        rule = {"applyServerSideEncryptionByDefault": {"sseAlgorithm": algorithm}}
        part(builder, "BucketServerSideEncryptionConfiguration", lake, "lake", {"rules": [rule]})
    return builder.graph()


RULE = Rule(
    id="storage-bucket-encryption",
    group=Group.STORAGE,
    severity=Severity.MEDIUM,
    description="Buckets of critical workloads are encrypted with a KMS key. All others are encrypted with S3's own "
    "key whatever they say, since January 2023.",
    remediation="Add an aws.s3.BucketServerSideEncryptionConfiguration with sseAlgorithm aws:kms and the region's key.",
    source="S3 user guide: setting default server-side encryption behaviour",
    check=check,
    thresholds=(
        Threshold("keyForTiers", ("critical",), "Tiers whose buckets need a KMS key; the platform's own choice."),
    ),
    passing=(
        Example("a KMS key", lambda: _program(CRITICAL, "aws:kms")),
        Example("S3's own key is enough here", lambda: _program(STANDARD, None)),
    ),
    failing=(
        Example("S3's own key by default", lambda: _program(CRITICAL, None), ("lake",)),
        Example("S3's own key", lambda: _program(CRITICAL, "AES256"), ("lake",)),
    ),
)
