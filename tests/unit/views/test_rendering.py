"""The views say what a second computation in Python says, over events of every kind."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

import duckdb
import pytest

from sandbox.front_door.athena_sql import CreateView, Name, Select, Table, read, to_duckdb
from stanchion.events.encoding import encode
from stanchion.events.inference import InferenceEvent
from stanchion.events.table import HOUR, PARTITION, columns
from stanchion.views.rendering import FOLDER, VIEWS, View, ViewError, over_arrivals, render
from tests.unit.events.examples import feedback, inference, traffic

OBJECTIVES = {"chat": 99.0, "digits": 90.0}
RENDERED = render("lake", "events", OBJECTIVES)


class Lake:
    """A table of events, asked as the front door has Athena asked."""

    def __init__(self, folder: Path, events: Iterable[Any]) -> None:
        days: dict[str, list[bytes]] = defaultdict(list)
        for number, event in enumerate(events):
            # Every third arrives a second time, on the day after.
            days["2026-12-01"].append(encode(event))
            if number % 3 == 0:
                days["2026-12-02"].append(encode(event))
        for day, lines in days.items():
            (folder / f"dt={day}/hour=07").mkdir(parents=True)
            (folder / f"dt={day}/hour=07/a.json").write_bytes(b"".join(lines))
        # As MiniStack has them read.
        paths = ", ".join(f"'{path}'" for path in sorted(folder.glob("*/*/*.json")))
        self.files = f"read_json_auto([{paths}], union_by_name = true, hive_partitioning = true)"
        self.table = Table(True, {each.name: each.type for each in columns()}, {PARTITION: "string", HOUR: "string"})
        self.views = {Name("lake", each.name): select(created(each).query) for each in RENDERED}

    def ask(self, sql: str) -> list[dict[str, Any]]:
        text = to_duckdb(select(sql), self.views, {Name("lake", "events"): self.table})
        with duckdb.connect() as connection:
            found = connection.execute(text.replace('"lake"."events"', self.files))
            names = [each[0] for each in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def select(sql: str) -> Select:
    found = read(sql, "lake")
    assert isinstance(found, Select), sql
    return found


def created(view: View) -> CreateView:
    found = read(view.create, "lake")
    assert isinstance(found, CreateView), view.create
    assert (found.name, found.replace) == (Name("lake", view.name), True)
    return found


@pytest.fixture(scope="module")
def events() -> list[InferenceEvent]:
    return traffic(3000)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, events: list[InferenceEvent]) -> Lake:
    return Lake(tmp_path_factory.mktemp("lake"), [*events, feedback()])


def requests_of(events: list[InferenceEvent]) -> dict[str, list[InferenceEvent]]:
    found: dict[str, list[InferenceEvent]] = defaultdict(list)
    for event in events:
        found[event.request_id].append(event)
    return found


def good(event: InferenceEvent) -> bool | None:
    if event.status in ("refused", "cancelled"):
        return None
    return event.status in ("answered", "cached", "ticket")


def day(ts: float) -> date:
    return datetime.fromtimestamp(ts, UTC).date()


def month(ts: float) -> date:
    return day(ts).replace(day=1)


def test_every_file_is_a_view_that_says_what_it_shows():
    assert {file.stem for file in FOLDER.glob("*.sql")} == set(VIEWS)
    for view in RENDERED:
        assert view.comment
        assert "${" not in view.create
        assert not view.query.endswith(";")


def test_each_view_reads_only_those_before_it():
    known = {"events"}
    for view in RENDERED:
        assert {name.table for name in select(view.query).names} <= known
        known.add(view.name)


def test_an_event_that_came_twice_is_there_once_and_feedback_is_not(lake: Lake, events: list[InferenceEvent]):
    found = lake.ask("SELECT event_id, dt, cost_usd, began_at, ts FROM inference_events")
    assert sorted(row["event_id"] for row in found) == sorted(event.event_id for event in events)
    assert {row["dt"] for row in found if row["event_id"] == events[0].event_id} == {"2026-12-02"}
    for row in found[:100]:
        assert row["began_at"].replace(tzinfo=UTC).timestamp() == pytest.approx(row["ts"], abs=1e-3)


def test_an_estimate_without_a_price_is_null(lake: Lake, events: list[InferenceEvent]):
    [found] = lake.ask("SELECT sum(cost_usd) AS usd, count(*) - count(cost_usd) AS unknown FROM inference_events")
    assert found["unknown"] == sum(event.unit_price_version == "unknown" for event in events)
    assert found["usd"] == pytest.approx(
        sum(event.cost_estimate for event in events if event.unit_price_version != "unknown")
    )


def test_availability_counts_what_is_the_platforms(lake: Lake, events: list[InferenceEvent]):
    finals = [event for event in events if event.final]
    for row in lake.ask("SELECT endpoint, sum(good) AS good, sum(bad) AS bad FROM availability GROUP BY endpoint"):
        of_it = [good(event) for event in finals if event.endpoint == row["endpoint"]]
        assert (row["good"], row["bad"]) == (of_it.count(True), of_it.count(False))
    for row in lake.ask("SELECT * FROM availability"):
        assert row["availability"] == pytest.approx(100 * row["good"] / (row["good"] + row["bad"]))
    [sums] = lake.ask("SELECT sum(good + bad + refused + cancelled) AS n FROM availability")
    assert sums["n"] == len(finals)


def test_latency_is_of_whole_requests_that_got_an_answer(lake: Lake, events: list[InferenceEvent]):
    by_hour: dict[tuple[str, datetime], list[float]] = defaultdict(list)
    for attempts in requests_of(events).values():
        if good(attempts[-1]):
            begun = datetime.fromtimestamp(attempts[0].ts, UTC).replace(minute=0, second=0, microsecond=0, tzinfo=None)
            by_hour[attempts[0].endpoint, begun].append(sum(event.latency_ms for event in attempts))
    rows = lake.ask("SELECT * FROM latency")
    assert {(row["endpoint"], row["hour"]): row["requests"] for row in rows} == {
        key: len(values) for key, values in by_hour.items()
    }
    for row in rows:
        values = by_hour[row["endpoint"], row["hour"]]
        if len(values) > 20:
            expected = quantiles(values, n=100, method="inclusive")
            assert [row["p50_ms"], row["p95_ms"], row["p99_ms"]] == pytest.approx(
                [expected[49], expected[94], expected[98]], rel=1e-4
            )
            assert row["first_byte_p50_ms"] <= row["p99_ms"]


def test_what_is_left_of_an_error_budget(lake: Lake, events: list[InferenceEvent]):
    rows = lake.ask("SELECT * FROM error_budget")
    assert {row["endpoint"] for row in rows} == set(OBJECTIVES)
    for row in rows:
        begins = {key: attempts[0].ts for key, attempts in requests_of(events).items()}
        said = [
            good(event)
            for event in events
            if event.final and event.endpoint == row["endpoint"] and month(begins[event.request_id]) == row["month"]
        ]
        counted, bad = len(said) - said.count(None), said.count(False)
        allowed = counted * (100 - OBJECTIVES[row["endpoint"]]) / 100
        assert (row["counted"], row["bad"]) == (counted, bad)
        assert row["budget_left"] == pytest.approx(1 - bad / allowed)


def test_without_objectives_there_is_no_budget(tmp_path: Path):
    lake = Lake(tmp_path, traffic(10))
    bare = next(view for view in render("lake", "events", {}) if view.name == "error_budget")
    lake.views[Name("lake", "error_budget")] = select(bare.query)
    assert lake.ask("SELECT * FROM error_budget") == []


def test_costs_by_inference_use_case_user_and_month_are_the_same_money(lake: Lake, events: list[InferenceEvent]):
    total = sum(event.cost_estimate for event in events if event.unit_price_version != "unknown")
    sums = "SELECT sum(cost_usd) AS usd, sum(requests) AS n, sum(unpriced) AS unknown FROM "
    for view in ("cost_per_inference", "cost_per_use_case", "cost_per_user", "cost_per_month"):
        [found] = lake.ask(sums + view)
        assert found["usd"] == pytest.approx(total), view
        assert found["n"] == len(requests_of(events))
        assert found["unknown"] == sum(
            any(event.unit_price_version == "unknown" for event in attempts)
            for attempts in requests_of(events).values()
        )


def test_the_mean_of_an_inference_leaves_out_what_has_no_price(lake: Lake, events: list[InferenceEvent]):
    sums: dict[tuple[str, str, date], list[float]] = defaultdict(list)
    for attempts in requests_of(events).values():
        if all(event.unit_price_version != "unknown" for event in attempts):
            key = (attempts[0].endpoint, attempts[-1].rung, day(attempts[0].ts))
            sums[key].append(sum(event.cost_estimate for event in attempts))
    for row in lake.ask("SELECT * FROM cost_per_inference"):
        values = sums.get((row["endpoint"], row["rung"], row["day"]))
        expected = sum(values) / len(values) if values else None
        assert row["usd_per_inference"] == (expected if expected is None else pytest.approx(expected))


def test_a_month_is_compared_with_the_one_before_and_with_no_other(tmp_path: Path):
    times = {"2026-09-05": 1.0, "2026-10-05": 1.5, "2026-12-05": 3.0}
    made = [
        inference(
            event_id=text,
            request_id=text,
            ts=datetime.fromisoformat(f"{text}T12:00:00+00:00").timestamp(),
            cost_estimate=usd,
            unit_price_version="2026-11-27",
        )
        for text, usd in times.items()
    ]
    rows = Lake(tmp_path, made).ask("SELECT month, cost_usd, previous_usd, change FROM cost_per_month ORDER BY month")
    assert [tuple(row.values()) for row in rows] == [
        (date(2026, 9, 1), 1.0, None, None),
        (date(2026, 10, 1), 1.5, 1.0, 0.5),
        (date(2026, 12, 1), 3.0, None, None),
    ]


def test_shares_of_rungs_are_of_what_was_answered(lake: Lake, events: list[InferenceEvent]):
    rows = lake.ask("SELECT * FROM rung_share")
    sums: dict[Any, float] = defaultdict(float)
    for row in rows:
        sums[row["endpoint"], row["hour"]] += row["share"]
    assert list(sums.values()) == pytest.approx([1.0] * len(sums))
    assert sum(row["requests"] for row in rows) == sum(bool(good(event)) for event in events if event.final)


def test_a_version_is_judged_by_its_own_attempts(lake: Lake, events: list[InferenceEvent]):
    rows = lake.ask("SELECT * FROM version_comparison")
    assert sum(row["attempts"] for row in rows) == sum(event.slot != "" for event in events)
    for row in rows[:10]:
        of_it = [
            event
            for event in events
            if event.slot
            and (event.endpoint, event.model_version, day(event.ts))
            == (row["endpoint"], row["model_version"], row["day"])
        ]
        counted = [event for event in of_it if event.status not in ("refused", "cancelled")]
        assert row["answered"] == pytest.approx(sum(event.status == "answered" for event in counted) / len(counted))


def test_throughput_counts_everything_that_was_asked(lake: Lake, events: list[InferenceEvent]):
    [found] = lake.ask(
        "SELECT sum(requests) AS requests, sum(attempts) AS attempts, sum(requests_per_second) AS rate FROM throughput"
    )
    assert (found["requests"], found["attempts"]) == (len(requests_of(events)), len(events))
    assert found["rate"] == pytest.approx(len(requests_of(events)) / 3600)


def test_a_minute_has_a_row_of_the_endpoint_and_one_of_each_part(lake: Lake, events: list[InferenceEvent]):
    by_minute: dict[tuple[Any, ...], list[list[InferenceEvent]]] = defaultdict(list)
    for attempts in requests_of(events).values():
        minute = datetime.fromtimestamp(attempts[0].ts, UTC).replace(second=0, microsecond=0, tzinfo=None)
        whole = (minute, attempts[0].region, attempts[0].endpoint)
        by_minute[*whole, None, None, None].append(attempts)
        by_minute[*whole, attempts[0].use_case, attempts[0].team, attempts[-1].rung].append(attempts)
    rows = lake.ask("SELECT * FROM minutes")
    names = ("minute", "region", "endpoint", "use_case", "team", "rung")
    found = {tuple(row[name] for name in names): row for row in rows}
    assert len(found) == len(rows)
    assert set(found) == set(by_minute)
    for key, requests in by_minute.items():
        row, said = found[key], [good(attempts[-1]) for attempts in requests]
        assert (row["requests"], row["answered"], row["errors"]) == (len(said), said.count(True), said.count(False))
        priced = [event for each in requests for event in each if event.unit_price_version != "unknown"]
        assert row["attempts"] == sum(len(each) for each in requests)
        assert row["unpriced"] == row["attempts"] - len(priced)
        assert row["tokens_out"] == sum(event.tokens_out for each in requests for event in each)
        assert row["usd"] == pytest.approx(sum(event.cost_estimate for event in priced))
        answered = [sum(event.latency_ms for event in each) for each in requests if good(each[-1])]
        assert (row["p50_ms"] is None) == (not answered)
        if len(answered) > 1:
            expected = quantiles(answered, n=100, method="inclusive")
            assert [row["p50_ms"], row["p99_ms"]] == pytest.approx([expected[49], expected[98]], rel=1e-3)


def test_feedback_stands_beside_the_request_that_it_is_about(tmp_path: Path):
    said = [
        feedback(event_id="f1", request_id="r1", score=1.0, team="audit", endpoint="said"),
        feedback(event_id="f2", request_id="r1", source="ground_truth", label="cat"),
        feedback(event_id="f3", request_id="gone", score=-1.0),
    ]
    made = [
        inference(event_id="e0", request_id="r1", status="error", final=False, rung="full", model_version="2"),
        inference(event_id="e1", request_id="r1", attempt=1, rung="quantized", model_version="1", experiment="x"),
    ]
    # The first of them, and an attempt, arrive twice.
    lake = Lake(tmp_path, [said[0], *made, *said[1:]])
    rows = lake.ask("SELECT * FROM feedback ORDER BY event_id")
    names = ("event_id", "endpoint", "said_by", "source", "score", "label", "model_version", "rung", "experiment")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("f1", "chat", "audit", "user", 1.0, "", "1", "quantized", "x"),
        ("f2", "chat", "care", "ground_truth", None, "cat", "1", "quantized", "x"),
        ("f3", "chat", "care", "user", -1.0, "", None, None, None),
    ]
    assert rows[0]["said_at"].replace(tzinfo=UTC).timestamp() == pytest.approx(feedback().ts)


@pytest.mark.parametrize("view", ["requests", "minutes", "availability", "feedback", "version_comparison"])
def test_over_all_hours_a_view_says_what_it_always_says(lake: Lake, view: str):
    hours = [datetime(2026, 12, day, 7, tzinfo=UTC) for day in (1, 2)]
    everything = lake.ask(f"SELECT * FROM {view}")  # noqa: S608
    assert everything
    asked = lake.ask(over_arrivals(view, "lake", "events", hours))

    def told(rows: list[dict[str, Any]]) -> list[str]:
        # Sums come out otherwise in their last digits, as things are added in another order.
        return sorted(
            repr([f"{each:.9g}" if isinstance(each, float) else each for each in row.values()]) for row in rows
        )

    assert told(asked) == told(everything)


def test_only_what_arrived_in_the_hours_is_read(lake: Lake, events: list[InferenceEvent]):
    def found(*hours: datetime) -> int:
        return len(lake.ask(over_arrivals("inference_events", "lake", "events", hours)))

    # Every third event is there on the second day as well.
    assert found(datetime(2026, 12, 1, 7, 59, tzinfo=UTC)) == len(events)
    assert found(datetime(2026, 12, 2, 7, tzinfo=UTC)) == len(events[::3])
    assert found(datetime(2026, 12, 1, 8, tzinfo=UTC)) == found() == 0
    # Hours are those of UTC, whatever the zone of the time.
    assert found(datetime.fromisoformat("2026-12-01T16:30:00+09:00")) == len(events)


def test_a_condition_is_on_what_the_view_shows(lake: Lake):
    hours = [datetime(2026, 12, 1, 7, tzinfo=UTC)]
    rows = lake.ask(over_arrivals("minutes", "lake", "events", hours, "endpoint = 'chat' AND rung IS NULL"))
    assert {(row["endpoint"], row["rung"]) for row in rows} == {("chat", None)}


@pytest.mark.parametrize(
    ("view", "said"),
    [("none", "there is no view 'none'; allowed: inference_events, "), ("error_budget", "is of months, and not of")],
)
def test_a_view_that_arrivals_do_not_make_is_refused(view: str, said: str):
    with pytest.raises(ViewError, match=said):
        over_arrivals(view, "lake", "events", [])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("Lake", "events", {}), "'Lake' is no name of a database"),
        (("lake", 'e"; DROP', {}), "is no name of a table"),
        (("lake", "latency", {}), "is called 'latency' as a view is"),
        (("lake", "events", {"x' OR": 99.0}), "is no name of an endpoint"),
        (("lake", "events", {"chat": 100.0}), "is 100.0 percent; allowed: above 0 and below 100"),
    ],
)
def test_what_can_not_be_rendered_is_said(arguments: Any, said: str):
    with pytest.raises(ViewError, match=re.escape(said)):
        render(*arguments)
