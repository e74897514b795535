"""Seconds, minutes and reports say the same of the same traffic.

Seconds are a gateway's own metrics, minutes the table that the minute aggregate writes, reports the views in Athena.

- Counts by endpoint, rung and what became of requests are the same, exactly.
- Minutes and reports have the same percentiles of each minute, to the four digits that the table keeps.
- Seconds know a percentile by the bucket of a histogram that it lies in, and Athena's `approx_percentile` gives the
  value of a rank that is up to 1 % away. So a report's percentile lies between the lower bound of the bucket of the
  rank 1 % below and the upper bound of that of the rank 1 % above.
"""

import asyncio
import json
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from functions.minute_aggregate import handler as function
from gateway.outcomes import BAD, GOOD
from stanchion.minutes.item import asked_at, progress_key, range_of, row_of_item
from stanchion.minutes.names import PARTITION_KEY, SORT_KEY, minute_table
from stanchion.minutes.row import MinuteRow
from stanchion.minutes.settings import MinuteSettings
from stanchion.packaging.archive import function_files, write_archive
from stanchion.routing.document import EndpointRoute
from stanchion.views.rendering import render
from tests.engine.conftest import unique_name
from tests.engine.gateway_process import REGION, GatewayProcess, Surroundings
from tests.engine.project import CHECKOUT
from tests.engine.test_inference_events import Lake
from tests.unit.gateway.running import Upstream, place

# Of the rank of a percentile; and of a time that is a difference of seconds since 1970, in milliseconds.
RANKS, SLACK_MS = 0.01, 0.01
# `steady` falls to its second rung and answers all; `flaky` has no second rung, and a quota.
REQUESTS = {"steady": 300, "flaky": 120}
QUOTA = 100
# Of `flaky`, before all others: clients that leave, and answers that break off in the middle.
LEFT, BROKEN = 4, 3
PATIENCE = 30  # seconds until a gateway has seen that its clients are gone
SECONDS = (0.012, 0.034, 0.07)


