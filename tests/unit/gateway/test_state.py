import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from gateway.metrics import Metrics
from gateway.state import State


def state(*, asked_at: float | None, cache: Any = None, desk: Any = None) -> State:
    writer: Any = SimpleNamespace(sent=1, spooled=2, lost=3, pending=4, spool_bytes=5)
    routing: Any = SimpleNamespace(asked_at=asked_at)
    quotas: Any = SimpleNamespace(store_gone_seconds=6.0)
    keys: Any = SimpleNamespace(store_gone_seconds=0.0)
    return State(writer, routing, quotas, keys, cache, desk)


def test_both_are_told_the_same(tmp_path: Path) -> None:
    cache = SimpleNamespace(hits=7, misses=8, not_kept=9, store_gone_seconds=10.0)
    found = state(asked_at=time.monotonic() - 20, cache=cache, desk=SimpleNamespace(unannounced=11))
    gauges = found.gauges()
    assert (gauges.spool_bytes, gauges.events_lost, gauges.tickets_unannounced) == (5, 3, 11)
    assert gauges.stores_gone == {"quotas": 6.0, "keys": 0.0, "cache": 10.0}
    assert 20 <= gauges.routing_age < 25
    metrics = Metrics()
    found.refresh(metrics)
    text = metrics.text().decode()
    for line in (
        'stanchion_events{state="lost"} 3.0', "stanchion_event_spool_bytes 5.0", "stanchion_tickets_unannounced 11.0",
        'stanchion_store_gone_seconds{store="quotas"} 6.0', 'stanchion_store_gone_seconds{store="cache"} 10.0',
        'stanchion_cache{result="not_kept"} 9.0',
    ):  # fmt: skip
        assert line in text


def test_without_cache_and_tickets_and_while_nobody_answers_for_the_routing_document() -> None:
    gauges = state(asked_at=None).gauges()
    assert set(gauges.stores_gone) == {"quotas", "keys"}
    assert gauges.tickets_unannounced == 0
    # Since the gateway began, and not nothing, so that an alarm sees it grow.
    assert 0 <= gauges.routing_age < 5
