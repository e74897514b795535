"""How an amount of time reads: `5 h`, `350 s`, `unbounded`."""

import math

from stanchion.graph import Unsettled
from stanchion.recovery.term import Amount

_UNITS = (("d", 86400), ("h", 3600), ("min", 60))


def shown(amount: Amount | None) -> str:
    """A time for people: exact, in the largest unit that keeps it a whole or half number; `177 h`, not `7.375 d`."""
    if amount is None:
        return "not assessed"
    if isinstance(amount, Unsettled):
        return "unknown"
    if math.isinf(amount):
        return "unbounded"
    for unit, seconds in _UNITS:
        if amount >= seconds and amount % seconds == 0 and (unit != "d" or amount >= 14 * seconds):
            return f"{amount / seconds:g} {unit}"
    return f"{amount:g} s" if amount < 600 else f"{amount / 60:.1f} min"
