import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway.answering import KeptAnswer
from gateway.exchange import Exchange
from gateway.upstreams.replicas import Replica, SlotKey
from stanchion.routing.document import EndpointRoute
from stanchion.spec.endpoints import Rung
from tests.unit.gateway.running import Running, Upstream, place, running

LADDER = ("full", "quantized")


@contextlib.asynccontextmanager
async def servers(**modes: str) -> AsyncIterator[dict[str, Upstream]]:
    found = {name: Upstream(name, mode) for name, mode in modes.items()}
    for each in found.values():
        await each.start()
    try:
        yield found
    finally:
        for each in found.values():
            await each.stop()


@contextlib.asynccontextmanager
async def chat(
    folder: Path,
    ladder: tuple[str, ...] = LADDER,
    *,
    modes: dict[str, str] | None = None,
    parts: dict[str, Any] | None = None,
    **more: Any,
) -> AsyncIterator[tuple[Running, dict[str, Upstream]]]:
    """One language model whose variants have a server in each slot: blue, green, small."""
    async with servers(**{"blue": "ok", "green": "ok", "small": "ok", **(modes or {})}) as up:
        hosts = {"full": {"blue": up["blue"].host, "green": up["green"].host}, "quantized": {"blue": up["small"].host}}
        endpoint = place(ladder, {name: hosts[name] for name in ladder if name in hosts}, **more)
        async with running(folder, {"chat": endpoint}, **(parts or {})) as run:
            yield run, up


def test_the_answer_says_what_gave_it_and_the_event_knows_it_too(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with chat(tmp_path) as (run, up), run.chat(body={"user": "u1"}) as response:
            assert response.status == 200
            assert (await response.json())["who"] == "blue"
            assert response.headers["x-stanchion-rung"] == "full"
            assert response.headers["x-stanchion-version"] == "full-blue"
            [event] = run.events
            assert event.request_id == response.headers["x-stanchion-request-id"]
            assert (event.status, event.http_status, event.rung, event.slot) == ("answered", 200, "full", "blue")
            assert (event.tokens_in, event.tokens_out) == (7, 3)
            assert run.door.settled == (10, event.cost_estimate)
            assert (event.user_hash, event.team, event.use_case) == ("hash of u1", "team-a", "testing")
            assert event.latency_ms >= event.busy_ms > 0
            assert event.cost_estimate == pytest.approx(event.busy_ms / 1000)
            # The server knows its model by its own name, and never sees the key.
            [asked] = up["blue"].asked
            assert asked["body"]["model"] == "served"
            assert "known" not in str(asked["headers"])

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("mode", "error"),
    [("503", "http_503"), ("500", "http_500"), ("cut", "broken"), ("slow", "timeout"), ("429", "http_429")],
)
def test_a_rung_that_gives_no_answer_is_followed_by_the_next(tmp_path: Path, mode: str, error: str) -> None:
    async def scenario() -> None:
        # Long enough for a server that answers, on a machine that has other things to do.
        seconds = 0.5 if mode == "slow" else 10.0
        async with chat(tmp_path, modes={"blue": mode}, rung_seconds=seconds) as (run, _), run.chat() as response:
            assert (response.status, response.headers["x-stanchion-rung"]) == (200, "quantized")
            assert (await response.json())["who"] == "small"
            failed, answered = run.events
            assert (failed.error_class, failed.final, failed.attempt, failed.variant) == (error, False, 0, "full")
            assert (answered.final, answered.attempt, answered.rung) == (True, 1, "quantized")
            assert failed.request_id == answered.request_id
            assert failed.event_id != answered.event_id

    asyncio.run(scenario())


