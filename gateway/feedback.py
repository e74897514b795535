"""`POST /v1/feedback/REQUEST_ID`: what is said of an answer later becomes an event of its own."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args
from uuid import uuid4

import orjson

from gateway.keys.caller import Caller, authorise
from gateway.refusals import RefusedError
from stanchion.events.feedback import FeedbackEvent, FeedbackSource
from stanchion.serving.gateway_configuration import GatewayConfiguration

PATH = "/v1/feedback/"
LONGEST_LABEL, LONGEST_COMMENT = 256, 2048
_REQUEST_ID = re.compile(r"^[0-9a-f]{32}$")
# Tickets are answered through the command line, which says so itself.
_SOURCES = tuple(source for source in get_args(FeedbackSource) if source != "ticket")


@dataclass(slots=True)
class Feedback:
    """Takes feedback.

    Args:
        configuration: of the gateway.
        write: hands an event on; does not wait.
        clock: seconds since 1970.
    """

    configuration: GatewayConfiguration
    write: Callable[[FeedbackEvent], None]
    clock: Callable[[], float] = time.time

    async def __call__(self, method: str, path: str, caller: Caller, body: bytes) -> tuple[int, bytes] | None:
        """Status and body; None when the path is none of its own.

        Raises:
            RefusedError: not a request id, or a document that says nothing, or what it may not.
        """
        if not path.startswith(PATH):
            return None
        if method != "POST":
            raise RefusedError(405, "method", "feedback is given with POST.", {"allow": "POST"})
        request_id = path.removeprefix(PATH)
        if not _REQUEST_ID.match(request_id):
            raise RefusedError(404, "request_id", "this is no request id; x-stanchion-request-id of an answer is one.")
        self.write(self._event(request_id, caller, _object(body)))
        return 202, orjson.dumps({"request_id": request_id, "taken": True})

    def _event(self, request_id: str, caller: Caller, said: dict[str, Any]) -> FeedbackEvent:
        endpoint = said.get("endpoint")
        place = self.configuration.endpoints.get(endpoint) if isinstance(endpoint, str) else None
        if place is None or not isinstance(endpoint, str):
            raise RefusedError(400, "invalid_endpoint", "'endpoint' names no endpoint; write which one answered.")
        authorise(caller, endpoint, place)
        source = said.get("source", "user")
        if source not in _SOURCES:
            raise RefusedError(400, "invalid_source", f"'source' is none of {', '.join(_SOURCES)}.")
        score, label, comment = said.get("score"), said.get("label", ""), said.get("comment", "")
        if score is not None and (
            isinstance(score, bool) or not isinstance(score, int | float) or not -1 <= score <= 1
        ):
            raise RefusedError(400, "invalid_score", "'score' is no number from -1 to 1.")
        if not isinstance(label, str) or not isinstance(comment, str) or len(label) > LONGEST_LABEL:
            raise RefusedError(
                400, "invalid_label", f"'label' and 'comment' are texts, the label of up to {LONGEST_LABEL} letters."
            )
        if score is None and not label and not comment:
            raise RefusedError(400, "empty", "nothing is said: give a score, a label or a comment.")
        return FeedbackEvent(
            event_id=uuid4().hex, ts=self.clock(), env=self.configuration.environment,
            region=self.configuration.region, account=self.configuration.account, endpoint=endpoint,
            request_id=request_id, team=caller.team, key_id=caller.key_id, source=source,
            score=None if score is None else float(score), label=label, comment=comment[:LONGEST_COMMENT],
        )  # fmt: skip


def _is_score(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -1 <= value <= 1


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise RefusedError(400, "invalid_request", "the body is not JSON.") from None
    if not isinstance(document, dict):
        raise RefusedError(400, "invalid_request", "the body is not a JSON object.")
    return document
