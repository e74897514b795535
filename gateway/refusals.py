"""Answers that are not a model's: what was wrong, in a sentence, in the form of the protocol that was asked in."""

from collections.abc import Mapping


class RefusedError(Exception):
    """The request gets no answer of a model.

    Args:
        status: HTTP status.
        code: short and without values, for programs and events.
        message: a sentence for people.
        headers: on top of those that every answer has.
    """

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.headers = dict(headers or {})
