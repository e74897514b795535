"""Runs: done twice, done late, done over each other, ended in the middle, the table says the same."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.minute_aggregate.aggregate import Report, run
from functions.minute_aggregate.athena import Athena
from functions.minute_aggregate.minute_table import MinuteTable, key
from stanchion.errors import RunFailedError
from stanchion.minutes.item import asked_at, item_of, progress_key
from stanchion.minutes.names import PARTITION_KEY, SORT_KEY
from stanchion.minutes.row import MinuteRow
from tests.unit.functions.minute_aggregate.fakes import Clock, FakeAthena, FakeDynamo
from tests.unit.minutes.given import CARE, MINUTE, SETTINGS, record, row

NOW = datetime(2026, 12, 1, 10, 7, 3, tzinfo=UTC)
ROWS = [row(), row(part=CARE), row(endpoint="digits", requests=1)]
PROGRESS = (progress_key()[PARTITION_KEY], progress_key()[SORT_KEY])


def once(dynamo: FakeDynamo, rows: list[MinuteRow], now: datetime = NOW, athena: FakeAthena | None = None) -> Report:
    clock = Clock()
    client = athena or FakeAthena([record(each) for each in rows])
    return run(
        SETTINGS,
        Athena(client, SETTINGS.workgroup, SETTINGS.database, clock=clock, sleep=clock.sleep),
        MinuteTable(dynamo, SETTINGS.minute_table, sleep=clock.sleep),
        seconds=60,
        clock=lambda: now,
    )


def items(rows: list[MinuteRow]) -> dict[tuple[str, str], object]:
    return {key(item): item for item in map(item_of, rows)}


def test_the_table_holds_what_athena_says_and_until_when():
    dynamo = FakeDynamo()
    report = once(dynamo, ROWS)
    assert dynamo.rows() == items(ROWS)
    assert asked_at(dynamo.items[PROGRESS]) == NOW
    assert (report.rows, report.written, report.removed) == (3, 3, 0)
    assert report.first == datetime(2026, 12, 1, 6, 15, tzinfo=UTC)


def test_what_is_there_already_is_not_written_again():
    dynamo = FakeDynamo()
    once(dynamo, ROWS)
    before = len(dynamo.batches)
    report = once(dynamo, ROWS, NOW + timedelta(minutes=1))
    assert (report.written, report.removed, len(dynamo.batches)) == (0, 0, before)
    # Who reads still sees that somebody looked.
    assert asked_at(dynamo.items[PROGRESS]) == NOW + timedelta(minutes=1)


def test_late_events_mend_their_minute():
    dynamo = FakeDynamo()
    once(dynamo, ROWS)
    mended = [row(requests=13, answered=10), *ROWS[1:]]
    assert once(dynamo, mended, NOW + timedelta(hours=1)).written == 1
    assert dynamo.rows() == items(mended)


def test_a_request_that_turns_out_to_be_of_another_minute_leaves_nothing_behind():
    dynamo = FakeDynamo()
    once(dynamo, ROWS)
    # Its first attempt arrived after its last one.
    moved = [row(minute=MINUTE - timedelta(minutes=1)), *ROWS[1:]]
    report = once(dynamo, moved, NOW + timedelta(minutes=1))
    assert (report.written, report.removed) == (1, 1)
    assert dynamo.rows() == items(moved)


def test_what_is_older_than_the_window_stays_as_it_was_last_seen():
    dynamo = FakeDynamo()
    once(dynamo, ROWS)
    later = row(minute=MINUTE + timedelta(hours=5))
    assert once(dynamo, [later], NOW + timedelta(hours=5)).removed == 0
    assert dynamo.rows() == items([*ROWS, later])


def test_runs_over_each_other_end_in_what_the_last_one_saw():
    dynamo = FakeDynamo()
    newer = [row(requests=20), *ROWS[1:]]
    once(dynamo, newer, NOW + timedelta(minutes=1))
    # One that began before ends after: it overwrites, and the next one mends.
    once(dynamo, ROWS, NOW)
    assert asked_at(dynamo.items[PROGRESS]) == NOW + timedelta(minutes=1)
    once(dynamo, newer, NOW + timedelta(minutes=2))
    assert dynamo.rows() == items(newer)


def test_a_run_that_fails_in_the_middle_says_so_and_the_next_one_does_the_rest():
    dynamo = FakeDynamo(refuses=1)
    with pytest.raises(RunFailedError):
        once(dynamo, ROWS)
    assert PROGRESS not in dynamo.items
    dynamo.refuses = 0
    once(dynamo, ROWS, NOW + timedelta(minutes=1))
    assert dynamo.rows() == items(ROWS)


def test_two_tries_within_a_minute_are_one_query():
    athena, dynamo = FakeAthena([record(each) for each in ROWS]), FakeDynamo()
    for seconds in (0, 20):
        once(dynamo, ROWS, NOW + timedelta(seconds=seconds), athena)
    assert len(athena.started) == 1
    once(dynamo, ROWS, NOW + timedelta(minutes=1), athena)
    assert len(athena.started) == 2


def test_no_answer_leaves_the_table_as_it_is():
    dynamo = FakeDynamo()
    once(dynamo, ROWS)
    with pytest.raises(RunFailedError, match="ended as FAILED"):
        once(dynamo, [], NOW + timedelta(minutes=1), FakeAthena([], ends="FAILED"))
    assert dynamo.rows() == items(ROWS)
    assert asked_at(dynamo.items[PROGRESS]) == NOW
