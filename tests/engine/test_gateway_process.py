"""A gateway process on the local cloud: no event is lost that should not be, and every accepted request is answered."""

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.front_door.control import Control
from sandbox.front_door.faults import Effect, Fault
from sandbox.ports import free_ports
from stanchion.routing.document import EndpointRoute
from stanchion.serving import gateway_metrics as metrics
from tests.engine.conftest import unique_name
from tests.engine.gateway_process import GatewayProcess, Surroundings, Traffic
from tests.engine.project import CHECKOUT
from tests.unit.gateway.running import place


@pytest.fixture
def surroundings(local_cloud: dict[str, str], tmp_path: Path, request: pytest.FixtureRequest) -> Surroundings:
    return Surroundings(local_cloud, unique_name(request.node.name), tmp_path)


@pytest.fixture
def control(local_cloud: dict[str, str]) -> Iterator[Control]:
    found = Control(int(local_cloud["AWS_ENDPOINT_URL"].rsplit(":", 1)[1]))
    yield found
    found.heal()


@pytest.fixture
def model() -> Iterator[str]:
    """Host of a server that answers at once."""
    [port] = free_ports([0])
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.proxies.upstream", str(port)], cwd=CHECKOUT)
    yield f"127.0.0.1:{port}"
    process.terminate()
    process.wait()


@pytest.fixture
def processes() -> Iterator[list[GatewayProcess]]:
    found: list[GatewayProcess] = []
    yield found
    for each in found:
        each.end()


def drained(gateway: GatewayProcess) -> None:
    until = time.monotonic() + 60
    while gateway.metric('stanchion_events{state="pending"}') > 0:
        assert time.monotonic() < until, "events wait for longer than a minute"
        time.sleep(0.1)


@pytest.mark.engine
def test_ten_thousand_requests_over_a_lost_stream_and_two_ends_of_the_gateway(
    surroundings: Surroundings, control: Control, model: str, processes: list[GatewayProcess], tmp_path: Path
) -> None:
    surroundings.publish(1, chat=EndpointRoute())
    file = surroundings.configuration({"chat": place(("full",), {"full": {"blue": model}}, rung_seconds=5)})
    traffic = Traffic(surroundings.key, "chat")

    def start(name: str) -> GatewayProcess:
        processes.append(GatewayProcess(surroundings, file, tmp_path / "state", name))
        return processes[-1]

    def during(gateway: GatewayProcess, requests: int, *, after: int, act: object) -> None:
        """Traffic, and something done to the gateway in the middle of it."""
        wanted = len(traffic.answered) + after

        def watch() -> None:
            while len(traffic.answered) < wanted:
                time.sleep(0.005)
            act()  # type: ignore[operator]

        watching = threading.Thread(target=watch)
        watching.start()
        asyncio.run(traffic.ask(gateway.url, requests))
        watching.join()

    # The stream is lost from the 1,500th to the 3,000th request.
    first = start("one")
    asyncio.run(traffic.ask(first.url, 1500))
    control.add(Fault(Effect.UNAVAILABLE, region="us-east-1", service="firehose"))
    asyncio.run(traffic.ask(first.url, 1500))
    assert first.metric("stanchion_event_spool_bytes") > 0
    control.heal()
    # Told to end in the middle of the traffic.
    during(first, 2000, after=500, act=lambda: first.terminate())
    assert first.process.returncode == 0, first.log.read_text()
    terminated = dict(traffic.answered)
    # Clients that ask until the very end meet a connection that closes before their request is read.
    closed = traffic.broken
    # Killed in the middle of the traffic.
    second = start("two")
    before, began = len(traffic.answered), time.monotonic()

    def kill() -> None:
        traffic.killed = True
        second.kill()

    during(second, 3000, after=1500, act=kill)
    traffic.killed = False
    per_second = (len(traffic.answered) - before) / (time.monotonic() - began)
    assert traffic.broken - closed <= 8, "each client has one request under way when it is killed"
    third = start("three")
    asyncio.run(traffic.ask(third.url, 10_000 - len(traffic.answered)))
    assert len(traffic.answered) >= 10_000
    assert set(traffic.answered.values()) == {200}
    drained(third)
    assert third.terminate() == 0
    written = surroundings.events()
    by_request = {event["request_id"] for event in written}
    assert not set(terminated) - by_request, "after SIGTERM no event is missing"
    accepted = {event["request_id"] for event in written if event["gateway"] == "one"}
    assert not accepted - set(terminated), "no request that was accepted before SIGTERM is without an answer"
    missing = set(traffic.answered) - by_request
    assert len(missing) <= max(100, per_second), "after SIGKILL at most 100 events, or one second of them"
    assert len({event["event_id"] for event in written}) == len(by_request), "twice is the same event"
    print(
        f"{len(traffic.answered)} answered, {len(written)} written, {len(written) - len(by_request)} of them twice, "
        f"{len(missing)} lost with the killed process"
    )


