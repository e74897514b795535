"""Asking Athena: how long, what of a query that does not end well, and pages."""

import pytest

from functions.minute_aggregate.athena import Athena
from stanchion.errors import RunFailedError
from tests.unit.functions.minute_aggregate.fakes import Clock, FakeAthena

TOKEN = "t" * 64


def asking(client: FakeAthena, clock: Clock) -> Athena:
    return Athena(client, "group", "lake", clock=clock, sleep=clock.sleep)


def test_the_answer_is_every_row_of_every_page():
    client, clock = FakeAthena([{"a": str(each), "b": None} for each in range(7)]), Clock()
    client.page = 3
    answer = asking(client, clock).ask("SELECT 1", TOKEN, 60)
    assert answer.rows == client.rows
    assert (answer.query_id, answer.scanned_bytes) == ("q0", 12345)
    [started] = client.started.values()
    assert started["QueryString"] == "SELECT 1"
    assert (started["WorkGroup"], started["QueryExecutionContext"]) == ("group", {"Database": "lake"})
    assert client.stopped == []


def test_no_rows_are_an_answer():
    assert asking(FakeAthena([]), Clock()).ask("SELECT 1", TOKEN, 60).rows == []


def test_pauses_grow_to_a_bound():
    clock = Clock()
    asking(FakeAthena([], polls=8), clock).ask("SELECT 1", TOKEN, 60)
    assert clock.slept == [0.25, 0.5, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0]


def test_what_takes_too_long_is_stopped():
    client, clock = FakeAthena([], polls=10**6), Clock()
    with pytest.raises(RunFailedError, match="query q0 of workgroup 'group' took over 20 seconds and was stopped"):
        asking(client, clock).ask("SELECT 1", TOKEN, 20)
    assert client.stopped == ["q0"]
    assert clock.now == pytest.approx(1020)


def test_what_fails_says_why_and_is_not_stopped():
    client = FakeAthena([], ends="FAILED")
    with pytest.raises(RunFailedError, match="query q0 of workgroup 'group' ended as FAILED: it says why"):
        asking(client, Clock()).ask("SELECT 1", TOKEN, 60)
    assert client.stopped == []
    with pytest.raises(RunFailedError, match="ended as CANCELLED: Athena does not say why"):
        asking(FakeAthena([], ends="CANCELLED"), Clock()).ask("SELECT 1", TOKEN, 60)


def test_a_query_whose_state_can_not_be_asked_for_is_stopped(monkeypatch: pytest.MonkeyPatch):
    client = FakeAthena([])

    def gone(QueryExecutionId: str) -> None:
        raise ConnectionError("gone")

    monkeypatch.setattr(client, "get_query_execution", gone)
    with pytest.raises(ConnectionError):
        asking(client, Clock()).ask("SELECT 1", TOKEN, 60)
    assert client.stopped == ["q0"]
