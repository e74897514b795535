"""Replication of one bucket's objects between the two regions, both ways."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs, Comparison, Metric, MissingData, Severity, Signal
from components.component import Component

# Replication time control knows this one value (S3 API, ReplicationTimeValue).
TIME_CONTROL_MINUTES = 15


@dataclass
class ReplicatedBucketArgs:
    """One of the two buckets.

    Args:
        name: of a bucket with versioning enabled.
        arn: its ARN.
        region: where it lies.
        alarm_topics: topics of that region.
        key_arn: ARN of its KMS key in that region; None for a bucket encrypted with S3's own key.
        key_alias_arn: ARN of that key's alias, by which replicas name it: it is known before the key exists, so that a
            preview can tell in which region replicas are readable. None names it by key_arn.
    """

    name: pulumi.Input[str]
    arn: pulumi.Input[str]
    region: str
    alarm_topics: AlarmTopicsArgs
    key_arn: pulumi.Input[str] | None = None
    key_alias_arn: pulumi.Input[str] | None = None


@dataclass
class BucketReplicationArgs:
    """Args of `BucketReplication`.

    Args:
        primary: the bucket in the primary region.
        standby: its counterpart in the standby region.
        object_lock: both buckets have object lock; retention travels with the objects then.
    """

    primary: ReplicatedBucketArgs
    standby: ReplicatedBucketArgs
    object_lock: bool = False


@dataclass
class Direction:
    """One way: what replicates where, under which rule id, and as whom."""

    rule: str
    source: ReplicatedBucketArgs
    destination: ReplicatedBucketArgs
    role: aws.iam.Role
    config: aws.s3.BucketReplicationConfig


class BucketReplication(Component):
    """Replication with time control between two buckets, both ways, so that either region can be written to.

    Delete markers replicate on purpose: both sides agree on what is there, and the version under the marker can still
    be read on both. A removal of a *version* never replicates, and neither does what a lifecycle rule removes or
    marks: each side has the same lifecycle rules. Changes to a replica's tags travel back.

    Objects under SSE-KMS are left out by S3 unless they are selected, as here, and re-encrypted with the key of the
    destination's region. Objects that were there before the rule are *not* replicated: that is a job for S3 Batch
    Replication, once. When both sides write the same key at once, each keeps both versions, and which of them is
    current may differ between the sides.

    Cost: transfer between regions 0.02 USD per GB plus 0.015 USD per GB for time control, a PUT per object, storage
        on both sides, four custom metrics per direction while objects move (us-east-1, from memory).
    Recovery: RPO 15 min against the loss of a region, committed for 99.9 % of objects a month (S3 RTC SLA). None
        against corrupt data: the damage is replicated too; versions help there.
    """

    def __init__(self, name: str, args: BucketReplicationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        if (args.primary.key_arn is None) != (args.standby.key_arn is None):
            raise ValueError(
                f"replication '{name}' has a key on one side only, so that objects would not arrive as the bucket "
                "encrypts. Give both sides the key of their region, or neither."
            )
        super().__init__(name, args, opts)
        self.to_standby = self._direction("to-standby", args.primary, args.standby, args.object_lock)
        self.to_primary = self._direction("to-primary", args.standby, args.primary, args.object_lock)
        self.directions = [self.to_standby, self.to_primary]
        self.register_outputs({"rules": [direction.rule for direction in self.directions]})

    def _direction(
        self, rule: str, source: ReplicatedBucketArgs, destination: ReplicatedBucketArgs, object_lock: bool
    ) -> Direction:
        role = self._role(rule)
        permissions = self._permissions(rule, role, source, destination, object_lock)
        config = self._config(rule, role, permissions, source, destination)
        self._alarms(rule, source, destination)
        return Direction(rule, source, destination, role, config)

    def _role(self, rule: str) -> aws.iam.Role:
        return aws.iam.Role(
            f"{self.name}-{rule}",
            description="Lets S3 copy objects of one bucket into its counterpart in the other region.",
            # No condition on the source: S3's guide shows none for replication, and where the service sends no such
            # context a condition would stop replication without a word. Who may pass the role is IAM's to say.
            assume_role_policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "s3.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        }
                    ],
                }
            ),
            tags=self.shared(),
            opts=self.child(),
        )

    def _permissions(
        self,
        rule: str,
        role: aws.iam.Role,
        source: ReplicatedBucketArgs,
        destination: ReplicatedBucketArgs,
        object_lock: bool,
    ) -> aws.iam.RolePolicy:
        read = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
        if object_lock:
            read += ["s3:GetObjectRetention", "s3:GetObjectLegalHold"]
        write = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]
        statements: list[dict[str, Any]] = [
            {
                "Effect": "Allow",
                "Action": ["s3:GetReplicationConfiguration", "s3:ListBucket"],
                "Resource": source.arn,
            },
            # Every object of the one bucket: which of them replicate is the rule's to say.
            {"Effect": "Allow", "Action": read, "Resource": pulumi.Output.concat(source.arn, "/*")},
            {"Effect": "Allow", "Action": write, "Resource": pulumi.Output.concat(destination.arn, "/*")},
        ]
        if source.key_arn is not None and destination.key_arn is not None:
            statements += [
                _use_of_key(["kms:Decrypt"], source.key_arn, source),
                # Encrypt for an object's own data key, GenerateDataKey for the bucket key.
                _use_of_key(["kms:Encrypt", "kms:GenerateDataKey"], destination.key_arn, destination),
            ]
        return aws.iam.RolePolicy(
            f"{self.name}-{rule}",
            role=role.name,
            policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements}),
            opts=self.child(),
        )

    def _config(
        self,
        rule: str,
        role: aws.iam.Role,
        permissions: aws.iam.RolePolicy,
        source: ReplicatedBucketArgs,
        destination: ReplicatedBucketArgs,
    ) -> aws.s3.BucketReplicationConfig:
        criteria = aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs(
            replica_modifications=aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaReplicaModificationsArgs(
                status="Enabled"
            ),
        )
        encryption = None
        if destination.key_arn is not None:
            selected = aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs(
                status="Enabled"
            )
            criteria.sse_kms_encrypted_objects = selected
            encryption = aws.s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs(
                replica_kms_key_id=destination.key_alias_arn or destination.key_arn
            )
        return aws.s3.BucketReplicationConfig(
            f"{self.name}-{rule}",
            bucket=source.name,
            role=role.arn,
            rules=[
                aws.s3.BucketReplicationConfigRuleArgs(
                    id=rule,
                    status="Enabled",
                    priority=1,
                    # An empty filter is the whole bucket, and makes it the rule form that knows delete markers.
                    filter=aws.s3.BucketReplicationConfigRuleFilterArgs(),
                    delete_marker_replication=aws.s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs(
                        status="Enabled"
                    ),
                    source_selection_criteria=criteria,
                    destination=aws.s3.BucketReplicationConfigRuleDestinationArgs(
                        bucket=destination.arn,
                        encryption_configuration=encryption,
                        replication_time=aws.s3.BucketReplicationConfigRuleDestinationReplicationTimeArgs(
                            status="Enabled",
                            time=aws.s3.BucketReplicationConfigRuleDestinationReplicationTimeTimeArgs(
                                minutes=TIME_CONTROL_MINUTES
                            ),
                        ),
                        # Time control is refused without metrics.
                        metrics=aws.s3.BucketReplicationConfigRuleDestinationMetricsArgs(
                            status="Enabled",
                            event_threshold=aws.s3.BucketReplicationConfigRuleDestinationMetricsEventThresholdArgs(
                                minutes=TIME_CONTROL_MINUTES
                            ),
                        ),
                    ),
                )
            ],
            region=source.region,
            opts=self.child(depends_on=[permissions]),
        )

    def _alarms(self, rule: str, source: ReplicatedBucketArgs, destination: ReplicatedBucketArgs) -> None:
        """Lag and failures, each where S3 publishes it (S3 user guide, replication metrics).

        The lag is published in the destination's region, so that it is seen when the source's is gone; failures in
        the source's. An alarm in the other region would stay green for ever.
        """
        dimensions = {"SourceBucket": source.name, "DestinationBucket": destination.name, "RuleId": rule}
        self.alarm(
            f"{rule}-late",
            signal=Signal.REPLICATION_LAG,
            severity=Severity.CRITICAL,
            metric=Metric("AWS/S3", "ReplicationLatency", dimensions, statistic="Maximum", period=300),
            threshold=TIME_CONTROL_MINUTES * 60,
            comparison=Comparison.ABOVE,
            periods=3,
            missing_data=MissingData.NOT_BREACHING,
            runbook="replication-lag",
            description="A bucket has been more than 15 minutes behind its counterpart for 15 minutes.",
            topics=destination.alarm_topics,
            region=destination.region,
        )
        self.alarm(
            f"{rule}-failed",
            signal=Signal.ERRORS,
            severity=Severity.WARNING,
            metric=Metric("AWS/S3", "OperationsFailedReplication", dimensions, statistic="Sum", period=300),
            threshold=0,
            comparison=Comparison.ABOVE,
            missing_data=MissingData.NOT_BREACHING,
            runbook="replication-failed",
            description="S3 gave up replicating objects; they are missing on the other side and are not tried again.",
            topics=source.alarm_topics,
            region=source.region,
        )


def _use_of_key(actions: list[str], key_arn: pulumi.Input[str], bucket: ReplicatedBucketArgs) -> dict[str, Any]:
    """A key for S3's own calls about the one bucket: its objects, or itself where it has a bucket key."""
    return {
        "Effect": "Allow",
        "Action": actions,
        "Resource": key_arn,
        "Condition": {
            "StringLike": {
                "kms:ViaService": f"s3.{bucket.region}.amazonaws.com",
                "kms:EncryptionContext:aws:s3:arn": [bucket.arn, pulumi.Output.concat(bucket.arn, "/*")],
            }
        },
    }
