"""Events get from writers to Athena though the stream fails and a writer is killed; the views say what they hold."""

import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from typing import Any

import boto3
import pytest

from gateway.events.firehose import firehose_sender
from sandbox.front_door.control import Control
from sandbox.front_door.faults import Effect, Fault
from stanchion.events.encoding import encode
from stanchion.events.inference import InferenceEvent
from stanchion.events.table import INPUT_FORMAT, OUTPUT_FORMAT, PARTITION, SERDE, columns
from stanchion.views.rendering import View, render
from tests.engine.conftest import unique_name
from tests.engine.project import CHECKOUT
from tests.unit.events.examples import traffic

REGION = "us-east-1"
# Of the traffic; with their further attempts, and without what is never written after the kill, more than 3,000 events.
REQUESTS = 2150
# Writes what it is told to of the traffic, says how many after each, and closes unless it is killed.
WRITER = """
import asyncio, sys, time
from pathlib import Path
from gateway.events.firehose import firehose_client, firehose_sender
from gateway.events.writer import EventWriter
from tests.unit.events.examples import traffic

stream, spool, endpoint, requests, first, last = sys.argv[1:]
writer = EventWriter(firehose_sender(firehose_client("us-east-1", endpoint), stream), Path(spool))
for number, event in enumerate(traffic(int(requests))[int(first):int(last)], 1):
    writer.write(event)
    print(number, flush=True)
    time.sleep(0.001)
asyncio.run(writer.close(60))
print(writer.sent, writer.lost, writer.pending, writer.torn, writer.spooled, flush=True)
"""


class Lake:
    """A stream, a bucket and a table of events on the local cloud, asked through Athena."""

    def __init__(self, cloud: dict[str, str], name: str) -> None:
        self.cloud, self.stream, self.bucket, self.database = cloud, f"{name}-events", f"{name}-events", name
        self.session = boto3.Session(cloud["AWS_ACCESS_KEY_ID"], cloud["AWS_SECRET_ACCESS_KEY"], region_name=REGION)
        self.athena = self.client("athena")
        self.client("s3").create_bucket(Bucket=self.bucket)
        self.client("firehose").create_delivery_stream(
            DeliveryStreamName=self.stream,
            ExtendedS3DestinationConfiguration={
                "BucketARN": f"arn:aws:s3:::{self.bucket}",
                "RoleARN": "arn:aws:iam::000000000000:role/firehose",
                "Prefix": f"inference/{PARTITION}=!{{timestamp:yyyy-MM-dd}}/hour=!{{timestamp:HH}}/",
                "ErrorOutputPrefix": "inference-failed/!{firehose:error-output-type}/",
            },
        )
        glue = self.client("glue")
        glue.create_database(DatabaseInput={"Name": self.database})
        glue.create_table(
            DatabaseName=self.database,
            TableInput={
                "Name": "events",
                "TableType": "EXTERNAL_TABLE",
                "Parameters": {"classification": "json"},
                "PartitionKeys": [{"Name": PARTITION, "Type": "string"}, {"Name": "hour", "Type": "string"}],
                "StorageDescriptor": {
                    "Location": f"s3://{self.bucket}/inference/",
                    "InputFormat": INPUT_FORMAT,
                    "OutputFormat": OUTPUT_FORMAT,
                    "SerdeInfo": {"SerializationLibrary": SERDE},
                    "Columns": [{"Name": each.name, "Type": each.type} for each in columns()],
                },
            },
        )

    def client(self, service: str) -> Any:
        return self.session.client(service, endpoint_url=self.cloud["AWS_ENDPOINT_URL"])

    def make(self, views: tuple[View, ...]) -> None:
        for view in views:
            self.ask(view.create)

    def ask(self, sql: str) -> list[dict[str, str | None]]:
        """Rows of a query, as texts."""
        started = self.athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": self.database},
            ResultConfiguration={"OutputLocation": f"s3://{self.bucket}/results/"},
        )["QueryExecutionId"]
        while True:
            status = self.athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"]
            if status["State"] not in ("QUEUED", "RUNNING"):
                break
            time.sleep(0.05)
        assert status["State"] == "SUCCEEDED", status["StateChangeReason"]
        pages = self.athena.get_paginator("get_query_results").paginate(QueryExecutionId=started)
        rows = [
            [each.get("VarCharValue") for each in row["Data"]] for page in pages for row in page["ResultSet"]["Rows"]
        ]
        return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]] if rows else []


