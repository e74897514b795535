"""Windows by the calendar, in UTC: the minute, the day, the month that a moment is in."""

import math
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from stanchion.serving.gateway_configuration import Window

# A day has this many in Unix time, which has no leap seconds.
_DAY = 86400
_LENGTHS: dict[Window, int] = {"minute": 60, "day": _DAY}


class Period(NamedTuple):
    """One minute, day or month.

    Args:
        window: which of them.
        start: seconds since 1970, the first that is in it.
        end: the first that is not.
    """

    window: Window
    start: int
    end: int

    def over(self, now: float) -> bool:
        """Whether it has ended."""
        return now >= self.end

    def seconds_left(self, now: float) -> int:
        """Until the next one, rounded up, so that who waits for so long is in it; at least 1."""
        return max(1, math.ceil(self.end - now))


def period(window: Window, now: float) -> Period:
    """The one that a moment is in.

    Args:
        window: minute, day or month.
        now: seconds since 1970.
    """
    return _of_minute(window, int(now // 60))


# Every request asks for the same few: a minute lies in one day and in one month.
@lru_cache(maxsize=64)
def _of_minute(window: Window, minute: int) -> Period:
    length = _LENGTHS.get(window)
    if length is not None:
        start = minute * 60 // length * length
        return Period(window, start, start + length)
    moment = datetime.fromtimestamp(minute * 60, UTC)
    first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = (
        first.replace(year=first.year + 1, month=1) if first.month == 12 else first.replace(month=first.month + 1)
    )
    return Period(window, int(first.timestamp()), int(following.timestamp()))
