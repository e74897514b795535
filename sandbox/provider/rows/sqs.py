"""Rows of Amazon SQS: attributes are one map of strings."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Example, Need, Problem, Ref, Row, TagCalls
from sandbox.provider.rules import between, conflicts, matches, one_of, only_if
from sandbox.provider.values import UNKNOWN, Properties

GONE = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})

ATTRIBUTES = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deduplicationScope": "DeduplicationScope",
    "delaySeconds": "DelaySeconds",
    "fifoQueue": "FifoQueue",
    "fifoThroughputLimit": "FifoThroughputLimit",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "policy": "Policy",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "redriveAllowPolicy": "RedriveAllowPolicy",
    "redrivePolicy": "RedrivePolicy",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}
WHOLE = frozenset(
    {
        "delaySeconds",
        "kmsDataKeyReusePeriodSeconds",
        "maxMessageSize",
        "messageRetentionSeconds",
        "receiveWaitTimeSeconds",
        "visibilityTimeoutSeconds",
    }
)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def create_queue(context: Context) -> Properties:
    """Creates the queue; a standard queue may not say that it is not FIFO."""
    attributes = {
        member: _text(context.inputs[name])
        for name, member in ATTRIBUTES.items()
        if name in context.inputs and not (name in ("fifoQueue", "contentBasedDeduplication") and not context[name])
    }
    answer = context.call("create_queue", QueueName=context["name"], Attributes=attributes)
    return {"id": answer["QueueUrl"], "url": answer["QueueUrl"]}


def read_queue(context: Context) -> Properties | None:
    """The attributes as properties."""
    found = context.call("get_queue_attributes", QueueUrl=context.id, AttributeNames=["All"])["Attributes"]
    state: Properties = {
        "id": context.id,
        "url": context.id,
        "arn": found["QueueArn"],
        "name": context.id.rpartition("/")[2],
        "fifoQueue": False,
        "contentBasedDeduplication": False,
    }
    for name, member in ATTRIBUTES.items():
        if found.get(member):
            text = found[member]
            state[name] = int(text) if name in WHOLE else text == "true" if text in ("true", "false") else text
    return state


def update_queue(context: Context) -> None:
    """Sets the changed attributes; an empty text takes one away."""
    changed = [name for name in ATTRIBUTES if name in context.changed]
    if changed:
        attributes = {ATTRIBUTES[name]: _text(context.inputs.get(name, "")) for name in changed}
        context.call("set_queue_attributes", QueueUrl=context.id, Attributes=attributes)


def delete_queue(context: Context) -> None:
    """Deletes the queue."""
    context.call("delete_queue", QueueUrl=context.id)


def fifo_name(inputs: Mapping[str, Any]) -> list[Problem]:
    """A FIFO queue's name ends in .fifo, and no other name does."""
    name, fifo = inputs.get("name"), inputs.get("fifoQueue", False)
    if not isinstance(name, str) or fifo is UNKNOWN or name.endswith(".fifo") == bool(fifo):
        return []
    return [Problem("name", f"invalid queue name: {name}; a FIFO queue's name ends with .fifo, another's does not")]


def single(name: str, attribute: str) -> dict[str, Any]:
    """The steps of a type that is one attribute of a queue."""

    def put(context: Context) -> Properties:
        context.call("set_queue_attributes", QueueUrl=context["queueUrl"], Attributes={attribute: context[name]})
        return {"id": context["queueUrl"]}

    def read(context: Context) -> Properties | None:
        answer = context.call("get_queue_attributes", QueueUrl=context.id, AttributeNames=[attribute])
        text = answer.get("Attributes", {}).get(attribute)
        return {"queueUrl": context.id, name: text} if text else None

    def remove(context: Context) -> None:
        context.call("set_queue_attributes", QueueUrl=context.id, Attributes={attribute: ""})

    return {"create": (put,), "read": (read,), "update": (put,), "delete": (remove,), "id": ("queueUrl",)}


def redrive(inputs: Mapping[str, Any]) -> list[Problem]:
    """A redrive policy names the dead-letter queue and the number of receives before it."""
    text = inputs.get("redrivePolicy")
    if not isinstance(text, str) or not text:
        return []
    missing = {"deadLetterTargetArn", "maxReceiveCount"} - json.loads(text).keys()
    return [Problem("redrivePolicy", f"the redrive policy has no {name}") for name in sorted(missing)]


