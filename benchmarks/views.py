"""What the views take over ten million events, and whether they say what is known of these in another way.

`python -m benchmarks.views`; part of `make bench`. Events are made from requests whose outcome, latency and cost are
known before (`known_requests`). The views are rendered, translated and run as the local cloud runs them for Athena.
What they say is held against plain sums over the requests, in which nothing is an event, an attempt or a copy. The
files are Parquet, laid out by the hour of arrival: as JSON most of the time would go into reading them.
"""

# The SQL is of this file's own text.
# ruff: noqa: S608

import math
import shutil
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table as Shown

from benchmarks.known_requests import BEGIN, END, ENDPOINTS, SAID, TOLD, make, write
from benchmarks.measure import machine
from sandbox.front_door.athena_sql import Name, Select, Table, read, to_duckdb
from stanchion.events.table import HOUR, PARTITION, columns
from stanchion.minutes.window import window
from stanchion.views.rendering import over_arrivals, render

# With a mean of 1.25 attempts, ten million events; duplicates and feedback come on top.
REQUESTS = 8_000_000
MEMORY = "10GB"
OBJECTIVES = {f"endpoint-{number:02}": 99.0 for number in range(ENDPOINTS)}
# Of sums of floating-point numbers, and of milliseconds that are differences of seconds since 1970.
RELATIVE, ABSOLUTE = 1e-6, 2e-3

Row = tuple[str, str, str, bool]
Rows = list[tuple[Any, ...]]

_COUNTED = "count(*) AS requests, sum(cost_usd) AS cost_usd, sum((unpriced > 0)::INT) AS unpriced"
_GOOD = "count(*) FILTER (good)"
_P = "quantile_cont(latency_ms, {0}) FILTER (good)"
# The same in another way: the view, what it is ordered by, and what it has to say.
WANTED = {
    "latency": ("endpoint, hour", """
        SELECT endpoint, date_trunc('hour', began_at) AS hour, count(*), quantile_cont(latency_ms, 0.5),
            quantile_cont(latency_ms, 0.95), quantile_cont(latency_ms, 0.99),
            quantile_cont(first_byte_ms, 0.5) FILTER (status = 'answered'),
            quantile_cont(first_byte_ms, 0.95) FILTER (status = 'answered'),
            quantile_cont(first_byte_ms, 0.99) FILTER (status = 'answered')
        FROM request WHERE good GROUP BY ALL"""),
    "throughput": ("endpoint, hour", """
        SELECT endpoint, date_trunc('hour', began_at) AS hour, count(*), sum(attempts), count(*) / 3600,
            sum(tokens_in + tokens_out) / 3600, sum(tokens_in), sum(tokens_out) FROM request GROUP BY ALL"""),
    "availability": ("endpoint, hour", f"""
        SELECT endpoint, date_trunc('hour', began_at) AS hour, {_GOOD}, count(*) FILTER (NOT good),
            count(*) FILTER (status = 'refused'), count(*) FILTER (status = 'cancelled'),
            100 * {_GOOD} / nullif(count(good), 0) FROM request GROUP BY ALL"""),
    "error_budget": ("endpoint, month", """
        SELECT endpoint, date_trunc('month', began_at)::DATE AS month, 99, count(good), count(*) FILTER (NOT good),
            count(good) / 100, 1 - 100 * count(*) FILTER (NOT good) / count(good) FROM request GROUP BY ALL"""),
    "cost_per_inference": ("endpoint, rung, day", """
        SELECT endpoint, rung, began_at::DATE AS day, count(*), sum(cost_usd),
            avg(cost_usd) FILTER (unpriced = 0), count(*) FILTER (unpriced > 0) FROM request GROUP BY ALL"""),
    "cost_per_user": ("month, team, use_case, user_hash", """
        SELECT date_trunc('month', began_at)::DATE AS month, team, use_case, user_hash, count(*), sum(tokens_in),
            sum(tokens_out), sum(cost_usd), count(*) FILTER (unpriced > 0) FROM request GROUP BY ALL"""),
    "cost_per_use_case": ("day, use_case", """
        SELECT began_at::DATE AS day, use_case, count(*), count(DISTINCT user_hash) FILTER (user_hash <> ''),
            sum(cost_usd), avg(cost_usd) FILTER (unpriced = 0), count(*) FILTER (unpriced > 0)
        FROM request GROUP BY ALL"""),
    "cost_per_month": ("month, endpoint", f"""
        WITH of AS (SELECT date_trunc('month', began_at)::DATE AS month, endpoint, {_COUNTED}
            FROM request GROUP BY ALL)
        SELECT now.month AS month, now.endpoint AS endpoint, now.requests, now.cost_usd, now.unpriced,
            old.cost_usd, now.cost_usd / old.cost_usd - 1
        FROM of AS now LEFT JOIN of AS old
            ON old.endpoint = now.endpoint AND old.month = now.month - INTERVAL 1 MONTH"""),
    "rung_share": ("endpoint, hour, rung", """
        WITH of AS (SELECT endpoint, date_trunc('hour', began_at) AS hour, rung, count(*) AS n
            FROM request WHERE good GROUP BY ALL)
        SELECT endpoint, hour, rung, n, n / (SELECT sum(n) FROM of AS every
            WHERE every.endpoint = of.endpoint AND every.hour = of.hour) FROM of"""),
    "version_comparison": ("endpoint, experiment, variant, slot, model_version, day", f"""
        SELECT endpoint, experiment, {TOLD["variant"]} AS variant, slot, model_version,
            make_timestamp((1e6 * ts)::BIGINT)::DATE AS day, count(*),
            count(DISTINCT user_hash) FILTER (user_hash <> ''), count(*) FILTER (status = 'answered')
                / nullif(count(*) FILTER (status NOT IN ('refused', 'cancelled')), 0),
            quantile_cont(latency_ms, 0.5) FILTER (status = 'answered'),
            quantile_cont(latency_ms, 0.95) FILTER (status = 'answered'),
            avg({TOLD["cost_estimate"]}) FILTER (price_known(i, a)),
            1000 * nullif(sum({TOLD["tokens_out"]}), 0) / sum(latency_ms)
        FROM attempt WHERE slot <> '' GROUP BY ALL"""),
    "feedback": ("event_id", f"""
        SELECT {SAID["event_id"]} AS event_id, make_timestamp((1e6 * (began + 3600))::BIGINT), request_id, endpoint,
            'audit', 'user', {SAID["score"]}, '', '', model_version, rung, status, experiment, use_case, team, began_at
        FROM request WHERE r(i, 60, 100) = 0"""),
}  # fmt: skip
_MINUTES = "minute, endpoint, use_case NULLS FIRST, team NULLS FIRST, rung NULLS FIRST"
_MINUTE = f"""
    SELECT date_trunc('minute', began_at) AS minute, 'us-east-1', endpoint, {{}}, count(*), {_GOOD},
        count(*) FILTER (NOT good), sum(attempts), sum(tokens_in), sum(tokens_out), sum(cost_usd), sum(unpriced),
        {_P.format(0.5)}, {_P.format(0.95)}, {_P.format(0.99)}
    FROM request WHERE began_at >= TIMESTAMP '{{}}' GROUP BY ALL"""


