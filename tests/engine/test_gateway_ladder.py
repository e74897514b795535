"""Each rung of a real model's ladder answers when what is above it is really broken, as accurately as it has to."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tritonclient.http as triton

from gateway.answering import KeptAnswer
from gateway.exchange import Exchange
from sandbox.ports import free_ports
from stanchion.routing.document import EndpointRoute
from tests.engine.digits.training import FLOORS, Digits, train
from tests.engine.project import CHECKOUT
from tests.unit.gateway.running import Running, place, running


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Digits:
    return train(tmp_path_factory.mktemp("digits"))


class ModelServer:
    """A process that serves one file."""

    def __init__(self, name: str, file: Path) -> None:
        self.name, self.file = name, file
        [self.port] = free_ports([0])
        self.process = self._begin()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def _begin(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.engine.digits.server", str(self.port), self.name, str(self.file)],
            cwd=CHECKOUT,
        )
        for _ in range(600):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://{self.host}/v2/health/ready"):
                return process
            assert process.poll() is None, "the model's server ended"
            time.sleep(0.05)
        raise AssertionError("the model's server does not answer")

    def signal(self, number: int) -> None:
        os.kill(self.process.pid, number)
        if number == signal.SIGKILL:
            self.process.wait()

    def restart(self) -> None:
        self.process = self._begin()

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()


@pytest.fixture
def servers(digits: Digits) -> Iterator[dict[str, ModelServer]]:
    found = {
        "full": ModelServer("digits-model", digits.full),
        "quantized": ModelServer("digits-model", digits.quantized),
    }
    yield found
    for each in found.values():
        each.end()


class Shelf:
    """What was answered, by what was asked."""

    def __init__(self) -> None:
        self.kept: dict[str, KeptAnswer] = {}

    async def get(self, exchange: Exchange, *, stale: bool) -> KeptAnswer | None:
        return self.kept.get(_key(exchange)) if stale else None

    def keep(self, exchange: Exchange, status: int, headers: Any, body: bytes, version: str) -> None:
        self.kept[_key(exchange)] = KeptAnswer(status, headers, body, exchange.request_id, version, 1.0, fresh=False)


def _key(exchange: Exchange) -> str:
    return json.dumps((exchange.asked.document or {}).get("inputs"), sort_keys=True)


async def ticket(exchange: Exchange) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    return 202, [(b"content-type", b"application/json")], b'{"ticket": "t-1"}'


@contextlib.asynccontextmanager
async def gateway(folder: Path, servers: dict[str, ModelServer]) -> AsyncIterator[Running]:
    hosts = {name: {"blue": server.host} for name, server in servers.items()}
    ladder = ("full", "quantized", "cached", "human")
    endpoint = place(ladder, hosts, kind="predictor", model="digits-model", rung_seconds=3.0, cache={}, human={})
    async with running(folder, {"digits": endpoint}, cache=Shelf(), open_ticket=ticket) as run:
        yield run


async def infer(run: Running, images: np.ndarray) -> tuple[str, int, list[int]]:
    """Rung, status and digits."""
    tensor = {"name": "pixels", "datatype": "FP32", "shape": list(images.shape), "data": images.tolist()}
    async with run.client.post(f"{run.url}/v2/models/digits/infer", json={"inputs": [tensor]}) as answer:
        document = await answer.json()
        found = document["outputs"][0]["data"] if "outputs" in document else []
        return answer.headers["x-stanchion-rung"], answer.status, found


def test_each_rung_answers_when_what_is_above_it_is_broken(
    tmp_path: Path, digits: Digits, servers: dict[str, ModelServer], capsys: pytest.CaptureFixture[str]
) -> None:
    async def scenario() -> None:
        async with gateway(tmp_path, servers) as run:
            accuracy: dict[str, float] = {}

            async def judged(rung: str) -> None:
                answered, status, found = await infer(run, digits.images)
                assert (answered, status) == (rung, 200)
                accuracy[rung] = float(np.mean(np.asarray(found) == digits.labels))
                assert accuracy[rung] >= FLOORS[rung]

            await judged("full")
            # Slow: the process stands still, and its connections stay open.
            servers["full"].signal(signal.SIGSTOP)
            await judged("quantized")
            assert run.events[-2].error_class == "timeout"
            servers["full"].signal(signal.SIGCONT)
            await judged("full")
            # Gone.
            servers["full"].signal(signal.SIGKILL)
            await judged("quantized")
            assert run.events[-2].error_class in ("connect", "broken")
            # Both gone: what was asked before is answered, and says how old it is.
            servers["quantized"].signal(signal.SIGKILL)
            answered, status, found = await infer(run, digits.images)
            assert (answered, status) == ("cached", 200)
            assert np.mean(np.asarray(found) == digits.labels) >= FLOORS["quantized"]
            # Nothing of the kind was asked before: people answer.
            assert (await infer(run, digits.images[:3]))[:2] == ("human", 202)
            assert {event.rung for event in run.events if event.final} == {"full", "quantized", "cached", "human"}
            # And back, once the server is there again and its breaker has tried it.
            servers["full"].restart()
            async with asyncio.timeout(30):
                while (await infer(run, digits.images[:3]))[0] != "full":
                    await asyncio.sleep(0.1)
            with capsys.disabled():
                said = ", ".join(f"{rung} {share:.1%} (floor {FLOORS[rung]:.0%})" for rung, share in accuracy.items())
                print(f"\naccuracy on {len(digits.labels)} digits: {said}")

    asyncio.run(scenario())


def test_a_client_of_the_protocol_works_as_it_is(
    tmp_path: Path, digits: Digits, servers: dict[str, ModelServer]
) -> None:
    def ask(url: str) -> np.ndarray:
        client = triton.InferenceServerClient(url.removeprefix("http://"))
        headers = {"authorization": "Bearer known"}
        try:
            assert client.is_server_live(headers=headers)
            assert client.is_server_ready(headers=headers)
            assert client.is_model_ready("digits", headers=headers)
            assert client.get_model_metadata("digits", headers=headers)["platform"] == "onnx"
            # Tensors go and come as bytes behind the JSON, as this client does it by itself.
            tensor = triton.InferInput("pixels", list(digits.images.shape), "FP32")
            tensor.set_data_from_numpy(digits.images)
            wanted = triton.InferRequestedOutput("digit", binary_data=True)
            found = client.infer("digits", [tensor], outputs=[wanted], headers=headers)
            digits_found = found.as_numpy("digit")
            assert digits_found is not None
            return digits_found
        finally:
            client.close()

    async def scenario() -> None:
        async with gateway(tmp_path, servers) as run:
            found = await asyncio.to_thread(ask, run.url)
            assert np.mean(found == digits.labels) >= FLOORS["full"]

    asyncio.run(scenario())


def test_a_rollback_takes_effect_with_the_next_document_and_no_request_fails(
    tmp_path: Path, digits: Digits, servers: dict[str, ModelServer]
) -> None:
    async def scenario() -> None:
        hosts = {"full": {"blue": servers["full"].host, "green": servers["quantized"].host}}
        endpoint = place(("full",), hosts, kind="predictor", model="digits-model")
        async with running(tmp_path, {"digits": endpoint}) as run:
            source = run.gateway.public.routing
            asked: list[tuple[int, int, str]] = []

            async def until(epoch: int, more: int) -> None:
                """Ask until a document is in force, and so many times more."""
                left = more
                async with asyncio.timeout(30):
                    while left:
                        left -= source.epoch >= epoch
                        in_force = source.epoch
                        _, status, _ = await infer(run, digits.images[:1])
                        asked.append((in_force, status, run.events[-1].slot))

            run.routing.publish(digits=EndpointRoute(weights={"full": {"blue": 50, "green": 50}}))
            await until(2, 40)
            # It is asked for every 0.05 s here; nothing else has to happen for the gateway to follow.
            run.routing.publish(digits=EndpointRoute(weights={"full": {"blue": 1}}))
            await until(3, 40)
            assert {status for _, status, _ in asked} == {200}
            assert {slot for epoch, _, slot in asked if epoch == 2} == {"blue", "green"}
            assert {slot for epoch, _, slot in asked if epoch == 3} == {"blue"}

    asyncio.run(scenario())
