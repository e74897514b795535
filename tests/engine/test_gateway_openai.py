"""The official client of OpenAI's protocol, unmodified, before the gateway and a plain server that speaks it."""

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import openai
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stanchion.serving.gateway_configuration import Limits
from tests.unit.gateway.running import Running, Upstream, place, running

WORDS = ("to ", "be ", "or ", "not")


class Speaks(Upstream):
    """Answers in the shapes of the protocol: a completion, its chunks with the usage in the last one, embeddings."""

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        self.asked.append({"path": request.path, "headers": dict(request.headers), "body": asked})
        usage = {"prompt_tokens": 5, "completion_tokens": len(WORDS), "total_tokens": 5 + len(WORDS)}
        head = {"id": "c-1", "created": 1, "model": asked["model"]}
        if request.path == "/v1/embeddings":
            vector = {"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}
            return web.json_response({"object": "list", "data": [vector], "model": asked["model"],
                                      "usage": {"prompt_tokens": 5, "total_tokens": 5}})  # fmt: skip
        if request.path == "/v1/completions":
            choice = {"index": 0, "text": "".join(WORDS), "finish_reason": "stop", "logprobs": None}
            return web.json_response({**head, "object": "text_completion", "choices": [choice], "usage": usage})
        if not asked.get("stream"):
            message = {"role": "assistant", "content": "".join(WORDS)}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            return web.json_response({**head, "object": "chat.completion", "choices": [choice], "usage": usage})
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        for word in WORDS:
            await self._chunk(response, {**head, "choices": [{"index": 0, "delta": {"content": word}}]})
        await self._chunk(response, {**head, "choices": [], "usage": usage})
        await response.write(b"data: [DONE]\n\n")
        return response

    async def _chunk(self, response: web.StreamResponse, document: dict[str, Any]) -> None:
        await response.write(f"data: {json.dumps({**document, 'object': 'chat.completion.chunk'})}\n\n".encode())


def test_the_official_client_works_as_it_is(tmp_path: Path) -> None:
    async def scenario() -> None:
        up = Speaks("language")
        await up.start()
        async with running(tmp_path, {"assistant": place(("full",), {"full": {"blue": up.host}})}) as run:
            client = openai.AsyncOpenAI(api_key="known", base_url=f"{run.url}/v1", max_retries=0)
            assert [model.id async for model in client.models.list()] == ["assistant"]
            messages: Any = [{"role": "user", "content": "go on"}]
            whole = await client.chat.completions.create(model="assistant", messages=messages, user="u-1")
            assert whole.choices[0].message.content == "to be or not"
            stream = await client.chat.completions.create(
                model="assistant", messages=messages, stream=True, stream_options={"include_usage": True}
            )
            said = [chunk.choices[0].delta.content async for chunk in stream if chunk.choices]
            assert said == list(WORDS)
            completion = await client.completions.create(model="assistant", prompt="go on")
            assert completion.choices[0].text == "to be or not"
            embedded = await client.embeddings.create(model="assistant", input="go on", encoding_format="float")
            assert embedded.data[0].embedding == [0.5, 0.25]
            assert [(event.tokens_in, event.tokens_out) for event in run.events] == [(5, 4), (5, 4), (5, 4), (5, 0)]
            with pytest.raises(openai.NotFoundError, match="there is no endpoint 'nobody'"):
                await client.chat.completions.create(model="nobody", messages=messages)
            await client.close()
            stranger = openai.AsyncOpenAI(api_key="other", base_url=f"{run.url}/v1", max_retries=0)
            with pytest.raises(openai.AuthenticationError, match="there is no such key"):
                await stranger.models.list()
            await stranger.close()
        await up.stop()

    asyncio.run(scenario())


_json = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
_bodies = st.binary(max_size=200) | st.fixed_dictionaries(
    {"model": st.sampled_from(["assistant", "digits", "nobody"]) | _json},
    optional={"messages": _json, "prompt": _json, "input": _json, "stream": _json, "user": _json, "inputs": _json},
)
_names = st.sampled_from(
    ["content-type", "content-encoding", "inference-header-content-length", "x-stanchion-user", "x-stanchion-group-a",
     "x-stanchion-prompt-version", "x-stanchion-parent-request-id", "accept-encoding", "traceparent"]
)  # fmt: skip
_values = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
_paths = st.sampled_from(
    ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/models", "/v2/models/digits/infer",
     "/v2/models/digits", "/v2/models/digits/versions/1/infer", "/v2/models/%00/infer", "/v2", "/", "/v1/tickets/x",
     "/v2/models/digits/ready", "/v2/health/ready", "/scaling/assistant/full/blue", "/metrics"]
)  # fmt: skip


def test_whatever_is_sent_is_answered_and_nothing_tells_the_key(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """No 500, no hang; what only the cluster may ask is not there."""

    async def ask(run: Running, method: str, path: str, headers: dict[str, str], body: object) -> None:
        sent: dict[str, Any] = {"data": body} if isinstance(body, bytes) else {"json": body}
        async with asyncio.timeout(5):
            async with run.client.request(method, f"{run.url}{path}", headers=headers, **sent) as answer:
                text = await answer.read()
        assert answer.status != 500, (method, path, headers, body, text)
        assert b"known" not in text
        if path.startswith(("/scaling", "/metrics")):
            assert answer.status == 404

    with asyncio.Runner() as runner:
        up = Upstream("one")
        runner.run(up.start())
        hosts = {"full": {"blue": up.host}}
        endpoints = {"assistant": place(("full",), hosts), "digits": place(("full",), hosts, kind="predictor")}
        opened = running(tmp_path, endpoints, Limits(body_seconds=1))
        run = runner.run(opened.__aenter__())

        @settings(
            max_examples=400,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        )
        @given(st.sampled_from(["POST", "GET", "PUT"]), _paths, st.dictionaries(_names, _values, max_size=3), _bodies)
        def fuzz(method: str, path: str, headers: dict[str, str], body: object) -> None:
            try:
                runner.run(ask(run, method, path, headers, body))
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError) as error:
                raise AssertionError(f"{method} {path} {headers} {body!r}: {error}") from None

        fuzz()
        assert not any("known" in str(event) for event in run.events)
        assert "known" not in caplog.text
        runner.run(opened.__aexit__(None, None, None))
        runner.run(up.stop())
