"""A limit as people write it: `key:tokens:day:1000000`, or `user:usd:month:20:16` with a warning from 16 on."""

from typing import get_args

from pydantic import ValidationError

from stanchion.serving.gateway_configuration import Quota, Scope, Unit, Window
from stanchion.spec.refusal import Refusal, shown

_ALLOWED = (
    f"SCOPE:UNIT:WINDOW:HARD or SCOPE:UNIT:WINDOW:HARD:SOFT with a scope of {', '.join(get_args(Scope))}, a unit of "
    f"{', '.join(get_args(Unit))}, a window of {', '.join(get_args(Window))}, and 0 <= SOFT < HARD"
)


def read_limit(text: str) -> Quota:
    """Read one.

    Raises:
        Refusal: it is none.
    """
    parts = text.split(":")
    names = ("scope", "unit", "window", "hard", "soft")
    refusal = Refusal(
        f"'{shown(text)}' is not a limit", allowed=_ALLOWED, fix="write it such as key:tokens:day:1000000"
    )
    if len(parts) not in (4, 5):
        raise refusal
    try:
        quota = Quota.model_validate(dict(zip(names, parts, strict=False)))
    except ValidationError:
        raise refusal from None
    finite = quota.hard < float("inf") and quota.hard == quota.hard
    whole = quota.unit == "usd" or (quota.hard.is_integer() and (quota.soft is None or quota.soft.is_integer()))
    if not finite or not whole or (quota.soft is not None and not 0 <= quota.soft < quota.hard):
        raise refusal
    return quota


def write_limit(quota: Quota) -> str:
    """As `read_limit` takes it."""
    numbers = [quota.hard] if quota.soft is None else [quota.hard, quota.soft]
    return ":".join((quota.scope, quota.unit, quota.window, *(_number(each) for each in numbers)))


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)
