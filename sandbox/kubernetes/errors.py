"""Errors of the local Kubernetes API."""

from collections.abc import Mapping
from typing import Any

from sandbox.errors import SandboxFailedError


class ApiError(SandboxFailedError):
    """The API server refused a request; the message is its own.

    Args:
        status: of HTTP.
        reason: the API's word, such as `NotFound`, `Conflict`, `Invalid`.
        message: for people.
        fields: what is wrong with which field, by field, where the API says so.
    """

    def __init__(self, status: int, reason: str, message: str, fields: Mapping[str, str]) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.fields = dict(fields)

    @classmethod
    def from_answer(cls, status: int, document: Any) -> "ApiError":
        """What a `Status` object says, or the bare number where there is none."""
        found: dict[str, Any] = document if isinstance(document, dict) and document.get("kind") == "Status" else {}
        details: dict[str, Any] = found.get("details") or {}
        causes: list[dict[str, Any]] = details.get("causes") or []
        return cls(
            status,
            str(found.get("reason") or ""),
            str(found.get("message") or f"the API server answers {status}"),
            {str(cause.get("field", "")): str(cause.get("message", "")) for cause in causes},
        )
