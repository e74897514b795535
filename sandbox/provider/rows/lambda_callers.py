"""Rows of what calls AWS Lambda's functions: who may, and the streams and queues that do."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Call, Example, Need, Problem, Ref, Row
from sandbox.provider.rows.lambda_ import CALLED, GONE, TAGS, request_of
from sandbox.provider.rules import between, conflicts, matches, one_of
from sandbox.provider.shapes import object_from
from sandbox.provider.values import Properties

MAPPING_NAMES = {"arn": "EventSourceMappingArn", "destinationConfig.onFailure.destinationArn": "Destination"}
STREAM_BATCH, QUEUE_BATCH = 100, 10  # records; what Lambda takes when nobody says, from its documentation
_ONE_SOURCE = "the local cloud maps queues and the streams of tables and of Kinesis"


def permit(context: Context) -> Properties:
    """Adds the statement to the function's policy."""
    wanted = {name: value for name, value in context.inputs.items() if name not in ("region", "statementIdPrefix")}
    context.call("add_permission", **request_of(context, "add_permission", wanted))
    return {"function": context["function"], "statementId": context["statementId"]}


def read_permission(context: Context) -> Properties | None:
    """The statement as properties."""
    answer = context.call("get_policy", FunctionName=context["function"], Qualifier=context["qualifier"])
    statements = json.loads(answer["Policy"])["Statement"]
    statement = next((one for one in statements if one.get("Sid") == context["statementId"]), None)
    if statement is None:
        return None
    principal = statement["Principal"]
    state: Properties = {
        "function": context["function"],
        "statementId": statement["Sid"],
        "action": statement["Action"],
        "principal": principal if isinstance(principal, str) else next(iter(principal.values())),
    }
    if context["qualifier"]:
        state["qualifier"] = context["qualifier"]
    conditions = {
        key.lower(): value for block in (statement.get("Condition") or {}).values() for key, value in block.items()
    }
    for name, key in {
        "sourceArn": "aws:sourcearn",
        "sourceAccount": "aws:sourceaccount",
        "principalOrgId": "aws:principalorgid",
        "functionUrlAuthType": "lambda:functionurlauthtype",
        "eventSourceToken": "lambda:eventsourcetoken",
    }.items():
        if key in conditions:
            state[name] = conditions[key]
    if "lambda:invokedviafunctionurl" in conditions:
        state["invokedViaFunctionUrl"] = str(conditions["lambda:invokedviafunctionurl"]).lower() == "true"
    return state


def forbid(context: Context) -> None:
    """Takes the statement away."""
    context.call(
        "remove_permission",
        FunctionName=context["function"],
        StatementId=context["statementId"],
        Qualifier=context["qualifier"],
    )


MAPPED = (
    "batchSize",
    "bisectBatchOnFunctionError",
    "destinationConfig",
    "enabled",
    "filterCriteria",
    "functionName",
    "functionResponseTypes",
    "maximumBatchingWindowInSeconds",
    "maximumRecordAgeInSeconds",
    "maximumRetryAttempts",
    "parallelizationFactor",
    "scalingConfig",
)
UNMAPPED: Mapping[str, Any] = {
    "bisectBatchOnFunctionError": False,
    "destinationConfig": {"onFailure": {}},
    "filterCriteria": {},
    "functionResponseTypes": [],
    "maximumBatchingWindowInSeconds": 0,
    "scalingConfig": {},
}


def create_mapping(context: Context) -> Properties:
    """Creates the mapping; the batch that Lambda takes by itself depends on the source."""
    queue = ":sqs:" in context["eventSourceArn"]
    names = {*MAPPED, "eventSourceArn", "startingPosition"}
    wanted = {"batchSize": QUEUE_BATCH if queue else STREAM_BATCH}
    wanted |= {name: value for name, value in context.inputs.items() if name in names}
    tags = {key: str(value) for key, value in (context["tagsAll"] or {}).items()}
    request = request_of(context, "create_event_source_mapping", wanted)
    answer = context.call("create_event_source_mapping", **request, Tags=tags or None)
    context.tags_sent = True
    return {"id": answer["UUID"], "uuid": answer["UUID"], "arn": answer["EventSourceMappingArn"]}


def read_mapping(context: Context) -> Properties | None:
    """The mapping; a function is called as the program calls it."""
    found = context.call("get_event_source_mapping", UUID=context.id)
    arn, said = found["FunctionArn"], context["functionName"]
    state = object_from(found, context.schema.outputs, MAPPING_NAMES)
    state |= {
        "id": context.id,
        "functionName": said if said and (said == arn or arn.endswith(f":function:{said}")) else arn,
        "functionArn": arn,
        "enabled": found["State"] in ("Creating", "Enabled", "Enabling", "Updating"),
    }
    # They change by themselves, with every batch.
    for name in ("lastModified", "lastProcessingResult"):
        state.pop(name, None)
    return state


def update_mapping(context: Context) -> None:
    """Sets what changed."""
    changed = [name for name in MAPPED if name in context.changed]
    if changed:
        wanted = {name: context.inputs.get(name, UNMAPPED.get(name)) for name in changed}
        request = request_of(context, "update_event_source_mapping", wanted)
        context.call("update_event_source_mapping", UUID=context.id, **request)


