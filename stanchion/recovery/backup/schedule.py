"""When a schedule of AWS runs: `cron(0 5 ? * 1-5 *)` and `rate(12 hours)`.

AWS's cron has six fields and days of the week from 1 (Sunday); `L`, `W` and `#` are not read here, and what is not
read is unknown. (Amazon EventBridge Scheduler User Guide, schedule types, read 2026-11-23.)
"""

import re
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

_RATE = re.compile(r"rate\((\d{1,5}) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((.+)\)")
_UNITS = {"minute": 1, "hour": 60, "day": 1440}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# A leap year and a month on both sides of it hold every gap that a yearly schedule without a year field can have.
_FIRST, _HORIZON = date(2027, 12, 1), 458


@lru_cache(maxsize=4096)
def runs(schedule: str) -> tuple[int, ...] | None:
    """Minutes at which a schedule runs, counted from a fixed Wednesday, over fifteen months; None if it can't be read.

    A rate runs from when it was made; its first run stands at minute 0 here.
    """
    if match := _RATE.fullmatch(schedule.strip()):
        step = int(match[1]) * _UNITS[match[2]]
        return tuple(range(0, _HORIZON * 1440, step)) if step else None
    match = _CRON.fullmatch(schedule.strip())
    fields = match[1].split() if match else []
    if len(fields) != 6:
        return None
    minutes, hours = _field(fields[0], 0, 59), _field(fields[1], 0, 23)
    days, months = _field(fields[2], 1, 31), _field(fields[3], 1, 12, _MONTHS, 1)
    weekdays, years = _field(fields[4], 1, 7, _DAYS, 1), _field(fields[5], 1970, 2199)
    if None in (minutes, hours, days, months, weekdays, years):
        return None
    times = [hour * 60 + minute for hour in sorted(hours or ()) for minute in sorted(minutes or ())]
    found: list[int] = []
    for number in range(_HORIZON):
        day = _FIRST + timedelta(days=number)
        # Sunday is 1 with AWS; Python's Monday is 0.
        weekday = (day.weekday() + 1) % 7 + 1
        if day.day in (days or ()) and day.month in (months or ()) and weekday in (weekdays or ()):
            found += [number * 1440 + time for time in times]
    return tuple(found)


def longest_gap(minutes: tuple[int, ...]) -> float | None:
    """Seconds of the longest time between two runs; None for fewer than two."""
    if len(minutes) < 2:
        return None
    return max(later - earlier for earlier, later in pairwise(minutes)) * 60.0


def _field(text: str, low: int, high: int, names: tuple[str, ...] = (), first: int = 0) -> frozenset[int] | None:
    """The values of one field; None if it can't be read."""
    values: set[int] = set()
    for part in text.upper().split(","):
        body, _, step = part.partition("/")
        if step and not step.isdigit():
            return None
        bounds = _bounds(body, low, high, names, first, open_end=bool(step))
        if bounds is None or (step and int(step) == 0):
            return None
        start, end = bounds
        # 6-2 of a week goes over its end.
        span = range(start, end + 1) if start <= end else [*range(start, high + 1), *range(low, end + 1)]
        values.update(list(span)[:: int(step) if step else 1])
    return frozenset(values)


def _bounds(
    body: str, low: int, high: int, names: tuple[str, ...], first: int, *, open_end: bool
) -> tuple[int, int] | None:
    if body in ("*", "?"):
        return low, high
    start_text, dash, end_text = body.partition("-")
    start = _number(start_text, names, first)
    end = _number(end_text, names, first) if dash else (high if open_end else start)
    if start is None or end is None or not (low <= start <= high and low <= end <= high):
        return None
    return start, end


def _number(text: str, names: tuple[str, ...], first: int) -> int | None:
    if text in names:
        return names.index(text) + first
    return int(text) if text.isdigit() else None
