import asyncio
import json
from pathlib import Path

import aiohttp
import pytest

from stanchion.serving.gateway_configuration import Limits
from tests.unit.gateway.running import Upstream, place, running


def test_who_has_no_key_gets_nowhere(tmp_path: Path) -> None:
    async def scenario() -> None:
        up = Upstream("one")
        await up.start()
        async with running(tmp_path, {"chat": place(("full",), {"full": {"blue": up.host}})}) as run:
            for path in ("/v1/models", "/v1/chat/completions", "/v2/models/chat/infer", "/v1/tickets/1"):
                method = "POST" if "completions" in path or "infer" in path else "GET"
                async with aiohttp.request(method, f"{run.url}{path}", json={} if method == "POST" else None) as answer:
                    assert answer.status in (401, 404), path
            async with run.chat(headers={"authorization": "Bearer other"}) as answer:
                assert answer.status == 401
                assert (await answer.json())["error"]["message"] == "there is no such key."
            assert not up.asked
            assert not run.events
        await up.stop()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"{", 400, "not JSON"),
        (b"[]", 400, "not a JSON object"),
        (b"{}", 400, "'model' is missing"),
        (b'{"model": 1}', 400, "'model' is missing or no text"),
        (b'{"model": "nobody", "messages": []}', 404, "there is no endpoint 'nobody'"),
        (b'{"model": "digits", "messages": []}', 404, "speaks this protocol"),
        (b'{"model": "chat"}', 400, "'messages' is missing"),
        (b'{"model": "chat", "messages": [], "stream": "yes"}', 400, "'stream'"),
        (b'{"model": "chat", "messages": [], "user": 7}', 400, "'user'"),
        (b'{"model": "chat", "messages": ' + b"[" * 400 + b"]" * 400 + b"}", 400, "nested too deeply"),
        (b'{"model": "chat", "messages": [], "seed": ' + b"9" * 400 + b"}", 400, "the body is"),
        (b" " * 3000, 413, "larger than 2000 bytes"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(tmp_path: Path, body: bytes, status: int, said: str) -> None:
    async def scenario() -> None:
        endpoints = {
            "chat": place(("full",), {"full": {"blue": "127.0.0.1:9"}}),
            "digits": place(("full",), {"full": {"blue": "127.0.0.1:9"}}, kind="predictor"),
        }
        async with (
            running(tmp_path, endpoints, Limits(body_bytes=2000)) as run,
            run.client.post(f"{run.url}/v1/chat/completions", data=body) as answer,
        ):
            assert answer.status == status
            assert said in (await answer.json())["error"]["message"]

    asyncio.run(scenario())


def test_slow_and_large_requests_hold_nobody(tmp_path: Path) -> None:
    async def scenario() -> None:
        limits = Limits(body_seconds=0.3, body_bytes=1000, header_bytes=2000)
        async with running(tmp_path, {"chat": place(("full",), {"full": {"blue": "127.0.0.1:9"}})}, limits) as run:
            host, port = run.url.removeprefix("http://").split(":")
            head = "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer known\r\n"
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(f"{head}content-length: 100\r\n\r\n{{".encode())
            async with asyncio.timeout(5):
                assert b" 408 " in await reader.readline()
            writer.close()
            # Without a length it is counted as it comes.
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(f"{head}transfer-encoding: chunked\r\n\r\n".encode() + b"3e8\r\n" + b"x" * 1000 + b"\r\n")
            writer.write(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
            async with asyncio.timeout(5):
                assert b" 413 " in await reader.readline()
            writer.close()
            async with run.chat(headers={"x-filler": "y" * 3000}) as answer:
                assert answer.status == 431
            async with run.client.get(f"{run.url}/v1/chat/completions") as answer:
                assert (answer.status, answer.headers["allow"]) == (405, "POST")

    asyncio.run(scenario())


def test_the_lowest_tier_is_turned_away_first(tmp_path: Path) -> None:
    async def scenario() -> None:
        up = Upstream("one", "slow")
        await up.start()
        endpoints = {
            tier: place(("full",), {"full": {"blue": up.host}}, tier=tier, rung_seconds=30)
            for tier in ("critical", "standard")
        }
        async with running(tmp_path, endpoints, Limits(concurrency=10)) as run:
            held = [asyncio.create_task(run.chat("critical").__aenter__()) for _ in range(6)]
            async with asyncio.timeout(5):
                while run.gateway.public.admission.in_flight < 6:
                    await asyncio.sleep(0.01)
            async with run.chat("standard") as answer:
                assert (answer.status, answer.headers["retry-after"]) == (503, "1")
                assert "too much to do for tier 'standard'" in (await answer.json())["error"]["message"]
            assert (run.events[0].status, run.events[0].error_class) == ("shed", "shed")
            held += [asyncio.create_task(run.chat("critical").__aenter__()) for _ in range(4)]
            async with asyncio.timeout(5):
                while run.gateway.public.admission.in_flight < 10:
                    await asyncio.sleep(0.01)
            async with run.chat("critical") as answer:
                assert answer.status == 503
            up.release.set()
            assert {(await each).status for each in held} == {200}
            assert run.gateway.public.admission.in_flight == 0
        await up.stop()

    asyncio.run(scenario())


def test_predictors_speak_the_open_inference_protocol(tmp_path: Path) -> None:
    async def scenario() -> None:
        up = Upstream("one")
        await up.start()
        endpoint = place(("full",), {"full": {"blue": up.host}}, kind="predictor")
        async with running(tmp_path, {"digits": endpoint}) as run:
            tensor = {"name": "x", "shape": [1], "datatype": "FP32", "data": [1.0]}
            async with run.client.post(f"{run.url}/v2/models/digits/infer", json={"inputs": [tensor]}) as answer:
                assert (answer.status, answer.headers["x-stanchion-rung"]) == (200, "full")
            assert up.asked[-1]["path"] == "/v2/models/served/infer"
            # Binary tensors lie behind the JSON, and are nobody's business here.
            document = json.dumps({"inputs": [{**tensor, "parameters": {"binary_data_size": 4}}]}).encode()
            headers = {"inference-header-content-length": str(len(document))}
            async with run.client.post(
                f"{run.url}/v2/models/digits/infer", data=document + b"\0\1\2\3", headers=headers
            ) as answer:
                assert answer.status == 200
            assert up.asked[-1]["headers"]["inference-header-content-length"] == str(len(document))
            for path in ("/v2", "/v2/health/live", "/v2/health/ready", "/v2/models/digits", "/v2/models/digits/ready"):
                async with run.client.get(f"{run.url}{path}") as answer:
                    assert answer.status == 200, path
            for body, said in (({}, "'inputs'"), ({"inputs": 1}, "'inputs'")):
                async with run.client.post(f"{run.url}/v2/models/digits/infer", json=body) as answer:
                    assert answer.status == 400
                    assert said in (await answer.json())["error"]
            async with run.client.get(f"{run.url}/v2/models/nobody") as answer:
                assert answer.status == 404
        await up.stop()

    asyncio.run(scenario())


def test_the_models_are_the_endpoints(tmp_path: Path) -> None:
    async def scenario() -> None:
        endpoints = {
            "chat": place(("full",), {"full": {"blue": "127.0.0.1:9"}}),
            "digits": place(("full",), {"full": {"blue": "127.0.0.1:9"}}, kind="predictor"),
        }
        async with running(tmp_path, endpoints) as run, run.client.get(f"{run.url}/v1/models") as answer:
            assert [each["id"] for each in (await answer.json())["data"]] == ["chat"]

    asyncio.run(scenario())
