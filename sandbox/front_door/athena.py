"""Athena at the front door: queries are translated, and views kept in the catalogue, before MiniStack sees them.

A view lies in Glue as Athena keeps its own: a table of type VIRTUAL_VIEW with the statement in Base64.
"""

import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sandbox.front_door.athena_sql import CreateView, DropView, Name, Select, Table, read, to_duckdb

TARGET = "AmazonAthena.StartQueryExecution"
# Asks Glue in the name of who asked Athena: operation and input to the output, None when it has no such thing.
Ask = Callable[[str, Mapping[str, Any]], Awaitable[dict[str, Any] | None]]
_BEGIN, _END = "/* Presto View: ", " */"
# What has nothing to answer.
_NOTHING = "SELECT 1 AS done WHERE 1 = 0"


async def translated(body: bytes, ask: Ask) -> bytes:
    """The body of a StartQueryExecution as MiniStack can run it; as it is when there is nothing to translate.

    Args:
        body: of the request.
        ask: of Glue.
    """
    try:
        document = json.loads(body)
        sql = document["QueryString"]
        database = (document.get("QueryExecutionContext") or {}).get("Database") or "default"
    except (ValueError, KeyError, TypeError, AttributeError):
        return body
    statement = read(sql, database) if isinstance(sql, str) else None
    match statement:
        case CreateView():
            document["QueryString"] = await _create(statement, ask)
        case DropView(name, if_exists):
            gone = await ask("DeleteTable", {"DatabaseName": name.database, "Name": name.table})
            if gone is None and not if_exists:
                return body
            document["QueryString"] = _NOTHING
        case Select():
            views, tables = await _found(statement, ask)
            document["QueryString"] = to_duckdb(statement, views, tables)
        case None:
            return body
    return json.dumps(document).encode()


async def _create(statement: CreateView, ask: Ask) -> str:
    name = statement.name
    told = {"originalSql": statement.query, "catalog": "awsdatacatalog", "schema": name.database}
    table = {
        "Name": name.table,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true", "comment": "Presto View"},
        "ViewOriginalText": _BEGIN + base64.b64encode(json.dumps(told).encode()).decode() + _END,
        "ViewExpandedText": "/* Presto View */",
    }
    known = await ask("GetTable", {"DatabaseName": name.database, "Name": name.table})
    if known is not None and (known["Table"].get("TableType") != "VIRTUAL_VIEW" or not statement.replace):
        return f"SELECT error('{name.database}.{name.table} already exists')"
    done = await ask(
        "CreateTable" if known is None else "UpdateTable", {"DatabaseName": name.database, "TableInput": table}
    )
    return _NOTHING if done is not None else f"SELECT error('Schema {name.database} does not exist')"


async def _found(query: Select, ask: Ask) -> tuple[dict[Name, Select], dict[Name, Table]]:
    """Views and tables that a query reads, by way of views as well."""
    views: dict[Name, Select] = {}
    tables: dict[Name, Table] = {}
    left = query.names
    while left:
        name = left.pop()
        if name in views or name in tables:
            continue
        answer = await ask("GetTable", {"DatabaseName": name.database, "Name": name.table})
        if answer is None:
            continue
        text = answer["Table"].get("ViewOriginalText") or ""
        if text.startswith(_BEGIN):
            told = json.loads(base64.b64decode(text.removeprefix(_BEGIN).removesuffix(_END)))
            view = read(told["originalSql"], told["schema"])
            if isinstance(view, Select):
                views[name] = view
                left += view.names
        else:
            tables[name] = _table(answer["Table"])
    return views, tables


def _table(told: Mapping[str, Any]) -> Table:
    storage = told.get("StorageDescriptor") or {}
    library = (storage.get("SerdeInfo") or {}).get("SerializationLibrary") or ""
    is_json = "json" in library.lower() or (told.get("Parameters") or {}).get("classification") == "json"
    columns, partitions = (
        {each["Name"]: str(each.get("Type", "string")) for each in part or []}
        for part in (storage.get("Columns"), told.get("PartitionKeys"))
    )
    return Table(is_json, columns, partitions)