def minutes_from(first: datetime) -> str:
    """What the view `minutes` has to say of the minutes from one on."""
    at = f"{first:%Y-%m-%d %H:%M:%S}"
    parts = _MINUTE.format("use_case, team, rung", at)
    return f"{_MINUTE.format('NULL AS use_case, NULL AS team, NULL AS rung', at)} UNION ALL {parts}"


# Views of single attempts and requests, which nobody reads whole: what their columns add up to.
SUMS = {
    "inference_events": (
        "SELECT count(*), sum(latency_ms), sum(cost_usd), sum(tokens_out), max(began_at) FROM inference_events",
        f"SELECT count(*), sum(latency_ms), sum(usd(i, a)), sum({TOLD['tokens_out']}), "
        "make_timestamp((1e6 * max(ts))::BIGINT) FROM attempt",
    ),
    "requests": (
        "SELECT count(*), count(good), sum(latency_ms), sum(first_byte_ms), sum(cost_usd), sum(unpriced), "
        "sum(attempts), sum(tokens_in), max(began_at) FROM requests",
        "SELECT count(*), count(good), sum(latency_ms), sum(first_byte_ms) FILTER (status = 'answered'), "
        "sum(cost_usd), sum(unpriced), sum(attempts), sum(tokens_in), max(began_at) FROM request",
    ),
}


