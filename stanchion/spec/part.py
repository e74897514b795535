"""The base of every part of the document: closed, frozen, and able to say several things that are wrong at once."""

from collections.abc import Iterator
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails

from stanchion.spec.refusal import Refusal

Broken = tuple[str, Refusal]


class Part(BaseModel):
    """A mapping of the document. Unknown keys are refused, and nothing changes once it is read."""

    # Built when the first document is read, once and as a whole, and not part by part on import.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    def rules(self) -> Iterator[Broken]:
        """What must hold between the keys: yields the key at fault (dotted when it lies deeper) and why."""
        yield from ()

    @model_validator(mode="after")
    def _hold_rules(self) -> Self:
        # A ValidationError raised in a validator keeps its places, and pydantic adds them to the other errors.
        broken = [
            InitErrorDetails(type="value_error", loc=tuple(key.split(".")), input=None, ctx={"error": refusal})
            for key, refusal in self.rules()
        ]
        if broken:
            raise ValidationError.from_exception_data(type(self).__name__, broken)
        return self
