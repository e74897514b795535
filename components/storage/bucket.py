"""A bucket that gets cheaper with age, keeps its old versions, and is readable by nobody it should not be."""

from dataclasses import dataclass
from enum import Enum

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs, Comparison, Metric, MissingData, Severity, Signal
from components.component import Component
from components.storage import bucket_policy, lifecycle
from stanchion.spec import ArchiveClass, Tiering


class LockMode(Enum):
    """Who can lift an object lock early: a person with the bypass permission, or nobody, not even the root user."""

    GOVERNANCE = "GOVERNANCE"
    COMPLIANCE = "COMPLIANCE"


@dataclass
class TieredBucketArgs:
    """Args of `TieredBucket`; ages in whole days.

    Args:
        purpose: what lies in it, such as `raw`; a tag that costs can be split by.
        account_id: whose buckets may deliver access logs here.
        noncurrent_days: how long overwritten and deleted versions can be had back.
        keep: leave it, and all that protects it, in the cloud when the stack goes.
        key_arn: ARN of the KMS key of the bucket's region. None only for a bucket that receives access logs.
        tiering: how objects move to cheaper classes. `age` uses cold_days and archive_days, `intelligent` the
            two `*_access_days`.
        cold_days: age at which objects go to Standard-IA; 30 or more.
        archive_days: age at which objects go to the archive class; 30 days or more after cold_days.
        archive_class: read at once, within hours, or within two days.
        archive_access_days: days without a read after which Intelligent-Tiering archives; 90 to 730.
        deep_archive_access_days: the same for its deep archive; 180 to 730.
        expire_days: age at which objects get a delete marker; never if None.
        incomplete_upload_days: age at which unfinished uploads go.
        queried: whether queries read it; then nothing in it may need a restore first.
        for_the_record: whether nothing waits for it in a recovery, so that it may take hours to be read again.
        disposable: whether what lies in it may be lost, since it can be made again.
        receives_access_logs: whether S3 delivers other buckets' access logs here.
        log_bucket: name of the bucket that receives this one's access logs.
        object_lock_days: each version can't be removed for so long after it was written; no lock if None.
        object_lock_mode: who can lift that lock.
        request_metrics: whether S3 counts requests and errors, and the alarm on them exists.
        backup_plan: name of the backup plan that takes it (`<environment>-<tier>`); none if None.
        restore_time: how long the team takes to put back its versions or backups, such as `30m`.
        alarm_topics: topics of the bucket's region; needed for request_metrics.
        region: only for stacks that span regions.
    """

    purpose: pulumi.Input[str]
    account_id: pulumi.Input[str]
    noncurrent_days: int
    keep: bool
    key_arn: pulumi.Input[str] | None = None
    tiering: Tiering = Tiering.NONE
    cold_days: int | None = None
    archive_days: int | None = None
    archive_class: ArchiveClass = ArchiveClass.INSTANT
    archive_access_days: int | None = None
    deep_archive_access_days: int | None = None
    expire_days: int | None = None
    incomplete_upload_days: int = 7
    queried: bool = False
    for_the_record: bool = False
    disposable: bool = False
    receives_access_logs: bool = False
    log_bucket: pulumi.Input[str] | None = None
    object_lock_days: int | None = None
    object_lock_mode: LockMode = LockMode.GOVERNANCE
    request_metrics: bool = True
    backup_plan: str | None = None
    restore_time: str | None = None
    alarm_topics: AlarmTopicsArgs | None = None
    region: str | None = None


