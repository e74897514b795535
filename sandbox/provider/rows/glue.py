"""Rows of AWS Glue: databases and tables of the catalogue."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Example, Need, Ref, Row, TagCalls
from sandbox.provider.rules import matches
from sandbox.provider.shapes import object_from, to_request
from sandbox.provider.values import Properties

DATABASE = "aws:glue/catalogDatabase:CatalogDatabase"
GONE = frozenset({"EntityNotFoundException"})
NAMES = (r"[^A-Z]{1,255}", "a name has 1 to 255 characters and no upper case")
TAGS = TagCalls(
    add="tag_resource",
    remove="untag_resource",
    read="get_tags",
    tags="TagsToAdd",
    keys="TagsToRemove",
    pair=None,
)
# What an update says of parts that the program no longer has: leaving them out would keep them here.
NO_DATABASE: Mapping[str, Any] = {"Description": "", "Parameters": {}}
NO_TABLE: Mapping[str, Any] = {
    "Description": "",
    "Parameters": {},
    "PartitionKeys": [],
    "StorageDescriptor": {},
    "ViewExpandedText": "",
    "ViewOriginalText": "",
}


def _arn(context: Context, path: str) -> str:
    cloud = context.cloud
    return f"arn:{cloud.partition}:glue:{context.region}:{cloud.account}:{path}"


def _body(context: Context, operation: str, member: str) -> dict[str, Any]:
    shape: Any = context.client().meta.service_model.operation_model(operation).input_shape
    hidden = {"region", "tags", "tagsAll", "catalogId", "databaseName", "__defaults"}
    wanted = {name: value for name, value in context.inputs.items() if name not in hidden}
    return to_request(wanted, shape.members[member], {})


def create_database(context: Context) -> Properties:
    """Creates the database."""
    tags = {key: str(value) for key, value in (context["tagsAll"] or {}).items()}
    body = _body(context, "CreateDatabase", "DatabaseInput")
    context.call("create_database", CatalogId=context["catalogId"], DatabaseInput=body, Tags=tags or None)
    context.tags_sent = True
    return {"catalogId": context["catalogId"] or context.cloud.account, "name": context["name"]}


def read_database(context: Context) -> Properties | None:
    """The database as properties."""
    found = context.call("get_database", Name=context["name"])["Database"]
    return {
        **object_from(found, context.schema.outputs, {}),
        "catalogId": found.get("CatalogId") or context.cloud.account,
        "arn": _arn(context, f"database/{found['Name']}"),
    }


def update_database(context: Context) -> None:
    """Sets all of it anew."""
    if context.changed - {"tags", "tagsAll"}:
        body = {**NO_DATABASE, **_body(context, "UpdateDatabase", "DatabaseInput")}
        context.call("update_database", Name=context["name"], DatabaseInput=body)


def delete_database(context: Context) -> None:
    """Deletes the database."""
    context.call("delete_database", Name=context["name"])


def create_table(context: Context) -> Properties:
    """Creates the table."""
    body = _body(context, "CreateTable", "TableInput")
    context.call("create_table", DatabaseName=context["databaseName"], TableInput=body)
    return {
        "catalogId": context["catalogId"] or context.cloud.account,
        "databaseName": context["databaseName"],
        "name": context["name"],
    }


def read_table(context: Context) -> Properties | None:
    """The table as properties."""
    found = context.call("get_table", DatabaseName=context["databaseName"], Name=context["name"])["Table"]
    return {
        **object_from(found, context.schema.outputs, {}),
        "catalogId": found.get("CatalogId") or context.cloud.account,
        "arn": _arn(context, f"table/{found['DatabaseName']}/{found['Name']}"),
    }


def update_table(context: Context) -> None:
    """Sets all of it anew."""
    body = {**NO_TABLE, **_body(context, "UpdateTable", "TableInput")}
    context.call("update_table", DatabaseName=context["databaseName"], TableInput=body)


def delete_table(context: Context) -> None:
    """Deletes the table; what it describes stays."""
    context.call("delete_table", DatabaseName=context["databaseName"], Name=context["name"])


_PARAMETERS = {
    "classification": "json",
    "projection.enabled": "true",
    "projection.dt.type": "date",
    "projection.dt.format": "yyyy-MM-dd",
    "projection.dt.range": "2026-01-01,NOW",
    "storage.location.template": "s3://events/dt=${dt}/",
}
_STORAGE = {
    "location": "s3://events/",
    "inputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "outputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    "columns": [{"name": "id", "type": "string", "comment": "unique"}, {"name": "at", "type": "timestamp"}],
    "serDeInfo": {
        "serializationLibrary": "org.openx.data.jsonserde.JsonSerDe",
        "parameters": {"ignore.malformed.json": "true"},
    },
}

ROWS = (
    Row(
        type=DATABASE,
        service="glue",
        create=(create_database,),
        read=(read_database,),
        update=(update_database,),
        delete=(delete_database,),
        id=("catalogId", "name"),
        replace=frozenset({"catalogId", "name"}),
        # The emulator has no permissions of Lake Formation.
        write_only=frozenset({"createTableDefaultPermissions"}),
        sticky=frozenset({"catalogId", "createTableDefaultPermissions", "locationUri"}),
        watched=frozenset({"parameters"}),
        gone=GONE,
        taken=frozenset({"AlreadyExistsException"}),
        taken_id=lambda context: f"{context['catalogId'] or context.cloud.account}:{context['name']}",
        auto_name=AutoName("name", 255, lower=True),
        tags=TAGS,
        unsupported={
            "federatedDatabase": "the local cloud's catalogue knows its own data only",
            "targetDatabase": "the local cloud's catalogue knows its own data only",
        },
        rules=(matches("name", *NAMES),),
        example=Example(
            inputs={"description": "events", "parameters": {"owner": "ml"}, "tags": {"a": "1", "b": "1"}},
            update={"description": None, "parameters": None, "locationUri": "s3://events/", "tags": {"a": "2"}},
            replace={"name": "another"},
        ),
    ),
    Row(
        type="aws:glue/catalogTable:CatalogTable",
        service="glue",
        create=(create_table,),
        read=(read_table,),
        update=(update_table,),
        delete=(delete_table,),
        id=("catalogId", "databaseName", "name"),
        replace=frozenset({"catalogId", "databaseName", "name"}),
        # The emulator has no retention.
        write_only=frozenset({"retention"}),
        sticky=frozenset({"catalogId"}),
        watched=frozenset({"parameters", "partitionKeys"}),
        gone=GONE,
        taken=frozenset({"AlreadyExistsException"}),
        taken_id=lambda context: ":".join(
            [context["catalogId"] or context.cloud.account, context["databaseName"], context["name"]]
        ),
        auto_name=AutoName("name", 255, lower=True),
        unsupported={
            "openTableFormatInput": "the local cloud's tables describe files as they lie",
            "partitionIndices": "the local cloud looks partitions up in the paths",
            "targetTable": "the local cloud's catalogue knows its own data only",
            "viewDefinition": "use viewOriginalText",
        },
        rules=(matches("name", *NAMES),),
        example=Example(
            inputs={
                "databaseName": Ref("database", "name"),
                "description": "one row per request",
                "tableType": "EXTERNAL_TABLE",
                "parameters": _PARAMETERS,
                "partitionKeys": [{"name": "dt", "type": "string", "comment": "day"}],
                "storageDescriptor": _STORAGE,
            },
            update={
                "description": None,
                "parameters": {**_PARAMETERS, "projection.dt.range": "2026-06-01,NOW"},
                "storageDescriptor": {**_STORAGE, "columns": [{"name": "id", "type": "string"}]},
            },
            replace={"name": "another"},
            needs={"database": Need(DATABASE)},
        ),
    ),
)
