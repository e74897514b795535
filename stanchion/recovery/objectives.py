"""Objectives: what a tier promises, in seconds, and the strictest of several tiers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stanchion.recovery.disruption import Disruption


@dataclass(frozen=True, slots=True)
class Objective:
    """What one tier promises for one disruption, in seconds; None is not promised.

    `decide` is how long the decision may take; 0 only when it is taken automatically.
    """

    rto: float | None = None
    rpo: float | None = None
    decide: float = 0.0

    @property
    def automatic(self) -> bool:
        """Whether nobody is asked."""
        return self.decide == 0.0


@dataclass(frozen=True, slots=True)
class TierObjectives:
    """A tier: its objectives per disruption, and how often recovery is rehearsed (seconds)."""

    name: str
    of: Mapping[Disruption, Objective]
    drill_every: float = 30 * 86400.0

    @classmethod
    def from_tier(cls, name: str, tier: Any) -> "TierObjectives":
        """From a tier of the environment document (`stanchion.spec.Tier`)."""
        return cls(
            name,
            {
                disruption: Objective(
                    _seconds(getattr(tier.rto, disruption.value)),
                    _seconds(getattr(tier.rpo, disruption.value)),
                    _seconds(getattr(tier.decide, disruption.value)) or 0.0,
                )
                for disruption in Disruption
            },
            float(tier.drill_every.seconds),
        )


def strictest(tiers: Iterable[TierObjectives]) -> TierObjectives | None:
    """The tier that promises, for each disruption, what the strictest of these do; None for none.

    The time to decide is that of the tier whose RTO counts: it is a fact about people, not a promise.
    """
    tiers = sorted(tiers, key=lambda tier: tier.name)
    if len(tiers) < 2:
        return tiers[0] if tiers else None
    of: dict[Disruption, Objective] = {}
    for disruption in Disruption:
        objectives = [tier.of[disruption] for tier in tiers if disruption in tier.of]
        by_rto = min((o for o in objectives if o.rto is not None), key=lambda o: o.rto or 0.0, default=None)
        of[disruption] = Objective(
            by_rto.rto if by_rto else None,
            min((o.rpo for o in objectives if o.rpo is not None), default=None),
            by_rto.decide if by_rto else max((o.decide for o in objectives), default=0.0),
        )
    return TierObjectives(
        f"strictest of {', '.join(tier.name for tier in tiers)}", of, min(tier.drill_every for tier in tiers)
    )


def _seconds(value: Any) -> float | None:
    """A duration of the document; `auto` takes no time."""
    seconds = getattr(value, "seconds", None)
    return None if seconds is None else float(seconds)
