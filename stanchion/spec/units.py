"""Durations and money with their units written beside the number."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import total_ordering
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"^([1-9][0-9]{0,5})([smhd])$")
_MONEY = re.compile(r"^([0-9]{1,9}(?:\.[0-9]{1,2})?) (USD|EUR|GBP|JPY)$")


class _Written:
    """A value that is written as text with its unit, in YAML and in JSON Schema alike."""

    @classmethod
    def parse(cls, text: Any) -> Self:
        """Read the text form; raises ValueError with a sentence."""
        raise TypeError(f"{cls.__name__} can't read '{text}': it has no text form")

    @classmethod
    def pattern(cls) -> str:
        """The regular expression of the text form, for the schema."""
        raise TypeError(f"{cls.__name__} has no text form")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls.parse, serialization=core_schema.to_string_ser_schema())

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "pattern": cls.pattern()}


@total_ordering
@dataclass(frozen=True)
class Duration(_Written):
    """A length of time, such as `90s`, `15m`, `4h`, `30d`.

    Args:
        seconds: at least 1.
    """

    seconds: int

    @classmethod
    def parse(cls, text: Any) -> Self:
        """Read `15m`.

        Raises:
            ValueError: no number, no unit, zero, or an unknown unit.
        """
        if isinstance(text, cls):
            return text
        found = _DURATION.match(text) if isinstance(text, str) else None
        if not found:
            raise ValueError(
                f"'{text}' is no duration; allowed: a whole number above 0 and one of s, m, h, d, such as 15m or 30d"
            )
        return cls(int(found[1]) * _SECONDS[found[2]])

    @classmethod
    def pattern(cls) -> str:
        """As `parse` reads it."""
        return _DURATION.pattern

    @property
    def days(self) -> int:
        """Whole days.

        Raises:
            ValueError: this is no whole number of days.
        """
        if self.seconds % 86400:
            raise ValueError(f"{self} is no whole number of days")
        return self.seconds // 86400

    def __str__(self) -> str:
        unit = next(unit for unit in reversed(_SECONDS) if self.seconds % _SECONDS[unit] == 0)
        return f"{self.seconds // _SECONDS[unit]}{unit}"

    def __lt__(self, other: object) -> bool:
        return self.seconds < other.seconds if isinstance(other, Duration) else NotImplemented


@dataclass(frozen=True)
class Money(_Written):
    """An amount in a currency, such as `500 USD` or `12.50 EUR`."""

    amount: Decimal
    currency: str

    @classmethod
    def parse(cls, text: Any) -> Self:
        """Read `500 USD`.

        Raises:
            ValueError: no amount or no currency that is known.
        """
        if isinstance(text, cls):
            return text
        found = _MONEY.match(text) if isinstance(text, str) else None
        if not found:
            raise ValueError(f"'{text}' is no amount; allowed: a number and USD, EUR, GBP or JPY, such as 500 USD")
        return cls(Decimal(found[1]), found[2])

    @classmethod
    def pattern(cls) -> str:
        """As `parse` reads it."""
        return _MONEY.pattern

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
