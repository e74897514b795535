"""Rows of what leaves a bucket: copies, access logs, events, metrics."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Call, Example, Literal, Need, Problem, Ref, Row
from sandbox.provider.rows.s3 import BUCKET, NEEDS, NO_BUCKET, OWN, part
from sandbox.provider.rows.s3_lifecycle import one_filter
from sandbox.provider.rules import found, one_of
from sandbox.provider.values import UNKNOWN, Properties

# Properties of a notification's target, and the request's members for it.
TARGETS = {
    "lambdaFunctions": ("LambdaFunctionConfigurations", "lambdaFunctionArn", "LambdaFunctionArn"),
    "queues": ("QueueConfigurations", "queueArn", "QueueArn"),
    "topics": ("TopicConfigurations", "topicArn", "TopicArn"),
}
FIFTEEN = 15  # minutes: the only threshold that replication time control takes

THRESHOLDS = ("rules.destination.replicationTime.time.minutes", "rules.destination.metrics.eventThreshold.minutes")


def time_control(inputs: Mapping[str, Any]) -> list[Problem]:
    """Replication time control takes 15 minutes and needs metrics of the same threshold."""
    problems = [
        Problem(where, f"expected 15 minutes, got {value}")
        for path in (
            "rules.destination.replicationTime.time.minutes",
            "rules.destination.metrics.eventThreshold.minutes",
        )
        for where, value in found(inputs, path)
        if value is not UNKNOWN and value != FIFTEEN
    ]
    for where, destination in found(inputs, "rules.destination"):
        if isinstance(destination, Mapping) and "replicationTime" in destination and "metrics" not in destination:
            problems.append(Problem(where, "replicationTime needs metrics"))
    return problems


def encrypted_copies(inputs: Mapping[str, Any]) -> list[Problem]:
    """Copying what a KMS key encrypts takes both the selection of it and a key at the destination."""
    problems: list[Problem] = []
    for where, rule in found(inputs, "rules"):
        if not isinstance(rule, Mapping):
            continue
        selected = found(rule, "sourceSelectionCriteria.sseKmsEncryptedObjects.status")
        keyed = found(rule, "destination.encryptionConfiguration.replicaKmsKeyId")
        if any(status == "Enabled" for _, status in selected) and not keyed:
            problems.append(Problem(where, "sseKmsEncryptedObjects needs destination.encryptionConfiguration"))
    return problems


def put_notification(context: Context) -> Properties:
    """Puts all targets at once, as the API does."""
    wanted: dict[str, Any] = {}
    for name, (member, arn, request) in TARGETS.items():
        targets = [_target(entry, arn, request) for entry in context.inputs.get(name, [])]
        if targets:
            wanted[member] = targets
    if context.inputs.get("eventbridge"):
        wanted["EventBridgeConfiguration"] = {}
    context.call("put_bucket_notification_configuration", Bucket=context["bucket"], NotificationConfiguration=wanted)
    return {"id": context["bucket"]}


def _target(entry: Mapping[str, Any], arn: str, request: str) -> dict[str, Any]:
    target: dict[str, Any] = {request: entry[arn], "Events": entry["events"]}
    if entry.get("id"):
        target["Id"] = entry["id"]
    filters = [
        {"Name": name, "Value": entry[key]}
        for name, key in (("prefix", "filterPrefix"), ("suffix", "filterSuffix"))
        if entry.get(key)
    ]
    if filters:
        target["Filter"] = {"Key": {"FilterRules": filters}}
    return target


def read_notification(context: Context) -> Properties | None:
    """All targets; a bucket without any has no notification."""
    answer = context.call("get_bucket_notification_configuration", Bucket=context.id)
    state: Properties = {"bucket": context.id, "eventbridge": "EventBridgeConfiguration" in answer}
    for name, (member, arn, request) in TARGETS.items():
        entries = [_entry(target, arn, request) for target in answer.get(member, [])]
        if entries:
            state[name] = entries
    return state if len(state) > 2 or state["eventbridge"] else None


def _entry(target: Mapping[str, Any], arn: str, request: str) -> Properties:
    filters = {
        rule["Name"].lower(): rule["Value"] for rule in target.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    }
    entry = {
        arn: target[request],
        "events": list(target["Events"]),
        "id": target.get("Id"),
        "filterPrefix": filters.get("prefix"),
        "filterSuffix": filters.get("suffix"),
    }
    return {name: value for name, value in entry.items() if value}


def delete_notification(context: Context) -> None:
    """Puts an empty configuration, as there is no call to delete one."""
    context.call("put_bucket_notification_configuration", Bucket=context.id, NotificationConfiguration={})


VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
ON = {"status": "Enabled"}
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)
COPIED = {
    "bucket": Need(BUCKET, {"forceDestroy": True}),
    "bucket-versions": Need(VERSIONING, {"bucket": Ref("bucket"), "versioningConfiguration": ON}),
    "copy": Need(BUCKET, {"forceDestroy": True, "region": "us-west-2"}),
    "copy-versions": Need(VERSIONING, {"bucket": Ref("copy"), "versioningConfiguration": ON, "region": "us-west-2"}),
    "key": Need("aws:kms/key:Key", {"region": "us-west-2"}),
    "role": Need("aws:iam/role:Role", {"assumeRolePolicy": TRUST}),
}
RULE = {
    "id": "all",
    "priority": 1,
    "status": "Enabled",
    "filter": {"prefix": ""},
    "deleteMarkerReplication": ON,
    "sourceSelectionCriteria": {"sseKmsEncryptedObjects": ON},
    "destination": {
        "bucket": Ref("copy", "arn"),
        "storageClass": "STANDARD",
        "encryptionConfiguration": {"replicaKmsKeyId": Ref("key", "arn")},
        "metrics": {"status": "Enabled", "eventThreshold": {"minutes": FIFTEEN}},
        "replicationTime": {"status": "Enabled", "time": {"minutes": FIFTEEN}},
    },
}

ROWS = (
    part(
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        "bucket_replication",
        "ReplicationConfiguration",
        properties=("role", "rules"),
        # Support asks for it once, to replicate from a locked bucket; it is not stored.
        write_only=frozenset({"token"}),
        nested_computed=frozenset({"rules.id"}),
        gone=("ReplicationConfigurationNotFoundError",),
        rules=(
            one_of("rules.status", "Enabled", "Disabled"),
            one_of("rules.deleteMarkerReplication.status", "Enabled", "Disabled"),
            one_of("rules.destination.metrics.status", "Enabled", "Disabled"),
            one_of("rules.destination.replicationTime.status", "Enabled", "Disabled"),
            one_filter,
            time_control,
            encrypted_copies,
        ),
        example=Example(
            inputs={"bucket": Ref("bucket"), "role": Ref("role", "arn"), "rules": [RULE]},
            update={"rules": [{**RULE, "deleteMarkerReplication": {"status": "Disabled"}}]},
            replace={"bucket": "another-name"},
            needs=COPIED,
        ),
    ),
    part(
        "aws:s3/bucketLogging:BucketLogging",
        "bucket_logging",
        "BucketLoggingStatus.LoggingEnabled",
        result="LoggingEnabled",
        properties=("targetBucket", "targetPrefix", "targetGrants", "targetObjectKeyFormat"),
        sets=frozenset({"targetGrants"}),
        delete=(Call("put_bucket_logging", {**OWN, "BucketLoggingStatus": Literal({})}, fill=False),),
        rules=(one_of("targetObjectKeyFormat.partitionedPrefix.partitionDateSource", "EventTime", "DeliveryTime"),),
        example=Example(
            inputs={"bucket": Ref("bucket"), "targetBucket": Ref("logs"), "targetPrefix": "raw/"},
            update={"targetPrefix": "raw2/"},
            replace={"bucket": "another-name"},
            needs={**NEEDS, "logs": Need(BUCKET, {"forceDestroy": True})},
        ),
    ),
    Row(
        type="aws:s3/bucketMetric:BucketMetric",
        service="s3",
        auto_name=AutoName("name", 64),
        # Recorded only, so that there is nothing to call; Check and Diff work as for every other type.
        create=(),
        read=(),
        delete=(),
        id=("bucket", "name"),
        replace=frozenset({"bucket", "name"}),
        example=Example(
            inputs={"bucket": Ref("bucket"), "name": "EntireBucket"},
            update={"filter": {"prefix": "models/"}},
            replace={"name": "other"},
            needs=NEEDS,
        ),
    ),
    Row(
        type="aws:s3/bucketNotification:BucketNotification",
        service="s3",
        create=(put_notification,),
        read=(read_notification,),
        update=(put_notification,),
        delete=(delete_notification,),
        id=("bucket",),
        replace=frozenset({"bucket"}),
        sets=frozenset({"queues.events", "topics.events", "lambdaFunctions.events"}),
        nested_computed=frozenset({"queues.id", "topics.id", "lambdaFunctions.id"}),
        defaults={"eventbridge": False},
        gone=NO_BUCKET,
        example=Example(
            inputs={
                "bucket": Ref("bucket"),
                "eventbridge": True,
                "queues": [
                    {
                        "queueArn": Ref("queue", "arn"),
                        "events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
                        "filterPrefix": "in/",
                    }
                ],
            },
            update={"eventbridge": False},
            replace={"bucket": "another-name"},
            needs={**NEEDS, "queue": Need("aws:sqs/queue:Queue")},
        ),
    ),
)
