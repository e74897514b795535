"""A whole answer of OpenAI's protocol as a client takes it that asked for pieces: one piece, and the end."""

from typing import Any

import orjson

CONTENT_TYPE = b"text/event-stream"
_DONE = b"data: [DONE]\n\n"


def streamed(body: bytes, *, usage: bool) -> bytes | None:
    """Server-sent events of an answer; None when it is no answer that comes in pieces.

    Args:
        body: a `chat.completion` or a `text_completion`.
        usage: whether the client wants a last piece with what was counted.
    """
    try:
        document: Any = orjson.loads(body)
        choices = document["choices"]
        chat = document["object"] == "chat.completion"
        if not chat and document["object"] != "text_completion":
            return None
        head = {name: document[name] for name in ("id", "created", "model", "system_fingerprint") if name in document}
        head["object"] = "chat.completion.chunk" if chat else "text_completion"
        pieces = [{**head, "choices": [_piece(choice) if chat else choice for choice in choices]}]
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return None
    if usage and isinstance(document.get("usage"), dict):
        pieces.append({**head, "choices": [], "usage": document["usage"]})
    return b"".join(b"data: " + orjson.dumps(piece) + b"\n\n" for piece in pieces) + _DONE


def _piece(choice: dict[str, Any]) -> dict[str, Any]:
    delta = dict(choice["message"])
    if isinstance(delta.get("tool_calls"), list):
        # In pieces each call says which one it continues.
        delta["tool_calls"] = [{"index": index, **call} for index, call in enumerate(delta["tool_calls"])]
    return {
        "index": choice["index"],
        "delta": delta,
        "logprobs": choice.get("logprobs"),
        "finish_reason": choice.get("finish_reason"),
    }
