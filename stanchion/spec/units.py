"""Quantities that carry their unit: `15m`, `500 USD`, `16GiB`, `1500ms`."""

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
BYTES = {"KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "TiB": 1024**4}


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


@total_ordering
@dataclass(frozen=True)
class Size(Written):
    """A number of bytes, `16GiB`; equal and ordered by size, printed as it was written.

    Args:
        bytes: how many.
        written: how it was written.
    """

    PATTERN: ClassVar[str] = r"^[1-9][0-9]{0,5}(KiB|MiB|GiB|TiB)$"
    EXAMPLES: ClassVar[tuple[str, ...]] = ("16GiB", "500MiB")
    ALLOWED: ClassVar[str] = "a whole number above 0 and one unit, KiB, MiB, GiB or TiB, such as 16GiB"

    bytes: int
    written: str = field(compare=False)

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read `16GiB`.

        Raises:
            Refusal: it is not a whole number above 0 with exactly one of the units.
        """
        if isinstance(value, str) and re.fullmatch(cls.PATTERN, value):
            return cls(int(value[:-3]) * BYTES[value[-3:]], value)
        what = "it has no value" if value is None else f"'{shown(value)}' is not a size: {_why_no_size(value)}"
        raise Refusal(what, allowed=cls.ALLOWED, fix=_size_fix(value))

    @property
    def gib(self) -> int:
        """Its size in GiB, rounded up, which is how disks are made."""
        return -(-self.bytes // BYTES["GiB"])

    @property
    def mib(self) -> int:
        """Its size in MiB, rounded up."""
        return -(-self.bytes // BYTES["MiB"])

    @property
    def kubernetes(self) -> str:
        """As Kubernetes writes it: `16Gi`."""
        return self.written.removesuffix("B")

    def __lt__(self, other: object) -> bool:
        return self.bytes < other.bytes if isinstance(other, Size) else NotImplemented

    def __str__(self) -> str:
        return self.written


def _why_no_size(value: object) -> str:
    text = str(value).strip()
    if re.fullmatch(r"0+(\.0*)?\s*[A-Za-z]*", text):
        return "nothing has no size"
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return "it has no unit"
    if re.fullmatch(r"\d+\.\d+\s*[A-Za-z]+", text):
        return "fractions are written in a smaller unit"
    if match := re.fullmatch(r"\d+\s*([A-Za-z]+)", text):
        return f"'{match[1]}' is not a unit" if match[1] not in BYTES else "no blank, no leading zero, at most 6 digits"
    return "it does not read as a number and a unit"


def _size_fix(value: object) -> str:
    if match := re.fullmatch(r"([1-9]\d{0,5})\s*([KMGT])?i?B?", str(value).strip(), re.IGNORECASE):
        return f"write {match[1]}{(match[2] or 'G').upper()}iB"
    return "write the number and the unit together, such as 16GiB"


@total_ordering
@dataclass(frozen=True)
class Cores(Written):
    """Processor time in vCPUs, `6` or `500m` for half of one, as Kubernetes writes it; equal and ordered by amount.

    Args:
        millis: thousandths of a vCPU.
        written: how it was written.
    """

    PATTERN: ClassVar[str] = r"^([1-9][0-9]{0,2}|[1-9][0-9]{0,5}m)$"
    EXAMPLES: ClassVar[tuple[str, ...]] = ("6", "500m")
    ALLOWED: ClassVar[str] = 'whole vCPUs in double quotes, or thousandths with m, such as "6" or "500m"'

    millis: int
    written: str = field(compare=False)

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read `6` or `500m`.

        Raises:
            Refusal: it is neither.
        """
        if isinstance(value, str) and re.fullmatch(cls.PATTERN, value):
            return cls(int(value[:-1]) if value.endswith("m") else int(value) * 1000, value)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1000:
            whole = f"{value:g}" if float(value).is_integer() else f"{round(value * 1000)}m"
            raise Refusal(f"{value} without quotes is a number to YAML", allowed=cls.ALLOWED, fix=f'write "{whole}"')
        what = "it has no value" if value is None else f"'{shown(value)}' is not a number of vCPUs"
        raise Refusal(what, allowed=cls.ALLOWED, fix='write it such as "2" or "500m"')

    def __lt__(self, other: object) -> bool:
        return self.millis < other.millis if isinstance(other, Cores) else NotImplemented

    def __str__(self) -> str:
        return self.written


@total_ordering
@dataclass(frozen=True)
class Latency(Written):
    """The time an answer takes, `1500ms` or `2s`; equal and ordered by length, printed as it was written.

    Args:
        milliseconds: its length.
        written: how it was written.
    """

    PATTERN: ClassVar[str] = r"^[1-9][0-9]{0,5}(ms|s)$"
    EXAMPLES: ClassVar[tuple[str, ...]] = ("1500ms", "2s")
    ALLOWED: ClassVar[str] = "a whole number above 0 and one unit, ms or s, such as 1500ms"

    milliseconds: int
    written: str = field(compare=False)

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read `1500ms`.

        Raises:
            Refusal: it is not a whole number above 0 with one of the units.
        """
        if isinstance(value, str) and re.fullmatch(cls.PATTERN, value):
            number = int(value.rstrip("ms"))
            return cls(number if value.endswith("ms") else number * 1000, value)
        what = "it has no value" if value is None else f"'{shown(value)}' is not the time of an answer"
        bare = re.fullmatch(r"[1-9]\d{0,5}", str(value))
        raise Refusal(what, allowed=cls.ALLOWED, fix=f"write {value}ms" if bare else "write it such as 1500ms")

    def __lt__(self, other: object) -> bool:
        return self.milliseconds < other.milliseconds if isinstance(other, Latency) else NotImplemented

    def __str__(self) -> str:
        return self.written
