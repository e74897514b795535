"""Which counter a limit is held against: one for each subject, unit and window, in all regions together."""

import hashlib
from dataclasses import dataclass, field
from typing import NamedTuple

from stanchion.quotas.amounts import amount
from stanchion.quotas.windows import Period, period
from stanchion.serving.gateway_configuration import Quota, Unit

# How long after its window a counter stays, for who wants to look: as much again, and no less than an hour.
_KEPT_SECONDS = 3600


class CounterKey(NamedTuple):
    """One counter; a tuple, since every request looks some up.

    Args:
        subject: whom it counts for, from `subject`.
        unit: what it counts.
        period: the minute, day or month.
    """

    subject: str
    unit: Unit
    period: Period

    @property
    def text(self) -> str:
        """As it lies in the table."""
        return f"{self.subject}/{self.unit}/{self.period.window}/{self.period.start}"

    @property
    def remove_at(self) -> int:
        """From when on nobody needs it, seconds since 1970."""
        return self.period.end + max(_KEPT_SECONDS, self.period.end - self.period.start)


@dataclass(frozen=True, slots=True)
class Limit:
    """A quota, and whom it is counted for in this case.

    Args:
        quota: what may be used.
        subject: from `subject`.
        hard: of the quota, in whole numbers.
        soft: the same; None for none.
    """

    quota: Quota
    subject: str
    hard: int = field(init=False)
    soft: int | None = field(init=False)

    def __post_init__(self) -> None:
        quota = self.quota
        object.__setattr__(self, "hard", amount(quota.unit, quota.hard))
        object.__setattr__(self, "soft", None if quota.soft is None else amount(quota.unit, quota.soft))

    @property
    def name(self) -> str:
        """As refusals and warnings call it: `use_case/tokens/day`."""
        return f"{self.quota.scope}/{self.quota.unit}/{self.quota.window}"

    def counter(self, now: float) -> CounterKey:
        """The counter of a moment."""
        return CounterKey(self.subject, self.quota.unit, period(self.quota.window, now))


def subject(quota: Quota, *, key_id: str, user: str, use_case: str, endpoint: str = "") -> str:
    """Whom a quota is counted for.

    Users are those of a key: two teams may both have a user 7. Their names do not get into the table: what a client
    calls its users is often an address, and may be of any length.

    Args:
        quota: whose scope counts.
        key_id: of the caller.
        user: of the caller; who names none is one user.
        use_case: of the endpoint.
        endpoint: with quotas of an endpoint, which are counted for itself; empty with those of a key.
    """
    at = f"@{endpoint}" if endpoint else ""
    if quota.scope == "use_case":
        return f"use_case:{use_case}{at}"
    if quota.scope == "key":
        return f"key:{key_id}{at}"
    hashed = hashlib.sha256(f"{key_id}\0{user}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"user:{hashed}{at}"