class TieredBucket(Component):
    """A versioned, encrypted, private bucket whose objects get cheaper with age or with disuse.

    Objects below 128 KB stay in Standard whatever the tiering: the cheaper classes bill them as 128 KB, so that most
    would cost more than before (S3 user guide, lifecycle transitions).

    A bucket that receives access logs is encrypted with S3's own key and has no object lock: S3 delivers no logs, and
    says nothing, where the default encryption is SSE-KMS or a lock is set (S3 user guide, server access logging).

    Events of objects go to EventBridge, where they cost nothing until a rule sends them on.

    Cost: 0.023 USD per GB-month hot, 0.0125 cold, 0.004 / 0.0036 / 0.00099 instant / flexible / deep; 0.01 USD per
        1,000 moves to cold (third-party listing for us-east-1, 2026). Old versions cost as much as current ones.
        Request metrics cost as 16 custom metrics do, about 5 USD a month for a bucket in use.
    Recovery: a version overwritten or deleted can be had back for noncurrent_days: RPO 0 against corrupt data that is
        noticed by then. Against the loss of the region only `BucketReplication` helps. Flexible and deep archive add
        3-12 h and 12-48 h to every RTO that reads from them.
    """

    def __init__(self, name: str, args: TieredBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        refuse_silent_mistakes(name, args)
        super().__init__(name, args, opts)
        self.bucket = self._bucket(args)
        self.versioning = self._versioning(args)
        self.encryption = self._encryption(args)
        self.ownership = self._ownership(args)
        self.access_block = self._access_block(args)
        self.policy = self._policy(args)
        self.lifecycle = self._lifecycle(args)
        self.intelligent_tiering = self._intelligent_tiering(args)
        self.object_lock = self._object_lock(args)
        self.access_logging = self._access_logging(args)
        self.notification = self._notification(args)
        self.metric = self._metric(args)
        self.register_outputs({"name": self.bucket.bucket, "arn": self.bucket.arn})

    def _bucket(self, args: TieredBucketArgs) -> aws.s3.Bucket:
        return aws.s3.Bucket(
            f"{self.name}-bucket",
            # Destroy empties a bucket only in an environment that says its data is disposable.
            force_destroy=not args.keep,
            object_lock_enabled=args.object_lock_days is not None,
            region=args.region,
            tags={
                **self.shared(),
                **self.backed_up(args.backup_plan),
                **self.restored_within(args.restore_time),
                # Who read what is worth keeping, and no workload waits for it.
                **(self.disposable() if args.receives_access_logs else {}),
                **(self.record() if args.for_the_record else {}),
                **(self.disposable() if args.disposable else {}),
                "stanchion:purpose": args.purpose,
            },
            opts=self.kept(args.keep),
        )

    def _versioning(self, args: TieredBucketArgs) -> aws.s3.BucketVersioning:
        return aws.s3.BucketVersioning(
            f"{self.name}-versioning",
            bucket=self.bucket.bucket,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            region=args.region,
            opts=self.kept(args.keep),
        )

    def _encryption(self, args: TieredBucketArgs) -> aws.s3.BucketServerSideEncryptionConfiguration:
        default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
            sse_algorithm="AES256" if args.receives_access_logs else "aws:kms",
            kms_master_key_id=args.key_arn,
        )
        return aws.s3.BucketServerSideEncryptionConfiguration(
            f"{self.name}-encryption",
            bucket=self.bucket.bucket,
            rules=[
                aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=default,
                    # One data key for many objects: about a hundredth of the calls to KMS.
                    bucket_key_enabled=not args.receives_access_logs,
                )
            ],
            region=args.region,
            opts=self.kept(args.keep),
        )

    def _ownership(self, args: TieredBucketArgs) -> aws.s3.BucketOwnershipControls:
        return aws.s3.BucketOwnershipControls(
            f"{self.name}-ownership",
            bucket=self.bucket.bucket,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            region=args.region,
            opts=self.kept(args.keep),
        )

    def _access_block(self, args: TieredBucketArgs) -> aws.s3.BucketPublicAccessBlock:
        return aws.s3.BucketPublicAccessBlock(
            f"{self.name}-access-block",
            bucket=self.bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            region=args.region,
            opts=self.kept(args.keep),
        )

    def _policy(self, args: TieredBucketArgs) -> aws.s3.BucketPolicy:
        arn = self.bucket.arn
        statements = bucket_policy.only_over_tls(arn)
        if args.key_arn is not None:
            statements += bucket_policy.only_with_key(arn, args.key_arn)
        if args.receives_access_logs:
            statements += bucket_policy.access_log_delivery(arn, args.account_id)
        return aws.s3.BucketPolicy(
            f"{self.name}-policy",
            bucket=self.bucket.bucket,
            policy=bucket_policy.document(statements),
            region=args.region,
            # S3 refuses a policy while the access block is being changed.
            opts=self.kept(args.keep, depends_on=[self.access_block]),
        )

    def _lifecycle(self, args: TieredBucketArgs) -> aws.s3.BucketLifecycleConfiguration:
        transitions = {
            Tiering.AGE: lifecycle.by_age(args.cold_days, args.archive_days, args.archive_class),
            Tiering.INTELLIGENT: lifecycle.by_use(),
            Tiering.NONE: [],
        }[args.tiering]
        return aws.s3.BucketLifecycleConfiguration(
            f"{self.name}-lifecycle",
            bucket=self.bucket.bucket,
            rules=[
                *lifecycle.tiering_rules(transitions),
                *lifecycle.clearing_rules(args.expire_days, args.noncurrent_days, args.incomplete_upload_days),
            ],
            transition_default_minimum_object_size="all_storage_classes_128K",
            region=args.region,
            # Rules on old versions mean nothing before there are versions.
            opts=self.kept(args.keep, depends_on=[self.versioning]),
        )

    def _intelligent_tiering(self, args: TieredBucketArgs) -> aws.s3.BucketIntelligentTieringConfiguration | None:
        steps = [
            ("ARCHIVE_ACCESS", args.archive_access_days),
            ("DEEP_ARCHIVE_ACCESS", args.deep_archive_access_days),
        ]
        tiers = [
            aws.s3.BucketIntelligentTieringConfigurationTieringArgs(access_tier=tier, days=days)
            for tier, days in steps
            if days is not None
        ]
        if not tiers:
            return None
        return aws.s3.BucketIntelligentTieringConfiguration(
            f"{self.name}-archive-access",
            bucket=self.bucket.bucket,
            name="archive-access",
            tierings=tiers,
            region=args.region,
            opts=self.kept(args.keep),
        )

    def _object_lock(self, args: TieredBucketArgs) -> aws.s3.BucketObjectLockConfiguration | None:
        if args.object_lock_days is None:
            return None
        return aws.s3.BucketObjectLockConfiguration(
            f"{self.name}-object-lock",
            bucket=self.bucket.bucket,
            rule=aws.s3.BucketObjectLockConfigurationRuleArgs(
                default_retention=aws.s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(
                    mode=args.object_lock_mode.value, days=args.object_lock_days
                )
            ),
            region=args.region,
            opts=self.kept(args.keep, depends_on=[self.versioning]),
        )

    def _access_logging(self, args: TieredBucketArgs) -> aws.s3.BucketLogging | None:
        if args.log_bucket is None:
            return None
        by_day = aws.s3.BucketLoggingTargetObjectKeyFormatPartitionedPrefixArgs(partition_date_source="EventTime")
        return aws.s3.BucketLogging(
            f"{self.name}-access-logging",
            bucket=self.bucket.bucket,
            target_bucket=args.log_bucket,
            target_prefix=f"{self.name}/",
            # Account, region, bucket and day in the key: a query reads the days it asks for and no more.
            target_object_key_format=aws.s3.BucketLoggingTargetObjectKeyFormatArgs(partitioned_prefix=by_day),
            region=args.region,
            opts=self.kept(args.keep),
        )

    def _notification(self, args: TieredBucketArgs) -> aws.s3.BucketNotification:
        return aws.s3.BucketNotification(
            f"{self.name}-events",
            bucket=self.bucket.bucket,
            eventbridge=True,
            region=args.region,
            opts=self.child(),
        )

    def _metric(self, args: TieredBucketArgs) -> aws.s3.BucketMetric | None:
        """Request metrics, and the alarm on what clients that retry would hide.

        No alarm on 4xx: a probe for an object that is not there yet is a 404, and pipelines do little else.
        """
        if not args.request_metrics:
            return None
        metric = aws.s3.BucketMetric(
            f"{self.name}-requests",
            bucket=self.bucket.bucket,
            name="EntireBucket",
            region=args.region,
            opts=self.child(),
        )
        self.alarm(
            "server-errors",
            signal=Signal.ERRORS,
            severity=Severity.WARNING,
            metric=Metric(
                "AWS/S3",
                "5xxErrors",
                {"BucketName": self.bucket.bucket, "FilterId": metric.name},
                # Reported as 0 or 1 per request, so that the average is the share.
                statistic="Average",
                period=300,
            ),
            threshold=0.01,
            comparison=Comparison.ABOVE,
            periods=3,
            missing_data=MissingData.NOT_BREACHING,
            runbook="bucket-server-errors",
            description="More than 1 % of the requests to a bucket have failed on S3's side for 15 minutes.",
            region=args.region,
        )
        return metric


