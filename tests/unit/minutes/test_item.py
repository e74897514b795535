"""Rows as items: what is written is what is read, keys tell rows apart, and a range finds its minutes and no others."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from stanchion.minutes.item import (
    KEPT,
    asked_at,
    item_of,
    key_of,
    minute_text,
    progress_key,
    put_progress,
    range_of,
    row_of_item,
)
from stanchion.minutes.names import PARTITION_KEY, SORT_KEY, TIME_TO_LIVE, minute_table
from stanchion.minutes.row import MinuteError, MinuteRow, Part, Percentiles, rounded
from tests.unit.minutes.given import CARE, MINUTE, row

counts = st.integers(0, 10**15)
numbers = st.floats(0, 1e12, allow_nan=False).map(rounded)
parts = st.none() | st.builds(Part, st.text(max_size=9), st.text(max_size=9), st.sampled_from(["full", "human"]))
minutes = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(second=0, microsecond=0)
)


@st.composite
def rows(draw: st.DrawFn) -> MinuteRow:
    part = draw(parts)
    latency = None if part else draw(st.none() | st.builds(Percentiles, numbers, numbers, numbers))
    return MinuteRow(
        minute=draw(minutes), endpoint=draw(st.sampled_from(["chat", "chat-2"])), part=part, requests=draw(counts),
        answered=draw(counts), errors=draw(counts), attempts=draw(counts), tokens_in=draw(counts),
        tokens_out=draw(counts), usd=draw(numbers), unpriced=draw(counts), latency_ms=latency,
    )  # fmt: skip


@given(rows())
def test_what_is_written_is_read_again_after_dynamodb_had_it(made: MinuteRow):
    sent = {name: TypeSerializer().serialize(value) for name, value in item_of(made).items()}
    item = {name: TypeDeserializer().deserialize(value) for name, value in sent.items()}
    assert row_of_item(item) == made
    # What is there already is seen to be there.
    assert item == item_of(made)


@given(rows(), rows())
def test_rows_share_a_key_only_if_they_are_of_the_same(one: MinuteRow, other: MinuteRow):
    same = (one.minute, one.endpoint, one.part) == (other.minute, other.endpoint, other.part)
    assert (key_of(one) == key_of(other)) == same
    assert len(key_of(one)[SORT_KEY].encode()) <= 1024


def test_names_that_look_like_others_put_together_are_told_apart():
    one, other = row(part=Part('a", "b', "c", "full")), row(part=Part("a", 'b", "c', "full"))
    assert key_of(one) != key_of(other)


def matches(asked: dict[str, Any], made: MinuteRow) -> bool:
    """Whether DynamoDB would find a row by this."""
    values, key = asked["ExpressionAttributeValues"], key_of(made)
    last = values.get(":last")
    return (
        key[PARTITION_KEY] == values[":series"]
        and values[":first"] <= key[SORT_KEY]
        and (last is None or key[SORT_KEY] <= last)
    )


@given(rows(), minutes, minutes, st.booleans())
def test_a_range_finds_its_minutes_and_no_others(made: MinuteRow, first: datetime, last: datetime, of_parts: bool):
    wanted = (made.endpoint, made.part is not None) == ("chat", of_parts)
    assert matches(range_of("chat", first, last, parts=of_parts), made) == (wanted and first <= made.minute <= last)
    assert matches(range_of("chat", first, parts=of_parts), made) == (wanted and first <= made.minute)


def test_the_condition_is_one_of_the_key_alone():
    asked = range_of("chat", MINUTE, MINUTE, parts=False)
    assert asked["KeyConditionExpression"] == "#series = :series AND #minute BETWEEN :first AND :last"
    assert asked["ExpressionAttributeNames"] == {"#series": PARTITION_KEY, "#minute": SORT_KEY}
    assert asked["ExpressionAttributeValues"] == {
        ":series": "endpoint:chat", ":first": "2026-12-01T10:05Z", ":last": "2026-12-01T10:05Z~",
    }  # fmt: skip


def test_a_row_goes_after_its_days():
    assert item_of(row())[TIME_TO_LIVE] == (MINUTE + KEPT).timestamp()
    assert timedelta(days=35) == KEPT


def test_what_is_no_row_is_said():
    item = item_of(row(part=CARE))
    del item["errors"]
    with pytest.raises(MinuteError, match=r"'parts:chat', '2026-12-01T10:05Z#.*errors"):
        row_of_item(item)
    with pytest.raises(MinuteError):
        row_of_item(progress_key())


def test_what_a_later_version_added_is_left_aside():
    assert row_of_item(item_of(row()) | {"new": Decimal(1)}) == row()


def test_progress_says_when_it_was_asked():
    at = datetime(2026, 12, 1, 10, 7, 0, 5, tzinfo=UTC)
    assert asked_at(put_progress(at)["Item"]) == at
    assert asked_at(None) is None
    assert put_progress(at)["Item"].items() >= progress_key().items()
    # As texts they sort as they do as times, which the condition goes by.
    texts = [put_progress(at + timedelta(microseconds=each))["Item"]["asked_at"] for each in (-5, 0, 10**7)]
    assert texts == sorted(texts)


def test_names():
    assert minute_table("prod") == "prod-minutes"
    assert minute_text(datetime.fromisoformat("2026-12-01T11:05:59+01:00")) == "2026-12-01T10:05Z"
