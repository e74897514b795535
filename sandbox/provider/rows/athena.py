"""Rows of Amazon Athena: workgroups and saved queries."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.provider.context import CallError, Context
from sandbox.provider.row import AutoName, Example, Need, Problem, Ref, Row, TagCalls
from sandbox.provider.rules import between, found, matches, one_of
from sandbox.provider.shapes import object_from, to_request
from sandbox.provider.tags import wire
from sandbox.provider.values import Properties

WORKGROUP = "aws:athena/workgroup:Workgroup"
TAGS = TagCalls(
    add="tag_resource", remove="untag_resource", read="list_tags_for_resource", target=("ResourceARN", "arn")
)
NAMES = {"kmsKeyArn": "KmsKey", "query": "QueryString"}
LEAST_BYTES = 10_485_760  # the smallest limit of bytes a query may scan, from the official provider's Check


def _there(read: Callable[[Context], Properties]) -> Callable[[Context], Properties | None]:
    """A read in whose service nothing-found and a wrong request have the same code."""

    def step(context: Context) -> Properties | None:
        try:
            return read(context)
        except CallError as error:
            if error.code == "InvalidRequestException" and "not found" in str(error):
                return None
            raise

    return step


def _configuration(context: Context, operation: str, member: str) -> dict[str, Any]:
    shape: Any = context.client().meta.service_model.operation_model(operation).input_shape
    return to_request(context.inputs.get("configuration") or {}, shape.members[member], NAMES)


def create_workgroup(context: Context) -> Properties:
    """Creates the workgroup."""
    context.call(
        "create_work_group",
        Name=context["name"],
        Description=context["description"],
        Configuration=_configuration(context, "CreateWorkGroup", "Configuration"),
        Tags=wire(TAGS, context["tagsAll"] or {}) or None,
    )
    context.tags_sent = True
    return {"id": context["name"]}


def disable(context: Context) -> None:
    """Every workgroup begins enabled."""
    if context["state"] == "DISABLED":
        context.call("update_work_group", WorkGroup=context.id, State="DISABLED")


def read_workgroup(context: Context) -> Properties:
    """The workgroup as properties."""
    group = context.call("get_work_group", WorkGroup=context.id)["WorkGroup"]
    cloud = context.cloud
    return {
        **object_from(group, context.schema.outputs, NAMES),
        "id": context.id,
        "arn": f"arn:{cloud.partition}:athena:{context.region}:{cloud.account}:workgroup/{context.id}",
        "forceDestroy": bool(context["forceDestroy"]),
    }


def update_workgroup(context: Context) -> None:
    """Sets what changed; a part that the program no longer has is taken away by its own word."""
    request: dict[str, Any] = {}
    if "configuration" in context.changed:
        wanted = dict(context.inputs.get("configuration") or {})
        result = dict(wanted.pop("resultConfiguration", None) or {})
        shape: Any = context.client().meta.service_model.operation_model("UpdateWorkGroup").input_shape
        body = to_request(wanted, shape.members["ConfigurationUpdates"], NAMES)
        updates = to_request(result, shape.members["ConfigurationUpdates"].members["ResultConfigurationUpdates"], NAMES)
        if "outputLocation" not in result:
            updates["RemoveOutputLocation"] = True
        if "encryptionConfiguration" not in result:
            updates["RemoveEncryptionConfiguration"] = True
        if "bytesScannedCutoffPerQuery" not in wanted:
            body["RemoveBytesScannedCutoffPerQuery"] = True
        request["ConfigurationUpdates"] = {**body, "ResultConfigurationUpdates": updates}
    if "description" in context.changed:
        request["Description"] = context.inputs.get("description", "")
    if "state" in context.changed:
        request["State"] = context.inputs["state"]
    if request:
        context.call("update_work_group", WorkGroup=context.id, **request)


def delete_workgroup(context: Context) -> None:
    """Deletes the workgroup; what it saved goes along only when the program says so."""
    context.call("delete_work_group", WorkGroup=context.id, RecursiveDeleteOption=bool(context["forceDestroy"]))


def create_query(context: Context) -> Properties:
    """Saves the query."""
    names = {"Name": "name", "Database": "database", "QueryString": "query", "Description": "description"}
    wanted = {member: context.inputs.get(name) for member, name in names.items()}
    answer = context.call("create_named_query", **wanted, WorkGroup=context["workgroup"])
    return {"id": answer["NamedQueryId"]}


def read_query(context: Context) -> Properties:
    """The query as properties."""
    query = context.call("get_named_query", NamedQueryId=context.id)["NamedQuery"]
    return {**object_from(query, context.schema.outputs, NAMES), "id": context.id}


def delete_query(context: Context) -> None:
    """Deletes the query."""
    context.call("delete_named_query", NamedQueryId=context.id)


def settings(inputs: Mapping[str, Any]) -> list[Problem]:
    """Settings that the emulator keeps at create and loses at an update."""
    return [
        Problem(where, "the local cloud does not support it here: it would lose it with the next change")
        for name in (
            "customerContentEncryptionConfiguration",
            "enableMinimumEncryptionConfiguration",
            "executionRole",
            "identityCenterConfiguration",
            "managedQueryResultsConfiguration",
            "monitoringConfiguration",
            "queryResultsS3AccessGrantsConfiguration",
            "resultConfiguration.aclConfiguration",
            "resultConfiguration.expectedBucketOwner",
        )
        for where, _ in found(inputs, f"configuration.{name}")
    ]


_CONFIGURATION = {
    "enforceWorkgroupConfiguration": True,
    "bytesScannedCutoffPerQuery": 10 * LEAST_BYTES,
    "resultConfiguration": {
        "outputLocation": "s3://results/athena/",
        "encryptionConfiguration": {
            "encryptionOption": "SSE_KMS",
            "kmsKeyArn": "arn:aws:kms:us-east-1:000000000000:key/1",
        },
    },
}

ROWS = (
    Row(
        type=WORKGROUP,
        service="athena",
        create=(create_workgroup, disable),
        read=(_there(read_workgroup),),
        update=(update_workgroup,),
        delete=(delete_workgroup,),
        id=("name",),
        replace=frozenset({"name"}),
        defaults={"state": "ENABLED", "forceDestroy": False},
        nested_filled={
            "configuration.enforceWorkgroupConfiguration": True,
            "configuration.publishCloudwatchMetricsEnabled": True,
        },
        nested_computed=frozenset(
            {"configuration.engineVersion", "configuration.engineVersion.effectiveEngineVersion"}
        ),
        provider_only=frozenset({"forceDestroy"}),
        sticky=frozenset({"configuration"}),
        auto_name=AutoName("name", 128),
        tags=TAGS,
        rules=(
            settings,
            matches("name", r"[\w.-]{1,128}", "a name has 1 to 128 letters, digits and ._-"),
            one_of("state", "ENABLED", "DISABLED"),
            one_of(
                "configuration.resultConfiguration.encryptionConfiguration.encryptionOption",
                "SSE_S3",
                "SSE_KMS",
                "CSE_KMS",
            ),
            matches("configuration.resultConfiguration.outputLocation", r"s3://.+", "a location starts with s3://"),
            between("configuration.bytesScannedCutoffPerQuery", LEAST_BYTES, 2**63 - 1),
        ),
        example=Example(
            inputs={
                "description": "of dashboards",
                "configuration": _CONFIGURATION,
                "tags": {"a": "1", "b": "1"},
            },
            update={
                "description": None,
                "state": "DISABLED",
                "configuration": {
                    "bytesScannedCutoffPerQuery": 20 * LEAST_BYTES,
                    "resultConfiguration": {"outputLocation": "s3://results/other/"},
                },
                "tags": {"a": "2"},
            },
            replace={"name": "another"},
        ),
    ),
    Row(
        type="aws:athena/namedQuery:NamedQuery",
        service="athena",
        create=(create_query,),
        read=(_there(read_query),),
        delete=(delete_query,),
        replace=frozenset({"database", "description", "name", "query", "workgroup"}),
        defaults={"workgroup": "primary"},
        auto_name=AutoName("name", 128),
        example=Example(
            inputs={
                "name": "requests by day",
                "database": "events",
                "query": "SELECT dt, count(*) FROM inference GROUP BY dt",
                "description": "a view's text",
                "workgroup": Ref("workgroup", "name"),
            },
            replace={"query": "SELECT 1"},
            needs={"workgroup": Need(WORKGROUP)},
        ),
    ),
)
