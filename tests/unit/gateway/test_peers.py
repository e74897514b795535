import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.cluster.endpoint_slices import Ready
from gateway.peers import OWN, REMEMBERED_SECONDS, Peers
from gateway.upstreams.replicas import SlotKey
from stanchion.serving.activation import path
from tests.unit.gateway.running import Running, place, running, serving

SLOT = SlotKey("chat", "full", "blue")
PATH = path(*SLOT)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def ready(url: str, pod: str) -> Ready:
    address = url.removeprefix("http://")
    return Ready(address, address.split(":")[0], pod, f"uid of {pod}")


@contextlib.asynccontextmanager
async def gateways(folder: Path, number: int, clock: Clock) -> AsyncIterator[list[tuple[Running, str]]]:
    """Gateways, each with its internal application on an address of its own, that know each other."""
    async with contextlib.AsyncExitStack() as ends:
        found: list[tuple[Running, str]] = []
        for each in range(number):
            host = f"127.0.1.{each + 1}"
            # The first one knows itself by its address, the others by the name of their pod.
            peers = Peers("" if each == 0 else f"gateway-{each}", host if each == 0 else "", clock)
            endpoints = {"chat": place(("full",), {"full": {"blue": "127.0.0.1:9"}})}
            run = await ends.enter_async_context(running(folder / str(each), endpoints, peers=peers))
            url = await ends.enter_async_context(serving(run.gateway.internal, host))
            found.append((run, url))
        for run, _ in found:
            assert run.gateway.internal.peers is not None
            run.gateway.internal.peers.ready("", [ready(url, f"gateway-{each}") for each, (_, url) in enumerate(found)])
            assert len(run.gateway.internal.peers) == number - 1
        yield found


async def asked(run: Running, url: str, query: str = "") -> dict[str, Any]:
    async with run.client.get(f"{url}{PATH}{query}") as answer:
        assert answer.status == 200
        return orjson.loads(await answer.read())


def test_each_gateway_tells_the_sum_over_all_of_them(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with gateways(tmp_path, 3, Clock()) as found:
            for number, (run, _) in enumerate(found):
                for _ in range(10**number):
                    run.gateway.internal.demand.enter(SLOT)
            for number, (run, url) in enumerate(found):
                assert await asked(run, url) == {"in_flight": 111, "tokens": 0}
                assert await asked(run, url, f"?{OWN}") == {"in_flight": 10**number, "tokens": 0}

    asyncio.run(scenario())


def test_one_that_does_not_answer_counts_for_a_while_with_what_it_said_last(tmp_path: Path) -> None:
    async def scenario() -> None:
        clock = Clock()
        stopped, ending = asyncio.Event(), asyncio.Event()

        async def hangs(scope: Any, receive: Any, send: Any) -> None:
            if stopped.is_set():
                await ending.wait()
            body = orjson.dumps({"in_flight": 5})
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": body})

        async with gateways(tmp_path, 1, clock) as [(run, url)], serving(hangs, "127.0.1.9") as other:
            peers = run.gateway.internal.peers
            assert peers is not None
            nobody = ready("http://127.0.1.10:9", "never-answered")
            peers.ready("", [ready(other, "gateway-9"), nobody])
            run.gateway.internal.demand.enter(SLOT)
            assert (await asked(run, url))["in_flight"] == 6
            stopped.set()
            clock.now += REMEMBERED_SECONDS - 1
            assert (await asked(run, url))["in_flight"] == 6
            clock.now += 1
            assert (await asked(run, url))["in_flight"] == 1
            stopped.clear()
            assert (await asked(run, url))["in_flight"] == 6
            # One that left is not asked, and what it said is forgotten.
            peers.ready("", [])
            assert (await asked(run, url))["in_flight"] == 1
            ending.set()

    asyncio.run(scenario())


@pytest.mark.parametrize(("status", "body"), [(404, b"{}"), (200, b"{}"), (200, b"no"), (200, b'{"in_flight": -1}')])
def test_one_that_talks_nonsense_counts_for_nothing(tmp_path: Path, status: int, body: bytes) -> None:
    async def scenario() -> None:
        async def nonsense(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": body})

        async with gateways(tmp_path, 1, Clock()) as [(run, url)], serving(nonsense) as other:
            assert run.gateway.internal.peers is not None
            run.gateway.internal.peers.ready("", [ready(other, "gateway-9")])
            assert await asked(run, url) == {"in_flight": 0, "tokens": 0}

    asyncio.run(scenario())
