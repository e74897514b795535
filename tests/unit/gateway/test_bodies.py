import asyncio
from typing import Any

import pytest

from gateway.bodies import ClientGoneError, read_body
from gateway.refusals import RefusedError
from stanchion.serving.gateway_configuration import Limits


def read(*messages: dict[str, Any], headers: dict[bytes, bytes] | None = None, **limits: Any) -> bytes:
    left = list(messages)

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.Event().wait()
        return left.pop(0)

    return asyncio.run(read_body(headers or {}, receive, Limits(**limits)))


def part(body: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_parts_make_the_whole() -> None:
    assert read(part(b"ab", more=True), part(b"", more=True), part(b"c")) == b"abc"


def test_a_length_is_believed_only_when_it_is_too_large() -> None:
    with pytest.raises(RefusedError, match="larger than 3 bytes") as refused:
        read(headers={b"content-length": b"4"}, body_bytes=3)
    assert refused.value.status == 413
    with pytest.raises(RefusedError, match="not a number"):
        read(headers={b"content-length": b"-1"})
    with pytest.raises(RefusedError, match="larger than 3 bytes"):
        read(part(b"abcd"), headers={b"content-length": b"1"}, body_bytes=3)


def test_parts_are_counted_as_they_come() -> None:
    with pytest.raises(RefusedError, match="larger than 3 bytes"):
        read(part(b"ab", more=True), part(b"cd", more=True), body_bytes=3)


def test_a_byte_now_and_then_does_not_keep_it_open() -> None:
    with pytest.raises(RefusedError, match=r"within 0\.05 s") as refused:
        read(part(b"a", more=True), part(b"b", more=True), body_seconds=0.05)
    assert refused.value.status == 408


def test_a_client_that_leaves_is_no_request() -> None:
    with pytest.raises(ClientGoneError):
        read(part(b"a", more=True), {"type": "http.disconnect"})
