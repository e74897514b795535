"""Takes in a request's body: not larger than allowed, and not slower, so that no client holds a worker."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from gateway.refusals import RefusedError
from stanchion.serving.gateway_configuration import Limits

Receive = Callable[[], Awaitable[dict[str, Any]]]


class ClientGoneError(Exception):
    """The client closed the connection before its request was whole."""


async def read_body(headers: dict[bytes, bytes], receive: Receive, limits: Limits) -> bytes:
    """The whole body.

    Args:
        headers: of the request, names in small letters.
        receive: of ASGI.
        limits: of the gateway.

    Raises:
        RefusedError: larger or slower than allowed, or a length that is no number.
        ClientGoneError: the client left.
    """
    said = headers.get(b"content-length")
    if said is not None and (not said.isdigit() or int(said) > limits.body_bytes):
        raise _too_large(limits) if said.isdigit() else RefusedError(400, "length", "content-length is not a number.")
    message = await _next(receive, limits.body_seconds)
    body = message.get("body", b"")
    if not message.get("more_body"):
        return _within(body, limits)
    parts, size = [body], len(body)
    # One clock for all of it: a byte now and then must not keep the request open.
    clock = asyncio.get_running_loop().time
    end = clock() + limits.body_seconds
    while message.get("more_body"):
        if size > limits.body_bytes:
            raise _too_large(limits)
        message = await _next(receive, end - clock(), limits.body_seconds)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
    return _within(b"".join(parts), limits)


async def _next(receive: Receive, seconds: float, allowed: float | None = None) -> dict[str, Any]:
    try:
        async with asyncio.timeout(seconds):
            message = await receive()
    except TimeoutError:
        raise RefusedError(
            408, "slow_body", f"the request did not come in whole within {allowed or seconds:g} s; send it at once."
        ) from None
    if message["type"] == "http.disconnect":
        raise ClientGoneError
    return message


def _within(body: bytes, limits: Limits) -> bytes:
    if len(body) > limits.body_bytes:
        raise _too_large(limits)
    return body


def _too_large(limits: Limits) -> RefusedError:
    return RefusedError(
        413, "body_size", f"the request is larger than {limits.body_bytes} bytes, which is what this gateway takes."
    )
