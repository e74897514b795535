"""Events from those who make them to a table that can be asked."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs, Comparison, Metric, MissingData, Severity, Signal
from components.component import Component
from components.observability.log_group import LogGroup, LogGroupArgs
from stanchion.events.table import INPUT_FORMAT, OUTPUT_FORMAT, SERDE

RUNBOOK = "events-late"
# Firehose writes what it has after so long or when it is so much (Firehose API, BufferingHints: 64 MiB is the least
# with which many objects of a busy minute stay few).
BUFFER_SECONDS = 60
BUFFER_MIB = 64
# A stream that is well is two minutes behind at most; it keeps what it can't deliver for a day.
LATE_SECONDS = 15 * 60
GIB = 1024**3
LEAST_LIMIT = 10 * 1024**2  # Athena API, BytesScannedCutoffPerQuery


@dataclass
class ColumnArgs:
    """A column of the table.

    Args:
        name: as in the events.
        type: Athena's, such as `string`, `double` or `map<string,string>`.
    """

    name: str
    type: str


@dataclass
class EventStreamArgs:
    """Args of `EventStream`.

    Args:
        environment: the environment's name.
        account_id: whose stream may use the role.
        events: what they are, such as `inference`; the table is called so.
        columns: of the table, without those of the partitions.
        bucket_name: where the events go; it decides how long they stay.
        bucket_arn: of that bucket.
        prefix: under which they lie, without a slash at the end; those that can't be written lie under
            `<prefix>-failed`.
        key_arn: ARN of the region's KMS key, with which the bucket and the stream are encrypted.
        results_bucket_name: where answers to queries go.
        first_day: the first one that there can be events of, such as `2026-01-01`.
        keep: leave the log of the delivery in the cloud when the stack goes.
        alarm_topics: topics of the region.
        largest_query_gib: a query that would read more is ended.
        log_retention_days: of the delivery's errors.
    """

    environment: str
    account_id: pulumi.Input[str]
    events: str
    columns: list[ColumnArgs]
    bucket_name: pulumi.Input[str]
    bucket_arn: pulumi.Input[str]
    prefix: str
    key_arn: pulumi.Input[str]
    results_bucket_name: pulumi.Input[str]
    first_day: str
    keep: bool
    alarm_topics: AlarmTopicsArgs
    largest_query_gib: float = 100
    log_retention_days: int = 30


class EventStream(Component):
    """A Firehose stream into a bucket, and a table over it that finds the partition of an hour by its name.

    Events are lines of JSON. They lie by the hour in which Firehose took them, in UTC. Partitions are projected: none
    has to be registered, and a query that names days and hours reads those and no others.

    Cost: 0.029 USD per GB taken, where each record counts as 5 KB at least: several events in one record cost less
        than one in each. 0.023 per GB-month kept, 5 USD per TB that queries read (us-east-1, from memory); GZIP makes
        these two about a tenth.
    Recovery: regional. Firehose keeps in three zones what it took, for a day while the bucket can't be written. What
        it did not take stays on the gateways' disks. With the region, the last minutes are lost where the bucket is
        replicated, and all where it is not.
    """

    def __init__(self, name: str, args: EventStreamArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.limit_bytes = self._limit_bytes(args)
        self.delivery_log = self._delivery_log(args)
        self.log_stream = self._log_stream()
        self.role = self._role(args)
        self.permission = self._permission(args)
        self.stream = self._stream(args)
        self.database = self._database(args)
        self.table = self._table(args)
        self.workgroup = self._workgroup(args)
        self._alarms()
        self.register_outputs(
            {
                "streamName": self.stream.name,
                "streamArn": self.stream.arn,
                "database": self.database.name,
                "table": self.table.name,
                "workgroup": self.workgroup.name,
            }
        )

    def _limit_bytes(self, args: EventStreamArgs) -> int:
        limit = int(args.largest_query_gib * GIB)
        if limit < LEAST_LIMIT:
            raise ValueError(
                f"event stream '{self.name}' has largest_query_gib {args.largest_query_gib:g}; Athena takes no limit "
                "below 10 MiB."
            )
        return limit

    def _delivery_log(self, args: EventStreamArgs) -> LogGroup:
        return LogGroup(
            f"{self.name}-delivery",
            LogGroupArgs(retention_days=args.log_retention_days, key_arn=args.key_arn, keep=args.keep),
            self.child(),
        )

    def _log_stream(self) -> aws.cloudwatch.LogStream:
        return aws.cloudwatch.LogStream(
            f"{self.name}-delivery",
            name="delivery",
            log_group_name=self.delivery_log.log_group.name,
            opts=self.child(),
        )

    def _role(self, args: EventStreamArgs) -> aws.iam.Role:
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": "firehose.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": args.account_id}},
        }
        return aws.iam.Role(
            f"{self.name}-delivery",
            description=f"Writes {args.events} events to their bucket.",
            assume_role_policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [trust]}),
            tags=self.shared(),
            opts=self.child(),
        )

    def _permission(self, args: EventStreamArgs) -> aws.iam.RolePolicy:
        places = [
            pulumi.Output.concat(args.bucket_arn, f"/{args.prefix}/*"),
            pulumi.Output.concat(args.bucket_arn, f"/{args.prefix}-failed/*"),
        ]
        log = pulumi.Output.concat(self.delivery_log.log_group.arn, ":log-stream:", self.log_stream.name)
        statements: list[dict[str, Any]] = [
            {
                "Effect": "Allow",
                "Action": ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
                "Resource": args.bucket_arn,
            },
            {"Effect": "Allow", "Action": ["s3:AbortMultipartUpload", "s3:PutObject"], "Resource": places},
            {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": args.key_arn},
            {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": log},
        ]
        return aws.iam.RolePolicy(
            f"{self.name}-delivery",
            role=self.role.name,
            policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements}),
            opts=self.child(),
        )

    def _stream(self, args: EventStreamArgs) -> aws.kinesis.FirehoseDeliveryStream:
        return aws.kinesis.FirehoseDeliveryStream(
            f"{self.name}-stream",
            name=f"{args.environment}-{args.events}-events",
            destination="extended_s3",
            extended_s3_configuration=aws.kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationArgs(
                bucket_arn=args.bucket_arn,
                role_arn=self.role.arn,
                prefix=f"{args.prefix}/dt=!{{timestamp:yyyy-MM-dd}}/hour=!{{timestamp:HH}}/",
                # Not below the prefix: the table would take it for events.
                error_output_prefix=(
                    f"{args.prefix}-failed/!{{firehose:error-output-type}}/dt=!{{timestamp:yyyy-MM-dd}}/"
                ),
                buffering_interval=BUFFER_SECONDS,
                buffering_size=BUFFER_MIB,
                compression_format="GZIP",
                kms_key_arn=args.key_arn,
                cloudwatch_logging_options=(
                    aws.kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationCloudwatchLoggingOptionsArgs(
                        enabled=True,
                        log_group_name=self.delivery_log.log_group.name,
                        log_stream_name=self.log_stream.name,
                    )
                ),
            ),
            server_side_encryption=aws.kinesis.FirehoseDeliveryStreamServerSideEncryptionArgs(
                enabled=True, key_type="CUSTOMER_MANAGED_CMK", key_arn=args.key_arn
            ),
            tags=self.shared(),
            # Without the permission the first deliveries would fail.
            opts=self.child(depends_on=[self.permission]),
        )

    def _database(self, args: EventStreamArgs) -> aws.glue.CatalogDatabase:
        return aws.glue.CatalogDatabase(
            f"{self.name}-database",
            # Athena takes a hyphen for a minus.
            name=f"{args.environment.replace('-', '_')}_events",
            description="What gateways tell of requests.",
            tags=self.shared(),
            opts=self.child(),
        )

    def _table(self, args: EventStreamArgs) -> aws.glue.CatalogTable:
        place = pulumi.Output.concat("s3://", args.bucket_name, f"/{args.prefix}/")
        return aws.glue.CatalogTable(
            f"{self.name}-table",
            name=args.events.replace("-", "_"),
            database_name=self.database.name,
            description=f"One row for each of the {args.events} events; the same event may be there twice.",
            table_type="EXTERNAL_TABLE",
            parameters={
                "EXTERNAL": "TRUE",
                "classification": "json",
                "projection.enabled": "true",
                "projection.dt.type": "date",
                "projection.dt.format": "yyyy-MM-dd",
                "projection.dt.range": f"{args.first_day},NOW",
                "projection.dt.interval": "1",
                "projection.dt.interval.unit": "DAYS",
                "projection.hour.type": "integer",
                "projection.hour.range": "0,23",
                "projection.hour.digits": "2",
                "storage.location.template": pulumi.Output.concat(place, "dt=${dt}/hour=${hour}/"),
            },
            partition_keys=[
                aws.glue.CatalogTablePartitionKeyArgs(name="dt", type="string", comment="day, in UTC"),
                aws.glue.CatalogTablePartitionKeyArgs(name="hour", type="string", comment="00 to 23, in UTC"),
            ],
            storage_descriptor=aws.glue.CatalogTableStorageDescriptorArgs(
                location=place,
                input_format=INPUT_FORMAT,
                output_format=OUTPUT_FORMAT,
                compressed=True,
                columns=[
                    aws.glue.CatalogTableStorageDescriptorColumnArgs(name=column.name, type=column.type)
                    for column in args.columns
                ],
                ser_de_info=aws.glue.CatalogTableStorageDescriptorSerDeInfoArgs(
                    serialization_library=SERDE,
                    # One line that was cut must not fail every query over its day.
                    parameters={"ignore.malformed.json": "true"},
                ),
            ),
            opts=self.child(),
        )

    def _workgroup(self, args: EventStreamArgs) -> aws.athena.Workgroup:
        encrypted = aws.athena.WorkgroupConfigurationResultConfigurationEncryptionConfigurationArgs(
            encryption_option="SSE_KMS", kms_key_arn=args.key_arn
        )
        return aws.athena.Workgroup(
            f"{self.name}-workgroup",
            name=f"{args.environment}-{args.events}-events",
            description=f"Queries over {args.events} events.",
            configuration=aws.athena.WorkgroupConfigurationArgs(
                enforce_workgroup_configuration=True,
                publish_cloudwatch_metrics_enabled=True,
                bytes_scanned_cutoff_per_query=self.limit_bytes,
                result_configuration=aws.athena.WorkgroupConfigurationResultConfigurationArgs(
                    output_location=pulumi.Output.concat("s3://", args.results_bucket_name, f"/athena/{args.events}/"),
                    encryption_configuration=encrypted,
                ),
            ),
            # Saved queries are in the program; what else is in it are results, which lie in the bucket.
            force_destroy=True,
            tags=self.shared(),
            opts=self.child(),
        )

    def _alarms(self) -> None:
        dimensions: dict[str, pulumi.Input[str]] = {"DeliveryStreamName": self.stream.name}
        self.alarm(
            "late",
            signal=Signal.LATENCY,
            severity=Severity.CRITICAL,
            metric=Metric("AWS/Firehose", "DeliveryToS3.DataFreshness", dimensions, statistic="Maximum", period=300),
            threshold=LATE_SECONDS,
            comparison=Comparison.ABOVE,
            # Nothing to deliver, nothing late.
            missing_data=MissingData.NOT_BREACHING,
            runbook=RUNBOOK,
            description=f"An event has waited over {LATE_SECONDS // 60} minutes to be written; after a day it is lost.",
        )
        self.alarm(
            "throttled",
            signal=Signal.SATURATION,
            severity=Severity.WARNING,
            metric=Metric("AWS/Firehose", "ThrottledRecords", dimensions, period=300),
            threshold=0,
            comparison=Comparison.ABOVE,
            missing_data=MissingData.NOT_BREACHING,
            periods=3,
            runbook=RUNBOOK,
            description="Firehose has refused events for 15 minutes; gateways keep them on their disks meanwhile.",
        )
