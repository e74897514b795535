"""Whole numbers within bounds, refused with a sentence."""

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from stanchion.spec.refusal import Refusal, shown


@dataclass(frozen=True)
class Between:
    """Goes into `Annotated[int, Between(...)]`.

    Args:
        least: the smallest that is taken.
        most: the largest that is taken.
        what: what it counts, such as `replicas`.
    """

    least: int
    most: int
    what: str

    def check(self, value: object) -> int:
        """The value, when it is a whole number within the bounds."""
        allowed = f"{self.least} to {self.most} {self.what}"
        if value is None:
            raise Refusal("it has no value", allowed=allowed, fix=f"write {self.least} or more")
        if not isinstance(value, int) or isinstance(value, bool):
            raise Refusal(f"'{shown(value)}' is not a whole number", allowed=allowed, fix="write digits without quotes")
        if not self.least <= value <= self.most:
            nearest = self.least if value < self.least else self.most
            side = "too few" if value < self.least else "too many"
            raise Refusal(f"'{shown(value)}' is {side}", allowed=allowed, fix=f"write {nearest}, or what lies between")
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}
