"""Rows of EventBridge Scheduler, whose schedules the local cloud's clock follows (sandbox/clock)."""

from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Call, Example, Need, Ref, Row, TagCalls
from sandbox.provider.rules import between, conflicts, matches, one_of
from sandbox.provider.shapes import object_from, to_request
from sandbox.provider.values import Properties

GROUP = "aws:scheduler/scheduleGroup:ScheduleGroup"
GONE = frozenset({"ResourceNotFoundException"})
NAMES = (r"[\w.-]{1,64}", "up to 64 letters, digits and .-_")
DEFAULT_GROUP = "default"


def _request(context: Context, operation: str) -> dict[str, Any]:
    shape: Any = context.client().meta.service_model.operation_model(operation).input_shape
    hidden = {"namePrefix", "region", "__defaults"}
    return to_request({k: v for k, v in context.inputs.items() if k not in hidden and v is not None}, shape, {})


def create(context: Context) -> Properties:
    """Creates the schedule."""
    answer = context.call("create_schedule", **_request(context, "CreateSchedule"))
    return {"id": f"{context['groupName']}/{context['name']}", "arn": answer["ScheduleArn"]}


def update(context: Context) -> None:
    """Sets all of it anew, which is what the API does with what is left out."""
    context.call("update_schedule", **_request(context, "UpdateSchedule"))


def read(context: Context) -> Properties | None:
    """The schedule; its id is its group and its name."""
    group, _, name = context.id.partition("/")
    found = context.call("get_schedule", GroupName=group, Name=name)
    state = object_from(found, context.schema.outputs, {})
    return {**state, "id": context.id, "description": found.get("Description", "")}


def delete(context: Context) -> None:
    """Deletes the schedule."""
    group, _, name = context.id.partition("/")
    context.call("delete_schedule", GroupName=group, Name=name)


ROWS = (
    Row(
        type=GROUP,
        service="scheduler",
        create=(Call("create_schedule_group"),),
        read=(Call("get_schedule_group", params={"Name": "$id"}, fill=False),),
        delete=(Call("delete_schedule_group", params={"Name": "$id"}, fill=False),),
        id=("name",),
        replace=frozenset({"name", "namePrefix"}),
        provider_only=frozenset({"namePrefix"}),
        gone=GONE,
        auto_name=AutoName("name", 64, "namePrefix"),
        taken=frozenset({"ConflictException"}),
        tags=TagCalls(
            add="tag_resource",
            remove="untag_resource",
            read="list_tags_for_resource",
            at_create="Tags",
        ),
        rules=(conflicts("name", "namePrefix"), matches("name", *NAMES)),
        example=Example(
            inputs={"tags": {"a": "1", "b": "1"}}, update={"tags": {"a": "2"}}, replace={"name": "another"}
        ),
    ),
    Row(
        type="aws:scheduler/schedule:Schedule",
        service="scheduler",
        create=(create,),
        read=(read,),
        update=(update,),
        delete=(delete,),
        replace=frozenset({"name", "namePrefix", "groupName"}),
        defaults={
            "groupName": DEFAULT_GROUP,
            "scheduleExpressionTimezone": "UTC",
            "state": "ENABLED",
            "actionAfterCompletion": "NONE",
        },
        nested_filled={
            "target.retryPolicy.maximumEventAgeInSeconds": 86400,
            "target.retryPolicy.maximumRetryAttempts": 185,
        },
        provider_only=frozenset({"namePrefix"}),
        gone=GONE,
        auto_name=AutoName("name", 64, "namePrefix"),
        unsupported={
            "startDate": "the local cloud's schedules have no beginning",
            "endDate": "the local cloud's schedules have no end",
        },
        rules=(
            conflicts("name", "namePrefix"),
            matches("name", *NAMES),
            matches(
                "scheduleExpression",
                r"(rate|cron|at)\(.+\)",
                "rate(…), cron(…) or at(…)",
            ),
            one_of("state", "ENABLED", "DISABLED"),
            one_of("flexibleTimeWindow.mode", "OFF", "FLEXIBLE"),
            between("target.retryPolicy.maximumRetryAttempts", 0, 185),
            between("target.retryPolicy.maximumEventAgeInSeconds", 60, 86400),
        ),
        example=Example(
            inputs={
                "groupName": Ref("group", "name"),
                "scheduleExpression": "cron(0 3 * * ? *)",
                "flexibleTimeWindow": {"mode": "OFF"},
                "target": {
                    "arn": "arn:aws:scheduler:::aws-sdk:batch:submitJob",
                    "roleArn": "arn:aws:iam::000000000000:role/submit",
                    "input": '{"JobName": "one"}',
                    "retryPolicy": {"maximumEventAgeInSeconds": 3600},
                    "deadLetterConfig": {"arn": "arn:aws:sqs:us-east-1:000000000000:dead"},
                },
            },
            update={"scheduleExpression": "rate(1 hour)", "description": "each hour", "state": "DISABLED"},
            replace={"name": "another"},
            needs={"group": Need(GROUP)},
        ),
    ),
)
