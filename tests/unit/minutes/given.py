"""Rows of minutes that tests start from."""

from datetime import UTC, datetime
from typing import Any

from stanchion.minutes.row import MinuteRow, Part, Percentiles
from stanchion.minutes.settings import MinuteSettings

MINUTE = datetime(2026, 12, 1, 10, 5, tzinfo=UTC)
CARE = Part("support", "care", "full")
SETTINGS = MinuteSettings(
    environment="prod",
    region="us-east-1",
    minute_table="prod-minutes",
    database="prod_events",
    events_table="inference",
    workgroup="prod-inference-events",
)


def row(**values: Any) -> MinuteRow:
    """A whole endpoint's row, unless `part` is said."""
    known: dict[str, Any] = {
        "minute": MINUTE, "endpoint": "chat", "part": None, "requests": 12, "answered": 9, "errors": 2, "attempts": 14,
        "tokens_in": 300, "tokens_out": 90, "usd": 0.0125, "unpriced": 1,
    }  # fmt: skip
    if values.get("part") is None:
        known["latency_ms"] = Percentiles(21.5, 80.25, 120.0)
    return MinuteRow(**{**known, **values})


def record(made: MinuteRow) -> dict[str, str | None]:
    """As Athena gives it."""
    part, latency = made.part, made.latency_ms
    texts: dict[str, str | None] = {
        "minute": f"{made.minute:%Y-%m-%d %H:%M:%S}.000",
        "region": "us-east-1",
        "endpoint": made.endpoint,
        "use_case": part.use_case if part else None,
        "team": part.team if part else None,
        "rung": part.rung if part else None,
        "p50_ms": str(latency.p50) if latency else None,
        "p95_ms": str(latency.p95) if latency else None,
        "p99_ms": str(latency.p99) if latency else None,
    }
    for name in ("requests", "answered", "errors", "attempts", "tokens_in", "tokens_out", "usd", "unpriced"):
        texts[name] = str(getattr(made, name))
    return texts
