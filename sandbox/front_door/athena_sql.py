"""Athena's SQL for an engine that speaks DuckDB's: MiniStack runs what it is sent on DuckDB, over the files of a table.

What sqlglot translates is left to it. On top of that:

- `approx_percentile` is exact here (`quantile_cont`): what Athena says lies within its error of it.
- `from_unixtime` gives a time without a zone, in UTC, as casting Athena's to a timestamp does; DuckDB's own follows the
  zone of the machine.
- A table of JSON gets the columns of the catalogue. MiniStack reads its files with `read_json_auto`, which takes names
  and types from them, so that a version that looks like a date is one and a column that no event has yet is not there,
  and which needs 32 MiB for each file. A macro of that name, made in front of the query, reads them as declared.
- Views are put in front of the query (`WITH`), since each query of MiniStack's has a database of its own.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlglot import exp

_TYPES = {
    "string": "VARCHAR", "varchar": "VARCHAR", "char": "VARCHAR", "tinyint": "TINYINT", "smallint": "SMALLINT",
    "int": "INTEGER", "bigint": "BIGINT", "double": "DOUBLE", "float": "FLOAT", "boolean": "BOOLEAN", "date": "DATE",
    "timestamp": "TIMESTAMP",
}  # fmt: skip
# Of one line: twice what Firehose takes as a record.
_LARGEST_LINE = 2 * 1024 * 1024


@dataclass(frozen=True)
class Name:
    """A table or view of a database."""

    database: str
    table: str


@dataclass(frozen=True)
class Table:
    """A table of the catalogue.

    Args:
        json: whether its files are JSON.
        columns: Glue's type by name.
        partitions: Glue's type by name of what stands in the files' paths.
    """

    json: bool
    columns: Mapping[str, str]
    partitions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CreateView:
    """A statement that makes a view."""

    name: Name
    query: str
    replace: bool


@dataclass(frozen=True)
class DropView:
    """A statement that removes a view."""

    name: Name
    if_exists: bool


@dataclass(frozen=True)
class Select:
    """A query, read."""

    tree: "exp.Expr"
    database: str

    @property
    def names(self) -> list[Name]:
        """Tables and views that it reads, in the order in which they stand there."""
        found = (_name(table, self.database) for table in _tables(self.tree))
        return list(dict.fromkeys(found))


def read(sql: str, database: str) -> CreateView | DropView | Select | None:
    """A statement; None when it is none of those, or not understood: it is then MiniStack's as it is.

    Args:
        sql: in Athena's dialect.
        database: of names that have none.
    """
    # Here and not at the top: it takes a third of a second, and few who start the local cloud ask Athena.
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        trees = sqlglot.parse(sql, read="trino")
    except SqlglotError:
        return None
    if len(trees) != 1:
        return None
    tree = trees[0]
    if isinstance(tree, exp.Create) and tree.kind == "VIEW" and isinstance(tree.this, exp.Table):
        query = tree.expression.sql(dialect="trino")
        return CreateView(_name(tree.this, database), query, bool(tree.args.get("replace")))
    if isinstance(tree, exp.Drop) and tree.kind == "VIEW":
        [table, *others] = tree.args["tables"]
        return None if others else DropView(_name(table, database), bool(tree.args.get("exists")))
    return Select(tree, database) if isinstance(tree, exp.Query) else None


def to_duckdb(query: Select, views: Mapping[Name, Select], tables: Mapping[Name, Table]) -> str:
    """The query in DuckDB's dialect, with what has to be said before it.

    Args:
        query: what is asked.
        views: those it reads, and those that these read.
        tables: those that all of them read and whose columns are known.
    """
    from sqlglot import exp

    tree = _prepared(query, views, tables)
    with_views: list[exp.Expr] = [
        exp.CTE(
            this=_prepared(views[name], views, tables),
            alias=exp.TableAlias(this=exp.to_identifier(_inner(name), quoted=True)),
        )
        for name in _in_order(query, views)
    ]
    if with_views:
        own = tree.args.get("with_")
        with_views += own.expressions if own is not None else []
        tree.set("with_", exp.With(expressions=with_views, recursive=own is not None and own.recursive))
    return _reading(tree, [table for table in tables.values() if table.json]) + tree.sql(dialect="duckdb")


def _reading(tree: "exp.Expr", tables: "list[Table]") -> str:
    """Statements by which these tables' files are read as declared; none when two declare a column differently."""
    from sqlglot import exp

    found: dict[str, str] = {}
    for table in tables:
        for name, type_ in table.columns.items():
            if found.setdefault(name, _type(type_)) != _type(type_):
                return ""
    if not found:
        return ""
    columns = ", ".join(f"{_text(name)}: '{type_}'" for name, type_ in found.items())
    # MiniStack takes the names that are not tables from the first statement, and what kind of statement it is.
    inner = dict.fromkeys(each.alias for each in tree.find_all(exp.CTE))
    head = "WITH " + ", ".join(f"{_quoted(name)} AS (SELECT 1)" for name in inner) + " " if inner else ""
    parameters = "files, union_by_name := true, hive_partitioning := false, hive_types := NULL"
    options = f"maximum_object_size = {_LARGEST_LINE}, hive_types_autocast = false, columns = {{{columns}}}"
    reader = f"read_json(files, format = 'newline_delimited', {options})"
    # Of names and types that are quoted.
    macro = f"CREATE TEMP MACRO read_json_auto({parameters}) AS TABLE SELECT * FROM {reader}"  # noqa: S608
    return f"{head}SELECT 1; {macro}; "


