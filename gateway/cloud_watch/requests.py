"""Makes the requests that put a minute's metrics, within the limits of CloudWatch.

One request of PutMetricData takes 1,000 metrics, 1 MB, and 150 values of a metric (CloudWatch API reference). Values
with their counts keep the distribution, which is what percentiles are made from.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from gateway.cloud_watch.minute import Minute, milliseconds_of
from stanchion.serving import gateway_metrics as metrics

MOST_METRICS, MOST_VALUES, MOST_BYTES = 1000, 150, 1024 * 1024
# What a datum takes at most as it is sent, in JSON: names and dimensions; a value of five digits with its count.
_DATUM_BYTES, _VALUE_BYTES = 1024, 20

Datum = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Gauges:
    """What is not counted but looked at when a put is due, or is a count since the gateway's start.

    Args:
        spool_bytes: of events on disk.
        events_lost: since the gateway's start.
        tickets_unannounced: since the gateway's start.
        routing_age: seconds since AppConfig answered last.
        stores_gone: seconds for which each store has not answered.
    """

    spool_bytes: int
    events_lost: int
    tickets_unannounced: int
    routing_age: float
    stores_gone: Mapping[str, float] = field(default_factory=dict[str, float])


NOTHING = Gauges(0, 0, 0, 0.0)


def requests_of(minute: Minute, now: Gauges, before: Gauges, environment: str, at: float) -> Iterator[list[Datum]]:
    """The metrics of a minute, as `MetricData` of one request after the other.

    Args:
        minute: what was counted.
        now: as it is at its end.
        before: as it was at its begin.
        environment: name of the environment.
        at: when it ended, in seconds since 1970.
    """
    time = datetime.fromtimestamp(at, UTC)
    waiting: list[Datum] = []
    size = 0
    # A further datum of one metric goes to a further request.
    named: set[tuple[str, str]] = set()
    for datum in _data(minute, now, before, environment):
        datum["Timestamp"] = time
        name = (datum["MetricName"], datum["Dimensions"][-1]["Value"])
        more = _DATUM_BYTES + _VALUE_BYTES * len(datum.get("Values", ()))
        if len(waiting) == MOST_METRICS or size + more > MOST_BYTES or name in named:
            yield waiting
            waiting, size, named = [], 0, set()
        waiting.append(datum)
        size += more
        named.add(name)
    if waiting:
        yield waiting


def _data(minute: Minute, now: Gauges, before: Gauges, environment: str) -> Iterator[Datum]:
    of_all = {metrics.ENVIRONMENT: environment}
    yield _datum(metrics.SPOOL_BYTES, of_all, now.spool_bytes)
    yield _datum(metrics.EVENTS_LOST, of_all, now.events_lost - before.events_lost)
    yield _datum(metrics.TICKETS_UNANNOUNCED, of_all, now.tickets_unannounced - before.tickets_unannounced)
    yield _datum(metrics.ROUTING_AGE, of_all, now.routing_age)
    for store, seconds in now.stores_gone.items():
        yield _datum(metrics.STORE_GONE_SECONDS, {**of_all, metrics.STORE: store}, seconds)
    for tier, shed in minute.shed.items():
        yield _datum(metrics.SHED, {**of_all, metrics.TIER: tier}, shed)
    for name, counted in minute.counted.items():
        of_endpoint = {**of_all, metrics.ENDPOINT: name}
        yield _datum(metrics.REQUESTS, of_endpoint, counted.requests)
        yield _share(metrics.ERRORS, of_endpoint, counted.errors, counted.requests)
        yield _share(metrics.BELOW_FULL, of_endpoint, counted.below, counted.requests)
        yield _datum(metrics.RUNG, of_endpoint, counted.rung)
    # Last and in rounds, so that a request is full before one of them comes a second time.
    spread = [
        (metric, name, sorted(steps.items()))
        for name, counted in minute.counted.items()
        for metric, steps in ((metrics.LATENCY, counted.latencies), (metrics.FIRST_BYTE, counted.first_bytes))
    ]
    for begin in range(0, max((len(steps) for *_, steps in spread), default=0), MOST_VALUES):
        for metric, name, steps in spread:
            if part := steps[begin : begin + MOST_VALUES]:
                yield _datum(
                    metric, {**of_all, metrics.ENDPOINT: name},
                    Values=[milliseconds_of(step) for step, _ in part], Counts=[float(count) for _, count in part],
                )  # fmt: skip


def _share(name: str, dimensions: Mapping[str, str], part: int, whole: int) -> Datum:
    """A one for each request that counts and a zero for each that does not: the sum counts, the average is a share."""
    counts = {1.0: float(part), 0.0: float(whole - part)}
    said = {value: count for value, count in counts.items() if count > 0}
    if not said:
        return _datum(name, dimensions, 0)
    return _datum(name, dimensions, Values=list(said), Counts=list(said.values()))


def _datum(name: str, dimensions: Mapping[str, str], value: float | None = None, **values: list[float]) -> Datum:
    said: Datum = dict(values) if value is None else {"Value": float(value)}
    return {
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": each} for key, each in dimensions.items()],
        "Unit": metrics.UNITS[name],
        **said,
    }
