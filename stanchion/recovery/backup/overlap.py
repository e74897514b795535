"""Where the runs of two rules fall together: one begins within the start window of the other."""

from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache

from stanchion.recovery.backup.schedule import longest_gap, runs


@dataclass(frozen=True, slots=True)
class Timing:
    """When a rule runs.

    Args:
        schedule: as AWS writes it.
        zone: the time zone it is meant in; UTC when empty.
        window: minutes within which a run may begin.
    """

    schedule: str
    zone: str
    window: int

    @property
    def readable(self) -> bool:
        """Whether it can be told when it runs."""
        return runs(self.schedule, self.zone) is not None

    @property
    def runs(self) -> tuple[int, ...]:
        """Minutes at which it runs; none when that can't be told."""
        return runs(self.schedule, self.zone) or ()

    @property
    def longest(self) -> float | None:
        """Seconds of the longest time between two runs; None when it does not go on for ever."""
        return _longest(self.schedule, self.zone)


@lru_cache(maxsize=1024)
def _longest(schedule: str, zone: str) -> float | None:
    return longest_gap(runs(schedule, zone) or ())


@lru_cache(maxsize=256)
def collisions(one: Timing, other: Timing) -> frozenset[int]:
    """Runs of one that fall together with a run of the other; the first minute after a window is outside of it."""
    found: set[int] = set()
    if len(one.runs) <= len(other.runs):
        for run in one.runs:
            near = bisect_left(other.runs, run - other.window + 1)
            if near < len(other.runs) and other.runs[near] < run + one.window:
                found.add(run)
        return frozenset(found)
    for run in other.runs:
        near = bisect_left(one.runs, run - one.window + 1)
        found.update(one.runs[near : bisect_left(one.runs, run + other.window)])
    return frozenset(found)


@lru_cache(maxsize=256)
def left(one: Timing, winners: tuple[Timing, ...]) -> frozenset[int]:
    """Runs of one that do not fall together with a run of those that win over it."""
    return frozenset(one.runs).difference(*(collisions(one, winner) for winner in winners))


@lru_cache(maxsize=256)
def longest_of(
    one: Timing,
    winners: tuple[Timing, ...],
    ties: tuple[Timing, ...],
    helping: tuple[tuple[Timing, tuple[Timing, ...]], ...],
) -> float | None:
    """Seconds of the longest time between two backups when others make some in place of one; None without an end.

    Args:
        one: the rule.
        winners: those that run in its place.
        ties: those that may run in its place.
        helping: those of both whose backups count as its own, each with what wins over it.
    """
    if not winners and not ties:
        return one.longest
    others = frozenset[int]().union(*(left(other, above) for other, above in helping))
    own = left(one, winners)
    gaps: list[float] = []
    for case in {own | others, own.difference(*(collisions(one, tie) for tie in ties)) | others}:
        gap = longest_gap(tuple(sorted(case)))
        if gap is None:
            return None
        gaps.append(gap)
    return max(gaps)
