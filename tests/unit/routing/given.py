"""Intents for tests, and hypothesis' way to make any."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from stanchion.routing.document import PRECEDENCE
from stanchion.routing.intents import Change, RoutingIntent, make_intent

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ENDPOINTS = ("chat", "digits")


def intent(source: str = "operator", endpoint: str = "chat", **fields: Any) -> RoutingIntent:
    """An intent; what is no field of an intent is one of its change."""
    change = {key: fields.pop(key) for key in list(fields) if key in Change.model_fields}
    given: dict[str, Any] = {"endpoint": endpoint, "source": source, "epoch": 1, "reason": f"{source} says so"}
    return make_intent(**given | {"change": change or {"rung": "cached"}} | fields)


SHARES = st.sampled_from([{"blue": 1}, {"green": 7}, {"blue": 90, "green": 10}, {"blue": 0, "green": 1}])
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "rung": st.sampled_from(["full", "quantized", "cached", "human"]),
        "weights": st.dictionaries(st.sampled_from(["full", "quantized"]), SHARES, min_size=1),
        "split_by": st.sampled_from(["request", "user"]),
        "experiment": st.sampled_from(["shorter", "v2.1"]),
    },
).map(lambda change: change or {"rung": "human"})
INTENTS = st.builds(
    lambda change, **fields: make_intent(change=change, **fields),
    change=CHANGES,
    endpoint=st.sampled_from([*ENDPOINTS, "gone"]),
    source=st.sampled_from(PRECEDENCE),
    epoch=st.integers(1, 3) | st.integers(1, 2**53),
    expires_at=st.none() | st.integers(-3, 3).map(lambda seconds: NOW + timedelta(seconds=seconds)),
    reason=st.sampled_from(["it is too slow", "über Budget", "測試"]),
)
# As the table holds them: one of each source for an endpoint.
TABLES = st.lists(INTENTS, max_size=8, unique_by=lambda each: (each.endpoint, each.source))
