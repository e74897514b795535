"""Queues, topics and streams are encrypted."""

from collections.abc import Iterable

from policies.reading.examples import single
from policies.rule import Example, Group, Program, Rule, Severity, Thresholds, Violation
from stanchion.graph import GraphBuilder, ResourceGraph, Unsettled

QUEUE = "aws:sqs/queue:Queue"
TOPIC = "aws:sns/topic:Topic"
STREAM = "aws:kinesis/stream:Stream"
_DEMAND = "messages are encrypted"


def check(program: Program, _: Thresholds) -> Iterable[Violation]:
    """Queues that turn encryption off, topics and streams that don't turn it on."""
    for queue in program.of_type(QUEUE):
        managed = queue.at("sqsManagedSseEnabled").flag(True)
        if queue.at("kmsMasterKeyId").value not in (None, ""):
            continue
        if isinstance(managed, Unsettled):
            yield Violation.unsettled(managed, _DEMAND)
        elif not managed:
            yield Violation.at(
                queue.at("sqsManagedSseEnabled"), f"Queue '{queue.name}' turns encryption off and has no KMS key."
            )
    for topic in program.of_type(TOPIC):
        if topic.at("kmsMasterKeyId").value in (None, ""):
            yield Violation.at(topic, f"Topic '{topic.name}' has no KMS key, and SNS encrypts nothing without one.")
    for stream in program.of_type(STREAM):
        kind = stream.at("encryptionType").text("NONE")
        if isinstance(kind, Unsettled):
            yield Violation.unsettled(kind, _DEMAND)
        elif kind != "KMS":
            yield Violation.at(stream.at("encryptionType"), f"Stream '{stream.name}' is not encrypted.")


def _encrypted() -> ResourceGraph:
    builder = GraphBuilder()
    key = builder.add("aws:kms/key:Key", "data", {})
    builder.add(QUEUE, "jobs", {})
    builder.add(QUEUE, "orders", {"kmsMasterKeyId": key.ref("arn")})
    builder.add(TOPIC, "alarms", {"kmsMasterKeyId": key.ref("arn")})
    builder.add(STREAM, "events", {"encryptionType": "KMS", "kmsKeyId": "alias/aws/kinesis"})
    return builder.graph()


RULE = Rule(
    id="storage-queue-encryption",
    group=Group.STORAGE,
    severity=Severity.MEDIUM,
    description="Queues, topics and streams are encrypted at rest. SQS does so by itself unless it is turned off; SNS "
    "and Kinesis only when it is said.",
    remediation="Set kmsMasterKeyId (encryptionType KMS for a stream); the key's policy has to let the senders use it.",
    source="Amazon SQS API: CreateQueue, SqsManagedSseEnabled; Amazon SNS API: CreateTopic, KmsMasterKeyId; Kinesis "
    "Data Streams API: StartStreamEncryption",
    check=check,
    passing=(Example("each has a key, or is encrypted by itself", _encrypted),),
    failing=(
        Example("a queue that turns it off", lambda: single(QUEUE, "jobs", {"sqsManagedSseEnabled": False}), ("jobs",)),
        Example("a topic without key", lambda: single(TOPIC, "alarms", {}), ("alarms",)),
        Example("a stream that says nothing", lambda: single(STREAM, "events", {}), ("events",)),
    ),
)
