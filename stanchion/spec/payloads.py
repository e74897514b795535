"""Payloads: what of requests and answers gets into events."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema

from stanchion.spec.part import Broken, Part
from stanchion.spec.refusal import Refusal, shown
from stanchion.spec.text import Form, distinct
from stanchion.spec.units import Size

# A record of Firehose has 1000 KiB (API reference, Record), and an event has two payloads, of which escaping in JSON
# can double each.
LARGEST = Size.parse("240KiB")
_FIELD = Form(
    r"^\S(.{0,126}\S)?$",
    "the name of a field, of up to 128 letters and without blanks around it",
    "write the name alone, such as email; it is meant at any depth",
)


def _sample(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100:
        return float(value)
    raise Refusal(
        f"'{shown(value)}' is not a percentage of requests",
        allowed="0 to 100, such as 5 or 0.1",
        fix="write 5 for one in twenty, 0 for none",
    )


_SAMPLE_SCHEMA: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 100}
_Fields = Annotated[list[Annotated[str, _FIELD]], AfterValidator(distinct("field"))]


class Payloads(Part):
    """What of requests and answers is kept in events; nothing, unless said."""

    sample: Annotated[float, PlainValidator(_sample), WithJsonSchema(_SAMPLE_SCHEMA)] = Field(
        default=0.0, description="Percent of the requests whose payloads are kept."
    )
    largest: Size = Field(default=Size.parse("8KiB"), description=f"Where a payload is cut; {LARGEST} at most.")
    drop: _Fields = Field(
        default_factory=list, description="Fields that are left out, by name, at any depth and in either case."
    )
    hash: _Fields = Field(
        default_factory=list,
        description="Fields of which a keyed hash is kept in place of the value, named as those of drop.",
    )

    def rules(self) -> Iterator[Broken]:
        """A field has one fate, and an event fits into a record."""
        dropped = {each.casefold() for each in self.drop}
        for number, each in enumerate(self.hash):
            if each.casefold() in dropped:
                yield (
                    f"hash.{number}",
                    Refusal(
                        f"'{shown(each)}' is dropped already, and there is nothing left of it to hash",
                        allowed="each field in drop or in hash",
                        fix="remove it from one of them",
                    ),
                )
        if self.largest > LARGEST:
            yield (
                "largest",
                Refusal(
                    f"'{self.largest}' is more than fits into an event", allowed=f"up to {LARGEST}", fix="write 8KiB"
                ),
            )
