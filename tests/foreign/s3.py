"""S3."""

from typing import Any

import pulumi
import pulumi_aws as aws

from tests.foreign.pair import APPLICATION, HOUR, REGION, Pair, Regions

ROLE = "arn:aws:iam::111122223333:role/replication"


def bucket(name: str, opts: pulumi.ResourceOptions, versions: str = "Enabled") -> aws.s3.Bucket:
    made = aws.s3.Bucket(name, opts=opts)
    aws.s3.BucketVersioning(
        name,
        bucket=made.id,
        versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status=versions),
        opts=opts,
    )
    return made


def replicate(
    source: aws.s3.Bucket,
    target: aws.s3.Bucket,
    opts: pulumi.ResourceOptions,
    *,
    timed: bool = True,
    prefix: str = "",
    key: pulumi.Input[str] | None = None,
    encrypted: bool = False,
) -> None:
    a = aws.s3
    destination: dict[str, Any] = {"bucket": target.arn}
    if timed:
        fifteen = 15
        destination["replication_time"] = a.BucketReplicationConfigRuleDestinationReplicationTimeArgs(
            status="Enabled", time=a.BucketReplicationConfigRuleDestinationReplicationTimeTimeArgs(minutes=fifteen)
        )
        destination["metrics"] = a.BucketReplicationConfigRuleDestinationMetricsArgs(
            status="Enabled",
            event_threshold=a.BucketReplicationConfigRuleDestinationMetricsEventThresholdArgs(minutes=fifteen),
        )
    if key is not None:
        destination["encryption_configuration"] = a.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs(
            replica_kms_key_id=key
        )
    criteria = a.BucketReplicationConfigRuleSourceSelectionCriteriaArgs(
        sse_kms_encrypted_objects=a.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs(
            status="Enabled"
        )
    )
    a.BucketReplicationConfig(
        "replication",
        bucket=source.id,
        role=ROLE,
        rules=[
            a.BucketReplicationConfigRuleArgs(
                id="all",
                status="Enabled",
                filter=a.BucketReplicationConfigRuleFilterArgs(prefix=prefix),
                delete_marker_replication=a.BucketReplicationConfigRuleDeleteMarkerReplicationArgs(status="Disabled"),
                source_selection_criteria=criteria if encrypted else None,
                destination=a.BucketReplicationConfigRuleDestinationArgs(**destination),
            )
        ],
        opts=opts,
    )


def encrypt(name: str, target: aws.s3.Bucket, key: aws.kms.Key, opts: pulumi.ResourceOptions) -> None:
    a = aws.s3
    default = a.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm="aws:kms", kms_master_key_id=key.arn
    )
    a.BucketServerSideEncryptionConfiguration(
        name,
        bucket=target.id,
        rules=[a.BucketServerSideEncryptionConfigurationRuleArgs(apply_server_side_encryption_by_default=default)],
        opts=opts,
    )


def versions(broken: bool) -> None:
    regions = Regions()
    bucket("lake", regions.in_east, "Suspended" if broken else "Enabled")


def untimed(broken: bool) -> None:
    regions = Regions()
    source, target = bucket("lake", regions.in_east), bucket("copy", regions.in_west)
    replicate(source, target, regions.in_east, timed=not broken)


def same_region(broken: bool) -> None:
    regions = Regions()
    source = bucket("lake", regions.in_east)
    target = bucket("copy", regions.in_east if broken else regions.in_west)
    replicate(source, target, regions.in_east)


def part_only(broken: bool) -> None:
    regions = Regions()
    source, target = bucket("lake", regions.in_east), bucket("copy", regions.in_west)
    replicate(source, target, regions.in_east, prefix="public/" if broken else "")


def encrypted_left_out(broken: bool) -> None:
    regions = Regions()
    source, target = bucket("lake", regions.in_east), bucket("copy", regions.in_west)
    here, there = aws.kms.Key("here", opts=regions.in_east), aws.kms.Key("there", opts=regions.in_west)
    encrypt("lake", source, here, regions.in_east)
    if broken:
        replicate(source, target, regions.in_east)
    else:
        replicate(source, target, regions.in_east, encrypted=True, key=there.arn)


def key_of_the_lost_region(broken: bool) -> None:
    regions = Regions()
    source, target = bucket("lake", regions.in_east), bucket("copy", regions.in_west)
    here, there = aws.kms.Key("here", opts=regions.in_east), aws.kms.Key("there", opts=regions.in_west)
    encrypt("lake", source, here, regions.in_east)
    replicate(source, target, regions.in_east, encrypted=True, key=here.arn if broken else there.arn)


def archived(broken: bool) -> None:
    regions = Regions()
    source = bucket("weights", regions.in_east)
    a = aws.s3
    moved = a.BucketLifecycleConfigurationRuleTransitionArgs(
        days=30, storage_class="DEEP_ARCHIVE" if broken else "STANDARD_IA"
    )
    a.BucketLifecycleConfiguration(
        "weights",
        bucket=source.id,
        rules=[
            a.BucketLifecycleConfigurationRuleArgs(
                id="cold",
                status="Enabled",
                filter=a.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                transitions=[moved],
            )
        ],
        opts=regions.in_east,
    )


def public(broken: bool) -> None:
    regions = Regions()
    made = bucket("lake", regions.in_east)
    aws.s3.BucketPublicAccessBlock(
        "lake",
        bucket=made.id,
        block_public_acls=True,
        block_public_policy=not broken,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=regions.in_east,
    )


PAIRS = (
    Pair("versioning is suspended", versions, "lake", ("RPO", APPLICATION)),
    Pair("replication without time control", untimed, "lake", ("RPO", REGION)),
    Pair("a replica in the same region", same_region, "lake", ("RPO", REGION)),
    Pair("only a prefix is replicated", part_only, "lake", ("RPO", REGION)),
    Pair("encrypted objects are not selected for replication", encrypted_left_out, "lake", ("RPO", REGION)),
    Pair("replicas encrypted with a key of the lost region", key_of_the_lost_region, "lake", ("RPO", REGION)),
    Pair("weights in the deep archive", archived, "weights", ("RTO", APPLICATION), HOUR),
    Pair("a bucket policy may make it public", public, "lake", rule="storage-public-access"),
)
