"""The part of a control layer that counts by the minute: its table, and the function that asks for what is in it."""

import pulumi

from components.observability.event_stream import EventStream
from components.observability.minute_aggregate import (
    FUNCTION,
    RUNBOOK,
    SCHEDULE,
    TIMEOUT_SECONDS,
    MinuteAggregate,
    MinuteAggregateArgs,
    MinuteSourcesArgs,
    minute_statements,
    minute_variables,
)
from components.storage.bucket import TieredBucket
from stacks.arns import arn, bucket_arn
from stacks.functions import Functions, Wish
from stacks.needs import LayerOutputs
from stacks.topics import topics_of
from stanchion.contracts import FoundationOutputs
from stanchion.spec import Environment

# As the event stream's workgroup says where answers go.
RESULTS_PREFIX = "athena/inference"


def minutes(
    spec: Environment,
    region: str,
    foundation: LayerOutputs[FoundationOutputs],
    events: EventStream,
    events_prefix: str,
    results: TieredBucket,
    functions: Functions,
    opts: pulumi.ResourceOptions,
) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
    """Declare the aggregate; the name of its table, and of its function."""
    key = foundation.output(lambda f: f.key.arn)
    aggregate = MinuteAggregate(
        f"{spec.name}-minutes",
        MinuteAggregateArgs(environment=spec.name, key_arn=key, keep=spec.keep, alarm_topics=topics_of(foundation)),
        opts,
    )
    database, table = events.database.name, events.table.name
    sources = MinuteSourcesArgs(
        workgroup_arn=events.workgroup.arn,
        catalog_arn=arn(spec, region, "glue", "catalog"),
        database_arn=arn(spec, region, "glue", pulumi.Output.concat("database/", database)),
        table_arn=arn(spec, region, "glue", pulumi.Output.concat("table/", database, "/", table)),
        bucket_arn=foundation.output(lambda f: f.buckets.curated.arn),
        prefix=events_prefix,
        results_bucket_arn=bucket_arn(region, results.bucket.bucket),
        results_prefix=RESULTS_PREFIX,
        key_arn=key,
    )
    made = functions.make(
        Wish(
            function=FUNCTION,
            description="Asks each minute what was asked, answered and spent.",
            runbook=RUNBOOK,
            variables=minute_variables(spec.name, region, aggregate.table.name, database, table, events.workgroup.name),
            policy=pulumi.Output.json_dumps(
                {"Version": "2012-10-17", "Statement": minute_statements(aggregate.table.arn, sources)}
            ),
            schedule=SCHEDULE,
            timeout_seconds=TIMEOUT_SECONDS,
        )
    )
    return aggregate.table.name, made.function.name
