"""Cron expressions of EventBridge: six fields, names, and days that a month itself decides.

Minutes, hours, day of the month, month, day of the week (1 is Sunday), year; one of the two days is `?`
(EventBridge Scheduler user guide, cron-based schedules). No library reads this dialect: others have five fields, count
days of the week from Monday or from 0, and take both days together.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_MONTHS = {
    **{"JAN": 1, "FEB": 2, "MAR": 3, "APR": 4, "MAY": 5, "JUN": 6},
    **{"JUL": 7, "AUG": 8, "SEP": 9, "OCT": 10, "NOV": 11, "DEC": 12},
}
_WEEKDAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
_SATURDAY = 7

Fits = Callable[[date], bool]


@dataclass(frozen=True)
class Cron:
    """A cron expression.

    Args:
        minutes: of an hour, in order.
        hours: of a day, in order.
        months: from 1, in order.
        years: in order.
        fits: whether a day is one of its days.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    months: tuple[int, ...]
    years: tuple[int, ...]
    fits: Fits

    def after(self, moment: datetime) -> datetime | None:
        """The first occurrence after a moment in UTC; None when there is none any more."""
        start = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        first_day, first_time = start.date(), (start.hour, start.minute)
        for year in self.years:
            if year < first_day.year:
                continue
            for month in self.months:
                if (year, month) < (first_day.year, first_day.month):
                    continue
                for day in (date(year, month, number) for number in range(1, monthrange(year, month)[1] + 1)):
                    if day < first_day or not self.fits(day):
                        continue
                    found = self._time(first_time if day == first_day else (0, 0))
                    if found is not None:
                        return datetime(day.year, day.month, day.day, *found, tzinfo=UTC)
        return None

    def _time(self, first: tuple[int, int]) -> tuple[int, int] | None:
        return next(((hour, minute) for hour in self.hours for minute in self.minutes if (hour, minute) >= first), None)


def parse(text: str) -> Cron:
    """Read the six fields.

    Raises:
        ValueError: a sentence: which field, its value, what is allowed.
    """
    fields = text.split()
    if len(fields) != 6:
        raise ValueError(f"cron({text}) has {len(fields)} fields; allowed: minutes hours day month weekday year.")
    minutes, hours, day, month, weekday, year = (field.upper() for field in fields)
    if (day == "?") == (weekday == "?"):
        raise ValueError(f"cron({text}) has day '{day}', weekday '{weekday}'; allowed: '?' for exactly one of them.")
    return Cron(
        _numbers("minutes", minutes, 0, 59),
        _numbers("hours", hours, 0, 23),
        _numbers("month", month, 1, 12, _MONTHS),
        _numbers("year", year, 1970, 2199),
        _of_month(day) if weekday == "?" else _of_week(weekday),
    )


def _numbers(name: str, field: str, least: int, most: int, names: Mapping[str, int] | None = None) -> tuple[int, ...]:
    """The numbers of a field: lists of numbers, ranges and steps."""
    allowed = f"{least} to {most}{', or ' + ', '.join(names) if names else ''}, with , - * /"

    def refuse() -> ValueError:
        return ValueError(f"cron has {name} '{field}'; allowed: {allowed}.")

    def number(text: str) -> int:
        value = (names or {}).get(text, -1) if not text.isdecimal() else int(text)
        if not least <= value <= most:
            raise refuse()
        return value

    found: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        if slash and not (step.isdecimal() and int(step)):
            raise refuse()
        begin = least if span == "*" else number(first)
        # A step has no end of its own; without one, a single number is its own end.
        end = number(last) if dash else most if slash or span == "*" else begin
        if begin > end:
            raise refuse()
        found.update(range(begin, end + 1, int(step or 1)))
    return tuple(sorted(found))


def _of_month(field: str) -> Fits:
    if field == "L":
        return lambda day: day.day == monthrange(day.year, day.month)[1]
    if match := re.fullmatch(r"(\d+)W", field):
        (wanted,) = _numbers("day", match[1], 1, 31)
        return lambda day: day == _nearest_weekday(day, wanted)
    days = _numbers("day", field, 1, 31)
    return lambda day: day.day in days


def _nearest_weekday(day: date, wanted: int) -> date | None:
    """Monday to Friday nearest to a day of the month, without leaving the month; None when it has no such day."""
    last = monthrange(day.year, day.month)[1]
    if wanted > last:
        return None
    target = day.replace(day=wanted)
    if target.isoweekday() == 6:
        return target + timedelta(days=2 if wanted == 1 else -1)
    if target.isoweekday() == 7:
        return target + timedelta(days=-2 if wanted == last else 1)
    return target


def _of_week(field: str) -> Fits:
    if field == "L":
        return lambda day: _weekday(day) == _SATURDAY
    if match := re.fullmatch(r"(\w+)L", field):
        (wanted,) = _numbers("weekday", match[1], 1, 7, _WEEKDAYS)
        return lambda day: _weekday(day) == wanted and day.day + 7 > monthrange(day.year, day.month)[1]
    if match := re.fullmatch(r"(\w+)#([1-5])", field):
        (wanted,) = _numbers("weekday", match[1], 1, 7, _WEEKDAYS)
        week = int(match[2])
        return lambda day: _weekday(day) == wanted and (day.day - 1) // 7 + 1 == week
    days = _numbers("weekday", field, 1, 7, _WEEKDAYS)
    return lambda day: _weekday(day) in days


def _weekday(day: date) -> int:
    return day.isoweekday() % 7 + 1
