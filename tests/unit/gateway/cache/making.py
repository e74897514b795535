"""Requests and answers for tests of the cache."""

import json
import time
from typing import Any

from gateway.cache.entry import Entry
from gateway.exchange import Caller, Exchange
from gateway.protocols.asked import Asked
from stanchion.routing.document import EndpointRoute
from stanchion.serving.gateway_configuration import CacheRules
from tests.unit.gateway.running import place

MESSAGES = [{"role": "user", "content": "hello"}]
NOW = 1_780_000_000.0
JSON = (b"content-type", b"application/json")
ANSWER = json.dumps(
    {
        "id": "c1", "object": "chat.completion", "created": 1, "model": "served",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }
).encode()  # fmt: skip


def asked(**more: Any) -> Asked:
    document = {"model": "chat", "messages": MESSAGES, **more}
    return Asked(
        "chat", "chat", "/v1/chat/completions", json.dumps(document).encode(), document,
        stream=bool(document.get("stream")), headers={"content-type": "application/json"},
    )  # fmt: skip


def exchange(
    rules: CacheRules | None, *, user: str = "ann", key_id: str = "k1", request_id: str = "r1", **more: Any
) -> Exchange:
    async def send(message: dict[str, Any]) -> None:
        raise AssertionError(message)

    async def receive() -> dict[str, Any]:
        raise AssertionError

    where = place(("full", "cached"), {"full": {"blue": "127.0.0.1:9"}}, cache=rules)
    return Exchange(
        asked(**more), Caller(key_id, "forms", "testing", user), where, EndpointRoute(), request_id, time.monotonic(),
        NOW, send, receive,
    )  # fmt: skip


def entry(body: bytes = ANSWER, **more: Any) -> Entry:
    said = {"status": 200, "headers": (JSON,), "request_id": "r0", "version": "v1", "stored_at": NOW}
    return Entry(**{**said, "body": body, **more})
