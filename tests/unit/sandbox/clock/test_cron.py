"""Cron expressions against a second reading of each field, and against days that a calendar tells."""

import calendar
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sandbox.clock.cron import parse

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31)).map(lambda moment: moment.replace(tzinfo=UTC))


@st.composite
def fields(draw: st.DrawFn, least: int, most: int) -> tuple[str, set[int]]:
    """A field and the numbers it stands for."""
    texts: list[str] = []
    numbers: set[int] = set()
    for _ in range(draw(st.integers(1, 3))):
        first = draw(st.integers(least, most))
        last = draw(st.integers(first, most))
        step = draw(st.integers(1, most))
        text, found = draw(
            st.sampled_from(
                [
                    (f"{first}", {first}),
                    (f"{first}-{last}", set(range(first, last + 1))),
                    (f"{first}/{step}", set(range(first, most + 1, step))),
                    (f"{first}-{last}/{step}", set(range(first, last + 1, step))),
                    (f"*/{step}", set(range(least, most + 1, step))),
                    ("*", set(range(least, most + 1))),
                ]
            )
        )
        texts.append(text)
        numbers |= found
    return ",".join(texts), numbers


@given(moment=MOMENTS, minutes=fields(0, 59), hours=fields(0, 23))
@settings(max_examples=60)
def test_the_next_time_of_day_is_the_first_that_fits(
    moment: datetime, minutes: tuple[str, set[int]], hours: tuple[str, set[int]]
):
    found = parse(f"{minutes[0]} {hours[0]} * * ? *").after(moment)
    each = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
    while each.minute not in minutes[1] or each.hour not in hours[1]:
        each += timedelta(minutes=1)
    assert found == each > moment


@given(moment=MOMENTS, days=fields(1, 31), months=fields(1, 12))
@settings(max_examples=60)
def test_the_next_day_is_the_first_that_fits(
    moment: datetime, days: tuple[str, set[int]], months: tuple[str, set[int]]
):
    assume(min(days[1]) < 29)  # else there may be no such day
    found = parse(f"30 12 {days[0]} {months[0]} ? *").after(moment)
    assert found == first_day(moment, lambda day: day.day in days[1] and day.month in months[1])


@given(moment=MOMENTS, weekdays=fields(1, 7))
@settings(max_examples=100)
def test_the_next_weekday_is_the_first_that_fits_and_1_is_sunday(moment: datetime, weekdays: tuple[str, set[int]]):
    found = parse(f"30 12 ? * {weekdays[0]} *").after(moment)
    assert found == first_day(moment, lambda day: (day.weekday() + 1) % 7 + 1 in weekdays[1])


def first_day(moment: datetime, fits: Callable[[date], bool]) -> datetime:
    """The first 12:30 after a moment on a day that fits."""
    each = moment.replace(hour=12, minute=30, second=0, microsecond=0)
    while each <= moment or not fits(each.date()):
        each += timedelta(days=1)
    return each


@given(moment=MOMENTS, wanted=st.integers(1, 31))
def test_the_nearest_working_day_stays_within_the_month(moment: datetime, wanted: int):
    found = parse(f"0 0 {wanted}W * ? *").after(moment)
    assert found is not None
    last = calendar.monthrange(found.year, found.month)[1]
    assert wanted <= last, "a month without that day has none near it"
    working = [n for n in range(1, last + 1) if date(found.year, found.month, n).weekday() < 5]
    assert abs(found.day - wanted) == min(abs(n - wanted) for n in working)
    assert found.day in working


@given(moment=MOMENTS, weekday=st.integers(1, 7), week=st.integers(1, 5))
def test_the_nth_and_the_last_weekday_of_a_month(moment: datetime, weekday: int, week: int):
    def all_of(day: datetime) -> list[int]:
        last = calendar.monthrange(day.year, day.month)[1]
        return [n for n in range(1, last + 1) if date(day.year, day.month, n).isoweekday() % 7 + 1 == weekday]

    nth, final = parse(f"0 0 ? * {weekday}#{week} *").after(moment), parse(f"0 0 ? * {weekday}L *").after(moment)
    assert nth is not None
    assert final is not None
    assert all_of(nth)[week - 1] == nth.day
    assert all_of(final)[-1] == final.day


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        ("0 3 * * ? *", "2026-11-27 03:00:00", "2026-11-28 03:00"),
        ("0 3 * * ? *", "2026-11-27 02:59:59", "2026-11-27 03:00"),
        ("0/15 9-17 ? * MON-FRI *", "2026-11-27 17:50:00", "2026-11-30 09:00"),
        ("0 0 L * ? *", "2028-02-01 00:00:00", "2028-02-29 00:00"),
        ("0 0 29 2 ? *", "2026-01-01 00:00:00", "2028-02-29 00:00"),
        ("0 0 ? * L *", "2026-11-23 00:00:00", "2026-11-28 00:00"),
        ("0 12 1 jan,jul ? 2027/2", "2026-11-27 00:00:00", "2027-01-01 12:00"),
        # The 1st is a Saturday, the 31st a Sunday.
        ("0 0 1W * ? *", "2026-07-31 23:00:00", "2026-08-03 00:00"),
        ("0 0 31W * ? *", "2026-05-20 00:00:00", "2026-05-29 00:00"),
    ],
)
def test_what_the_user_guide_says(expression: str, after: str, expected: str):
    found = parse(expression).after(datetime.fromisoformat(after).replace(tzinfo=UTC))
    assert found is not None
    assert f"{found:%Y-%m-%d %H:%M}" == expected


def test_a_time_that_never_comes_again():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert parse("0 0 30 2 ? *").after(now) is None
    assert parse("0 0 1 1 ? 2020-2025").after(now) is None
    assert parse("59 23 31 12 ? 2199").after(now) == datetime(2199, 12, 31, 23, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("0 3 * * *", "has 5 fields; allowed: minutes hours day month weekday year"),
        ("0 3 * * * *", r"day '\*', weekday '\*'; allowed: '\?' for exactly one"),
        ("0 3 ? * ? *", r"day '\?', weekday '\?'"),
        ("60 3 * * ? *", "minutes '60'; allowed: 0 to 59"),
        ("0 24 * * ? *", "hours '24'"),
        ("5-3 3 * * ? *", "minutes '5-3'"),
        ("0/0 3 * * ? *", "minutes '0/0'"),
        ("0/x 3 * * ? *", "minutes '0/X'"),
        ("0,, 3 * * ? *", "minutes '0,,'"),
        ("0 3 0 * ? *", "day '0'; allowed: 1 to 31"),
        ("0 3 32W * ? *", "day '32'"),
        ("0 3 * FOO ? *", "month 'FOO'; allowed: 1 to 12, or JAN"),
        ("0 3 ? * 8 *", "weekday '8'; allowed: 1 to 7, or SUN"),
        ("0 3 ? * 2#6 *", "weekday '2#6'"),
        ("0 3 * * ? 1969", "year '1969'; allowed: 1970 to 2199"),
    ],
)
def test_what_is_no_expression_is_said_with_its_field(expression: str, message: str):
    with pytest.raises(ValueError, match=message):
        parse(expression)