def allow(action: str) -> str:
    """A queue policy for the examples."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": action,
        "Resource": "${queue.arn}",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


QUEUE = "aws:sqs/queue:Queue"

ROWS = (
    Row(
        type=QUEUE,
        service="sqs",
        cfn="AWS::SQS::Queue",
        names={"name": "QueueName"},
        cfn_names={
            "name": "QueueName",
            "maxMessageSize": "MaximumMessageSize",
            "messageRetentionSeconds": "MessageRetentionPeriod",
            "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
            "visibilityTimeoutSeconds": "VisibilityTimeout",
        },
        auto_name=AutoName("name", 80, "namePrefix", lambda inputs: ".fifo" if inputs.get("fifoQueue") is True else ""),
        create=(create_queue,),
        read=(read_queue,),
        update=(update_queue,),
        delete=(delete_queue,),
        replace=frozenset({"name", "namePrefix", "fifoQueue"}),
        json=frozenset({"policy", "redrivePolicy", "redriveAllowPolicy"}),
        sticky=frozenset(
            {
                "deduplicationScope",
                "fifoThroughputLimit",
                "kmsDataKeyReusePeriodSeconds",
                "policy",
                "redriveAllowPolicy",
                "redrivePolicy",
                "sqsManagedSseEnabled",
            }
        ),
        provider_only=frozenset({"namePrefix"}),
        watched=frozenset({"kmsMasterKeyId"}),
        defaults={
            "contentBasedDeduplication": False,
            "delaySeconds": 0,
            "fifoQueue": False,
            "maxMessageSize": 262144,
            "messageRetentionSeconds": 345600,
            "receiveWaitTimeSeconds": 0,
            "visibilityTimeoutSeconds": 30,
        },
        gone=GONE,
        tags=TagCalls("tag_queue", "untag_queue", "list_queue_tags", ("QueueUrl", "$id"), pair=None),
        rules=(
            conflicts("name", "namePrefix"),
            conflicts("kmsMasterKeyId", "sqsManagedSseEnabled"),
            only_if("contentBasedDeduplication", "fifoQueue"),
            fifo_name,
            redrive,
            between("delaySeconds", 0, 900),
            between("kmsDataKeyReusePeriodSeconds", 60, 86400),
            between("maxMessageSize", 1024, 1048576),
            between("messageRetentionSeconds", 60, 1209600),
            between("receiveWaitTimeSeconds", 0, 20),
            between("visibilityTimeoutSeconds", 0, 43200),
            matches("name", r"[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo", "letters, digits, - and _, at most 80"),
            one_of("deduplicationScope", "messageGroup", "queue"),
            one_of("fifoThroughputLimit", "perQueue", "perMessageGroupId"),
        ),
        example=Example(
            inputs={"tags": {"team": "a"}, "messageRetentionSeconds": 1209600},
            update={"tags": {"team": "b"}, "visibilityTimeoutSeconds": 60},
            replace={"name": "orders"},
        ),
    ),
    Row(
        type="aws:sqs/queuePolicy:QueuePolicy",
        service="sqs",
        replace=frozenset({"queueUrl"}),
        json=frozenset({"policy"}),
        gone=GONE,
        example=Example(
            inputs={"queueUrl": Ref("queue"), "policy": allow("sqs:SendMessage")},
            update={"policy": allow("sqs:ReceiveMessage")},
            replace={"queueUrl": "http://localhost/000000000000/other"},
            needs={"queue": Need(QUEUE)},
        ),
        **single("policy", "Policy"),
    ),
    Row(
        type="aws:sqs/redrivePolicy:RedrivePolicy",
        service="sqs",
        replace=frozenset({"queueUrl"}),
        json=frozenset({"redrivePolicy"}),
        gone=GONE,
        rules=(redrive,),
        example=Example(
            inputs={
                "queueUrl": Ref("queue"),
                "redrivePolicy": '{"deadLetterTargetArn": "${dead.arn}", "maxReceiveCount": 4}',
            },
            update={"redrivePolicy": '{"maxReceiveCount": 5, "deadLetterTargetArn": "${dead.arn}"}'},
            replace={"queueUrl": "http://localhost/000000000000/other"},
            needs={"queue": Need(QUEUE), "dead": Need(QUEUE)},
        ),
        **single("redrivePolicy", "RedrivePolicy"),
    ),
    Row(
        type="aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
        service="sqs",
        replace=frozenset({"queueUrl"}),
        json=frozenset({"redriveAllowPolicy"}),
        gone=GONE,
        example=Example(
            inputs={
                "queueUrl": Ref("queue"),
                "redriveAllowPolicy": '{"redrivePermission": "byQueue", "sourceQueueArns": ["${source.arn}"]}',
            },
            update={"redriveAllowPolicy": '{"redrivePermission": "denyAll"}'},
            replace={"queueUrl": "http://localhost/000000000000/other"},
            needs={"queue": Need(QUEUE), "source": Need(QUEUE)},
        ),
        **single("redriveAllowPolicy", "RedriveAllowPolicy"),
    ),
)
