"""Athena's SQL is run by DuckDB as Athena would run it, over files as Firehose leaves them."""

import asyncio
import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sandbox.front_door.athena import translated
from sandbox.front_door.athena_sql import CreateView, DropView, Name, Select, Table, read, to_duckdb

EVENTS = Table(True, {"event_id": "string", "price": "string", "ms": "double", "final": "boolean"}, {"dt": "string"})


def select(sql: str) -> Select:
    found = read(sql, "lake")
    assert isinstance(found, Select)
    return found


def run(sql: str, views: Mapping[str, str] | None = None) -> list[tuple[Any, ...]]:
    made = {Name("lake", name): select(text) for name, text in (views or {}).items()}
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Asia/Tokyo'")
        return connection.execute(to_duckdb(select(sql), made, {})).fetchall()


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT approx_percentile(x, 0.5E0) FROM (VALUES 1E0, 2E0, 4E0) AS t (x)", 2.0),
        ("SELECT CAST(CAST(from_unixtime(86399.5E0) AS timestamp) AS varchar)", "1970-01-01 23:59:59.5"),
        ("SELECT CAST(date_trunc('hour', TIMESTAMP '2026-03-04 05:06:07') AS varchar)", "2026-03-04 05:00:00"),
        ("SELECT CAST(CAST(date_add('month', -1, DATE '2026-03-01') AS date) AS varchar)", "2026-02-01"),
        ('SELECT json_extract_scalar(\'{"a":{"b":"c"}}\', \'$.a.b\')', "c"),
        ("SELECT 1E0 * 1 / 4", 0.25),
        ("SELECT count_if(x > 1) FROM (VALUES 1, 2, 3) AS t (x)", 2),
    ],
)
def test_functions_say_the_same_in_any_time_zone(sql: str, expected: Any):
    assert run(sql) == [(expected,)]


def test_views_of_views_are_put_in_front_each_after_those_it_reads():
    views = {
        "one": "SELECT 1 AS n UNION ALL SELECT 2",
        "two": "WITH own AS (SELECT n FROM one) SELECT n * 10 AS n FROM own",
    }
    assert run("WITH mine AS (SELECT n FROM two) SELECT sum(mine.n), max(o.n) FROM mine, lake.ONE AS o", views) == [
        (60, 2)
    ]


def test_a_common_table_hides_a_view_of_its_name():
    assert run("WITH one AS (SELECT 7 AS n) SELECT n FROM one", {"one": "SELECT 1 AS n"}) == [(7,)]


def files(folder: Path, **lines: str) -> str:
    """How MiniStack has files read in place of the name of a table."""
    for day, text in lines.items():
        (folder / f"dt={day}").mkdir()
        (folder / f"dt={day}" / "a").write_text(text)
    paths = ", ".join(f"'{path}'" for path in folder.glob("*/a"))
    return f"read_json_auto([{paths}], union_by_name = true, hive_partitioning = true, hive_types = {{'dt': VARCHAR}})"


def test_files_have_the_columns_of_the_catalogue(tmp_path: Path):
    relation = files(
        tmp_path,
        d1='{"event_id": "1", "price": "2026-11-27", "ms": 1, "of_later": 1}\n',
        d2='{"event_id": "2", "ms": 2.5}\n',
    )
    views = {Name("lake", "mine"): select("SELECT * FROM events WHERE price IS NULL OR price <> 'unknown'")}
    sql = to_duckdb(select("SELECT * FROM mine ORDER BY event_id"), views, {Name("lake", "events"): EVENTS})
    first = read(sql.split(";")[0], "lake")
    assert isinstance(first, Select), "MiniStack takes the kind of the statement from its first word"
    assert sql.count('"lake"."events"') == 1
    with duckdb.connect() as connection:
        found = connection.execute(sql.replace('"lake"."events"', relation))
        assert [each[0] for each in found.description] == ["event_id", "price", "ms", "final", "dt"]
        assert found.fetchall() == [("1", "2026-11-27", 1.0, None, "d1"), ("2", None, 2.5, None, "d2")]


