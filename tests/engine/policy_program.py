"""A plain program for the policy pack: a bucket with its parts, and one defect on demand."""

import pulumi
import pulumi_aws as aws

TAGS = {"stanchion:workload": "orders", "stanchion:tier": "standard", "stanchion:restore": "30m"}


def build(defect: str) -> None:
    """Declare it.

    Args:
        defect: `none`, `suspended` (no versions), `unknown setting` (a retention that another resource makes up).
    """
    bucket = aws.s3.Bucket("lake", tags=TAGS)
    a = aws.s3
    aws.s3.BucketVersioning(
        "lake",
        bucket=bucket.id,
        versioning_configuration=a.BucketVersioningVersioningConfigurationArgs(
            status="Suspended" if defect == "suspended" else "Enabled"
        ),
    )
    aws.s3.BucketPublicAccessBlock(
        "lake",
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )
    default = a.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm="AES256"
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        "lake",
        bucket=bucket.id,
        rules=[a.BucketServerSideEncryptionConfigurationRuleArgs(apply_server_side_encryption_by_default=default)],
    )
    aws.s3.BucketLifecycleConfiguration(
        "lake",
        bucket=bucket.id,
        rules=[
            a.BucketLifecycleConfigurationRuleArgs(
                id="tidy",
                status="Enabled",
                filter=a.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                abort_incomplete_multipart_upload=a.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                    days_after_initiation=7
                ),
                noncurrent_version_expiration=a.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                    noncurrent_days=30
                ),
            )
        ],
    )
    policy = pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [bucket.arn, pulumi.Output.concat(bucket.arn, "/*")],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ],
        }
    )
    aws.s3.BucketPolicy("lake", bucket=bucket.id, policy=policy)
    days: pulumi.Input[int] = 30
    if defect == "unknown setting":
        # Known only when the bucket is there: its ARN has some length.
        days = bucket.arn.apply(lambda arn: 30 if len(arn) > 3 else 60)
    aws.cloudwatch.LogGroup("service", retention_in_days=days)
    pulumi.export("bucket", bucket.bucket)
