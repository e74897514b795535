"""How the parts of a gateway do, for Prometheus and for CloudWatch."""

import time
from dataclasses import dataclass, field

from gateway.cache.answers import Answers
from gateway.cloud_watch.requests import Gauges
from gateway.events.writer import EventWriter
from gateway.keys.key_ring import KeyRing
from gateway.metrics import Metrics
from gateway.quotas.quotas import Quotas
from gateway.routing.source import RoutingSource
from gateway.tickets.desk import Desk
from stanchion.serving.gateway_metrics import CACHE, KEYS, QUOTAS


@dataclass(slots=True)
class State:
    """The parts that are asked.

    Args:
        writer: of events.
        routing: of the document.
        quotas: their counters.
        keys: their table.
        cache: of answers; None without one.
        desk: of tickets; None without one.
    """

    writer: EventWriter
    routing: RoutingSource
    quotas: Quotas
    keys: KeyRing
    cache: Answers | None
    desk: Desk | None
    _began: float = field(default_factory=time.monotonic)

    @property
    def stores_gone(self) -> dict[str, float]:
        """Seconds for which each store has not answered."""
        gone = {QUOTAS: self.quotas.store_gone_seconds, KEYS: self.keys.store_gone_seconds}
        return gone if self.cache is None else {**gone, CACHE: self.cache.store_gone_seconds}

    def refresh(self, metrics: Metrics) -> None:
        """Bring Prometheus's metrics up to date."""
        for state in ("sent", "spooled", "lost", "pending"):
            metrics.events.labels(state).set(getattr(self.writer, state))
        metrics.spool_bytes.set(self.writer.spool_bytes)
        for store, seconds in self.stores_gone.items():
            metrics.store_gone.labels(store).set(seconds)
        cache, desk = self.cache, self.desk
        if cache is not None:
            for result, count in (("hit", cache.hits), ("miss", cache.misses), ("not_kept", cache.not_kept)):
                metrics.cache.labels(result).set(count)
        if desk is not None:
            metrics.unannounced.set(desk.unannounced)

    def gauges(self) -> Gauges:
        """What CloudWatch is told."""
        asked = self.routing.asked_at
        return Gauges(
            self.writer.spool_bytes,
            self.writer.lost,
            0 if self.desk is None else self.desk.unannounced,
            # While nobody has answered, since there was somebody to ask for it.
            time.monotonic() - (self._began if asked is None else asked),
            self.stores_gone,
        )