@pytest.mark.engine
def test_a_gateway_serves_when_everything_around_it_is_gone(
    surroundings: Surroundings, control: Control, model: str, processes: list[GatewayProcess], tmp_path: Path
) -> None:
    surroundings.publish(7, chat=EndpointRoute())
    file = surroundings.configuration({"chat": place(("full",), {"full": {"blue": model}}, rung_seconds=5)})
    first = GatewayProcess(surroundings, file, tmp_path / "state", "one")
    processes.append(first)
    assert first.ready() == {}
    assert first.metric("stanchion_routing_epoch") == 7
    traffic = Traffic(surroundings.key, "chat")
    asyncio.run(traffic.ask(first.url, 10))
    for service in ("appconfig", "firehose", "dynamodb", "secretsmanager"):
        control.add(Fault(Effect.DROP, region="us-east-1", service=service))
    # Known keys go on, by the document there was.
    asyncio.run(traffic.ask(first.url, 50))
    assert set(traffic.answered.values()) == {200}
    assert first.terminate() == 0
    # One that starts now has the document of the last one, and knows no key: it says that it can't tell, not that the
    # key is wrong.
    second = GatewayProcess(surroundings, file, tmp_path / "state", "two")
    processes.append(second)
    assert second.metric("stanchion_routing_epoch") == 7
    assert second.ready() == {}
    late = Traffic(surroundings.key, "chat")
    asyncio.run(late.ask(second.url, 2))
    assert set(late.answered.values()) == {503}
    control.heal()
    until = time.monotonic() + 30
    while set(late.answered.values()) != {200}:
        assert time.monotonic() < until
        late.answered.clear()
        asyncio.run(late.ask(second.url, 1))
        time.sleep(0.1)
    drained(second)
    assert set(traffic.answered) <= {event["request_id"] for event in surroundings.events()}


@pytest.mark.engine
def test_what_happened_is_in_cloud_watch_when_it_ends(
    surroundings: Surroundings, model: str, processes: list[GatewayProcess], tmp_path: Path
) -> None:
    surroundings.publish(1, chat=EndpointRoute(), gone=EndpointRoute())
    endpoints = {
        "chat": place(("full",), {"full": {"blue": model}}, rung_seconds=5),
        "gone": place(("full",), {"full": {"blue": "127.0.0.1:9"}}, rung_seconds=5),
    }
    file = surroundings.configuration(endpoints, metrics_namespace=metrics.NAMESPACE)
    gateway = GatewayProcess(surroundings, file, tmp_path / "state", "one")
    processes.append(gateway)
    answered, failed = Traffic(surroundings.key, "chat"), Traffic(surroundings.key, "gone")
    asyncio.run(answered.ask(gateway.url, 100))
    asyncio.run(failed.ask(gateway.url, 5))
    assert gateway.terminate() == 0
    cloud_watch = surroundings.client("cloudwatch")
    now = datetime.now(UTC)

    def told(name: str, *statistics: str, **dimensions: str) -> dict[str, float]:
        said = {metrics.ENVIRONMENT: surroundings.environment, **dimensions}
        kind = "ExtendedStatistics" if statistics[0].startswith("p") else "Statistics"
        [point] = cloud_watch.get_metric_statistics(
            Namespace=metrics.NAMESPACE, MetricName=name, Unit=metrics.UNITS[name], Period=3600,
            Dimensions=[{"Name": key, "Value": value} for key, value in said.items()],
            StartTime=now - timedelta(minutes=30), EndTime=now + timedelta(minutes=30), **{kind: list(statistics)},
        )["Datapoints"]  # fmt: skip
        return {**point, **point.get("ExtendedStatistics", {})}

    assert told("Requests", "Sum", Endpoint="chat")["Sum"] == 100
    assert told("Errors", "Sum", Endpoint="chat")["Sum"] == 0
    assert told("Requests", "Sum", Endpoint="gone")["Sum"] == 5
    # Each request is a sample of it, so that an alarm can follow the share.
    errors = told("Errors", "Sum", "SampleCount", Endpoint="gone")
    assert (errors["Sum"], errors["SampleCount"]) == (5, 5)
    assert told("Errors", "Average", Endpoint="chat")["Average"] == 0
    assert told("Latency", "SampleCount", Endpoint="chat")["SampleCount"] == 100
    assert told("Shed", "Sum", Tier="standard")["Sum"] == 0
    assert told("StoreGoneSeconds", "Maximum", Store="quotas")["Maximum"] == 0
    assert 0 <= told("RoutingAge", "Maximum")["Maximum"] < 30
    # The same distribution as in the events, to the hundredth that latencies are kept to.
    latencies = sorted(event["latency_ms"] for event in surroundings.events() if event["endpoint"] == "chat")
    assert len(latencies) == 100
    # An attempt that is the only one of its request is the request.
    assert told("Latency", "Sum", Endpoint="chat")["Sum"] == pytest.approx(sum(latencies), rel=0.011)
    assert told("Latency", "Maximum", Endpoint="chat")["Maximum"] == pytest.approx(latencies[-1], rel=0.011)
    p95 = told("Latency", "p95", Endpoint="chat")["p95"]
    assert latencies[89] * 0.98 <= p95 <= latencies[-1] * 1.02


@pytest.mark.engine
def test_what_it_is_told_wrongly_is_said_in_a_sentence(tmp_path: Path) -> None:
    def said(file: Path | None) -> tuple[int, str]:
        variables = {"PATH": "/usr/bin:/bin"} | ({"STANCHION_GATEWAY_CONFIGURATION": str(file)} if file else {})
        done = subprocess.run(
            [sys.executable, "-m", "gateway"], cwd=CHECKOUT, env=variables, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stderr

    code, text = said(None)
    assert (code, text.count("\n")) == (2, 1)
    assert "STANCHION_GATEWAY_CONFIGURATION is not set" in text
    code, text = said(tmp_path / "none.json")
    assert (code, text.count("\n")) == (2, 1)
    assert "can't be read: No such file" in text
    (tmp_path / "bad.json").write_text('{"environment": "x"}')
    code, text = said(tmp_path / "bad.json")
    assert (code, text.count("\n")) == (2, 1)
    assert "account: Field required" in text
