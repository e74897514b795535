"""Which minutes a run may write: those of which it sees all."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.minutes.window import LENGTH, MARGIN, window

times = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


def test_three_hours_and_a_margin_back():
    found = window(datetime(2026, 12, 1, 1, 20, 30, tzinfo=UTC))
    assert [f"{hour:%d %H:%M}" for hour in found.hours] == ["30 22:00", "30 23:00", "01 00:00", "01 01:00"]
    assert found.first == datetime(2026, 11, 30, 22, 15, tzinfo=UTC)


@pytest.mark.parametrize(("minute", "hours"), [(14, 5), (15, 4), (59, 4)])
def test_the_hour_in_which_the_window_begins_is_in_it(minute: int, hours: int):
    assert len(window(datetime(2026, 12, 1, 10, minute, tzinfo=UTC)).hours) == hours


@given(times, st.timedeltas(timedelta(0), timedelta(days=2)))
def test_it_reaches_as_far_back_as_was_said_and_an_hour_more_at_most(now: datetime, length: timedelta):
    found = window(now, length)
    assert now - length - timedelta(hours=1) < found.first <= now - length
    assert found.hours[-1] <= now < found.hours[-1] + timedelta(hours=1)
    steps = {later - earlier for earlier, later in zip(found.hours, found.hours[1:], strict=False)}
    assert steps <= {timedelta(hours=1)}


@given(times, st.timedeltas(timedelta(0), LENGTH), st.timedeltas(timedelta(0), MARGIN))
def test_every_event_of_a_minute_that_is_written_is_asked_for(now: datetime, ago: timedelta, early: timedelta):
    found = window(now)
    happened = now - ago
    if happened < found.first:
        return
    # Where it lies: an object may be put an hour early, by as much as the margin.
    lies = max(happened - early, found.hours[0])
    assert any(hour <= lies < hour + timedelta(hours=1) for hour in found.hours)
    assert happened - early >= found.hours[0]


def test_the_zone_of_the_clock_does_not_matter():
    assert window(datetime.fromisoformat("2026-12-01T10:20:30+09:00")) == window(
        datetime(2026, 12, 1, 1, 20, 30, tzinfo=UTC)
    )
