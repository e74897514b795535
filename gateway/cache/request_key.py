"""Under which key an answer is kept: what was asked, in one form whatever the order of its fields, by whom, of what.

Requests that a model would answer another way each time (a temperature without a seed, several choices) are kept as
well: an endpoint that opts in says that an answer given once is as good as a new one. What steers that is part of the
key, so that two temperatures are two requests.
"""

import contextlib
import hashlib
from typing import Any

import orjson

from gateway.protocols.asked import Asked
from gateway.tickets.desk import WEBHOOK

# Raised when answers kept before must not be given any more.
_FORM = 1
# What does not change what a model says: who asks, how the answer is carried, what the provider does with it later.
# OpenAI API reference, chat, completions and embeddings (openai-openapi, read 2026-11-27); `id` is the Open Inference
# Protocol's name for a request.
_ASIDE = {
    *("model", "user", "stream", "stream_options", "metadata", "store", "service_tier", "safety_identifier", "id"),
    *("prompt_cache_key", "prompt_cache_retention"),
}


def normalised(document: dict[str, Any]) -> dict[str, Any]:
    """A request without what does not change its answer.

    Args:
        document: the request's JSON.
    """
    kept = {name: value for name, value in document.items() if name not in _ASIDE}
    parameters = kept.get("parameters")
    if isinstance(parameters, dict) and WEBHOOK in parameters:
        kept["parameters"] = {name: value for name, value in parameters.items() if name != WEBHOOK}
    return kept


def request_key(asked: Asked, version: str, user: str | None) -> str:
    """The key.

    Args:
        asked: the request.
        version: of the model.
        user: whose answer it is; None where one user's may be another's.
    """
    parts = [_FORM, asked.endpoint, version, asked.operation, user, asked.headers]
    hashed = hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS) + b"\n")
    hashed.update(_form(asked))
    return hashed.hexdigest()


def _form(asked: Asked) -> bytes:
    if asked.document is not None:
        # What is nested deeper than can be written is the same request when it has the same bytes.
        with contextlib.suppress(orjson.JSONEncodeError):
            return orjson.dumps(normalised(asked.document), option=orjson.OPT_SORT_KEYS)
    # Tensors in binary, or packed, likewise.
    return b"\0" + asked.body
