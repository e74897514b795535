"""When a schedule of AWS runs: `cron(0 5 ? * 1-5 *)` and `rate(12 hours)`.

AWS's cron has six fields and days of the week from 1 (Sunday); `L`, `W` and `#` are not read here, and what is not
read is unknown. (Amazon EventBridge Scheduler User Guide, schedule types, read 2026-11-23.) In a time zone that has
summer time a run at an hour that does not exist is left out, and one at an hour that comes twice happens once (same
guide, daylight savings time).

Neither AWS Backup nor the Data Lifecycle Manager runs more often than once an hour (AWS Backup Developer Guide, backup
frequency; Data Lifecycle Manager API, CreateRule), so that of several minutes in an hour the first one stands for all.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

_RATE = re.compile(r"rate\((\d{1,5}) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((.+)\)")
_UNITS = {"minute": 1, "hour": 60, "day": 1440}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_YEARS = (1970, 2199)
# A leap year and the years on both sides of it: every gap that a yearly schedule can have.
_FIRST, _DAY_COUNT = date(2027, 1, 1), 1096
_UTC = ("", "UTC", "Etc/UTC", "GMT", "Etc/GMT")


@lru_cache(maxsize=256)
def runs(schedule: str, zone: str = "") -> tuple[int, ...] | None:
    """Minutes at which a schedule runs, counted from a fixed day over three years; None if it can't be read.

    A rate runs from when it was made; its first run stands at minute 0 here. A schedule that is bound to certain years
    has no runs: there comes a day after which it does nothing.

    Args:
        schedule: as AWS writes it.
        zone: the time zone it is meant in, such as `Europe/Berlin`; UTC unless given.
    """
    if match := _RATE.fullmatch(schedule.strip()):
        step = int(match[1]) * _UNITS[match[2]]
        return tuple(range(0, _DAY_COUNT * 1440, max(step, 60))) if step else None
    match = _CRON.fullmatch(schedule.strip())
    fields = match[1].split() if match else []
    if len(fields) != 6:
        return None
    minutes, hours = _field(fields[0], 0, 59), _field(fields[1], 0, 23)
    days, months = _field(fields[2], 1, 31, blank=True), _field(fields[3], 1, 12, _MONTHS, 1)
    weekdays, years = _field(fields[4], 1, 7, _DAYS, 1, blank=True), _field(fields[5], *_YEARS)
    if minutes is None or hours is None or days is None or months is None or weekdays is None or years is None:
        return None
    if len(years) < _YEARS[1] - _YEARS[0] + 1:
        return ()
    # Sunday is 1 with AWS; Python's Monday is 0.
    numbers = [
        number
        for number in range(_DAY_COUNT)
        if (day := _FIRST + timedelta(days=number)).day in days
        and day.month in months
        and (day.weekday() + 1) % 7 + 1 in weekdays
    ]
    times = [hour * 60 + min(minutes) for hour in sorted(hours)]
    if zone in _UTC:
        return tuple(number * 1440 + time for number in numbers for time in times)
    return _moved(numbers, times, zone)


def longest_gap(minutes: tuple[int, ...]) -> float | None:
    """Seconds of the longest time between two runs; None for fewer than two."""
    if len(minutes) < 2:
        return None
    return max(later - earlier for earlier, later in pairwise(minutes)) * 60.0


def _moved(numbers: list[int], times: list[int], zone: str) -> tuple[int, ...] | None:
    """The same times of local days, in UTC; None for a zone that is not known here."""
    try:
        place = ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        # No such zone, not even the form of one, or a folder of zones.
        return None
    start = datetime.combine(_FIRST, datetime.min.time())
    found: set[int] = set()
    for number in numbers:
        midnight = start + timedelta(days=number)
        offset = _offset(midnight, place)
        if offset == _offset(midnight + timedelta(days=1), place):
            found.update(number * 1440 + time - offset for time in times)
            continue
        for time in times:
            local = midnight + timedelta(minutes=time)
            shift = _offset(local, place)
            there = (local - timedelta(minutes=shift)).replace(tzinfo=UTC).astimezone(place).replace(tzinfo=None)
            if there == local:
                found.add(number * 1440 + time - shift)
    return tuple(sorted(found))


def _offset(local: datetime, zone: ZoneInfo) -> int:
    """Minutes that a zone is ahead of UTC."""
    ahead = local.replace(tzinfo=zone).utcoffset()
    return int(ahead.total_seconds() // 60) if ahead else 0


def _field(
    text: str, low: int, high: int, names: tuple[str, ...] = (), first: int = 0, *, blank: bool = False
) -> frozenset[int] | None:
    """The values of one field; None if it can't be read. Only the two fields of days may be a `?`."""
    values: set[int] = set()
    for part in text.upper().split(","):
        body, slash, step = part.partition("/")
        if slash and not (step.isascii() and step.isdigit()):
            return None
        bounds = _bounds(body, low, high, names, first, open_end=bool(slash), blank=blank)
        if bounds is None or (slash and int(step) == 0):
            return None
        start, end = bounds
        # 6-2 of a week goes over its end.
        span = range(start, end + 1) if start <= end else [*range(start, high + 1), *range(low, end + 1)]
        values.update(list(span)[:: int(step) if slash else 1])
    return frozenset(values)


def _bounds(
    body: str, low: int, high: int, names: tuple[str, ...], first: int, *, open_end: bool, blank: bool
) -> tuple[int, int] | None:
    if body == "*" or (blank and body == "?"):
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
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None
