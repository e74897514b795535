"""Writing: in batches, again when DynamoDB gives some back, and in the end with a sentence."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.minute_aggregate.minute_table import BATCH, TRIES, MinuteTable, key
from stanchion.errors import RunFailedError
from stanchion.minutes.item import asked_at, item_of
from tests.unit.functions.minute_aggregate.fakes import Clock, FakeDynamo
from tests.unit.minutes.given import CARE, MINUTE, row

ITEMS = [item_of(row(minute=MINUTE + timedelta(minutes=each))) for each in range(60)]
PART = item_of(row(part=CARE))
NOW = datetime(2026, 12, 1, 10, 7, tzinfo=UTC)


def made(dynamo: FakeDynamo) -> tuple[MinuteTable, Clock]:
    clock = Clock()
    return MinuteTable(dynamo, "prod-minutes", sleep=clock.sleep), clock


def test_all_is_put_and_removed_in_batches():
    dynamo = FakeDynamo()
    table, clock = made(dynamo)
    dynamo.items = {key(PART): PART}
    table.write(ITEMS, [key(PART)])
    assert dynamo.items == {key(item): item for item in ITEMS}
    assert [len(batch) for batch in dynamo.batches] == [BATCH, BATCH, 11]
    assert clock.slept == []


def test_nothing_to_write_is_no_request():
    dynamo = FakeDynamo()
    made(dynamo)[0].write([], [])
    assert dynamo.batches == []


def test_what_is_given_back_is_sent_again_after_a_pause():
    dynamo = FakeDynamo(refuses=10)
    table, clock = made(dynamo)

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if len(clock.slept) == 2:
            dynamo.refuses = 0

    table._sleep = sleep
    table.write(ITEMS[:20], [])
    assert dynamo.items == {key(item): item for item in ITEMS[:20]}
    assert [len(batch) for batch in dynamo.batches] == [20, 10, 10]
    assert clock.slept == [0.05, 0.1]


def test_what_is_never_taken_is_an_error_with_its_number():
    dynamo = FakeDynamo(refuses=4)
    table, clock = made(dynamo)
    with pytest.raises(RunFailedError, match=f"'prod-minutes' did not take 4 of its rows in {TRIES} tries"):
        table.write(ITEMS[:20], [])
    assert len(dynamo.items) == 16
    assert len(clock.slept) == TRIES


def test_rows_of_the_endpoints_from_the_first_minute_on_are_read_over_all_pages():
    dynamo = FakeDynamo()
    other = item_of(row(endpoint="digits"))
    dynamo.items = {key(item): item for item in (*ITEMS, PART, other)}
    found = made(dynamo)[0].read(["chat"], MINUTE + timedelta(minutes=10))
    assert found == {key(item): item for item in ITEMS[10:]}
    assert set(made(dynamo)[0].read(["chat"], MINUTE)) == {key(item) for item in (*ITEMS, PART)}
    assert set(made(dynamo)[0].read(["chat", "digits"], MINUTE)) == {key(item) for item in (*ITEMS, PART, other)}


def test_progress_never_goes_back():
    dynamo = FakeDynamo()
    table, _ = made(dynamo)
    for at in (NOW, NOW - timedelta(minutes=1), NOW):
        table.progress(at)
        [item] = dynamo.items.values()
        assert asked_at(item) == NOW
    table.progress(NOW + timedelta(minutes=1))
    [item] = dynamo.items.values()
    assert asked_at(item) == NOW + timedelta(minutes=1)
