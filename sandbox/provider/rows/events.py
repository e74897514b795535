"""Rows of Amazon EventBridge: rules and their targets."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import Context, GoneError
from sandbox.provider.errors import ProviderError
from sandbox.provider.row import AutoName, Example, Need, Problem, Ref, Row, TagCalls
from sandbox.provider.rules import at_least_one, between, conflicts, one_of
from sandbox.provider.values import UNKNOWN, Properties

DEFAULT_BUS = "default"
RULE = "aws:cloudwatch/eventRule:EventRule"
GONE = frozenset({"ResourceNotFoundException"})


def bus_of(context: Context) -> str:
    """The bus a rule lies on."""
    return context["eventBusName"] or DEFAULT_BUS


def put_rule(context: Context) -> Properties:
    """Creates the rule or sets all of it anew."""
    name = context["name"]
    answer = context.call(
        "put_rule",
        Name=name,
        EventBusName=bus_of(context),
        # The emulator keeps the old one when it is left out.
        Description=context.inputs.get("description", ""),
        EventPattern=context.inputs.get("eventPattern"),
        ScheduleExpression=context.inputs.get("scheduleExpression"),
        RoleArn=context.inputs.get("roleArn"),
        State=context["state"] or "ENABLED",
        Tags=_tags(context) if context.creating else None,
    )
    bus = bus_of(context)
    return {"id": name if bus == DEFAULT_BUS else f"{bus}/{name}", "name": name, "arn": answer["RuleArn"]}


def _tags(context: Context) -> list[dict[str, str]] | None:
    context.tags_sent = True
    return [{"Key": key, "Value": str(value)} for key, value in (context["tagsAll"] or {}).items()] or None


def read_rule(context: Context) -> Properties | None:
    """The rule as properties; the id names the bus when it is not the default one."""
    bus, _, name = context.id.rpartition("/")
    found = context.call("describe_rule", Name=name, EventBusName=bus or DEFAULT_BUS)
    state: Properties = {
        "id": context.id,
        "name": name,
        "arn": found["Arn"],
        "eventBusName": bus or DEFAULT_BUS,
        "state": found.get("State", "ENABLED"),
        "forceDestroy": bool(context["forceDestroy"]),
    }
    for property_name, member in {
        "description": "Description",
        "eventPattern": "EventPattern",
        "scheduleExpression": "ScheduleExpression",
        "roleArn": "RoleArn",
    }.items():
        if found.get(member):
            state[property_name] = found[member]
    return state


def delete_rule(context: Context) -> None:
    """Deletes the rule; with targets on it EventBridge refuses, while the emulator takes them along."""
    bus, _, name = context.id.rpartition("/")
    where = {"Name": name, "EventBusName": bus or DEFAULT_BUS}
    targets = context.call("list_targets_by_rule", Rule=name, EventBusName=bus or DEFAULT_BUS)["Targets"]
    if targets and context["forceDestroy"] is not True:
        others = ", ".join(target["Id"] for target in targets)
        raise ProviderError(f"Rule can't be deleted since it has targets: {name} has {others}")
    context.call("delete_rule", **where)


def target_body(context: Context) -> dict[str, Any]:
    """The target as the request has it."""
    body: dict[str, Any] = {"Id": context["targetId"], "Arn": context["arn"]}
    if (text := context.inputs.get("input")) is not None:
        body["Input"] = text
    if (path := context.inputs.get("inputPath")) is not None:
        body["InputPath"] = path
    if (role := context.inputs.get("roleArn")) is not None:
        body["RoleArn"] = role
    if transformer := context.inputs.get("inputTransformer"):
        body["InputTransformer"] = {"InputTemplate": transformer["inputTemplate"]}
        if paths := transformer.get("inputPaths"):
            body["InputTransformer"]["InputPathsMap"] = paths
    if dead_letter := context.inputs.get("deadLetterConfig"):
        body["DeadLetterConfig"] = {"Arn": dead_letter.get("arn")}
    if retry := context.inputs.get("retryPolicy"):
        members = {
            "maximumEventAgeInSeconds": "MaximumEventAgeInSeconds",
            "maximumRetryAttempts": "MaximumRetryAttempts",
        }
        body["RetryPolicy"] = {members[name]: value for name, value in retry.items() if name in members}
    return body


def put_target(context: Context) -> Properties:
    """Creates the target or sets all of it anew."""
    bus = bus_of(context)
    answer = context.call("put_targets", Rule=context["rule"], EventBusName=bus, Targets=[target_body(context)])
    _refuse(answer)
    parts = [context["rule"], context["targetId"]]
    return {"id": "-".join(parts if bus == DEFAULT_BUS else [bus, *parts])}


def _refuse(answer: Mapping[str, Any]) -> None:
    """Single targets that were refused come in the answer."""
    for entry in answer.get("FailedEntries") or []:
        raise ProviderError(f"target {entry.get('TargetId')}: {entry.get('ErrorCode')}: {entry.get('ErrorMessage')}")


def read_target(context: Context) -> Properties | None:
    """The target of the rule; an import names it `rule-target`, which may be taken apart at several hyphens."""
    for rule, target_id in _candidates(context):
        try:
            found = context.call("list_targets_by_rule", Rule=rule, EventBusName=bus_of(context))["Targets"]
        except GoneError:
            continue
        target = next((target for target in found if target["Id"] == target_id), None)
        if target is not None:
            return _target_state(context, rule, target)
    return None


def _candidates(context: Context) -> list[tuple[str, str]]:
    if context["rule"] and context["targetId"]:
        return [(context["rule"], context["targetId"])]
    parts = context.id.split("-")
    return [("-".join(parts[:cut]), "-".join(parts[cut:])) for cut in range(len(parts) - 1, 0, -1)]


def _target_state(context: Context, rule: str, target: dict[str, Any]) -> Properties:
    state: Properties = {
        "id": context.id,
        "rule": rule,
        "targetId": target["Id"],
        "arn": target["Arn"],
        "eventBusName": bus_of(context),
        "forceDestroy": bool(context["forceDestroy"]),
    }
    for name, member in {"input": "Input", "inputPath": "InputPath", "roleArn": "RoleArn"}.items():
        if target.get(member):
            state[name] = target[member]
    if transformer := target.get("InputTransformer"):
        state["inputTransformer"] = {"inputTemplate": transformer["InputTemplate"]}
        if paths := transformer.get("InputPathsMap"):
            state["inputTransformer"]["inputPaths"] = paths
    if dead_letter := target.get("DeadLetterConfig"):
        state["deadLetterConfig"] = {"arn": dead_letter["Arn"]}
    if retry := target.get("RetryPolicy"):
        members = {
            "MaximumEventAgeInSeconds": "maximumEventAgeInSeconds",
            "MaximumRetryAttempts": "maximumRetryAttempts",
        }
        state["retryPolicy"] = {members[name]: value for name, value in retry.items() if name in members}
    return state


def delete_target(context: Context) -> None:
    """Takes the target off its rule."""
    bus, ids = bus_of(context), [context["targetId"]]
    _refuse(context.call("remove_targets", Rule=context["rule"], EventBusName=bus, Ids=ids))


def when(inputs: Mapping[str, Any]) -> list[Problem]:
    """Schedules run on the default bus only."""
    if "scheduleExpression" in inputs and inputs.get("eventBusName") not in (DEFAULT_BUS, UNKNOWN, None):
        return [Problem("scheduleExpression", "ScheduleExpression is supported only on the default event bus")]
    return []


OTHER_TARGETS = (
    "appsyncTarget",
    "batchTarget",
    "ecsTarget",
    "httpTarget",
    "kinesisTarget",
    "redshiftTarget",
    "runCommandTargets",
    "sagemakerPipelineTarget",
    "sqsTarget",
)
ONLY_QUEUES = "the local cloud delivers to queues, topics, functions and state machines without further settings"

ROWS = (
    Row(
        type=RULE,
        service="events",
        cfn="AWS::Events::Rule",
        create=(put_rule,),
        read=(read_rule,),
        update=(put_rule,),
        delete=(delete_rule,),
        replace=frozenset({"name", "namePrefix", "eventBusName"}),
        json=frozenset({"eventPattern"}),
        defaults={"eventBusName": DEFAULT_BUS, "forceDestroy": False},
        sticky=frozenset({"state"}),
        provider_only=frozenset({"forceDestroy", "namePrefix"}),
        gone=GONE,
        uncheck=frozenset({"eventPattern"}),
        auto_name=AutoName("name", 64, "namePrefix"),
        tags=TagCalls(
            add="tag_resource",
            remove="untag_resource",
            read="list_tags_for_resource",
            target=("ResourceARN", "arn"),
        ),
        unsupported={"isEnabled": "use state"},
        rules=(
            conflicts("name", "namePrefix"),
            at_least_one("eventPattern", "scheduleExpression"),
            when,
            one_of("state", "ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"),
        ),
        example=Example(
            inputs={"description": "first", "eventPattern": '{"source": ["aws.kms"]}', "tags": {"a": "1"}},
            update={"description": None, "state": "DISABLED", "tags": {"b": "2"}},
            replace={"name": "another"},
        ),
    ),
    Row(
        type="aws:cloudwatch/eventTarget:EventTarget",
        service="events",
        create=(put_target,),
        read=(read_target,),
        update=(put_target,),
        delete=(delete_target,),
        replace=frozenset({"rule", "eventBusName", "targetId"}),
        defaults={"eventBusName": DEFAULT_BUS, "forceDestroy": False},
        provider_only=frozenset({"forceDestroy"}),
        gone=GONE,
        auto_name=AutoName("targetId", 64),
        unsupported=dict.fromkeys(OTHER_TARGETS, ONLY_QUEUES),
        rules=(
            conflicts("input", "inputPath", "inputTransformer"),
            between("retryPolicy.maximumRetryAttempts", 0, 185),
            between("retryPolicy.maximumEventAgeInSeconds", 60, 86400),
        ),
        example=Example(
            inputs={
                "rule": Ref("rule", "name"),
                "arn": Ref("topic", "arn"),
                "inputTransformer": {"inputPaths": {"at": "$.time"}, "inputTemplate": '"at <at>"'},
            },
            update={
                "inputTransformer": None,
                "input": '{"a": 1}',
                "deadLetterConfig": {"arn": Ref("dead", "arn")},
                "retryPolicy": {"maximumRetryAttempts": 3, "maximumEventAgeInSeconds": 120},
            },
            replace={"targetId": "another"},
            needs={
                "rule": Need(RULE, {"eventPattern": '{"source": ["aws.kms"]}'}),
                "topic": Need("aws:sns/topic:Topic"),
                "dead": Need("aws:sqs/queue:Queue"),
            },
        ),
    ),
)
