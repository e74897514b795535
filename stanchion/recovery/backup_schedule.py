"""When a tier's backups run: period and windows from what may be lost, and how often restores are rehearsed.

What a snapshot plan may lose is the time between two backups, the time a backup may wait to begin, and the time it may
take: P + S + C. The service takes none of the three below an hour, so three hours are the least that a plan can
promise. What promises less needs versions, point-in-time recovery or continuous backup.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stanchion.recovery.sources import Source, derived

HOUR = 3600
# Neither window is taken below an hour.
SHORTEST_WINDOW = HOUR
# Periods whose backups fall on the same hours every day, so that no gap at midnight is longer than the others.
PERIODS_HOURS = (24, 12, 8, 6, 4, 3, 2, 1)
# A continuous backup goes back so far and no further.
CONTINUOUS_DAYS = 35

SHORTEST_PERIOD = Source("AWS Backup Developer Guide", "Continuous backups: snapshots as often as every hour")
WINDOWS = Source("AWS Backup API", "BackupRule: StartWindowMinutes and CompletionWindowMinutes, at least 60 minutes")
CONTINUOUS = Source("AWS Backup Developer Guide", "Continuous backups: back to a maximum of 35 days")
BOUND = derived("period + start window + completion window")

# Days that one run of each schedule may be apart from the next, with the longest months there are.
_REHEARSALS: tuple[tuple[int, str], ...] = (
    (366, "cron(0 5 1 1 ? *)"),
    (184, "cron(0 5 1 1/6 ? *)"),
    (123, "cron(0 5 1 1/4 ? *)"),
    (92, "cron(0 5 1 1/3 ? *)"),
    (62, "cron(0 5 1 1/2 ? *)"),
    (31, "cron(0 5 1 * ? *)"),
    (7, "cron(0 5 ? * SUN *)"),
    (1, "cron(0 5 * * ? *)"),
)


@dataclass(frozen=True, slots=True)
class BackupSchedule:
    """A rule's timing.

    Args:
        period: seconds between two backups; a whole number of hours.
        start: seconds a backup may wait before it begins.
        completion: seconds it may then take.
    """

    period: int
    start: int
    completion: int

    @property
    def bound(self) -> int:
        """Seconds of data that may be lost: the newest backup that is complete is never older."""
        return self.period + self.start + self.completion

    @property
    def period_hours(self) -> int:
        """The period in hours."""
        return self.period // HOUR

    @property
    def bound_hours(self) -> int:
        """The same in hours, none of which is cut off."""
        return -(-self.bound // HOUR)

    def meets(self, rpo: float) -> bool:
        """Whether it keeps an RPO, in seconds."""
        return self.bound <= rpo

    @property
    def cron(self) -> str:
        """The schedule as AWS Backup reads it, in UTC."""
        every = {1: "*", 24: "0"}.get(self.period_hours, f"0/{self.period_hours}")
        return f"cron(0 {every} * * ? *)"

    @property
    def start_minutes(self) -> int:
        """The start window in the unit of the API."""
        return self.start // 60

    @property
    def completion_minutes(self) -> int:
        """The completion window in the unit of the API."""
        return self.completion // 60


FASTEST = BackupSchedule(HOUR, SHORTEST_WINDOW, SHORTEST_WINDOW)


def schedule_for(rpo: float) -> BackupSchedule:
    """The slowest schedule that keeps an RPO, since each backup costs; the fastest there is when none does.

    The start window stays at its least: waiting only loses time. What is left is shared so that a backup has at least
    half a period to complete, and never more than one, so that it is over when the next is due.

    Args:
        rpo: seconds that may be lost.
    """
    for hours in PERIODS_HOURS:
        period = hours * HOUR
        left = int(min(rpo, 10 * 24 * HOUR)) - period - SHORTEST_WINDOW
        completion = min(period, left // 60 * 60)
        if completion >= max(SHORTEST_WINDOW, period // 2):
            return BackupSchedule(period, SHORTEST_WINDOW, completion)
    return FASTEST


def schedule_of(rpos: Iterable[float | None]) -> BackupSchedule:
    """The schedule of a tier: by the strictest of its RPOs that backups can keep at all.

    Args:
        rpos: seconds per disruption; None where nothing is promised.
    """
    within_reach = [rpo for rpo in rpos if rpo is not None and FASTEST.meets(rpo)]
    return schedule_for(min(within_reach)) if within_reach else FASTEST


def needs_continuous(rpo: float | None, schedule: BackupSchedule) -> bool:
    """Whether corrupt data must be brought back from closer than the schedule's snapshots are.

    Args:
        rpo: what may be lost to corruption, in seconds; None where nothing is promised.
        schedule: of the same plan.
    """
    return rpo is not None and not schedule.meets(rpo)


def strictest_tier(tiers: Mapping[str, Iterable[float | None]]) -> str:
    """The tier whose strictest RPO is the shortest: what several tiers share is backed up as its own.

    Args:
        tiers: the RPOs of each by name, in seconds.

    Raises:
        ValueError: there is no tier.
    """
    if not tiers:
        raise ValueError("there is no tier, so nothing says how what they share is backed up")

    def strictness(name: str) -> tuple[list[float], str]:
        return sorted(rpo for rpo in tiers[name] if rpo is not None) or [float("inf")], name

    return min(tiers, key=strictness)


def rehearsal_cron(every_days: int) -> str:
    """The rarest schedule of restore tests that is never rarer than asked for.

    Args:
        every_days: the longest time between two tests, 1 or more.

    Raises:
        ValueError: every_days is below 1.
    """
    if every_days < 1:
        raise ValueError(f"restore tests can't run every {every_days} days; allowed: 1 or more")
    return next(cron for days, cron in _REHEARSALS if days <= every_days)
