"""The platform side of a gateway with nothing around it, and a function that the stream of intents starts."""

import json

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs
from components.observability.event_stream import ColumnArgs, EventStream, EventStreamArgs
from components.serving.gateway_tables import GatewayTables, GatewayTablesArgs
from components.serving.response_cache import ResponseCache, ResponseCacheArgs
from components.serving.routing_configuration import RoutingConfiguration, RoutingConfigurationArgs
from components.serving.ticket_queue import TicketQueue, TicketQueueArgs
from components.storage.table import TableReplicaArgs

ENVIRONMENT = pulumi.Config("app").require("environment")
ACCOUNT = "000000000000"
REGION, OTHER = "us-west-2", "us-east-1"
HANDLER = """
import os

import boto3
from shared import WORD
from lib import OTHER


def handler(event, context):
    queue = boto3.client("sqs", endpoint_url=os.environ["ENDPOINT"], region_name=os.environ["REGION"])
    for record in event.get("Records", []):
        keys = record["dynamodb"]["Keys"]
        queue.send_message(QueueUrl=os.environ["QUEUE"], MessageBody=keys["endpoint"]["S"])
    return {"said": WORD + OTHER}
"""

opts = pulumi.ResourceOptions(provider=aws.Provider("west", region=REGION))
arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:told"
topics = AlarmTopicsArgs(critical=arn, warning=arn, info=arn)
key = aws.kms.Key("key", deletion_window_in_days=7, opts=opts)
bucket = aws.s3.Bucket("events", force_destroy=True, opts=opts)
results = aws.s3.Bucket("results", force_destroy=True, opts=opts)

routing = RoutingConfiguration(
    "routing", RoutingConfigurationArgs(ENVIRONMENT, REGION, key.arn, keep=False, alarm_topics=topics), opts
)
tables = GatewayTables(
    "tables",
    GatewayTablesArgs(
        ENVIRONMENT,
        key.arn,
        keep=False,
        alarm_topics=topics,
        replica=TableReplicaArgs(OTHER, key.arn, f"arn:aws:kms:{OTHER}:{ACCOUNT}:alias/data"),
    ),
    opts,
)
tickets = TicketQueue("tickets", TicketQueueArgs(ENVIRONMENT, key.arn, topics), opts)
cache = ResponseCache("cache", ResponseCacheArgs(ENVIRONMENT, ["subnet-1"], ["sg-1"], key.arn, topics), opts)
events = EventStream(
    "events",
    EventStreamArgs(
        environment=ENVIRONMENT,
        account_id=ACCOUNT,
        events="inference",
        columns=[ColumnArgs("event_id", "string"), ColumnArgs("latency_ms", "double")],
        bucket_name=bucket.bucket,
        bucket_arn=bucket.arn,
        prefix="events/inference",
        key_arn=key.arn,
        results_bucket_name=results.bucket,
        first_day="2026-01-01",
        keep=False,
        alarm_topics=topics,
    ),
    opts,
)

trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
role = aws.iam.Role("writer", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [trust]}), opts=opts)
layer = aws.lambda_.LayerVersion(
    "shared", layer_name=f"{ENVIRONMENT}-shared", code=pulumi.FileArchive("layer"), opts=opts
)
called = aws.sqs.Queue("called", opts=opts)
function = aws.lambda_.Function(
    "writer",
    role=role.arn,
    runtime="python3.12",
    handler="main.handler",
    timeout=30,
    layers=[layer.arn],
    code=pulumi.AssetArchive({"main.py": pulumi.StringAsset(HANDLER), "lib": pulumi.FileArchive("lib")}),
    environment=aws.lambda_.FunctionEnvironmentArgs(
        variables={
            "QUEUE": called.url,
            "REGION": REGION,
            "ENDPOINT": pulumi.Config("app").require("endpoint"),
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
    ),
    opts=opts,
)
aws.lambda_.EventSourceMapping(
    "intents",
    function_name=function.arn,
    event_source_arn=routing.intents.stream_arn,
    starting_position="TRIM_HORIZON",
    maximum_retry_attempts=3,
    opts=opts,
)
password = aws.secretsmanager.Secret("hash-keys", recovery_window_in_days=0, kms_key_id=key.arn, opts=opts)
aws.secretsmanager.SecretVersion(
    "hash-keys", secret_id=password.id, secret_string=pulumi.Config("app").require_secret("hash"), opts=opts
)
for name, value in {
    "stream": events.stream.name,
    "workgroup": events.workgroup.name,
    "database": events.database.name,
    "table": events.table.name,
    "function": function.name,
    "called": called.url,
    "intents": routing.intents.name,
    "application": routing.application.id,
    "app_config_environment": routing.environment.environment_id,
    "profile": routing.profile.configuration_profile_id,
    "strategy": routing.strategy.id,
    "address": cache.address,
    "tickets": tickets.queue.url,
    "keys": tables.keys.name,
}.items():
    pulumi.export(name, value)
