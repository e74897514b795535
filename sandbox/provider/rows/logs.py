"""Rows of CloudWatch Logs."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Example, Need, Problem, Ref, Row, TagCalls
from sandbox.provider.rules import conflicts, matches, one_of
from sandbox.provider.values import Properties

# Days, from botocore's documentation of PutRetentionPolicy; 0 is the official provider's word for no end.
RETENTIONS = (
    *(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)


def retention(inputs: Mapping[str, Any]) -> list[Problem]:
    """The service takes these lengths only."""
    days = inputs.get("retentionInDays")
    if isinstance(days, int) and days not in RETENTIONS:
        allowed = ", ".join(str(one) for one in RETENTIONS)
        return [Problem("retentionInDays", f"expected retentionInDays to be one of {allowed}, got {days}")]
    return []


def create_log_group(context: Context) -> Properties:
    """Creates the group."""
    context.call(
        "create_log_group",
        logGroupName=context["name"],
        kmsKeyId=context["kmsKeyId"],
        logGroupClass=context["logGroupClass"],
        tags=context["tagsAll"] or None,
    )
    context.tags_sent = True
    return {"id": context["name"]}


def set_retention(context: Context) -> None:
    """Sets or lifts the retention, which the create call does not take."""
    days = context.inputs.get("retentionInDays")
    if days and (context.creating or "retentionInDays" in context.changed):
        context.call("put_retention_policy", logGroupName=context.id, retentionInDays=days)
    elif "retentionInDays" in context.changed:
        context.call("delete_retention_policy", logGroupName=context.id)


def read_log_group(context: Context) -> Properties | None:
    """The group of exactly this name; the service searches by prefix."""
    found = context.call("describe_log_groups", logGroupNamePrefix=context.id)["logGroups"]
    group = next((group for group in found if group["logGroupName"] == context.id), None)
    if group is None:
        return None
    return {
        "id": context.id,
        "name": context.id,
        "arn": group["arn"].removesuffix(":*"),
        "retentionInDays": group.get("retentionInDays", 0),
        "logGroupClass": group.get("logGroupClass", "STANDARD"),
        "skipDestroy": bool(context["skipDestroy"]),
    }


def delete_log_group(context: Context) -> None:
    """Deletes the group, unless the program wants it left."""
    if context["skipDestroy"] is not True:
        context.call("delete_log_group", logGroupName=context.id)


def create_log_stream(context: Context) -> Properties:
    """Creates the stream in its group."""
    group, name = context["logGroupName"], context["name"]
    context.call("create_log_stream", logGroupName=group, logStreamName=name)
    return {"logGroupName": group, "name": name}


def read_log_stream(context: Context) -> Properties | None:
    """The stream of exactly this name; the service searches by prefix."""
    group, name = context["logGroupName"], context["name"]
    found = context.call("describe_log_streams", logGroupName=group, logStreamNamePrefix=name)["logStreams"]
    stream = next((stream for stream in found if stream["logStreamName"] == name), None)
    return None if stream is None else {"logGroupName": group, "name": name, "arn": stream["arn"]}


def delete_log_stream(context: Context) -> None:
    """Deletes the stream with its events."""
    context.call("delete_log_stream", logGroupName=context["logGroupName"], logStreamName=context["name"])


ROWS = (
    Row(
        type="aws:cloudwatch/logGroup:LogGroup",
        service="logs",
        cfn="AWS::Logs::LogGroup",
        create=(create_log_group, set_retention),
        read=(read_log_group,),
        update=(set_retention,),
        delete=(delete_log_group,),
        id=("name",),
        replace=frozenset({"name", "namePrefix", "logGroupClass"}),
        defaults={"retentionInDays": 0, "skipDestroy": False},
        sticky=frozenset({"logGroupClass"}),
        provider_only=frozenset({"namePrefix", "skipDestroy"}),
        # The emulator encrypts no logs: it takes a key with a new group, and has no call to change it.
        write_only=frozenset({"kmsKeyId"}),
        gone=frozenset({"ResourceNotFoundException"}),
        taken=frozenset({"ResourceAlreadyExistsException"}),
        uncheck=frozenset({"retentionInDays"}),
        auto_name=AutoName("name", 512, "namePrefix"),
        tags=TagCalls(
            add="tag_resource",
            remove="untag_resource",
            read="list_tags_for_resource",
            target=("resourceArn", "arn"),
            tags="tags",
            keys="tagKeys",
            pair=None,
        ),
        unsupported={"deletionProtectionEnabled": "use the protect option of the resource"},
        rules=(
            conflicts("name", "namePrefix"),
            matches("name", r"[\w./#-]{1,512}", "it has up to 512 letters, digits and ._-/#"),
            matches("kmsKeyId", r"arn:[\w-]+:kms:.+", "the ARN of a key"),
            one_of("logGroupClass", "STANDARD", "INFREQUENT_ACCESS", "DELIVERY"),
            retention,
        ),
        example=Example(
            inputs={"retentionInDays": 7, "kmsKeyId": Ref("key", "arn"), "tags": {"a": "1"}},
            update={"retentionInDays": None, "kmsKeyId": None, "tags": {"b": "3"}},
            replace={"name": "another"},
            needs={"key": Need("aws:kms/key:Key", {"deletionWindowInDays": 7})},
        ),
    ),
    Row(
        type="aws:cloudwatch/logStream:LogStream",
        service="logs",
        create=(create_log_stream,),
        read=(read_log_stream,),
        delete=(delete_log_stream,),
        id=("logGroupName", "name"),
        replace=frozenset({"logGroupName", "name"}),
        gone=frozenset({"ResourceNotFoundException"}),
        taken=frozenset({"ResourceAlreadyExistsException"}),
        auto_name=AutoName("name", 512),
        rules=(matches("name", r"[^:*]{1,512}", "it has up to 512 characters, and neither : nor *"),),
        example=Example(
            inputs={"logGroupName": Ref("group", "name"), "name": "delivery"},
            replace={"name": "another"},
            needs={"group": Need("aws:cloudwatch/logGroup:LogGroup")},
        ),
    ),
)
