"""Rows of CloudWatch Logs."""

from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Example, Need, Ref, Row, TagCalls
from sandbox.provider.rules import conflicts
from sandbox.provider.values import Properties


def create_log_group(context: Context) -> Properties:
    """Creates the group, then its retention, which the create call does not take."""
    context.call(
        "create_log_group",
        logGroupName=context["name"],
        kmsKeyId=context["kmsKeyId"],
        logGroupClass=context["logGroupClass"],
        tags=context["tagsAll"] or None,
    )
    context.tags_sent = True
    context.id = context["name"]
    if context["retentionInDays"]:
        context.call("put_retention_policy", logGroupName=context.id, retentionInDays=context["retentionInDays"])
    return {"id": context.id}


def read_log_group(context: Context) -> Properties | None:
    """The group of exactly this name; the service searches by prefix."""
    found = context.call("describe_log_groups", logGroupNamePrefix=context.id)["logGroups"]
    group = next((group for group in found if group["logGroupName"] == context.id), None)
    if group is None:
        return None
    state: Properties = {
        "id": context.id,
        "name": context.id,
        "arn": group["arn"].removesuffix(":*"),
        "retentionInDays": group.get("retentionInDays", 0),
        "logGroupClass": group.get("logGroupClass", "STANDARD"),
        "skipDestroy": bool(context["skipDestroy"]),
    }
    if group.get("kmsKeyId"):
        state["kmsKeyId"] = group["kmsKeyId"]
    return state


def update_log_group(context: Context) -> None:
    """Sets or lifts retention and key."""
    if "retentionInDays" in context.changed:
        if days := context.inputs.get("retentionInDays"):
            context.call("put_retention_policy", logGroupName=context.id, retentionInDays=days)
        else:
            context.call("delete_retention_policy", logGroupName=context.id)
    if "kmsKeyId" in context.changed:
        if key := context.inputs.get("kmsKeyId"):
            context.call("associate_kms_key", logGroupName=context.id, kmsKeyId=key)
        else:
            context.call("disassociate_kms_key", logGroupName=context.id)


def delete_log_group(context: Context) -> None:
    """Deletes the group, unless the program wants it left."""
    if context["skipDestroy"] is not True:
        context.call("delete_log_group", logGroupName=context.id)


ROWS = (
    Row(
        type="aws:cloudwatch/logGroup:LogGroup",
        service="logs",
        cfn="AWS::Logs::LogGroup",
        create=(create_log_group,),
        read=(read_log_group,),
        update=(update_log_group,),
        delete=(delete_log_group,),
        id=("name",),
        replace=frozenset({"name", "logGroupClass"}),
        defaults={"retentionInDays": 0, "skipDestroy": False},
        sticky=frozenset({"logGroupClass"}),
        provider_only=frozenset({"skipDestroy"}),
        gone=frozenset({"ResourceNotFoundException"}),
        taken=frozenset({"ResourceAlreadyExistsException"}),
        uncheck=frozenset({"retentionInDays"}),
        auto_name=AutoName("name", 512),
        tags=TagCalls(
            add="tag_resource",
            remove="untag_resource",
            read="list_tags_for_resource",
            target=("resourceArn", "arn"),
            tags="tags",
            keys="tagKeys",
            pair=None,
        ),
        rules=(conflicts("name", "namePrefix"),),
        example=Example(
            inputs={"retentionInDays": 7, "kmsKeyId": Ref("key", "arn"), "tags": {"a": "1"}},
            update={"retentionInDays": 14, "tags": {"a": "2", "b": "3"}},
            replace={"name": "another"},
            needs={"key": Need("aws:kms/key:Key", {"deletionWindowInDays": 7})},
        ),
    ),
)
