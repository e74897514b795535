"""Quantities that carry their unit: `15m`, `500 USD`."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from decimal import Decimal
from functools import total_ordering
from typing import Any, ClassVar, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from stanchion.spec.refusal import Refusal, shown

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Written(ABC):
    """What the units share: read from text only, written back as that text."""

    PATTERN: ClassVar[str]
    EXAMPLES: ClassVar[tuple[str, ...]]

    @classmethod
    @abstractmethod
    def parse(cls, value: object) -> Self:
        """Read it from text."""

    @classmethod
    def _validate(cls, value: object) -> Self:
        return value if isinstance(value, cls) else cls.parse(value)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._validate, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "pattern": cls.PATTERN, "examples": list(cls.EXAMPLES)}


@total_ordering
@dataclass(frozen=True)
class Duration(Written):
    """A whole number of seconds, minutes, hours or days; equal and ordered by length, printed as it was written.

    Args:
        seconds: its length.
        written: how it was written, such as `15m`; the largest unit that divides it when it was not.
    """

    PATTERN: ClassVar[str] = r"^(0|[1-9][0-9]{0,5})(s|m|h|d)$"
    EXAMPLES: ClassVar[tuple[str, ...]] = ("90s", "15m", "4h", "30d")
    ALLOWED: ClassVar[str] = "a whole number and one unit, s, m, h or d, such as 90s, 15m, 4h, 30d"

    seconds: int
    written: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.seconds < 0:
            raise ValueError(f"a duration of {self.seconds} seconds is negative")
        if not self.written:
            unit = next(u for u in "dhms" if self.seconds % SECONDS[u] == 0) if self.seconds else "s"
            object.__setattr__(self, "written", f"{self.seconds // SECONDS[unit]}{unit}")

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read `15m`.

        Raises:
            Refusal: it is not a whole number with exactly one of the units.
        """
        if isinstance(value, str) and re.fullmatch(cls.PATTERN, value):
            return cls(int(value[:-1]) * SECONDS[value[-1]], value)
        what = "it has no value" if value is None else f"'{shown(value)}' is not a duration: {_why_no_duration(value)}"
        raise Refusal(what, allowed=cls.ALLOWED, fix=_fix(value))

    @property
    def days(self) -> int:
        """Its length in whole days.

        Raises:
            ValueError: it is not a whole number of days.
        """
        days, rest = divmod(self.seconds, SECONDS["d"])
        if rest:
            raise ValueError(f"{self} is not a whole number of days")
        return days

    def __lt__(self, other: object) -> bool:
        return self.seconds < other.seconds if isinstance(other, Duration) else NotImplemented

    def __str__(self) -> str:
        return self.written


def _why_no_duration(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "it has no unit"
    text = str(value)
    if re.fullmatch(r"\d+", text):
        return "it has no unit"
    if text.startswith("-"):
        return "time does not run backwards"
    if re.fullmatch(r"\d+\.\d+\s*[a-z]+", text):
        return "fractions are written in a smaller unit"
    if re.fullmatch(r"(\d+[smhd]){2,}", text):
        return "it has more than one unit"
    if match := re.fullmatch(r"\d+\s*([A-Za-zµ]+)", text):
        return (
            f"'{match[1]}' is not a unit" if match[1] not in SECONDS else "no blank, no leading zero, at most 6 digits"
        )
    return "it does not read as a number and a unit"


def _fix(value: object) -> str:
    text = str(value)
    if re.fullmatch(r"[1-9]\d{0,5}", text):
        return f"add the unit, such as {text}m for minutes"
    if match := re.fullmatch(r"([1-9]\d{0,5})\s*([A-Za-z]+)", text):
        unit = match[2][0].lower()
        if unit in SECONDS and match[2] not in ("ms", "mo", "month", "months"):
            return f"write {match[1]}{unit}"
    if re.fullmatch(r"(\d+[smhd]){2,}", text):
        seconds = sum(int(number) * SECONDS[unit] for number, unit in re.findall(r"(\d+)([smhd])", text))
        return f"write {Duration(seconds)}"
    return "write the number and the unit together, such as 15m"


@total_ordering
@dataclass(frozen=True)
class Money(Written):
    """An amount with its currency, `500 USD`; amounts of different currencies have no order.

    Args:
        amount: exact, never a binary fraction.
        currency: ISO 4217, such as USD.
    """

    PATTERN: ClassVar[str] = r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})? [A-Z]{3}$"
    EXAMPLES: ClassVar[tuple[str, ...]] = ("500 USD", "0.25 USD")
    ALLOWED: ClassVar[str] = "an amount, a blank and a currency code, such as 500 USD or 0.25 USD"

    amount: Decimal
    currency: str

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read `500 USD`.

        Raises:
            Refusal: it is not an amount with a currency code.
        """
        if isinstance(value, str) and re.fullmatch(cls.PATTERN, value):
            amount, currency = value.split(" ")
            return cls(Decimal(amount), currency)
        fix = f"write {value} USD" if re.fullmatch(r"\d+(\.\d+)?", str(value)) else "write it such as 500 USD"
        raise Refusal(f"'{shown(value)}' is not an amount of money", allowed=cls.ALLOWED, fix=fix)

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        if other.currency != self.currency:
            raise ValueError(f"{self} and {other} are of different currencies and have no order")
        return self.amount < other.amount

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"