def refuse_silent_mistakes(name: str, args: TieredBucketArgs) -> None:
    """Refuse what S3 accepts and then does not do as meant.

    Raises:
        ValueError: a sentence with the bucket's name and the fix.
    """
    restored_first = args.archive_access_days is not None or args.deep_archive_access_days is not None
    if args.tiering is Tiering.AGE and args.archive_days is not None and args.archive_class is not ArchiveClass.INSTANT:
        restored_first = True
    if args.queried and restored_first:
        raise ValueError(
            f"bucket '{name}' is queried, and objects in it would go to a class that has to be restored first: Athena "
            "skips these without an error. Use archive_class instant and no archive access tiers, or queried=False."
        )
    if args.tiering is not Tiering.INTELLIGENT and (args.archive_access_days or args.deep_archive_access_days):
        raise ValueError(
            f"bucket '{name}' has archive access tiers, which only Intelligent-Tiering has, but its tiering "
            f"is '{args.tiering.value}'. Use tiering intelligent, or remove the *_access_days."
        )
    if args.receives_access_logs and (args.key_arn is not None or args.object_lock_days is not None):
        raise ValueError(
            f"bucket '{name}' receives access logs, and S3 delivers none where a KMS key is the default or an object "
            "lock is set, without an error. Remove key_arn and object_lock_days."
        )
    if not args.receives_access_logs and args.key_arn is None:
        raise ValueError(f"bucket '{name}' has no key_arn. Give it the data key of its region.")
    if args.object_lock_days is not None and args.object_lock_mode is LockMode.COMPLIANCE and not args.keep:
        raise ValueError(
            f"bucket '{name}' has a compliance lock, which nobody can lift, but keep is False, so destroy would fail "
            f"for {args.object_lock_days} days. Use keep=True, or the governance mode."
        )
