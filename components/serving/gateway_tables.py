"""What gateways remember in DynamoDB: keys, what was used of quotas, and tickets."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs, Comparison, Metric, MissingData, Severity, Signal
from components.component import Component
from components.storage.table import TableArgs, TableReplicaArgs, table
from stanchion.keys import names as key_names
from stanchion.quotas import names as quota_names
from stanchion.tickets import names as ticket_names

RUNBOOK = "gateway-tables"
# About a second is usual (DynamoDB developer guide, global tables); a minute is trouble.
LAG_MILLISECONDS = 60_000


@dataclass
class GatewayTablesArgs:
    """Args of `GatewayTables`.

    Args:
        environment: the environment's name.
        key_arn: ARN of the region's KMS key.
        keep: protect the tables from deletion, and leave them in the cloud when the stack goes.
        alarm_topics: topics of the region.
        replica: the other region, which then has the same tables; only one of both regions declares them.
        restore_time: how long the team takes to put a table back, such as `1h`.
    """

    environment: str
    key_arn: pulumi.Input[str]
    keep: bool
    alarm_topics: AlarmTopicsArgs
    replica: TableReplicaArgs | None = None
    restore_time: str | None = None


class GatewayTables(Component):
    """Tables of API keys, of quota counters and of tickets, as global tables when there is another region.

    A gateway asks the table of its own region. A key that was made or revoked in one region holds in the other about a
    second later; of counters each region has items of its own, so that no write is lost to the other region's.

    Cost: 0.625 USD per million writes, 0.125 per million reads, twice the writes with a replica; 0.25 USD per GB-month
        and 0.20 more for point-in-time recovery (us-east-1, from memory). Next to nothing while idle.
    Recovery: nothing is lost with a zone, about a second of writes with the region if there is a replica, and at most
        five minutes by a mistake: point-in-time recovery goes back to any second of the last 35 days.
    """

    def __init__(self, name: str, args: GatewayTablesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.tags = {**self.shared(), **self.restored_within(args.restore_time)}
        self.keys = self._keys(args)
        self.quotas = self._quotas(args)
        self.tickets = self._tickets(args)
        self.tables = {"keys": self.keys, "quotas": self.quotas, "tickets": self.tickets}
        self._throttle_alarms()
        self._lag_alarms(args)
        self.register_outputs({purpose: made.arn for purpose, made in self.tables.items()})

    def _keys(self, args: GatewayTablesArgs) -> aws.dynamodb.Table:
        # No time to live: who looks why a key is refused must see that it has ended.
        return self._table("keys", key_names.key_table(args.environment), key_names.PARTITION_KEY, args)

    def _quotas(self, args: GatewayTablesArgs) -> aws.dynamodb.Table:
        return self._table(
            "quotas",
            quota_names.quota_table(args.environment),
            quota_names.PARTITION_KEY,
            args,
            sort_key=quota_names.SORT_KEY,
            time_to_live=quota_names.TIME_TO_LIVE,
        )

    def _tickets(self, args: GatewayTablesArgs) -> aws.dynamodb.Table:
        return self._table(
            "tickets",
            ticket_names.ticket_table(args.environment),
            ticket_names.PARTITION_KEY,
            args,
            time_to_live=ticket_names.TIME_TO_LIVE,
        )

    def _table(
        self,
        purpose: str,
        table_name: str,
        partition_key: str,
        args: GatewayTablesArgs,
        *,
        sort_key: str | None = None,
        time_to_live: str | None = None,
    ) -> aws.dynamodb.Table:
        return table(
            self,
            purpose,
            TableArgs(
                name=table_name,
                partition_key=partition_key,
                key_arn=args.key_arn,
                keep=args.keep,
                tags=self.tags,
                sort_key=sort_key,
                time_to_live=time_to_live,
                replica=args.replica,
            ),
        )

    def _throttle_alarms(self) -> None:
        for purpose, made in self.tables.items():
            for metric in ("ReadThrottleEvents", "WriteThrottleEvents"):
                self.alarm(
                    f"{purpose}-{metric.removesuffix('ThrottleEvents').lower()}s-throttled",
                    signal=Signal.SATURATION,
                    severity=Severity.WARNING,
                    metric=Metric("AWS/DynamoDB", metric, {"TableName": made.name}, period=60),
                    threshold=0,
                    comparison=Comparison.ABOVE,
                    missing_data=MissingData.NOT_BREACHING,
                    periods=5,
                    runbook=RUNBOOK,
                    description=f"DynamoDB has refused requests to the table of {purpose} for 5 minutes.",
                )

    def _lag_alarms(self, args: GatewayTablesArgs) -> None:
        if args.replica is None:
            return
        for purpose, made in self.tables.items():
            dimensions: dict[str, pulumi.Input[str]] = {
                "TableName": made.name,
                "ReceivingRegion": args.replica.region,
            }
            self.alarm(
                f"{purpose}-replication-lag",
                signal=Signal.REPLICATION_LAG,
                severity=Severity.WARNING,
                metric=Metric("AWS/DynamoDB", "ReplicationLatency", dimensions, statistic="Average", period=60),
                threshold=LAG_MILLISECONDS,
                comparison=Comparison.ABOVE,
                # Without writes there is nothing to be late with.
                missing_data=MissingData.NOT_BREACHING,
                periods=5,
                runbook=RUNBOOK,
                description=f"Writes to the table of {purpose} reach {args.replica.region} over a minute late.",
            )
