"""The table of minutes, and what the function needs that writes it."""

from dataclasses import dataclass
from typing import Any

import pulumi

from components.alarm import AlarmTopicsArgs, Comparison, Metric, MissingData, Severity, Signal
from components.component import Component
from components.storage.table import TableArgs, table
from stanchion.minutes import settings
from stanchion.minutes.names import PARTITION_KEY, SORT_KEY, TIME_TO_LIVE, minute_table

RUNBOOK = "minutes-late"
# The function's folder in functions/, and how it is run: a question may take a minute, and what it says has to be
# written.
FUNCTION = "minute_aggregate"
SCHEDULE = "rate(1 minute)"
TIMEOUT_SECONDS = 120
# Readers bear two to three minutes; twice five without a write is trouble, and no single run that failed.
PERIOD_SECONDS, PERIODS = 300, 2


@dataclass
class MinuteAggregateArgs:
    """Args of `MinuteAggregate`.

    Args:
        environment: the environment's name.
        key_arn: ARN of the region's KMS key.
        keep: protect the table from deletion, and leave it in the cloud when the stack goes.
        alarm_topics: topics of the region.
    """

    environment: str
    key_arn: pulumi.Input[str]
    keep: bool
    alarm_topics: AlarmTopicsArgs


@dataclass
class MinuteSourcesArgs:
    """Where the minutes come from: what an event stream made, by name and ARN.

    Args:
        workgroup_arn: of Athena.
        catalog_arn: of the account's Glue catalogue.
        database_arn: of Glue.
        table_arn: of the table of events.
        bucket_arn: of the bucket of events.
        prefix: under which events lie, without a slash at the end.
        results_bucket_arn: of the bucket that answers go to.
        results_prefix: under which answers lie, without a slash at the end; the workgroup says so.
        key_arn: ARN of the region's KMS key, with which both buckets are encrypted.
    """

    workgroup_arn: pulumi.Input[str]
    catalog_arn: pulumi.Input[str]
    database_arn: pulumi.Input[str]
    table_arn: pulumi.Input[str]
    bucket_arn: pulumi.Input[str]
    prefix: str
    results_bucket_arn: pulumi.Input[str]
    results_prefix: str
    key_arn: pulumi.Input[str]


class MinuteAggregate(Component):
    """What was asked, answered and spent in each minute, to be read two to three minutes later.

    Rows can be made again from the events as long as these are kept, but for the cost of asking; the function does so
    for the last three hours by itself.

    Cost: Athena bills a question at 10 MB at least, 5 USD per TB: 2 USD a month for one a minute, and with 100 requests
        a second, whose events of four hours are about 100 MB packed, 25 USD. Rows are written when they change, about
        three times each: with 10 endpoints of 6 parts 6 USD of writes and 4 USD of reads a month at 0.625 and 0.125 USD
        per million. One alarm, 0.10 USD (us-east-1, from memory).
    Recovery: regional, each region counts its own gateways. Point-in-time recovery goes back to any second of the last
        35 days, which is as long as a row is kept.
    """

    def __init__(self, name: str, args: MinuteAggregateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.table = table(
            self,
            "minutes",
            TableArgs(
                name=minute_table(args.environment),
                partition_key=PARTITION_KEY,
                sort_key=SORT_KEY,
                time_to_live=TIME_TO_LIVE,
                key_arn=args.key_arn,
                keep=args.keep,
                # The events, which are replicated, have all of it.
                tags={**self.shared(), **self.disposable()},
            ),
        )
        self._alarms()
        self.register_outputs({"tableName": self.table.name, "tableArn": self.table.arn})

    def _alarms(self) -> None:
        # Each run that gets to its end writes an item at least. Whatever keeps it from that, here it shows.
        self.alarm(
            "unwritten",
            signal=Signal.HEARTBEAT,
            severity=Severity.CRITICAL,
            metric=Metric(
                "AWS/DynamoDB",
                "ConsumedWriteCapacityUnits",
                {"TableName": self.table.name},
                period=PERIOD_SECONDS,
            ),
            threshold=1,
            comparison=Comparison.BELOW,
            missing_data=MissingData.BREACHING,
            periods=PERIODS,
            runbook=RUNBOOK,
            description=f"Nothing was written to the table of minutes for {PERIODS * PERIOD_SECONDS // 60} minutes: "
            "budgets and guards do not see what is spent.",
        )


def minute_variables(
    environment: str,
    region: str,
    table_name: pulumi.Input[str],
    database: pulumi.Input[str],
    events_table: pulumi.Input[str],
    workgroup: pulumi.Input[str],
) -> dict[str, pulumi.Input[str]]:
    """What the function is told, as environment variables.

    Args:
        environment: the environment's name.
        region: whose gateways are counted.
        table_name: of the table of minutes.
        database: of Glue, with the table of events.
        events_table: its name.
        workgroup: of Athena.
    """
    return {
        settings.ENVIRONMENT: environment,
        settings.REGION: region,
        settings.MINUTE_TABLE: table_name,
        settings.DATABASE: database,
        settings.EVENTS_TABLE: events_table,
        settings.WORKGROUP: workgroup,
    }


def minute_statements(table_arn: pulumi.Input[str], sources: MinuteSourcesArgs) -> list[dict[str, Any]]:
    """What the function may do besides writing its log: statements of a policy document.

    Args:
        table_arn: of the table of minutes.
        sources: where the minutes come from.
    """
    events = pulumi.Output.concat(sources.bucket_arn, f"/{sources.prefix}/*")
    results = pulumi.Output.concat(sources.results_bucket_arn, f"/{sources.results_prefix}/*")
    return [
        {
            "Sid": "Ask",
            "Effect": "Allow",
            "Action": [
                "athena:GetQueryExecution",
                "athena:GetQueryResults",
                "athena:StartQueryExecution",
                "athena:StopQueryExecution",
            ],
            "Resource": sources.workgroup_arn,
        },
        # Athena does the rest in the name of who asks.
        {
            "Sid": "KnowTheTable",
            "Effect": "Allow",
            "Action": ["glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable"],
            "Resource": [sources.catalog_arn, sources.database_arn, sources.table_arn],
        },
        {
            "Sid": "FindEventsAndResults",
            "Effect": "Allow",
            "Action": ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            "Resource": [sources.bucket_arn, sources.results_bucket_arn],
        },
        {"Sid": "ReadEvents", "Effect": "Allow", "Action": "s3:GetObject", "Resource": events},
        {
            "Sid": "KeepResults",
            "Effect": "Allow",
            "Action": [
                "s3:AbortMultipartUpload",
                "s3:GetObject",
                "s3:ListMultipartUploadParts",
                "s3:PutObject",
            ],
            "Resource": results,
        },
        {
            "Sid": "ReadAndWriteEncrypted",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": sources.key_arn,
            "Condition": {"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}},
        },
        {
            "Sid": "WriteMinutes",
            "Effect": "Allow",
            "Action": ["dynamodb:BatchWriteItem", "dynamodb:PutItem", "dynamodb:Query"],
            "Resource": table_arn,
        },
    ]