class Lake:
    """Events in files, and a database that knows the requests that they are of.

    Args:
        folder: for both.
        requests: how many.
    """

    def __init__(self, folder: Path, requests: int) -> None:
        self.files = folder / "events"
        self.known = duckdb.connect(str(folder / "known.duckdb"), config=_settings(folder))
        make(self.known, requests)
        write(self.known, self.files, requests)
        self._settings = _settings(folder)
        self.views = {
            Name("lake", view.name): _select(view.query) for view in render("lake", "events", OBJECTIVES)
        }  # fmt: skip

    def ask(self, sql: str) -> Rows:
        """As the local cloud asks DuckDB for Athena."""
        table = Table(False, {each.name: each.type for each in columns()}, {PARTITION: "string", HOUR: "string"})
        text = to_duckdb(_select(sql), self.views, {Name("lake", "events"): table})
        kept = f"hive_partitioning = true, hive_types = {{'{PARTITION}': VARCHAR, '{HOUR}': VARCHAR}}"
        source = f"read_parquet('{self.files}/**/*.parquet', {kept})"
        with duckdb.connect(config=self._settings) as connection:
            return connection.execute(text.replace('"lake"."events"', source)).fetchall()

    def close(self) -> None:
        self.known.close()


def main(requests: int = REQUESTS) -> int:
    """Measure, print, and give 1 when a view says something else than the requests do."""
    console = Console()
    folder = Path(tempfile.mkdtemp(prefix="stanchion-"))
    try:
        with console.status(f"making the events of {requests} requests"):
            lake = Lake(folder, requests)
        events = lake.ask('SELECT count(*) FROM "lake"."events"')[0][0]
        size = sum(file.stat().st_size for file in lake.files.rglob("*.parquet"))
        rows = measured(console, lake)
        lake.close()
    finally:
        shutil.rmtree(folder)
    title = f"views over {events:,} events, {size / 2**20:.0f} MiB, {machine()}"
    table = Shown("what", "measured (n=1)", "against the requests", title=title, title_justify="left")
    for what, said, agrees, ok in rows:
        table.add_row(what, said, f"[{'green' if ok else 'red'}]{agrees}[/]")
    console.print(table)
    return 0 if all(ok for *_, ok in rows) else 1


def measured(console: Console, lake: Lake) -> list[Row]:
    """Each view once, and the question of the minute aggregate as it is asked at the end of the time."""
    asked: dict[str, tuple[str, str]] = dict(SUMS)
    for view, (order, wanted) in WANTED.items():
        asked[view] = (f"SELECT * FROM {view} ORDER BY {order}", f"SELECT * FROM ({wanted}) ORDER BY {order}")
    asked["minutes"] = (
        f"SELECT * FROM minutes WHERE minute < TIMESTAMP '{BEGIN + timedelta(days=1):%Y-%m-%d %H:%M:%S}' "
        f"ORDER BY {_MINUTES}",
        f"SELECT * FROM ({minutes_from(BEGIN)}) WHERE minute < TIMESTAMP "
        f"'{BEGIN + timedelta(days=1):%Y-%m-%d %H:%M:%S}' ORDER BY {_MINUTES}",
    )
    last = window(END)
    where = f"minute >= TIMESTAMP '{last.first:%Y-%m-%d %H:%M:%S}'"
    asked[f"minutes, of the last {len(last.hours)} hours"] = (
        f"{over_arrivals('minutes', 'lake', 'events', last.hours, where)} ORDER BY {_MINUTES}",
        f"SELECT * FROM ({minutes_from(last.first)}) ORDER BY {_MINUTES}",
    )
    rows: list[Row] = []
    for what, (view, wanted) in asked.items():
        with console.status(what):
            begun = time.monotonic()
            found = lake.ask(view)
            seconds = time.monotonic() - begun
            differs = difference(found, lake.known.execute(wanted).fetchall())
        console.print(f"[dim]{what}: {seconds:.1f} s[/]")
        rows.append((what, f"{seconds:.1f} s, {len(found):,} rows", differs or "agrees", not differs))
    return rows


def difference(found: Rows, wanted: Rows) -> str:
    """Where two answers differ first; nothing when they don't."""
    if len(found) != len(wanted) or not found:
        return f"{len(found)} rows, and not {len(wanted)}"
    for number, (one, other) in enumerate(zip(found, wanted, strict=True)):
        if len(one) != len(other) or not all(map(same, one, other)):
            return f"row {number}: {one}, and not {other}"
    return ""


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same but for what adding in another order does to them."""
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None or isinstance(one, str):
        return one == other
    if isinstance(one, datetime):
        return isinstance(other, datetime) and abs((one - other).total_seconds()) < ABSOLUTE / 1e3
    try:
        return math.isclose(float(one), float(other), rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    except TypeError:
        return one == other


def _settings(folder: Path) -> dict[str, Any]:
    return {"memory_limit": MEMORY, "temp_directory": str(folder / "spilled")}


def _select(sql: str) -> Select:
    found = read(sql, "lake")
    if not isinstance(found, Select):
        raise TypeError(f"no query: {sql}")
    return found


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
