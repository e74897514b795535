import asyncio
from pathlib import Path
from typing import Any

import orjson

from gateway.upstreams.replicas import SlotKey
from tests.unit.gateway.running import Running, Upstream, place, running


async def ask(run: Running, path: str) -> tuple[int, bytes]:
    """What the application that only the cluster reaches answers."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    await run.gateway.internal({"type": "http", "path": path}, receive, send)
    return sent[0]["status"], sent[1]["body"]


def test_it_is_ready_while_some_model_answers(tmp_path: Path) -> None:
    async def scenario() -> None:
        up = Upstream("one")
        await up.start()
        endpoints = {
            "chat": place(("full",), {"full": {"blue": up.host}}),
            "other": place(("full",), {"full": {"blue": "127.0.0.1:9"}}),
        }
        async with running(tmp_path, endpoints) as run:
            assert await ask(run, "/healthz") == (200, b"ok\n")
            assert await ask(run, "/readyz") == (200, orjson.dumps({"wrong": {}, "lacking": {}}))
            assert up.asked[-1]["path"] == "/v1/models"
            # Many who ask at once are one question.
            await asyncio.gather(*(ask(run, "/readyz") for _ in range(20)))
            assert len(up.asked) == 1
        up.mode = "503"
        async with running(tmp_path, {"chat": endpoints["chat"]}) as run:
            status, body = await ask(run, "/readyz")
            assert (status, orjson.loads(body)["wrong"]) == (503, {"models": "the model of no endpoint answers: chat"})
        await up.stop()

    asyncio.run(scenario())


def test_what_is_lacking_is_said_and_is_no_reason_to_be_without_requests(tmp_path: Path) -> None:
    async def scenario() -> None:
        up = Upstream("one")
        await up.start()
        said: str | None = None

        async def cache() -> str | None:
            return said

        endpoint = place(("full",), {"full": {"blue": up.host}})
        async with running(tmp_path, {"chat": endpoint}, lacks={"cache": cache}) as run:
            assert await ask(run, "/readyz") == (200, orjson.dumps({"wrong": {}, "lacking": {}}))
            said = "the cache does not answer (TimeoutError)"
            assert await ask(run, "/readyz") == (200, orjson.dumps({"wrong": {}, "lacking": {"cache": said}}))
        await up.stop()

    asyncio.run(scenario())


def test_a_model_that_sleeps_is_no_reason_to_be_without_requests(tmp_path: Path) -> None:
    async def scenario() -> None:
        endpoint = place(("full",), {"full": {"blue": "127.0.0.1:9"}}, scale_to_zero=True)
        async with running(tmp_path, {"chat": endpoint}) as run:
            run.gateway.replicas.set(SlotKey("chat", "full", "blue"), [])
            assert (await ask(run, "/readyz"))[0] == 200
            async with run.client.get(f"{run.url}/v1/models") as answer:
                assert "connection" not in answer.headers
            run.gateway.leaving.set()
            assert (await ask(run, "/readyz"))[0] == 503
            async with run.client.get(f"{run.url}/v1/models") as answer:
                assert (answer.status, answer.headers["connection"]) == (200, "close")

    asyncio.run(scenario())


def test_the_autoscaler_and_prometheus_are_told(tmp_path: Path) -> None:
    async def scenario() -> None:
        up = Upstream("one", "slow")
        await up.start()
        async with running(tmp_path, {"chat": place(("full",), {"full": {"blue": up.host}}, rung_seconds=30)}) as run:
            waiting = asyncio.create_task(run.chat().__aenter__())
            async with asyncio.timeout(5):
                while not up.asked:
                    await asyncio.sleep(0.01)
            status, body = await ask(run, "/scaling/chat/full/blue")
            assert (status, orjson.loads(body)) == (200, {"in_flight": 1, "tokens": 0})
            for path in ("/scaling/chat/full", "/scaling/chat/other/blue", "/scaling/chat/full/red", "/nothing"):
                assert (await ask(run, path))[0] == 404
            up.release.set()
            assert (await waiting).status == 200
            text = (await ask(run, "/metrics"))[1].decode()
            assert 'stanchion_requests_total{endpoint="chat",rung="full",status="answered"} 1.0' in text
            assert "stanchion_routing_epoch 1.0" in text
            assert "stanchion_in_flight 0.0" in text
        await up.stop()

    asyncio.run(scenario())


def test_without_any_model_it_serves_what_is_below_models(tmp_path: Path) -> None:
    async def scenario() -> None:
        # Kubernetes knows of no replica: another gateway would find none either.
        for ladder, status in ((("full", "human"), 200), (("full", "cached"), 200), (("full",), 503)):
            endpoint = place(ladder, {"full": {"blue": "127.0.0.1:9"}})
            async with running(tmp_path, {"chat": endpoint}) as run:
                # One that is there and can't be reached from here is this gateway's trouble.
                assert (await ask(run, "/readyz"))[0] == 503
            async with running(tmp_path, {"chat": endpoint}) as run:
                run.gateway.replicas.set(SlotKey("chat", "full", "blue"), [])
                assert (await ask(run, "/readyz"))[0] == status

    asyncio.run(scenario())
