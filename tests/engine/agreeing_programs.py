"""Three programs in plain pulumi_aws, which every source of graphs has to tell alike.

A lake with replicas and backups; images, queues and an alarm; two workloads of which one has a defect. They hold what
the local cloud can deploy.
"""

import pulumi
import pulumi_aws as aws

TAGS = {"stanchion:workload": "lake", "stanchion:tier": "standard", "stanchion:restore": "30m"}
WEST = "us-west-2"


def lake() -> None:
    """Buckets in two regions under KMS, replicated with time control, and backed up with copies."""
    near = aws.kms.Key("near", multi_region=True, enable_key_rotation=True, tags=TAGS)
    far = aws.kms.ReplicaKey("far", primary_key_arn=near.arn, region=WEST, tags=TAGS)
    raw, copy = _bucket("raw", near.arn, None), _bucket("copy", far.arn, WEST)
    role = aws.iam.Role("replication", assume_role_policy=_trusting("s3.amazonaws.com"))
    aws.s3.BucketReplicationConfig(
        "raw",
        bucket=raw.id,
        role=role.arn,
        rules=[
            {
                "id": "all",
                "status": "Enabled",
                "priority": 1,
                "filter": {},
                "delete_marker_replication": {"status": "Enabled"},
                "source_selection_criteria": {"sse_kms_encrypted_objects": {"status": "Enabled"}},
                "destination": {
                    "bucket": copy.arn,
                    "encryption_configuration": {"replica_kms_key_id": far.arn},
                    "replication_time": {"status": "Enabled", "time": {"minutes": 15}},
                    "metrics": {"status": "Enabled", "event_threshold": {"minutes": 15}},
                },
            }
        ],
    )
    here = aws.backup.Vault("here", name="lake", kms_key_arn=near.arn, force_destroy=True, tags=TAGS)
    there = aws.backup.Vault("there", name="lake", kms_key_arn=far.arn, force_destroy=True, region=WEST, tags=TAGS)
    plan = aws.backup.Plan(
        "lake",
        name="lake",
        rules=[
            {
                "rule_name": "hourly",
                "target_vault_name": here.name,
                "schedule": "cron(0 * * * ? *)",
                "start_window": 60,
                "completion_window": 120,
                "lifecycle": {"delete_after": 35},
                "copy_actions": [{"destination_vault_arn": there.arn, "lifecycle": {"delete_after": 35}}],
            }
        ],
        tags=TAGS,
    )
    backup = aws.iam.Role("backup", assume_role_policy=_trusting("backup.amazonaws.com"))
    aws.backup.Selection("lake", name="lake", plan_id=plan.id, iam_role_arn=backup.arn, resources=[raw.arn])


def images() -> None:
    """Repositories of which one may be overwritten, their replication, a queue with its dead letters, an alarm."""
    tags = {**TAGS, "stanchion:workload": "images"}
    aws.ecr.Repository("fixed", name="prod/fixed", image_tag_mutability="IMMUTABLE", force_delete=True, tags=tags)
    aws.ecr.Repository("loose", name="test/loose", force_delete=True, tags=tags)
    aws.ecr.ReplicationConfiguration(
        "images",
        replication_configuration={
            "rules": [
                {
                    "destinations": [{"region": WEST, "registry_id": "000000000000"}],
                    "repository_filters": [{"filter": "prod/", "filter_type": "PREFIX_MATCH"}],
                }
            ]
        },
    )
    dead = aws.sqs.Queue("dead", message_retention_seconds=1209600, tags=tags)
    work = aws.sqs.Queue(
        "work",
        redrive_policy=pulumi.Output.json_dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 3}),
        tags=tags,
    )
    pages = aws.sns.Topic("pages", tags=tags)
    aws.cloudwatch.MetricAlarm(
        "stuck",
        namespace="AWS/SQS",
        metric_name="ApproximateAgeOfOldestMessage",
        dimensions={"QueueName": work.name},
        statistic="Maximum",
        period=60,
        evaluation_periods=3,
        threshold=600,
        comparison_operator="GreaterThanThreshold",
        alarm_actions=[pages.arn],
        tags=tags,
    )
    aws.cloudwatch.LogGroup("loose", tags=tags)


def workloads() -> None:
    """Two workloads: one keeps versions and one suspends them; a schedule that only the deployment knows."""
    for name, status in (("orders", "Enabled"), ("scratch", "Suspended")):
        tags = {**TAGS, "stanchion:workload": name, "stanchion:tier": "standard" if name == "orders" else "batch"}
        bucket = aws.s3.Bucket(name, tags=tags, force_destroy=True)
        aws.s3.BucketVersioning(name, bucket=bucket.id, versioning_configuration={"status": status})
    key = aws.kms.Key("default", enable_key_rotation=True)
    vault = aws.backup.Vault("default", name="default", kms_key_arn=key.arn, force_destroy=True, tags=TAGS)
    plan = aws.backup.Plan(
        "default",
        name="default",
        rules=[
            {
                "rule_name": "made-up",
                "target_vault_name": vault.name,
                # Of a value that exists only after the deployment.
                "schedule": vault.arn.apply(lambda arn: f"cron(0 0/{6 if arn else 12} * * ? *)"),
                "start_window": 60,
                "completion_window": 180,
            }
        ],
    )
    role = aws.iam.Role("backup", assume_role_policy=_trusting("backup.amazonaws.com"))
    aws.backup.Selection(
        "default",
        name="default",
        plan_id=plan.id,
        iam_role_arn=role.arn,
        selection_tags=[{"type": "STRINGEQUALS", "key": "stanchion:workload", "value": "orders"}],
    )


def _bucket(name: str, key: pulumi.Output[str], region: str | None) -> aws.s3.Bucket:
    bucket = aws.s3.Bucket(name, tags=TAGS, force_destroy=True, region=region)
    aws.s3.BucketVersioning(name, bucket=bucket.id, versioning_configuration={"status": "Enabled"}, region=region)
    aws.s3.BucketServerSideEncryptionConfiguration(
        name,
        bucket=bucket.id,
        rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": key}}],
        region=region,
    )
    return bucket


def _trusting(service: str) -> pulumi.Output[str]:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [statement]})


PROGRAMS = {"lake": lake, "images": images, "workloads": workloads}
