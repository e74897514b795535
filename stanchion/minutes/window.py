"""Which arrivals a run asks for, and which minutes it may write by them.

Only a minute all of whose events lie in the hours asked for may be written: a row is put whole, and one made of the
late events alone would wipe out those that were in time. An event does not arrive before it happened, so that every
minute from the first hour on is whole, but for a margin:

- a request whose first attempt arrived in the hour before and whose last one did not would look as if it had fewer,
- Firehose puts an object where its oldest record belongs, up to a buffer's time early,
- clocks of gateways are not Firehose's.

What arrives later than the window reaches back is only in reports.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# Gateways spool while Firehose can't be reached, and send when it can: so long that may last and still be counted.
LENGTH = timedelta(hours=3)
# No request lasts longer, by far, and no buffer.
MARGIN = timedelta(minutes=15)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Window:
    """What a run asks for.

    Args:
        hours: in which events arrived, each by its begin, UTC.
        first: the first minute that may be written, UTC.
    """

    hours: tuple[datetime, ...]
    first: datetime


def window(now: datetime, length: timedelta = LENGTH) -> Window:
    """The window of a run.

    Args:
        now: with a time zone.
        length: how late an event may be and still be counted; it is an hour more at most.
    """
    at = now.astimezone(UTC)
    begin = (at - length - MARGIN).replace(minute=0, second=0, microsecond=0)
    number = int((at - begin) / _HOUR) + 1
    return Window(tuple(begin + each * _HOUR for each in range(number)), begin + MARGIN)