def test_a_column_that_two_tables_declare_differently_is_read_as_the_files_have_it(tmp_path: Path):
    relation = files(tmp_path, d1='{"event_id": "1", "ms": 1}\n')
    other = Table(True, {"ms": "string"})
    tables = {Name("lake", "events"): EVENTS, Name("lake", "other"): other}
    sql = to_duckdb(select("SELECT e.ms, o.ms FROM events AS e CROSS JOIN other AS o"), {}, tables)
    with duckdb.connect() as connection:
        found = connection.execute(sql.replace('"lake"."events"', relation).replace('"lake"."other"', relation))
        assert found.fetchall() == [(1.0, "1")]


def test_what_is_read_is_told_from_what_is_made():
    assert read("CREATE OR REPLACE VIEW v AS SELECT 1 AS a", "lake") == CreateView(
        Name("lake", "v"), "SELECT 1 AS a", True
    )
    assert read('DROP VIEW IF EXISTS "Other".v', "lake") == DropView(Name("other", "v"), True)
    assert read("CREATE EXTERNAL TABLE t (a string) LOCATION 's3://b/'", "lake") is None
    assert read("SELEC 1 FRO", "lake") is None
    assert select("SELECT * FROM a JOIN b.c ON a.x = c.x WHERE x IN (SELECT x FROM a)").names == [
        Name("lake", "a"),
        Name("b", "c"),
    ]


class Catalogue:
    """Glue, as far as it is asked."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, Any]] = {}

    async def ask(self, operation: str, document: Mapping[str, Any]) -> dict[str, Any] | None:
        if document["DatabaseName"] != "lake":
            return None
        if operation in ("CreateTable", "UpdateTable"):
            self.tables[document["TableInput"]["Name"]] = document["TableInput"]
            return {}
        if document["Name"] not in self.tables:
            return None
        if operation == "DeleteTable":
            del self.tables[document["Name"]]
            return {}
        return {"Table": self.tables[document["Name"]]}

    def send(self, sql: str) -> str:
        document = {"QueryString": sql, "QueryExecutionContext": {"Database": "lake"}, "WorkGroup": "w"}
        made = json.loads(asyncio.run(translated(json.dumps(document).encode(), self.ask)))
        assert {**made, "QueryString": ""} == {**document, "QueryString": ""}
        return made["QueryString"]


def answers(sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(sql).fetchall()


def test_a_view_is_kept_in_the_catalogue_replaced_and_dropped():
    catalogue = Catalogue()
    assert answers(catalogue.send("CREATE VIEW v AS SELECT 1 AS n")) == []
    kept = catalogue.tables["v"]
    assert kept["TableType"] == "VIRTUAL_VIEW"
    text = kept["ViewOriginalText"].removeprefix("/* Presto View: ").removesuffix(" */")
    assert json.loads(base64.b64decode(text))["originalSql"] == "SELECT 1 AS n"
    assert answers(catalogue.send("SELECT n FROM v")) == [(1,)]
    with pytest.raises(duckdb.Error, match="already exists"):
        answers(catalogue.send("CREATE VIEW v AS SELECT 2 AS n"))
    catalogue.send("CREATE OR REPLACE VIEW v AS SELECT 3 AS n")
    catalogue.send("CREATE OR REPLACE VIEW w AS SELECT n + 1 AS n FROM v")
    assert answers(catalogue.send("SELECT n FROM w")) == [(4,)]
    catalogue.send("DROP VIEW v")
    assert set(catalogue.tables) == {"w"}
    with pytest.raises(duckdb.Error, match="does not exist"):
        answers(catalogue.send("CREATE VIEW elsewhere.v AS SELECT 1 AS n"))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"QueryString": 1}', b'{"QueryString": "MSCK REPAIR TABLE t"}'])
def test_what_is_no_query_goes_on_as_it_is(body: bytes):
    assert asyncio.run(translated(body, Catalogue().ask)) == body
