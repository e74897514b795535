"""What Prometheus is told: by endpoint and rung, and how the gateway itself does."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from gateway.outcomes import GOOD
from stanchion.events.inference import Status
from stanchion.spec.endpoints import Rung

# Seconds; from a cache's answer to a long generation. Each costs a series by endpoint and rung.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """One registry for each gateway, so that two in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._series: dict[tuple[str, str, str], tuple[Counter, Histogram, Histogram]] = {}
        self.requests = Counter(
            "stanchion_requests", "Requests that ended, by what became of them.", ["endpoint", "rung", "status"],
            registry=self.registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "stanchion_request_seconds", "Of requests with an answer: to its last byte.", ["endpoint", "rung"],
            buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self.first_byte = Histogram(
            "stanchion_first_byte_seconds", "Of requests with an answer: to its first byte.",
            ["endpoint", "rung"], buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self.failures = Counter(
            "stanchion_attempt_failures", "Attempts without an answer, by why.",
            ["endpoint", "variant", "slot", "error_class"], registry=self.registry,
        )  # fmt: skip
        self.shed = Counter(
            "stanchion_shed", "Requests turned away because there was too much to do.", ["tier"], registry=self.registry
        )
        self.refused = Counter(
            "stanchion_refused", "Requests refused before any model was asked, by why.", ["code"],
            registry=self.registry,
        )  # fmt: skip
        self.in_flight = Gauge("stanchion_in_flight", "Requests under way.", registry=self.registry)
        self.rung = Gauge(
            "stanchion_rung", "Rung in use by this gateway, by its place on the ladder: 0 is the best.", ["endpoint"],
            registry=self.registry,
        )  # fmt: skip
        self.routing_epoch = Gauge(
            "stanchion_routing_epoch", "Of the routing document in force.", registry=self.registry
        )
        self.routing_age = Gauge(
            "stanchion_routing_age_seconds", "Since somebody answered for the routing document.", registry=self.registry
        )
        self.events = Gauge(
            "stanchion_events", "Inference events, by where they are.", ["state"], registry=self.registry
        )
        self.spool_bytes = Gauge(
            "stanchion_event_spool_bytes", "Events on disk that wait to be sent.", registry=self.registry
        )
        self.store_gone = Gauge(
            "stanchion_store_gone_seconds", "Since a table can't be reached; 0 when it can.", ["store"],
            registry=self.registry,
        )  # fmt: skip
        self.cache = Gauge(
            "stanchion_cache", "Looks into the cache of answers, by what was found.", ["result"],
            registry=self.registry,
        )  # fmt: skip
        self.unannounced = Gauge(
            "stanchion_tickets_unannounced", "Tickets that the queue of people was not told of.",
            registry=self.registry,
        )  # fmt: skip

    def ended(self, endpoint: str, status: Status, rung: Rung, ms: float, first_byte_ms: float | None) -> None:
        """A request ended.

        Args:
            endpoint: that was asked.
            status: of its last attempt.
            rung: of its last attempt.
            ms: of all of it.
            first_byte_ms: until its answer began; None without one.
        """
        key = (endpoint, rung, status)
        known = self._series.get(key)
        if known is None:
            # To find a series by its labels takes longer than to count in it.
            known = self._series[key] = (
                self.requests.labels(*key), self.seconds.labels(endpoint, rung), self.first_byte.labels(endpoint, rung)
            )  # fmt: skip
        requests, whole, first = known
        requests.inc()
        if status in GOOD:
            whole.observe(ms / 1000)
            if first_byte_ms is not None:
                first.observe(first_byte_ms / 1000)

    def text(self) -> bytes:
        """As Prometheus reads it."""
        return generate_latest(self.registry)
