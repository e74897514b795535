"""Tiers: how long a workload may be gone and how much it may lose, per disruption."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, cast

from pydantic import Field, GetJsonSchemaHandler, PlainValidator, WithJsonSchema, model_validator
from pydantic_core import CoreSchema

from stanchion.spec.part import Broken, Part
from stanchion.spec.refusal import Refusal
from stanchion.spec.units import Duration

Disruption = Literal["application", "infrastructure", "zone", "region"]
DISRUPTIONS: tuple[Disruption, ...] = ("application", "infrastructure", "zone", "region")
AUTO = "auto"


class _PerDisruption(Part):
    """A mapping over the disruptions, for which one scalar is shorthand."""

    @classmethod
    def read(cls, value: object) -> object:
        """One value, as the scalar or under a disruption."""
        return Duration.parse(value)

    @model_validator(mode="before")
    @classmethod
    def _spread(cls, value: object) -> object:
        if isinstance(value, dict | cls) or value is None:
            return cast("object", value)
        if isinstance(value, list):
            raise Refusal(
                "it is a list",
                allowed=f"one value for all disruptions, or a mapping with some of {', '.join(DISRUPTIONS)}",
                fix="write one value, or one key for each disruption",
            )
        # Read once here, so that a bad scalar is one error and not four.
        return dict.fromkeys(DISRUPTIONS, cls.read(value))

    @classmethod
    def scalar_schema(cls) -> dict[str, Any]:
        """JSON Schema of the scalar."""
        return {"type": "string", "pattern": Duration.PATTERN, "examples": list(Duration.EXAMPLES)}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        mapping = handler.resolve_ref_schema(handler(schema))
        description = mapping.pop("description", "")
        return {"description": description, "anyOf": [cls.scalar_schema(), {**mapping, "minProperties": 1}]}


class Objectives(_PerDisruption):
    """Targets per disruption; one duration is shorthand for all four. What is left out is not promised."""

    application: Duration | None = Field(default=None, description="A bad deployment, or corrupt data.")
    infrastructure: Duration | None = Field(default=None, description="A lost machine or a reclaimed spot instance.")
    zone: Duration | None = Field(default=None, description="A lost availability zone.")
    region: Duration | None = Field(default=None, description="A lost region.")

    def rules(self) -> Iterator[Broken]:
        """At least one disruption has a target; nothing said would look like nothing missed."""
        if all(getattr(self, disruption) is None for disruption in DISRUPTIONS):
            yield (
                "",
                Refusal(
                    "it names no disruption",
                    allowed=f"one duration for all, or at least one of {', '.join(DISRUPTIONS)}",
                    fix="write one duration such as 4h, or a key such as `region: 4h`",
                ),
            )


def _decision(value: object) -> Duration | Literal["auto"]:
    if isinstance(value, Duration):
        return value
    if value == AUTO:
        return AUTO
    allowed = f"auto, or the longest a person may take: {Duration.ALLOWED}"
    try:
        duration = Duration.parse(value)
    except Refusal as refusal:
        raise Refusal(refusal.what, allowed=allowed, fix=refusal.fix) from None
    if duration.seconds == 0:
        raise Refusal(f"'{value}' claims that people decide in no time", allowed=allowed, fix="write auto, or a time")
    return duration


_DECISION_SCHEMA: dict[str, Any] = {
    "anyOf": [{"const": AUTO}, {"type": "string", "pattern": r"^[1-9][0-9]{0,5}(s|m|h|d)$"}]
}
Decision = Annotated[Duration | Literal["auto"], PlainValidator(_decision), WithJsonSchema(_DECISION_SCHEMA)]


class Decide(_PerDisruption):
    """Who decides to recover: `auto`, or how long a person may take. Leaving a region is decided on purpose."""

    application: Decision = Field(default=AUTO, description="Roll back or restore; alarms do it by themselves.")
    infrastructure: Decision = Field(default=AUTO, description="Replace a machine; the scheduler does it by itself.")
    zone: Decision = Field(default=AUTO, description="Leave a zone; load balancers do it by themselves.")
    region: Decision = Field(
        default=Duration(1800),
        description="Move to the standby region. `auto` lets the failover guard do it; unless said, a person has 30m.",
    )

    @classmethod
    def read(cls, value: object) -> object:
        """`auto` or a duration."""
        return _decision(value)

    @classmethod
    def scalar_schema(cls) -> dict[str, Any]:
        """JSON Schema of the scalar."""
        return _DECISION_SCHEMA


class Tier(Part):
    """What the workloads of a tier are promised."""

    rto: Objectives = Field(description="Longest time without service, from the disruption on.", examples=["4h"])
    rpo: Objectives = Field(
        description="Longest span of data that may be lost. 0s is met only by what replicates synchronously.",
        examples=["1h"],
    )
    decide: Decide = Field(default_factory=Decide, description="Who decides to recover, which is part of the RTO.")
    drill_every: Duration = Field(
        default=Duration(30 * 86400),
        description="How often recovery is rehearsed; evidence older than that proves nothing. 1d to 366d.",
    )

    def rules(self) -> Iterator[Broken]:
        """Targets that can be met at all."""
        for disruption in DISRUPTIONS:
            rto: Duration | None = getattr(self.rto, disruption)
            decide: Duration | Literal["auto"] = getattr(self.decide, disruption)
            if rto is None:
                continue
            if rto.seconds == 0:
                yield (
                    f"rto.{disruption}",
                    Refusal(
                        f"'{rto}' can't be met: a disruption is noticed only after it began",
                        allowed="a time above 0",
                        fix="write the longest time users can bear, such as 2m",
                    ),
                )
            elif isinstance(decide, Duration) and decide >= rto:
                yield (
                    f"decide.{disruption}",
                    Refusal(
                        f"deciding may take {decide}, but all of recovery has {rto} (rto.{disruption})",
                        allowed=f"auto, or less than {rto}",
                        fix=f"write auto, decide faster, or allow a longer rto.{disruption}",
                    ),
                )
        if not 1 * 86400 <= self.drill_every.seconds <= 366 * 86400:
            yield (
                "drill_every",
                Refusal(
                    f"'{self.drill_every}' is not a pace people and machines can keep",
                    allowed="1d to 366d",
                    fix="write 30d, or 90d for what matters less",
                ),
            )
