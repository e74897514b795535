"""OpenAI's protocol: chat, completions, embeddings and the list of models. `model` is the name of an endpoint."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from gateway.protocols.asked import Asked, Operation
from gateway.refusals import RefusedError
from stanchion.serving.gateway_configuration import EndpointPlace

OPERATIONS: dict[str, Operation] = {
    "/v1/chat/completions": "chat",
    "/v1/completions": "completions",
    "/v1/embeddings": "embeddings",
}
# What each operation can't do without, by the published API description (openai-openapi, read 2026-11-27).
_NEEDED: dict[Operation, str] = {"chat": "messages", "completions": "prompt", "embeddings": "input"}
_USAGE = re.compile(rb'"usage"\s*:\s*(\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})')


def asked(path: str, body: bytes, endpoints: Mapping[str, EndpointPlace]) -> Asked:
    """Read a request.

    Args:
        path: one of `OPERATIONS`.
        body: as it came.
        endpoints: of this gateway.

    Raises:
        RefusedError: not JSON, without what the operation needs, or for an endpoint there is not.
    """
    operation = OPERATIONS[path]
    document = _object(body)
    name = document.get("model")
    if not isinstance(name, str):
        raise _invalid("'model' is missing or no text; write the name of an endpoint.", "model")
    place = endpoints.get(name)
    if place is None or place.kind != "llm":
        raise RefusedError(404, "model_not_found", f"there is no endpoint '{name[:80]}' that speaks this protocol.")
    needed = _NEEDED[operation]
    if document.get(needed) is None:
        raise _invalid(f"'{needed}' is missing.", needed)
    stream = document.get("stream", False)
    if stream is not None and not isinstance(stream, bool):
        raise _invalid("'stream' is neither true nor false.", "stream")
    user = document.get("user") or ""
    if not isinstance(user, str):
        raise _invalid("'user' is no text.", "user")
    sent = body if place.model == name else _renamed(document, place.model)
    return Asked(name, operation, path, sent, document, bool(stream), user, {"content-type": "application/json"})


def _renamed(document: dict[str, Any], model: str) -> bytes:
    """The server knows its model by another name than clients do."""
    try:
        return orjson.dumps({**document, "model": model})
    except (TypeError, orjson.JSONEncodeError):
        # What is read may be nested deeper than what is written, and have numbers beyond 64 bits.
        raise _invalid("the body is nested too deeply, or has numbers beyond 64 bits.") from None


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _invalid("the body is not JSON.") from None
    if not isinstance(document, dict):
        raise _invalid("the body is not a JSON object.")
    return document


def _invalid(message: str, parameter: str | None = None) -> RefusedError:
    return RefusedError(400, f"invalid_{parameter}" if parameter else "invalid_request", message)


def refusal(error: RefusedError) -> bytes:
    """A refusal as clients of this protocol read it."""
    kind = "invalid_request_error" if error.status < 500 and error.status not in (401, 403, 429) else "stanchion_error"
    said = {"message": error.message, "type": kind, "param": None, "code": error.code}
    return orjson.dumps({"error": said})


def models(endpoints: Mapping[str, EndpointPlace]) -> bytes:
    """The list of models.

    Args:
        endpoints: that the caller may ask.
    """
    listed = [
        {"id": name, "object": "model", "created": 0, "owned_by": place.use_case}
        for name, place in endpoints.items()
        if place.kind == "llm"
    ]
    return orjson.dumps({"object": "list", "data": listed})


def usage(answer: bytes) -> tuple[int, int]:
    """Tokens in and out, as the server counted them: the last `usage` of an answer or of a stream; 0 and 0 if none."""
    found = _USAGE.findall(answer)
    if not found:
        return 0, 0
    try:
        counted = orjson.loads(found[-1])
    except orjson.JSONDecodeError:
        return 0, 0
    tokens_in, tokens_out = counted.get("prompt_tokens"), counted.get("completion_tokens")
    return _count(tokens_in), _count(tokens_out)


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
