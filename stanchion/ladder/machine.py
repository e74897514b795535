"""The ladder's state machine: one rung down when the one in use stays bad, one up when the one above stays good."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from stanchion.ladder.conditions import Conditions, Window
from stanchion.spec.endpoints import RUNGS, Rung


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an endpoint stands.

    Args:
        rung: in use.
        since: when it was taken, in seconds of a clock that only goes forward.
        bad_since: since when it has been bad without a break; None when it is not.
        above_good_since: since when the rung above has been good without a break; None when it is not.
    """

    rung: Rung
    since: float
    bad_since: float | None = None
    above_good_since: float | None = None

    @classmethod
    def start(cls, ladder: tuple[Rung, ...], now: float) -> Self:
        """On the best rung."""
        return cls(ladder[0], now)


def step(
    standing: Standing, now: float, windows: Mapping[Rung, Window], ladder: tuple[Rung, ...], conditions: Conditions
) -> Standing:
    """Where an endpoint stands after a look at what its rungs did; at most one rung from where it stood.

    The last rung is never left downwards: there is nothing below. What is bad for a shorter time than `leave_seconds`,
    or good for a shorter one than `return_seconds`, changes nothing.

    Args:
        standing: before.
        now: seconds, on the same clock; not before the last step.
        windows: what was seen of each rung since about `leave_seconds`; of the rung above the one in use these are the
            few requests that are sent there to see whether it is back.
        ladder: the rungs, best first.
        conditions: the limits.

    Raises:
        ValueError: the rung in use is not on the ladder.
    """
    if standing.rung not in ladder:
        raise ValueError(f"rung '{standing.rung}' is not on the ladder {', '.join(ladder)}")
    place = ladder.index(standing.rung)
    bad = conditions.bad(windows.get(standing.rung, Window()))
    good = place > 0 and conditions.good(windows.get(ladder[place - 1], Window()))
    bad_since = (standing.bad_since if standing.bad_since is not None else now) if bad else None
    good_since = (standing.above_good_since if standing.above_good_since is not None else now) if good else None
    if bad_since is not None and now - bad_since >= conditions.leave_seconds and place + 1 < len(ladder):
        return Standing(ladder[place + 1], now)
    back = good_since is not None and now - good_since >= conditions.return_seconds
    if back and now - standing.since >= conditions.stay_seconds:
        return Standing(ladder[place - 1], now)
    return replace(standing, bad_since=bad_since, above_good_since=good_since)


def lower(one: Rung, other: Rung, ladder: tuple[Rung, ...]) -> Rung:
    """The one of two rungs that is further down; one that is not on the ladder counts as the next one below it that is.

    Args:
        one: a rung.
        other: a rung.
        ladder: the rungs that the endpoint has, best first.
    """
    return ladder[max(_place(one, ladder), _place(other, ladder))]


def _place(rung: Rung, ladder: tuple[Rung, ...]) -> int:
    depth = RUNGS.index(rung)
    return next((place for place, each in enumerate(ladder) if RUNGS.index(each) >= depth), len(ladder) - 1)
