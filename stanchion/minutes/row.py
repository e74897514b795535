"""A row of the minute aggregate: of an endpoint's minute, or of the part of it that one use case, team and rung had.

Sums add up over rows of parts, whatever they are of; a reader who wants what a team spent in an hour adds up its parts.
Percentiles add up over nothing, so that only the row of a whole endpoint has them: of its own minute.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from stanchion.errors import StanchionError

# Columns and attributes that are whole numbers.
COUNTS = ("requests", "answered", "errors", "attempts", "tokens_in", "tokens_out", "unpriced")
# Sums of floating-point numbers differ in their last digits from run to run, since nobody says in which order they are
# added; a row whose numbers are the same has to be the same row.
_DIGITS = 10
_DIGITS_OF_PERCENTILES = 4
# Of dollars and milliseconds; DynamoDB has no numbers below 1E-130.
_DECIMALS = 15


class MinuteError(StanchionError):
    """A row of minutes that can't be read."""


@dataclass(frozen=True, slots=True)
class Part:
    """Whose part of an endpoint's minute it is.

    Args:
        use_case: of the key or token.
        team: whose key it was.
        rung: that answered, or refused.
    """

    use_case: str
    team: str
    rung: str


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Latency of the requests that got an answer, to its last byte, in milliseconds; approximate as Athena's are."""

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteRow:
    """What became of the requests that began in one minute.

    Args:
        minute: its begin, UTC.
        endpoint: that was asked.
        part: None for the whole endpoint.
        requests: how many; what is neither answered nor an error is the caller's: refused, or cancelled.
        answered: good ones, as `stanchion/views/requests.sql` says it.
        errors: bad ones.
        attempts: how many it took.
        tokens_in: of all attempts.
        tokens_out: of all attempts.
        usd: of all attempts whose price was known.
        unpriced: attempts whose price was not known.
        latency_ms: only of a whole endpoint; None as well when nothing was answered.
    """

    minute: datetime
    endpoint: str
    part: Part | None
    requests: int
    answered: int
    errors: int
    attempts: int
    tokens_in: int
    tokens_out: int
    usd: float
    unpriced: int
    latency_ms: Percentiles | None = None


def row_of(record: Mapping[str, str | None]) -> MinuteRow:
    """The row of a record of the view `minutes`, whose values are texts as Athena gives them.

    Raises:
        MinuteError: a value is missing, or none of its column's.
    """
    try:
        rung = record["rung"]
        part = Part(record["use_case"] or "", record["team"] or "", rung) if rung else None
        return MinuteRow(
            minute=_minute(record["minute"] or ""),
            endpoint=record["endpoint"] or "",
            part=part,
            **{name: int(record[name] or 0) for name in COUNTS},
            usd=rounded(float(record["usd"] or 0)),
            latency_ms=None if part is not None else _percentiles(record),
        )
    except (KeyError, ValueError) as error:
        raise MinuteError(f"Athena's answer has a row that is no row of minutes: {error}.") from None


def rounded(value: float, digits: int = _DIGITS) -> float:
    """A number without the digits that differ from run to run; what is next to nothing is nothing."""
    return float(f"{round(value, _DECIMALS):.{digits}g}")


def _minute(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _percentiles(record: Mapping[str, str | None]) -> Percentiles | None:
    values = [record[f"{name}_ms"] for name in ("p50", "p95", "p99")]
    found = [rounded(float(value), _DIGITS_OF_PERCENTILES) for value in values if value is not None]
    return Percentiles(*found) if len(found) == len(values) else None