def test_a_server_that_is_gone_is_followed_by_the_other_slot_that_serves(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with chat(tmp_path) as (run, up):
            run.routing.publish(chat=EndpointRoute(weights={"full": {"blue": 1, "green": 1}}))
            await epoch(run, 2)
            await up["blue"].stop()
            for _ in range(10):
                async with run.chat() as response:
                    assert (response.status, response.headers["x-stanchion-rung"]) == (200, "full")
                    assert (await response.json())["who"] == "green"
            assert any(event.error_class == "connect" and event.slot == "blue" for event in run.events)

    asyncio.run(scenario())


def test_no_rung_can_and_the_client_gets_a_sentence(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with chat(tmp_path, modes={"blue": "503", "small": "500"}) as (run, _), run.chat() as response:
            assert response.status == 502
            assert "can't answer now (http_500)" in (await response.json())["error"]["message"]
            assert response.headers["retry-after"] == "1"
            assert [event.final for event in run.events] == [False, False, True]
            assert run.events[-1].status == "error"

    asyncio.run(scenario())


def test_an_answer_that_says_the_request_is_wrong_is_the_clients(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with chat(tmp_path, modes={"blue": "422"}) as (run, up), run.chat() as response:
            assert (response.status, response.headers["x-stanchion-rung"]) == (422, "full")
            assert not up["small"].asked
            assert [event.status for event in run.events] == ["answered"]

    asyncio.run(scenario())


def test_a_stream_is_passed_on_as_it_comes(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with chat(tmp_path, modes={"blue": "hold_stream"}) as (run, up):
            async with run.chat(body={"stream": True}) as response:
                first = await response.content.readline()
                assert first.startswith(b'data: {"n": 0')
                # Nothing more comes until the server goes on.
                up["blue"].release.set()
                rest = await response.content.read()
                assert rest.count(b"data:") == 3
                assert rest.endswith(b"[DONE]\n\n")
            [event] = await events(run, 1)
            assert event.tokens_out == 3
            assert 0 < event.first_token_ms <= event.latency_ms

    asyncio.run(scenario())


def test_a_stream_that_breaks_off_is_not_begun_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with chat(tmp_path, modes={"blue": "cut_stream"}) as (run, up):
            async with run.chat(body={"stream": True}) as response:
                assert response.headers["x-stanchion-rung"] == "full"
                up["blue"].release.set()
                with pytest.raises(aiohttp.ClientError):
                    await response.content.read()
            [event] = await events(run, 1)
            assert (event.status, event.error_class, event.final) == ("error", "broken_stream", True)
            assert not up["small"].asked
            # The client's head said 200, and it is an error all the same.
            assert run.gateway.minute.counted["chat"].errors == 1
            text = run.gateway.public.metrics.text().decode()
            assert 'stanchion_requests_total{endpoint="chat",rung="full",status="error"} 1.0' in text

    asyncio.run(scenario())


def test_a_new_document_tears_no_stream(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with chat(tmp_path, modes={"blue": "hold_stream"}) as (run, up):
            async with run.chat(body={"stream": True}) as response:
                await response.content.readline()
                run.routing.publish(chat=EndpointRoute(weights={"full": {"green": 1}}))
                await epoch(run, 2)
                up["blue"].release.set()
                assert (await response.content.read()).endswith(b"[DONE]\n\n")
            async with run.chat() as after:
                assert (await after.json())["who"] == "green"

    asyncio.run(scenario())


def test_the_document_says_where_on_the_ladder_requests_start(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with chat(tmp_path) as (run, up):
            run.routing.publish(chat=EndpointRoute(rung="quantized"))
            await epoch(run, 2)
            async with run.chat() as response:
                assert response.headers["x-stanchion-rung"] == "quantized"
            assert not up["blue"].asked

    asyncio.run(scenario())


def test_a_slot_that_keeps_failing_is_left_alone_and_tried_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with chat(tmp_path, modes={"blue": "503"}) as (run, up):
            for _ in range(8):
                async with run.chat() as response:
                    assert response.status == 200
            tries = len(up["blue"].asked)
            assert tries == 5, "five failures in a row open the breaker"
            assert run.events[-2].error_class == "breaker_open"
            up["blue"].mode = "ok"
            async with asyncio.timeout(5):
                while True:
                    async with run.chat() as response:
                        if response.headers["x-stanchion-rung"] == "full":
                            break
                    await asyncio.sleep(0.05)
            assert len(up["blue"].asked) == tries + 1

    asyncio.run(scenario())


def test_retries_have_a_budget_and_do_not_double_the_load(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with chat(tmp_path, modes={"blue": "503", "small": "503"}) as (run, up):
            for breaker_free in range(60):
                run.gateway.public.answering.breakers.clear()
                async with run.chat() as response:
                    assert response.status in (502, 503), breaker_free
            # A fifth of the requests, and what was there at the start.
            assert len(up["blue"].asked) == 60
            assert len(up["small"].asked) <= 60 * 0.2 + 9 + 1

    asyncio.run(scenario())


def test_a_request_waits_for_capacity_that_starts_and_counts_as_demand(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with chat(tmp_path, scale_to_zero=True) as (run, up):
            slot = SlotKey("chat", "full", "blue")
            run.gateway.replicas.set(slot, [])
            waiting = asyncio.create_task(run.chat().__aenter__())
            async with asyncio.timeout(5):
                while not (run.gateway.internal.demand.of("/scaling/chat/full/blue") or 0).in_flight:  # type: ignore[union-attr]
                    await asyncio.sleep(0.01)
            run.gateway.replicas.set(slot, [Replica(up["blue"].host)])
            response = await waiting
            assert (response.status, response.headers["x-stanchion-rung"]) == (200, "full")
            demand = run.gateway.internal.demand.of("/scaling/chat/full/blue")
            assert demand is not None
            assert demand.in_flight == 0

    asyncio.run(scenario())


def test_capacity_that_does_not_start_in_time_leaves_it_to_the_next_rung(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with chat(tmp_path, scale_to_zero=True, deadline_seconds=1.2) as (run, _):
            run.gateway.replicas.set(SlotKey("chat", "full", "blue"), [])
            async with run.chat() as response:
                assert (response.status, response.headers["x-stanchion-rung"]) == (200, "quantized")
            assert run.events[0].error_class == "no_replica"

    asyncio.run(scenario())


def test_a_client_that_leaves_is_not_worked_for(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with chat(tmp_path, modes={"blue": "slow"}, rung_seconds=30) as (run, up):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await run.chat().__aenter__()
            [event] = await events(run, 1)
            assert (event.status, event.error_class) == ("cancelled", "client_left")
            assert not up["small"].asked
            assert run.gateway.public.admission.in_flight == 0

    asyncio.run(scenario())


def test_what_a_client_got_before_it_left_is_counted(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with chat(tmp_path, modes={"blue": "hold_stream"}) as (run, _):
            async with run.chat(body={"stream": True}) as response:
                await response.content.readline()
            [event] = await events(run, 1)
            assert (event.status, event.tokens_out) == ("cancelled", 1)
            async with asyncio.timeout(5):
                while run.door.settled is None:
                    await asyncio.sleep(0.01)
            assert run.door.settled[0] == 1

    asyncio.run(scenario())


class Shelf:
    """Keeps one answer, as a cache would."""

    def __init__(self) -> None:
        self.kept: KeptAnswer | None = None

    async def get(self, exchange: Exchange, *, stale: bool) -> KeptAnswer | None:
        if self.kept is None or not (stale or self.kept.fresh):
            return None
        return self.kept

    def keep(self, exchange: Exchange, status: int, headers: Any, body: bytes, version: str) -> None:
        self.kept = KeptAnswer(status, headers, body, exchange.request_id, version, 61.0, fresh=False)


def test_what_was_answered_before_is_given_when_no_model_can_and_says_so(tmp_path: Path) -> None:
    async def scenario() -> None:
        shelf = Shelf()
        ladder = ("full", "cached")
        async with chat(tmp_path, ladder, parts={"cache": shelf}, cache={}) as (run, up):
            async with run.chat() as response:
                first = response.headers["x-stanchion-request-id"]
                answer = await response.read()
            await up["blue"].stop()
            async with run.chat() as response:
                assert (response.status, response.headers["x-stanchion-rung"]) == (200, "cached")
                assert (response.headers["age"], response.headers["x-stanchion-cache"]) == ("61", "stale")
                assert response.headers["x-stanchion-version"] == "full-blue"
                assert await response.read() == answer
            event = run.events[-1]
            assert (event.status, event.cache_source_id, event.cost_estimate) == ("cached", first, 0)
            # A fresh one spares the model the question.
            up["blue"].asked.clear()
            assert shelf.kept is not None
            shelf.kept = replace(shelf.kept, fresh=True)
            run.gateway.public.configuration.endpoints["chat"] = place(ladder, {}, cache={"fresh_seconds": 60})
            async with run.chat() as response:
                assert response.headers["x-stanchion-cache"] == "fresh"

    asyncio.run(scenario())


def test_the_last_rung_is_a_ticket_and_no_accepted_request_is_without_an_answer(tmp_path: Path) -> None:
    async def opened(exchange: Exchange) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        return 202, [(b"location", b"/v1/tickets/t1")], b'{"ticket": "t1"}'

    async def scenario() -> None:
        async with chat(
            tmp_path,
            ("full", "quantized", "cached", "human"),
            modes={"blue": "503", "small": "503"},
            parts={"cache": Shelf(), "open_ticket": opened},
            cache={},
            human={},
        ) as (run, _):
            for _ in range(40):
                async with run.chat() as response:
                    assert (response.status, response.headers["x-stanchion-rung"]) == (202, "human")
                    assert response.headers["location"] == "/v1/tickets/t1"
            assert {event.status for event in run.events if event.final} == {"ticket"}

    asyncio.run(scenario())


@pytest.mark.parametrize("split_by", ["request", "user"])
def test_a_split_is_by_weight_and_a_user_keeps_the_slot(tmp_path: Path, split_by: str) -> None:
    async def scenario() -> None:
        async with chat(tmp_path) as (run, up):
            weights: dict[Rung, Any] = {"full": {"blue": 50, "green": 50}}
            run.routing.publish(chat=EndpointRoute.model_validate({"weights": weights, "split_by": split_by}))
            await epoch(run, 2)
            by_user: dict[str, set[str]] = {}
            for number in range(60):
                user = f"user-{number % 12}"
                async with run.chat(body={"user": user}) as response:
                    by_user.setdefault(user, set()).add((await response.json())["who"])
            assert up["blue"].asked
            assert up["green"].asked
            if split_by == "user":
                assert all(len(slots) == 1 for slots in by_user.values())
            else:
                assert any(len(slots) == 2 for slots in by_user.values())

    asyncio.run(scenario())


async def epoch(run: Running, wanted: int) -> None:
    async with asyncio.timeout(5):
        while run.gateway.public.routing.epoch < wanted:
            await asyncio.sleep(0.01)


async def events(run: Running, number: int) -> list[Any]:
    async with asyncio.timeout(5):
        while len(run.events) < number:
            await asyncio.sleep(0.01)
    return run.events


def test_a_fault_of_the_gateways_own_is_an_answer_and_an_event(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async def fails(exchange: Exchange) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
            raise ValueError("with what the client sent")

        async with chat(tmp_path, ("human",), parts={"open_ticket": fails}) as (run, _), run.chat() as response:
            assert response.status == 500
            assert (await response.json())["error"]["code"] == "internal"
            [event] = run.events
            assert (event.status, event.http_status, event.error_class, event.final) == ("error", 500, "internal", True)
            assert run.gateway.minute.counted["chat"].errors == 1
            assert "ValueError at" in caplog.text
            assert "the client sent" not in caplog.text
            assert run.gateway.public.admission.in_flight == 0

    asyncio.run(scenario())
