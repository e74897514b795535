"""Terms: the amounts an RTO or RPO is made of, each with its grade, its source and the setting it comes from."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from stanchion.graph import Resource, Setting, Unsettled
from stanchion.recovery.sources import Source

UNBOUNDED: Final = math.inf
# Seconds, UNBOUNDED (no usable bound), or why it can't be told.
Amount = float | Unsettled


class Grade(StrEnum):
    """How far a figure can be trusted, from best to worst."""

    BOUND = "bound"
    """Follows from a setting."""
    SLA = "sla"
    """A percentile the vendor commits to."""
    MEASURED = "measured"
    """Seen in a drill; may only worsen an estimate."""
    DECLARED = "declared"
    """The team's own figure, where nobody publishes one."""
    TYPICAL = "typical"
    """The vendor's `usually`."""
    NONE = "none"
    """No usable figure: unbounded."""

    @property
    def rank(self) -> int:
        """0 is the best."""
        return _RANKS[self]


_RANKS = {grade: rank for rank, grade in enumerate(Grade)}


@dataclass(frozen=True, slots=True)
class Term:
    """One amount.

    Args:
        name: what takes the time, as a reader would say it: `completion window of rule 'hourly'`.
        amount: seconds, `UNBOUNDED`, or why it is not known.
        grade: how far the amount can be trusted; NONE exactly when it is unbounded for lack of a figure.
        source: where the figure or the formula stands.
        urn: the resource whose setting it is; empty for an objective's own term such as the decision.
        property: the setting, as a path in that resource's properties; empty when it is not one setting.
    """

    name: str
    amount: Amount
    grade: Grade
    source: Source
    urn: str = ""
    property: str = ""

    def __post_init__(self) -> None:
        """A negative time would make a sum look better than it is; it can't be meant, so it can't be judged."""
        if not isinstance(self.amount, Unsettled) and not self.amount >= 0:
            gap = Unsettled(
                self.urn, self.property, f"gives {self.amount:g} seconds for '{self.name}'; a time is 0 or more"
            )
            object.__setattr__(self, "amount", gap)

    @classmethod
    def of(cls, name: str, amount: Amount, grade: Grade, source: Source, at: Resource | Setting) -> "Term":
        """A term that comes from a setting, or from a resource as a whole."""
        if isinstance(at, Setting):
            return cls(name, amount, grade, source, at.resource.urn, at.path)
        return cls(name, amount, grade, source, at.urn)


def scaled(amount: Amount, factor: float) -> Amount:
    """An amount in another unit: `scaled(minutes, 60)`; what is unsettled stays so."""
    return amount if isinstance(amount, Unsettled) else amount * factor


def product(one: Amount, other: Amount) -> Amount:
    """Interval times threshold; unsettled when either is."""
    if isinstance(one, Unsettled):
        return one
    return other if isinstance(other, Unsettled) else one * other


def total(amounts: Iterable[Amount]) -> Amount:
    """What depends adds up. Unbounded beats unsettled: no missing value could make it finite."""
    sum_, gap = 0.0, None
    for amount in amounts:
        if isinstance(amount, Unsettled):
            gap = gap or amount
        else:
            sum_ += amount
    return sum_ if gap is None or math.isinf(sum_) else gap


def largest(amounts: Iterable[Amount]) -> Amount:
    """What is parallel takes the larger. Unbounded beats unsettled; nothing is 0."""
    top, gap = 0.0, None
    for amount in amounts:
        if isinstance(amount, Unsettled):
            gap = gap or amount
        else:
            top = max(top, amount)
    return top if gap is None or math.isinf(top) else gap


def rank(amount: Amount) -> tuple[int, float]:
    """An order in which amounts can be compared: known ones by size, then what is unsettled, then what is unbounded."""
    if isinstance(amount, Unsettled):
        return 1, 0.0
    return (2, 0.0) if math.isinf(amount) else (0, amount)
