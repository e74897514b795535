import asyncio
import threading
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cloud_watch.cloud_watch import CloudWatch, pause
from gateway.cloud_watch.minute import Minute
from gateway.cloud_watch.requests import NOTHING, Gauges
from tests.unit.gateway.running import place


class Client:
    """Takes what is put, or does not."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.fails = False
        self.hangs = threading.Event()
        self.hangs.set()

    def put_metric_data(self, **asked: Any) -> None:
        self.hangs.wait(5)
        if self.fails:
            raise ConnectionError("nobody there, and this may hold anything")
        self.taken.append(asked)

    def requests(self) -> list[float]:
        return [
            datum["Value"] for each in self.taken for datum in each["MetricData"] if datum["MetricName"] == "Requests"
        ]


def cloud_watch(client: Client, minute: Minute, seconds: float = 0.05) -> CloudWatch:
    return CloudWatch(client, "Stanchion/Gateway", "prod", minute, lambda: NOTHING, seconds=seconds)


def made() -> Minute:
    return Minute({"chat": place(("full",), {"full": {"blue": "h:1"}})}, ("standard",))


async def until(condition: Any) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


def test_what_was_counted_is_put_once_and_the_rest_at_the_end() -> None:
    async def scenario() -> None:
        client, minute = Client(), made()
        puts = cloud_watch(client, minute)
        await puts.start()
        for _ in range(3):
            minute.ended("chat", "answered", "full", 5.0)
        await until(lambda: puts.put >= 3)
        assert sum(client.requests()) == 3
        assert 0.0 in client.requests(), "silence is told as well"
        minute.ended("chat", "error", "full", 5.0)
        await puts.close()
        assert sum(client.requests()) == 4
        assert {each["Namespace"] for each in client.taken} == {"Stanchion/Gateway"}
        before = len(client.taken)
        await asyncio.sleep(0.1)
        assert len(client.taken) == before

    asyncio.run(scenario())


@given(st.floats(0.2, 0.8), st.floats(0, 60), st.lists(st.floats(-0.1, 5.0), min_size=3, max_size=30))
def test_each_minute_of_the_clock_has_one_put(share: float, begin: float, late: list[float]) -> None:
    """However late each one wakes, or a little early by a clock that is set after it."""
    now, puts = 1_780_000_000.0 + begin, list[float]()
    for each in late:
        now += pause(now, share * 60, 60) + each
        puts.append(now)
    minutes = [int(each // 60) for each in puts]
    assert minutes == list(range(minutes[0], minutes[0] + len(puts)))
    assert puts[0] - 1_780_000_000.0 - begin <= 60 + 6 + 5


def test_a_minute_that_can_t_be_put_is_gone_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        client, minute = Client(), made()
        client.fails = True
        puts = cloud_watch(client, minute)
        await puts.start()
        minute.ended("chat", "answered", "full", 5.0)
        await until(lambda: puts.dropped >= 3)
        assert caplog.text.count("metrics can't be put to CloudWatch: ConnectionError") == 1
        assert "anything" not in caplog.text
        client.fails = False
        minute.ended("chat", "answered", "full", 5.0)
        await until(lambda: puts.put >= 1)
        await puts.close()
        assert sum(client.requests()) == 1

    asyncio.run(scenario())


def test_one_that_hangs_holds_neither_the_loop_nor_the_end() -> None:
    async def scenario() -> None:
        client, minute = Client(), made()
        client.hangs.clear()
        puts = cloud_watch(client, minute)
        await puts.start()
        await asyncio.sleep(0.1)
        begun = time.monotonic()
        await puts.close(0.1)
        assert time.monotonic() - begun < 2
        assert not client.taken
        client.hangs.set()

    asyncio.run(scenario())


def test_counts_of_the_whole_time_are_told_by_their_growth() -> None:
    async def scenario() -> None:
        client, minute, lost = Client(), made(), 5
        puts = CloudWatch(client, "n", "prod", minute, lambda: Gauges(0, lost, 0, 0.0), seconds=0.05)
        await puts.start()
        await until(lambda: puts.put >= 2)
        lost = 8
        await puts.close()
        values = [
            datum["Value"]
            for each in client.taken
            for datum in each["MetricData"]
            if datum["MetricName"] == "EventsLost"
        ]
        assert values[0] == 5
        assert values[1] == 0
        assert sum(values) == 8

    asyncio.run(scenario())
