"""Tiers: what a workload may lose, how long it may be away, who decides, and how often that is proven."""

from typing import Any, Literal, Self

from pydantic import model_validator

from stanchion.spec.part import Part
from stanchion.spec.units import Duration

DISRUPTIONS = ("application", "infrastructure", "zone", "region")
"""What can go wrong: a bad deploy or corrupt data, an instance, a zone, a region."""


class _PerDisruption(Part):
    """A value per disruption; a scalar is shorthand for the same value in all four."""

    @model_validator(mode="before")
    @classmethod
    def _scalar_for_all(cls, value: Any) -> Any:
        return dict.fromkeys(DISRUPTIONS, value) if isinstance(value, str | int | float) else value


class Objectives(_PerDisruption):
    """The objective per disruption; what is not named has none and is reported as not assessed."""

    application: Duration | None = None
    infrastructure: Duration | None = None
    zone: Duration | None = None
    region: Duration | None = None

    @model_validator(mode="after")
    def _at_least_one(self) -> Self:
        if not any(getattr(self, disruption) for disruption in DISRUPTIONS):
            raise ValueError(f"no objective is given; name at least one of {', '.join(DISRUPTIONS)}, or one for all")
        return self


Decision = Literal["auto"] | Duration


class Decide(_PerDisruption):
    """How long the decision to recover takes: `auto` when a guard decides by itself, else what a person needs."""

    application: Decision = "auto"
    infrastructure: Decision = "auto"
    zone: Decision = "auto"
    region: Decision = Duration(1800)


class Tier(Part):
    """What workloads of this tier are promised."""

    rto: Objectives
    """Recovery time objective: how long it may be away."""
    rpo: Objectives
    """Recovery point objective: how much may be lost."""
    decide: Decide = Decide()
    """Who decides; without it the region's loss is decided by a person within 30 minutes."""
    drill_every: Duration = Duration(90 * 86400)
    """How often recovery is proven by a drill."""
