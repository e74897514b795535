import asyncio
import json
from typing import Any

import openai
from aiohttp import web

from gateway.cache.streamed import streamed
from tests.unit.gateway.cache.making import ANSWER, MESSAGES


def test_a_client_that_reads_pieces_reads_it() -> None:
    """The official client, from a real socket."""

    async def scenario() -> None:
        async def answer(request: web.Request) -> web.Response:
            said = await request.json()
            body = streamed(ANSWER, usage=bool(said.get("stream_options")))
            return web.Response(body=body, headers={"content-type": "text/event-stream"})

        app = web.Application()
        app.router.add_post("/v1/chat/completions", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        async with openai.AsyncOpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="k") as client:
            messages: Any = MESSAGES
            text, reasons, usage = "", [], None
            async for piece in await client.chat.completions.create(
                model="chat", messages=messages, stream=True, stream_options={"include_usage": True}
            ):
                usage = piece.usage or usage
                for choice in piece.choices:
                    text += choice.delta.content or ""
                    reasons.append(choice.finish_reason)
        assert (text, reasons) == ("hi", ["stop"])
        assert usage is not None
        assert usage.total_tokens == 2
        await runner.cleanup()

    asyncio.run(scenario())


def test_calls_of_tools_say_which_one_they_are() -> None:
    document = json.loads(ANSWER)
    document["choices"][0]["message"] = {"role": "assistant", "tool_calls": [{"id": "a"}, {"id": "b"}]}
    body = streamed(json.dumps(document).encode(), usage=False)
    assert body is not None
    first = json.loads(body.split(b"\n")[0].removeprefix(b"data: "))
    assert first["choices"][0]["delta"]["tool_calls"] == [{"index": 0, "id": "a"}, {"index": 1, "id": "b"}]
    assert body.endswith(b"data: [DONE]\n\n")
    assert b"usage" not in body


def test_what_does_not_come_in_pieces_is_none() -> None:
    for body in (
        b"",
        b"{}",
        b"[]",
        b'{"object": "list", "choices": []}',
        b'{"object": "chat.completion", "choices": [{}]}',
    ):
        assert streamed(body, usage=False) is None
