import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cloud_watch.minute import Minute, milliseconds_of, step_of
from stanchion.events.inference import Status
from stanchion.routing.document import EndpointRoute
from stanchion.serving.gateway_configuration import Limits
from stanchion.spec.endpoints import Rung
from tests.unit.gateway.running import Upstream, place, running

ENDPOINTS = {
    "chat": place(("full", "quantized"), {"full": {"blue": "h:1"}, "quantized": {"blue": "h:2"}}, tier="critical"),
    "other": place(("full",), {"full": {"blue": "h:3"}}, tier="standard"),
}


@given(st.floats(min_value=0.1, max_value=3_600_000))
def test_a_latency_is_kept_to_a_hundredth(ms: float) -> None:
    assert milliseconds_of(step_of(ms)) == pytest.approx(ms, rel=0.0051)


@given(st.lists(st.floats(allow_nan=False, min_value=-1, max_value=1e12), max_size=300))
def test_there_are_no_more_steps_than_there_may_be(latencies: list[float]) -> None:
    assert len({step_of(each) for each in latencies}) <= step_of(1e12) - step_of(-1) + 1 <= 1750


def test_requests_are_counted_by_what_became_of_them() -> None:
    minute = Minute(ENDPOINTS, ("critical", "standard"))
    ended: tuple[tuple[Status, Rung], ...] = (
        ("answered", "full"), ("answered", "quantized"), ("cached", "cached"), ("ticket", "human"),
        ("error", "quantized"), ("timeout", "full"), ("shed", "full"), ("refused", "full"), ("cancelled", "full"),
    )  # fmt: skip
    for status, rung in ended:
        minute.ended("chat", status, rung, 100.0)
    counted = minute.counted["chat"]
    assert (counted.requests, counted.errors, counted.below) == (7, 3, 3)
    assert counted.latencies == {step_of(100): 4}
    assert minute.shed == {"critical": 1, "standard": 0}
    assert minute.counted["other"].requests == 0
    minute.stands("chat", 1)
    minute.stands("chat", 0)
    taken = minute.take()
    assert (taken.counted["chat"].rung, taken.counted["chat"].requests, taken.shed["critical"]) == (1, 7, 1)
    assert (minute.counted["chat"].rung, minute.counted["chat"].requests, minute.shed["critical"]) == (0, 0, 0)
    minute.ended("chat", "answered", "full", 1.0)
    assert taken.counted["chat"].requests == 7


def test_each_request_of_a_gateway_is_counted_once_with_the_latency_of_its_events(tmp_path: Path) -> None:
    async def scenario() -> None:
        full, small = Upstream("full", "503"), Upstream("small", seconds=0.05)
        for each in (full, small):
            await each.start()
        hosts = {"full": {"blue": full.host}, "quantized": {"blue": small.host}}
        async with running(tmp_path, {"chat": place(("full", "quantized"), hosts)}, Limits(concurrency=1)) as run:
            minute = run.gateway.minute
            async with run.chat() as answer:
                assert answer.status == 200
            first, last = run.events
            counted = minute.counted["chat"]
            assert (counted.requests, counted.errors, counted.below) == (1, 0, 1)
            # As `requests.sql` has it.
            latency = 1000 * (last.ts - first.ts) + last.latency_ms
            [step] = counted.latencies
            assert latency >= 50
            assert milliseconds_of(step) == pytest.approx(latency, rel=0.01)
            # Nobody is left below the first rung: no answer.
            small.mode = "500"
            async with run.chat() as answer:
                assert answer.status >= 500
            assert (counted.requests, counted.errors) == (2, 1)
            small.mode, small.seconds = "slow", 0.0
            asking = asyncio.create_task(run.chat().__aenter__())
            async with asyncio.timeout(5):
                while not run.gateway.public.admission.in_flight:
                    await asyncio.sleep(0.001)
            async with run.chat() as answer:
                assert answer.status == 503
            assert (counted.requests, counted.errors, minute.shed["standard"]) == (3, 2, 1)
            asking.cancel()
            async with asyncio.timeout(5):
                while run.events[-1].status != "cancelled":
                    await asyncio.sleep(0.001)
            assert (counted.requests, counted.errors) == (3, 2)
        for each in (full, small):
            await each.stop()

    asyncio.run(scenario())


def test_a_rung_that_the_routing_document_holds_is_where_the_endpoint_stands(tmp_path: Path) -> None:
    async def scenario() -> None:
        hosts = {"full": {"blue": "127.0.0.1:9"}, "quantized": {"blue": "127.0.0.1:9"}}
        async with running(tmp_path, {"chat": place(("full", "quantized"), hosts)}) as run:
            run.routing.publish(chat=EndpointRoute(rung="quantized"))
            async with asyncio.timeout(10):
                while run.gateway.minute.counted["chat"].rung != 1:
                    await asyncio.sleep(0.01)

    asyncio.run(scenario())
