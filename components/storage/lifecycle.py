"""Lifecycle rules of a bucket: how objects get cheaper with age and what goes at last."""

import pulumi_aws as aws

from stanchion.spec import ArchiveClass

STORAGE_CLASS = {
    ArchiveClass.INSTANT: "GLACIER_IR",
    ArchiveClass.FLEXIBLE: "GLACIER",
    ArchiveClass.DEEP: "DEEP_ARCHIVE",
}

Rule = aws.s3.BucketLifecycleConfigurationRuleArgs
Transition = aws.s3.BucketLifecycleConfigurationRuleTransitionArgs


def by_age(cold_days: int | None, archive_days: int | None, archive_class: ArchiveClass) -> list[Transition]:
    """Standard, then Standard-IA, then the archive class; each step only if it has an age.

    Args:
        cold_days: S3 takes nothing into Standard-IA before day 30.
        archive_days: at least 30 days after cold_days, which Standard-IA is billed for.
    """
    steps = [(cold_days, "STANDARD_IA"), (archive_days, STORAGE_CLASS[archive_class])]
    return [Transition(days=days, storage_class=storage_class) for days, storage_class in steps if days is not None]


def by_use() -> list[Transition]:
    """Intelligent-Tiering from the first day: S3 watches each object's use and moves it between its own tiers."""
    return [Transition(days=0, storage_class="INTELLIGENT_TIERING")]


def tiering_rules(transitions: list[Transition]) -> list[Rule]:
    """One rule over the whole bucket, or none."""
    if not transitions:
        return []
    return [
        Rule(
            id="tiering",
            status="Enabled",
            filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(),
            transitions=transitions,
        )
    ]


def clearing_rules(expire_days: int | None, noncurrent_days: int, incomplete_upload_days: int) -> list[Rule]:
    """What nobody sees and all pay for goes: old versions, unfinished uploads, markers of nothing; objects if asked.

    With an age S3 also removes delete markers that hide nothing; without one that has to be asked for, and the two
    exclude each other in one rule (S3 API, LifecycleExpiration).

    Args:
        noncurrent_days: how long overwritten and deleted versions can be had back. A version under object lock stays
            until its lock ends, whatever is said here.
    """
    expiration = (
        aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=expire_days)
        if expire_days is not None
        else aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(expired_object_delete_marker=True)
    )
    return [
        Rule(
            id="clearing",
            status="Enabled",
            filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(),
            expiration=expiration,
            noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                noncurrent_days=noncurrent_days
            ),
            abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                days_after_initiation=incomplete_upload_days
            ),
        )
    ]