def started(inputs: Mapping[str, Any]) -> list[Problem]:
    """A stream is read from somewhere; a queue has no positions."""
    source, position = inputs.get("eventSourceArn"), inputs.get("startingPosition")
    if not isinstance(source, str):
        return []
    if ":sqs:" in source:
        return [Problem("startingPosition", "a queue has no positions")] if position else []
    return [] if position else [Problem("startingPosition", "startingPosition is required for streams")]


ROWS = (
    Row(
        type="aws:lambda/permission:Permission",
        service="lambda",
        names={"function": "FunctionName"},
        create=(permit,),
        read=(read_permission,),
        delete=(forbid,),
        # The official provider's id is the statement's alone, and its imports say the function too: here both do.
        id=("function", "statementId"),
        id_separator="/",
        replace=frozenset(
            {
                "action",
                "eventSourceToken",
                "function",
                "functionUrlAuthType",
                "invokedViaFunctionUrl",
                "principal",
                "principalOrgId",
                "qualifier",
                "sourceAccount",
                "sourceArn",
                "statementId",
                "statementIdPrefix",
            }
        ),
        provider_only=frozenset({"statementIdPrefix"}),
        gone=GONE,
        auto_name=AutoName("statementId", 100, "statementIdPrefix"),
        taken=frozenset({"ResourceConflictException"}),
        rules=(
            conflicts("statementId", "statementIdPrefix"),
            matches("action", r"lambda:[A-Za-z*]+|\*", "an action of Lambda, such as lambda:InvokeFunction"),
        ),
        example=Example(
            inputs={
                "function": Ref("function", "name"),
                "action": "lambda:InvokeFunction",
                "principal": "events.amazonaws.com",
                "sourceArn": "arn:aws:events:us-east-1:000000000000:rule/hourly",
                "sourceAccount": "000000000000",
            },
            replace={"principal": "sns.amazonaws.com"},
            needs=CALLED,
        ),
    ),
    Row(
        type="aws:lambda/eventSourceMapping:EventSourceMapping",
        service="lambda",
        names=MAPPING_NAMES,
        create=(create_mapping,),
        read=(read_mapping,),
        update=(update_mapping,),
        delete=(Call("delete_event_source_mapping", params={"UUID": "$id"}, fill=False),),
        replace=frozenset({"eventSourceArn", "startingPosition"}),
        sets=frozenset({"functionResponseTypes", "filterCriteria.filters"}),
        defaults={"enabled": True},
        sticky=frozenset({"batchSize", "maximumRecordAgeInSeconds", "maximumRetryAttempts", "parallelizationFactor"}),
        gone=GONE,
        tags=TAGS,
        unsupported={
            "amazonManagedKafkaEventSourceConfig": _ONE_SOURCE,
            "documentDbEventSourceConfig": _ONE_SOURCE,
            "kmsKeyArn": "the local cloud keeps filters unencrypted",
            "metricsConfig": "the local cloud's mappings have no metrics",
            "provisionedPollerConfig": _ONE_SOURCE,
            "queues": _ONE_SOURCE,
            "selfManagedEventSource": _ONE_SOURCE,
            "selfManagedKafkaEventSourceConfig": _ONE_SOURCE,
            "sourceAccessConfigurations": _ONE_SOURCE,
            "startingPositionTimestamp": "use TRIM_HORIZON or LATEST",
            "topics": _ONE_SOURCE,
            "tumblingWindowInSeconds": "the local cloud's functions keep nothing between batches",
            "useResourceTimeoutForPropagation": "nothing has to spread in the local cloud",
        },
        rules=(
            started,
            one_of("startingPosition", "TRIM_HORIZON", "LATEST"),
            one_of("functionResponseTypes", "ReportBatchItemFailures"),
            between("batchSize", 1, 10000),
            between("maximumBatchingWindowInSeconds", 0, 300),
            between("maximumRecordAgeInSeconds", -1, 604800),
            between("maximumRetryAttempts", -1, 10000),
            between("parallelizationFactor", 1, 10),
            between("scalingConfig.maximumConcurrency", 2, 1000),
        ),
        example=Example(
            inputs={
                "functionName": Ref("function", "arn"),
                "eventSourceArn": Ref("table", "streamArn"),
                "startingPosition": "TRIM_HORIZON",
                "bisectBatchOnFunctionError": True,
                "maximumRetryAttempts": 5,
                "maximumRecordAgeInSeconds": 3600,
                "functionResponseTypes": ["ReportBatchItemFailures"],
                "filterCriteria": {"filters": [{"pattern": '{"eventName": ["INSERT"]}'}]},
                "destinationConfig": {"onFailure": {"destinationArn": Ref("dead", "arn")}},
                "tags": {"a": "1", "b": "1", "c": "1"},
            },
            update={
                "enabled": False,
                "batchSize": 10,
                "filterCriteria": None,
                "destinationConfig": None,
                "functionResponseTypes": None,
                "tags": {"a": "2"},
            },
            replace={"startingPosition": "LATEST"},
            needs={
                **CALLED,
                "dead": Need("aws:sqs/queue:Queue"),
                "table": Need(
                    "aws:dynamodb/table:Table",
                    {
                        "billingMode": "PAY_PER_REQUEST",
                        "hashKey": "id",
                        "attributes": [{"name": "id", "type": "S"}],
                        "streamEnabled": True,
                        "streamViewType": "NEW_IMAGE",
                    },
                ),
            },
        ),
    ),
)
