"""Whether a request may be answered, and what the client is told of its quotas."""

from dataclasses import dataclass

from stanchion.quotas.amounts import shown
from stanchion.quotas.counters import Limit


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a request.

    Args:
        allowed: whether it may be answered.
        quota: which one refuses it, such as `use_case/tokens/day`.
        limit: of that quota, in its unit.
        retry_after: seconds after which it may be worth another try.
        warning: of soft limits that are reached, for a header.
        message: a sentence, when it is refused.
        code: short and without values, for events: `quota_day_tokens`.
    """

    allowed: bool
    quota: str = ""
    limit: float = 0.0
    retry_after: int = 0
    warning: str = ""
    message: str = ""
    code: str = ""


ALLOWED = Decision(True)


def fits(limit: Limit, used: int) -> bool:
    """Whether one more request may be let in.

    A request is known to be one; what tokens and USD it takes is known when its answer has ended, so that the last one
    let in may go beyond the limit.

    Args:
        limit: that is held against.
        used: as far as is known.
    """
    # In whole numbers, one more request fits as long as the limit is not reached, as it is with the other units.
    return used < limit.hard


def refused(limit: Limit, now: float) -> Decision:
    """The quota is used up."""
    quota = limit.quota
    left = limit.counter(now).period.seconds_left(now)
    hard = shown(quota.unit, limit.hard)
    return Decision(
        False, limit.name, quota.hard, left,
        message=f"the quota {limit.name} of {hard} is used up; it begins anew in {left} s.",
        code=f"quota_{quota.window}_{quota.unit}",
    )  # fmt: skip


def unknown(limit: Limit, retry_after: int) -> Decision:
    """What is used of the quota can't be known now."""
    return Decision(
        False, limit.name, limit.quota.hard, retry_after,
        message=f"what is used of the quota {limit.name} can't be known now, since the counters can't be reached.",
        code="quota_store_gone",
    )  # fmt: skip


def warning(limit: Limit, used: int) -> str:
    """What is said when a soft limit is reached; empty below it.

    Args:
        limit: that is held against.
        used: with this request.
    """
    quota = limit.quota
    if limit.soft is None or used < limit.soft:
        return ""
    return f"{limit.name}: {shown(quota.unit, used)} of {shown(quota.unit, limit.hard)} used"
