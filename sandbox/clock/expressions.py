"""Schedule expressions: `rate(…)`, `cron(…)` and `at(…)`, in UTC."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from math import floor
from typing import Protocol

from sandbox.clock import cron

_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}


class Expression(Protocol):
    """When a schedule is due."""

    def after(self, moment: float, begun: float) -> float | None:
        """The first time after a moment that it is due; None when it never is again.

        Args:
            moment: seconds since 1970.
            begun: when the schedule was made, in the same.
        """
        ...


@dataclass(frozen=True)
class Rate:
    """Each so many seconds, and the first time at once.

    EventBridge Scheduler user guide, rate-based schedules: without a start date the first invocation is immediate.
    """

    seconds: int

    def after(self, moment: float, begun: float) -> float | None:
        """As `Expression.after`."""
        return begun if moment < begun else begun + (floor((moment - begun) / self.seconds) + 1) * self.seconds


@dataclass(frozen=True)
class At:
    """Once."""

    moment: float

    def after(self, moment: float, begun: float) -> float | None:  # noqa: ARG002 - it does not count from anything
        """As `Expression.after`."""
        return self.moment if self.moment > moment else None


@dataclass(frozen=True)
class ByCron:
    """At the times of a cron expression."""

    cron: cron.Cron

    def after(self, moment: float, begun: float) -> float | None:  # noqa: ARG002 - it does not count from anything
        """As `Expression.after`."""
        found = self.cron.after(datetime.fromtimestamp(moment, UTC))
        return None if found is None else found.timestamp()


@lru_cache(maxsize=1024)
def parse(text: str) -> Expression:
    """Read an expression.

    Raises:
        ValueError: a sentence: what is wrong with it, and what is allowed.
    """
    kind, _, rest = text.strip().partition("(")
    inner = rest.removesuffix(")").strip()
    if not rest.endswith(")") or kind not in ("rate", "cron", "at"):
        raise ValueError(f"'{text}' is no schedule expression; allowed: rate(…), cron(…) or at(…).")
    if kind == "cron":
        return ByCron(cron.parse(inner))
    if kind == "rate":
        match = re.fullmatch(r"([1-9]\d*)\s+(minute|hour|day)s?", inner)
        if match is None:
            raise ValueError(
                f"'{text}' is no rate; allowed: a whole number of minutes, hours or days, as rate(1 hour)."
            )
        return Rate(int(match[1]) * _SECONDS[match[2]])
    try:
        return At(datetime.strptime(inner, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise ValueError(f"'{text}' is no time; allowed: at(yyyy-mm-ddThh:mm:ss), in UTC.") from None