class Uneven(Upstream):
    """Takes now this long and now that, and every so often fails."""

    def __init__(self, name: str, fails_each: int = 0) -> None:
        super().__init__(name)
        self.fails_each = fails_each

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        number, body = len(self.asked), await request.json()
        if body.get("stream"):
            return await self._break_off(request)
        if body["messages"][0]["content"] == "slow":
            await asyncio.sleep(4)
            return web.Response(status=503)
        self.asked.append(body)
        await asyncio.sleep(SECONDS[number % len(SECONDS)])
        if self.fails_each and number % self.fails_each == 1:
            return web.Response(status=503)
        return web.json_response({"usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}})

    async def _break_off(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"data: {}\n\n")
        assert request.transport is not None
        request.transport.close()
        return response


class LakeSurroundings(Surroundings):
    """With a table over what the stream writes, and a table of minutes."""

    lake: Lake
    settings: MinuteSettings

    def _stream(self) -> None:
        self.lake = Lake(self.cloud, self.environment)
        self.settings = MinuteSettings(
            environment=self.environment,
            region=REGION,
            minute_table=minute_table(self.environment),
            database=self.lake.database,
            events_table="events",
            workgroup=f"{self.environment}-events",
        )
        self.client("athena").create_work_group(
            Name=self.settings.workgroup,
            Configuration={"ResultConfiguration": {"OutputLocation": f"s3://{self.lake.bucket}/results/"}},
        )
        keys = {PARTITION_KEY: "HASH", SORT_KEY: "RANGE"}
        self.client("dynamodb").create_table(
            TableName=self.settings.minute_table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        )

    def minutes(self, endpoint: str, *, parts: bool) -> list[MinuteRow]:
        """What the table says of the last minutes."""
        now = datetime.now(UTC)
        found = self.table.query(**range_of(endpoint, now - timedelta(minutes=30), now, parts=parts))
        return [row_of_item(item) for item in found["Items"]]

    @property
    def table(self) -> Any:
        resource: Any = self.session.resource("dynamodb", endpoint_url=self.cloud["AWS_ENDPOINT_URL"])
        return resource.Table(self.settings.minute_table)


@dataclass
class Seconds:
    """What the gateway's metrics say of an endpoint.

    Args:
        by_status: requests.
        by_rung: requests that have an answer.
        buckets: requests up to a bound in milliseconds.
    """

    by_status: Counter[str] = field(default_factory=Counter)
    by_rung: Counter[str] = field(default_factory=Counter)
    buckets: Counter[float] = field(default_factory=Counter)

    def bounds(self, share: float) -> tuple[float, float]:
        """Within which a percentile in milliseconds has to be."""
        steps = sorted(self.buckets.items())
        total = steps[-1][1]

        def bucket(rank: float) -> int:
            return next(number for number, (_, below) in enumerate(steps) if below >= min(rank, 1) * total)

        low, high = bucket(share - RANKS), bucket(share + RANKS)
        return (steps[low - 1][0] if low else 0.0) - SLACK_MS, steps[high][0] + SLACK_MS


def seconds_of(gateway: GatewayProcess) -> dict[str, Seconds]:
    with urllib.request.urlopen(f"{gateway.inside}/metrics") as answer:  # noqa: S310
        text = answer.read().decode()
    found = {name: Seconds() for name in REQUESTS}
    for sample in (sample for family in text_string_to_metric_families(text) for sample in family.samples):
        labels = sample.labels
        if sample.name == "stanchion_requests_total":
            of_it = found[labels["endpoint"]]
            of_it.by_status[labels["status"]] += int(sample.value)
            if labels["status"] in GOOD:
                of_it.by_rung[labels["rung"]] += int(sample.value)
        elif sample.name == "stanchion_request_seconds_bucket":
            found[labels["endpoint"]].buckets[1000 * float(labels["le"])] += int(sample.value)
    return found


@pytest.fixture
def surroundings(local_cloud: dict[str, str], tmp_path: Path, request: pytest.FixtureRequest) -> LakeSurroundings:
    return LakeSurroundings(local_cloud, unique_name(request.node.name), tmp_path)


@pytest.fixture
def gateways() -> Iterator[list[GatewayProcess]]:
    found: list[GatewayProcess] = []
    yield found
    for each in found:
        each.end()


async def traffic(surroundings: LakeSurroundings, gateways: list[GatewayProcess]) -> GatewayProcess:
    """A gateway that has answered, or not."""
    servers = {"full": Uneven("full", 12), "quantized": Uneven("quantized"), "flaky": Uneven("flaky", 4)}
    for server in servers.values():
        await server.start()
    try:
        surroundings.publish(1, steady=EndpointRoute(), flaky=EndpointRoute())
        hosts = {name: {"blue": servers[name].host} for name in ("full", "quantized")}
        endpoints = {
            "steady": place(("full", "quantized"), hosts, rung_seconds=5),
            "flaky": place(
                ("full",),
                {"full": {"blue": servers["flaky"].host}},
                rung_seconds=5,
                quotas=({"scope": "key", "unit": "requests", "window": "day", "hard": QUOTA},),
            ),
        }
        file = surroundings.configuration(endpoints)
        gateways.append(await asyncio.to_thread(GatewayProcess, surroundings, file, surroundings.folder / "state", "g"))
        left = iter([name for name, number in REQUESTS.items() for _ in range(number)])
        async with aiohttp.ClientSession(
            gateways[0].url, headers={"authorization": f"Bearer {surroundings.key}"}
        ) as session:

            async def ask(name: str, content: str = "hello", *, seconds: float = 30, **more: Any) -> None:
                body = {"model": name, "messages": [{"role": "user", "content": content}], **more}
                wait = aiohttp.ClientTimeout(total=seconds)
                async with session.post("/v1/chat/completions", json=body, timeout=wait) as answer:
                    await answer.read()

            async def client() -> None:
                for name in left:
                    await ask(name)

            gone = await asyncio.gather(
                *(ask("flaky", "slow", seconds=1.5) for _ in range(LEFT)),
                *(ask("flaky", stream=True) for _ in range(BROKEN)),
                return_exceptions=True,
            )
            assert [isinstance(each, TimeoutError) for each in gone] == [True] * LEFT + [False] * BROKEN
            assert all(isinstance(each, aiohttp.ClientError) for each in gone[LEFT:])
            await asyncio.gather(*(client() for _ in range(4)))
            # A gateway needs a moment to see that a client is gone.
            until = time.monotonic() + PATIENCE
            while (await asyncio.to_thread(seconds_of, gateways[0]))["flaky"].by_status["cancelled"] < LEFT:
                assert time.monotonic() < until
                await asyncio.sleep(0.05)
    finally:
        for server in servers.values():
            await server.stop()
    return gateways[0]


@pytest.mark.engine
def test_seconds_minutes_and_reports_agree(
    surroundings: LakeSurroundings, gateways: list[GatewayProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = asyncio.run(traffic(surroundings, gateways))
    seconds = seconds_of(gateway)
    # What was asked and what was broken is in it, or there would be nothing to agree on.
    assert seconds["steady"].by_status == {"answered": REQUESTS["steady"]}
    assert set(seconds["steady"].by_rung) == {"full", "quantized"}
    assert set(seconds["flaky"].by_status) == {"answered", "error", "refused", "cancelled"}
    assert seconds["flaky"].by_status.total() == REQUESTS["flaky"] + LEFT + BROKEN
    assert seconds["flaky"].by_status["cancelled"] == LEFT
    # It sends what it has before it ends.
    assert gateway.terminate() == 0

    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, surroundings.cloud[name])
    for name, value in surroundings.settings.variables().items():
        monkeypatch.setenv(name, value)
    said = packaged(surroundings)
    assert said["written"] == said["rows"] > 0
    # Once more, and it finds all there.
    again = function.handler({"source": "clock"}, None)
    assert (again["rows"], again["written"], again["removed"]) == (said["rows"], 0, 0)
    newest = asked_at(surroundings.table.get_item(Key=progress_key()).get("Item"))
    assert newest is not None
    assert datetime.now(UTC) - newest < timedelta(minutes=5)

    lake = surroundings.lake
    lake.make(render(lake.database, "events", {}))
    for name in REQUESTS:
        counts_agree(surroundings, name, seconds[name])
        minutes_and_reports_agree(surroundings, name)
        percentiles_agree(surroundings, name, seconds[name])


def percentiles_agree(surroundings: LakeSurroundings, name: str, seconds: Seconds) -> None:
    [report] = surroundings.lake.ask(
        "SELECT count(*) AS n, approx_percentile(latency_ms, 0.5E0) AS p50, "  # noqa: S608
        f"approx_percentile(latency_ms, 0.95E0) AS p95 FROM requests WHERE good AND endpoint = '{name}'"
    )
    assert max(seconds.buckets.values()) == int(report["n"] or 0)
    for share, ms in ((0.5, float(report["p50"] or 0)), (0.95, float(report["p95"] or 0))):
        low, high = seconds.bounds(share)
        assert low <= ms <= high, (
            f"p{100 * share:.0f} is {ms:.1f} ms in reports, and {low:.0f} to {high:.0f} in seconds"
        )


def packaged(surroundings: LakeSurroundings) -> dict[str, Any]:
    """A run of the function as it is packaged, on Lambda."""
    archive = write_archive(function_files("minute_aggregate", CHECKOUT), surroundings.folder / "minute_aggregate.zip")
    functions, name = surroundings.client("lambda"), f"{surroundings.environment}-minute-aggregate"
    functions.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Handler="functions.minute_aggregate.handler.handler",
        Role="arn:aws:iam::000000000000:role/minute-aggregate",
        Code={"ZipFile": archive.read_bytes()},
        Timeout=120,
        Environment={"Variables": surroundings.settings.variables()},
    )
    functions.get_waiter("function_active_v2").wait(FunctionName=name)
    begun = time.monotonic()
    answer = functions.invoke(FunctionName=name, Payload=json.dumps({"source": "clock"}))
    said = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, said
    print(f"the minute aggregate took {time.monotonic() - begun:.1f} s with its cold start")
    functions.delete_function(FunctionName=name)
    return said


def counts_agree(surroundings: LakeSurroundings, name: str, seconds: Seconds) -> None:
    good, bad = (sum(seconds.by_status[each] for each in part) for part in (GOOD, BAD))
    for parts in (False, True):
        rows = surroundings.minutes(name, parts=parts)
        assert sum(row.requests for row in rows) == seconds.by_status.total()
        assert (sum(row.answered for row in rows), sum(row.errors for row in rows)) == (good, bad)
    rungs: Counter[str] = Counter()
    for row in surroundings.minutes(name, parts=True):
        assert row.part is not None
        assert (row.part.team, row.part.use_case) == ("team-a", "testing")
        rungs[row.part.rung] += row.answered
    assert +rungs == seconds.by_rung
    columns = ("good", "bad", "refused", "cancelled")
    [report] = surroundings.lake.ask(
        f"SELECT {', '.join(f'sum({each}) AS {each}' for each in columns)} "  # noqa: S608
        f"FROM availability WHERE endpoint = '{name}'"
    )
    neither = (seconds.by_status["refused"], seconds.by_status["cancelled"])
    assert tuple(int(report[each] or 0) for each in columns) == (good, bad, *neither)
    shares = surroundings.lake.ask(
        f"SELECT rung, sum(requests) AS n FROM rung_share WHERE endpoint = '{name}' GROUP BY rung"  # noqa: S608
    )
    assert {row["rung"]: int(row["n"] or 0) for row in shares} == dict(seconds.by_rung)


def minutes_and_reports_agree(surroundings: LakeSurroundings, name: str) -> None:
    """By minute, the view over everything says what was written of the last arrivals; also of money and tokens."""
    reports = surroundings.lake.ask(
        "SELECT date_format(minute, '%Y-%m-%d %H:%i') AS at, p50_ms, p95_ms, p99_ms, usd, tokens_out, attempts "  # noqa: S608
        f"FROM minutes WHERE endpoint = '{name}' AND rung IS NULL ORDER BY minute"
    )
    rows = surroundings.minutes(name, parts=False)
    assert [f"{row.minute:%Y-%m-%d %H:%M}" for row in rows] == [report["at"] for report in reports]
    for row, report in zip(rows, reports, strict=True):
        assert row.latency_ms is not None
        found = [row.latency_ms.p50, row.latency_ms.p95, row.latency_ms.p99]
        assert found == pytest.approx([float(report[f"{each}_ms"] or 0) for each in ("p50", "p95", "p99")], rel=1e-3)
        assert (row.tokens_out, row.attempts) == (int(report["tokens_out"] or 0), int(report["attempts"] or 0))
        assert row.usd == pytest.approx(float(report["usd"] or 0))