class Writer:
    """A process that writes a part of the traffic."""

    def __init__(self, lake: Lake, spool: Path, first: int, last: int) -> None:
        arguments = [lake.stream, str(spool), lake.cloud["AWS_ENDPOINT_URL"], str(REQUESTS), str(first), str(last)]
        self.times: list[float] = []
        self.rest = ""
        self._process = subprocess.Popen(
            [sys.executable, "-c", WRITER, *arguments],
            cwd=CHECKOUT, env=lake.cloud, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def until(self, written: int) -> None:
        assert self._process.stdout is not None
        while len(self.times) < written:
            assert self._process.stdout.readline(), "the writer ended"
            self.times.append(time.monotonic())

    def kill(self) -> None:
        """As the kernel does when there is no memory left."""
        self._process.kill()
        assert self._process.stdout is not None
        killed = time.monotonic()
        self.times += [killed for line in self._process.stdout if line.endswith("\n")]
        self._process.wait()

    def end(self) -> list[int]:
        """What it says of itself: sent, lost, pending, torn, spooled."""
        out, _ = self._process.communicate(timeout=120)
        assert self._process.returncode == 0
        return [int(each) for each in out.splitlines()[-1].split()]

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


@pytest.fixture
def lake(local_cloud: dict[str, str], request: pytest.FixtureRequest) -> Lake:
    return Lake(local_cloud, unique_name(request.node.name))


@pytest.fixture
def control(local_cloud: dict[str, str]) -> Iterator[Control]:
    found = Control(int(local_cloud["AWS_ENDPOINT_URL"].rsplit(":", 1)[1]))
    yield found
    found.heal(service="firehose")


@pytest.mark.engine
def test_events_arrive_though_the_stream_fails_and_a_writer_is_killed(lake: Lake, control: Control, tmp_path: Path):
    events = traffic(REQUESTS)
    assert len(events) - 300 >= 3000
    gone = Fault(Effect.UNAVAILABLE, service="firehose")
    killed = Writer(lake, tmp_path, 0, 1500)
    writers = [killed]
    try:
        killed.until(400)
        control.add(gone)
        killed.until(900)
        control.heal(service="firehose")
        killed.until(1200)
        killed.kill()
        control.add(gone)
        closed = Writer(lake, tmp_path, 1500, len(events))
        writers.append(closed)
        closed.until(800)
        control.heal(service="firehose")
        sent, lost, pending, torn, spooled = closed.end()
    finally:
        for writer in writers:
            writer.close()
    # It sent its own, and what the killed one had left on disk.
    assert (lost, pending) == (0, 0)
    assert sent >= len(events) - 1500
    assert spooled > 0
    assert torn <= 1
    assert not list(tmp_path.glob("*/*.jsonl"))
    # Some arrive twice, as when a writer is killed between sending a file and removing it.
    again = random.Random(1).sample(events[1500:], 100)
    firehose_sender(lake.client("firehose"), lake.stream)([encode(event) for event in again])

    begun = time.monotonic()
    lake.make(render(lake.database, "events", {"chat": 99.0}))
    [raw] = lake.ask("SELECT count(*) AS n FROM events")
    found = [row["event_id"] for row in lake.ask("SELECT event_id FROM inference_events")]
    assert int(raw["n"] or 0) >= len(found) + 100
    assert len(found) == len(set(found))
    arrived = {event.event_id: event for event in events if event.event_id in set(found)}
    assert len(arrived) == len(found)
    assert {event.event_id for event in events[1500:]} <= set(found)
    missing = [event for event in events[: len(killed.times)] if event.event_id not in arrived]
    last_second = sum(each > killed.times[-1] - 1 for each in killed.times)
    assert len(missing) <= max(100, last_second)
    views_agree(lake, list(arrived.values()))
    print(
        f"{len(found)} events, {len(missing)} of {len(killed.times)} lost by a kill, "
        f"{time.monotonic() - begun:.1f} s for the queries"
    )


def views_agree(lake: Lake, events: list[InferenceEvent]) -> None:
    """Availability, latency and cost are what Python computes of the same events: counts exactly, the rest to 1e-6 of
    it, and percentiles to a thousandth, since times are differences of seconds since 1970.
    """
    requests: dict[str, list[InferenceEvent]] = defaultdict(list)
    for event in sorted(events, key=lambda event: event.attempt):
        requests[event.request_id].append(event)
    whole = [attempts for attempts in requests.values() if attempts[-1].final]
    for row in lake.ask(
        "SELECT a.endpoint, a.good, a.bad, l.p95_ms FROM ("
        "SELECT endpoint, sum(good) AS good, sum(bad) AS bad FROM availability GROUP BY endpoint) AS a JOIN ("
        "SELECT endpoint, approx_percentile(latency_ms, 0.95E0) AS p95_ms FROM requests WHERE good GROUP BY endpoint"
        ") AS l ON l.endpoint = a.endpoint"
    ):
        of_it = [attempts for attempts in whole if attempts[0].endpoint == row["endpoint"]]
        good = [attempts for attempts in of_it if attempts[-1].status in ("answered", "cached", "ticket")]
        bad = [attempts for attempts in of_it if attempts[-1].status in ("error", "timeout", "shed")]
        assert (int(row["good"] or 0), int(row["bad"] or 0)) == (len(good), len(bad))
        latencies = [1000 * (attempts[-1].ts - attempts[0].ts) + attempts[-1].latency_ms for attempts in good]
        assert float(row["p95_ms"] or 0) == pytest.approx(quantiles(latencies, n=100, method="inclusive")[94], rel=1e-3)
    costs = {
        row["use_case"]: float(row["usd"] or 0)
        for row in lake.ask("SELECT use_case, sum(cost_usd) AS usd FROM cost_per_use_case GROUP BY use_case")
    }
    expected: dict[str | None, float] = defaultdict(float)
    for attempts in whole:
        for event in attempts:
            expected[event.use_case] += event.cost_estimate if event.unit_price_version != "unknown" else 0.0
    assert costs == pytest.approx(expected)
