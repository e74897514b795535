from datetime import UTC, datetime
from functools import cache

import boto3
from botocore.model import ServiceModel
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.cloud_watch.minute import Minute
from gateway.cloud_watch.requests import (
    MOST_BYTES,
    MOST_METRICS,
    MOST_VALUES,
    NOTHING,
    Datum,
    Gauges,
    requests_of,
)
from stanchion.serving import gateway_metrics as metrics
from tests.unit.gateway.running import place

AT = 1_780_000_000.0


def minute(endpoints: int = 1) -> Minute:
    made = place(("full", "quantized"), {"full": {"blue": "h:1"}}, tier="critical")
    return Minute({f"chat-{number}": made for number in range(endpoints)}, ("critical", "standard"))


@cache
def of_service() -> ServiceModel:
    return boto3.client("cloudwatch", region_name="us-east-1").meta.service_model


def sent(data: list[Datum]) -> bytes:
    """The body of a request, as the client of this version makes it."""
    model = of_service()
    asked = {"Namespace": "Stanchion/Gateway", "MetricData": data}
    operation = model.operation_model("PutMetricData")
    report = ParamValidator().validate(asked, operation.input_shape)
    assert not report.has_errors(), report.generate_report()
    return create_serializer(model.resolved_protocol).serialize_to_request(asked, operation)["body"]


def named(requests: list[list[Datum]]) -> dict[tuple[str, ...], Datum]:
    """By metric and the values of its dimensions."""
    return {
        (each["MetricName"], *(dimension["Value"] for dimension in each["Dimensions"])): each
        for data in requests
        for each in data
    }


def test_silence_is_zeros_of_all_that_is_known_and_no_latency() -> None:
    gauges = Gauges(0, 0, 0, 3.0, {"quotas": 0.0, "keys": 0.0, "cache": 0.0})
    [request] = requests_of(minute(), gauges, NOTHING, "prod", AT)
    found = named([request])
    assert {name: each["Value"] for name, each in found.items()} == {
        ("SpoolBytes", "prod"): 0.0, ("EventsLost", "prod"): 0.0, ("TicketsUnannounced", "prod"): 0.0,
        ("RoutingAge", "prod"): 3.0,
        ("StoreGoneSeconds", "prod", "quotas"): 0.0, ("StoreGoneSeconds", "prod", "keys"): 0.0,
        ("StoreGoneSeconds", "prod", "cache"): 0.0,
        ("Shed", "prod", "critical"): 0.0, ("Shed", "prod", "standard"): 0.0,
        ("Requests", "prod", "chat-0"): 0.0, ("Errors", "prod", "chat-0"): 0.0, ("BelowFull", "prod", "chat-0"): 0.0,
        ("Rung", "prod", "chat-0"): 0.0,
    }  # fmt: skip
    assert {each["Timestamp"] for each in request} == {datetime.fromtimestamp(AT, UTC)}
    assert all(each["Unit"] == metrics.UNITS[each["MetricName"]] for each in request)


def test_counts_since_the_start_are_told_as_those_of_the_minute() -> None:
    found = named(list(requests_of(minute(), Gauges(9, 12, 5, 1.0), Gauges(7, 10, 5, 1.0), "prod", AT)))
    assert found["SpoolBytes", "prod"]["Value"] == 9
    assert found["EventsLost", "prod"]["Value"] == 2
    assert found["TicketsUnannounced", "prod"]["Value"] == 0


def test_the_average_of_errors_is_their_share_over_all_gateways() -> None:
    shares: list[tuple[float, float]] = []
    for errors, requests in ((1, 9), (0, 11), (0, 0)):
        counted = minute()
        for number in range(requests):
            counted.ended("chat-0", "error" if number < errors else "answered", "full", 1.0)
        datum = named(list(requests_of(counted, NOTHING, NOTHING, "prod", AT)))["Errors", "prod", "chat-0"]
        values, counts = datum.get("Values", [datum.get("Value")]), datum.get("Counts", [1.0])
        shares.append((sum(v * c for v, c in zip(values, counts, strict=True)), sum(counts)))
    # One that has nothing to do is a sample too; it is one among those of a minute.
    assert shares == [(1.0, 9.0), (0.0, 11.0), (0.0, 1.0)]


def test_latencies_keep_their_distribution() -> None:
    counted = minute()
    for ms in [10.0] * 90 + [200.0] * 9 + [5000.0]:
        counted.ended("chat-0", "answered", "full", ms)
    datum = named(list(requests_of(counted, NOTHING, NOTHING, "prod", AT)))["Latency", "prod", "chat-0"]
    assert datum["Counts"] == [90.0, 9.0, 1.0]
    assert [round(each / 100) * 100 for each in datum["Values"]] == [0, 200, 5000]
    assert datum["Unit"] == "Milliseconds"
    assert "Value" not in datum


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 400), st.sets(st.integers(0, 1_500), max_size=1_200))
def test_every_request_is_within_the_limits_and_nothing_is_left_out(endpoints: int, steps: set[int]) -> None:
    counted = minute(endpoints)
    for name in list(counted.counted)[::7]:
        counted.counted[name].latencies.update(dict.fromkeys(steps, 2))
    requests = list(requests_of(counted, Gauges(1, 1, 1, 1.0), NOTHING, "prod", AT))
    told = 0.0
    for data in requests:
        assert 0 < len(data) <= MOST_METRICS
        names = [(each["MetricName"], each["Dimensions"][-1]["Value"]) for each in data]
        assert len(set(names)) == len(names), "a metric comes twice in one request"
        assert all(len(each.get("Values", ())) <= MOST_VALUES for each in data)
        told += sum(sum(each["Counts"]) for each in data if each["MetricName"] == "Latency")
        assert 0 < len(sent(data)) <= MOST_BYTES
    assert told == 2 * len(steps) * len(list(counted.counted)[::7])
    assert len(named(requests)) == 4 + 2 + 4 * endpoints + (len(list(counted.counted)[::7]) if steps else 0)