def _prepared(query: Select, views: Mapping[Name, Select], tables: Mapping[Name, Table]) -> "exp.Expr":
    from sqlglot import exp

    tree = query.tree.copy()
    for table in _tables(tree):
        name = _name(table, query.database)
        alias = exp.TableAlias(this=exp.to_identifier(table.alias or table.name, quoted=True))
        if name in views:
            table.replace(exp.Table(this=exp.to_identifier(_inner(name), quoted=True), alias=alias))
        elif name in tables and tables[name].json:
            table.replace(exp.Subquery(this=_typed(name, tables[name]), alias=alias))
    return tree.transform(_function)


def _function(node: "exp.Expr") -> "exp.Expr":
    from sqlglot import exp

    if isinstance(node, exp.ApproxQuantile):
        return exp.Anonymous(this="quantile_cont", expressions=[node.this, node.args["quantile"]])
    if isinstance(node, exp.UnixToTime):
        micros = exp.cast(exp.Mul(this=exp.Paren(this=node.this), expression=exp.Literal.number(1_000_000)), "BIGINT")
        return exp.Anonymous(this="make_timestamp", expressions=[micros])
    return node


def _typed(name: Name, table: Table) -> "exp.Expr":
    """A table's rows with the columns that the catalogue gives it, whatever its files have."""
    import sqlglot

    declared = {**table.columns, **table.partitions}
    columns = ", ".join(
        f"CAST({_quoted(column)} AS {_type(type_)}) AS {_quoted(column)}" for column, type_ in declared.items()
    )
    none = ", ".join(f"CAST(NULL AS {_type(type_)}) AS {_quoted(column)}" for column, type_ in declared.items())
    source = f"{_quoted(name.database)}.{_quoted(name.table)}"
    # Names are quoted, and types are of the list above.
    rows = f"SELECT * FROM (SELECT {none} WHERE 1 = 0) AS t UNION ALL BY NAME SELECT * FROM {source} AS files"  # noqa: S608
    return sqlglot.parse_one(f"SELECT {columns} FROM ({rows}) AS declared", read="duckdb")  # noqa: S608


def _type(glue: str) -> str:
    name, bracket, rest = glue.lower().partition("(")
    if name == "decimal" and re.fullmatch(r"\d+, *\d+\)", rest):
        return f"DECIMAL{bracket}{rest}"
    # Maps, lists and structures are what they are in the files: texts of JSON.
    return _TYPES.get(name, "JSON")


def _in_order(query: Select, views: Mapping[Name, Select]) -> Iterable[Name]:
    """Views that a query needs, each after those that it reads itself."""
    ordered: dict[Name, None] = {}

    def add(name: Name, above: tuple[Name, ...]) -> None:
        if name not in views or name in above:
            return
        for each in views[name].names:
            add(each, (*above, name))
        ordered[name] = None

    for name in query.names:
        add(name, ())
    return ordered


def _tables(tree: "exp.Expr") -> "list[exp.Table]":
    from sqlglot import exp

    inner = {each.alias for each in tree.find_all(exp.CTE)}
    return [table for table in tree.find_all(exp.Table) if table.name and (table.db or table.name not in inner)]


def _name(table: Any, database: str) -> Name:
    # Athena knows small letters only.
    return Name((table.db or database).lower(), table.name.lower())


def _inner(name: Name) -> str:
    return f"view_{name.database}_{name.table}"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
