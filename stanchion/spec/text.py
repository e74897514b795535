"""Text of a known form, refused with a sentence and not with a regular expression."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from stanchion.spec.refusal import Refusal, shown


@dataclass(frozen=True)
class Form:
    """Goes into `Annotated[str, Form(...)]`.

    Args:
        pattern: what the whole text must match; JSON Schema carries the same pattern.
        allowed: the pattern in words.
        fix: what to do about another value.
    """

    pattern: str
    allowed: str
    fix: str

    def check(self, value: str) -> str:
        """The value, when it has the form."""
        # `$` also matches before a last line break; fullmatch does not.
        if not re.fullmatch(self.pattern.removeprefix("^").removesuffix("$"), value):
            raise Refusal(f"'{shown(value)}' is not of the form it must have", allowed=self.allowed, fix=self.fix)
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "pattern": self.pattern}


def distinct(noun: str) -> Callable[[list[str]], list[str]]:
    """A validator of lists in which everything is said once."""

    def check(values: list[str]) -> list[str]:
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise Refusal(
                f"{noun} '{shown(twice[0])}' is listed twice", allowed=f"each {noun} once", fix="remove one of them"
            )
        return values

    return check


def some(noun: str, example: str) -> Callable[[list[str]], list[str]]:
    """A validator of lists in which everything is said once, and something is said."""

    def check(values: list[str]) -> list[str]:
        if not values:
            raise Refusal(f"it names no {noun}", allowed=f"at least one {noun}", fix=f"write {example}")
        return distinct(noun)(values)

    return check
