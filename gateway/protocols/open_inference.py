"""The Open Inference Protocol v2: inference, metadata and readiness. The model's name is the name of an endpoint."""

import re
from collections.abc import Mapping
from typing import Any, Literal

import orjson

from gateway.protocols.asked import Asked
from gateway.refusals import RefusedError
from stanchion.serving.gateway_configuration import EndpointPlace

# Open Inference Protocol, REST, read 2026-11-27. A version in the path is taken and left aside: versions are what the
# routing document decides.
_PATH = re.compile(r"^/v2/models/(?P<model>[^/]+)(?:/versions/[^/]+)?(?:/(?P<verb>infer|ready))?$")
# The extension for binary tensors: how long the JSON in front of them is.
JSON_LENGTH = "inference-header-content-length"
Verb = Literal["infer", "ready", "metadata"]


def place_of(path: str, endpoints: Mapping[str, EndpointPlace]) -> tuple[str, Verb]:
    """Which endpoint a path is about, and what is wanted of it.

    Raises:
        RefusedError: no path of this protocol, or no such endpoint.
    """
    found = _PATH.match(path)
    if found is None:
        raise RefusedError(404, "path", "there is nothing at this path; inference is at /v2/models/ENDPOINT/infer.")
    name = found["model"]
    place = endpoints.get(name)
    if place is None or place.kind != "predictor":
        raise RefusedError(404, "model_not_found", f"there is no endpoint '{name[:80]}' that speaks this protocol.")
    verb: Verb = "infer" if found["verb"] == "infer" else "ready" if found["verb"] == "ready" else "metadata"
    return name, verb


def asked(name: str, place: EndpointPlace, body: bytes, headers: Mapping[bytes, bytes]) -> Asked:
    """Read an inference request; tensors stay as they are.

    Raises:
        RefusedError: the JSON is none, or has no inputs.
    """
    passed = {"content-type": headers.get(b"content-type", b"application/json").decode("latin-1")}
    length = headers.get(JSON_LENGTH.encode())
    text = body
    if length is not None:
        if not length.isdigit() or int(length) > len(body):
            raise RefusedError(400, "invalid_length", f"the header {JSON_LENGTH} is not the length of a part.")
        text = body[: int(length)]
        passed[JSON_LENGTH] = length.decode()
    document: dict[str, Any] | None = None
    encoding = headers.get(b"content-encoding")
    if encoding is not None:
        # The server unpacks it; nothing here has to know what is in it.
        passed["content-encoding"] = encoding.decode("latin-1")
    else:
        document = _object(text)
    accepted = headers.get(b"accept-encoding")
    if accepted is not None:
        passed["accept-encoding"] = accepted.decode("latin-1")
    binary = length is not None
    return Asked(
        name, "infer", f"/v2/models/{place.model}/infer", body, None if binary else document, headers=passed
    )  # fmt: skip


def _object(text: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise RefusedError(400, "invalid_request", "the body is not JSON.") from None
    if not isinstance(document, dict) or not isinstance(document.get("inputs"), list):
        raise RefusedError(400, "invalid_inputs", "'inputs' is missing or no list of tensors.")
    return document


def refusal(error: RefusedError) -> bytes:
    """A refusal as clients of this protocol read it."""
    return orjson.dumps({"error": error.message})


def server_metadata() -> bytes:
    """What the gateway is."""
    return orjson.dumps({"name": "stanchion-gateway", "version": "2", "extensions": ["binary_tensor_data"]})
