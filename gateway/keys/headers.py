"""What a request says of who sends it, whether its headers are bytes, as ASGI has them, or text."""

from collections.abc import Mapping
from typing import Any

LONGEST_USER = 128


def header(headers: Mapping[Any, Any], name: str) -> str:
    """A header; empty when it is not there. Names are in small letters.

    Args:
        headers: of a request, names and values both bytes or both text.
        name: in small letters.
    """
    value = headers.get(name.encode(), headers.get(name, ""))
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def bearer(headers: Mapping[Any, Any]) -> str:
    """What is presented as `authorization: Bearer ...`; empty when nothing is."""
    scheme, _, presented = header(headers, "authorization").strip().partition(" ")
    return presented.strip() if scheme.lower() == "bearer" else ""


def user(headers: Mapping[Any, Any]) -> str:
    """Whom the client says it acts for, cut to a size."""
    return header(headers, "x-stanchion-user")[:LONGEST_USER]
