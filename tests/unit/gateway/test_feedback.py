import asyncio
import json
from typing import Any

import pytest

from gateway.feedback import Feedback
from gateway.keys.caller import Caller
from gateway.refusals import RefusedError
from stanchion.events.feedback import FeedbackEvent
from tests.unit.gateway.running import configuration, place

REQUEST = "0123456789abcdef" * 2
PATH = f"/v1/feedback/{REQUEST}"
CALLER = Caller("k1", "team-a", "testing")


def give(said: Any, path: str = PATH, method: str = "POST", caller: Caller = CALLER) -> tuple[Any, list[FeedbackEvent]]:
    written: list[FeedbackEvent] = []
    taker = Feedback(configuration({"chat": place(("full",), {})}), written.append, lambda: 12.5)
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return asyncio.run(taker(method, path, caller, body)), written


def test_what_is_said_becomes_an_event() -> None:
    answer, [event] = give({"endpoint": "chat", "score": -1, "label": "7", "comment": "c" * 5000})
    assert answer == (202, json.dumps({"request_id": REQUEST, "taken": True}, separators=(",", ":")).encode())
    assert (event.request_id, event.endpoint, event.source, event.score) == (REQUEST, "chat", "user", -1.0)
    assert (event.ts, event.team, event.key_id, event.label, len(event.comment)) == (12.5, "team-a", "k1", "7", 2048)


def test_other_paths_are_others() -> None:
    assert give({}, "/v1/tickets/1") == (None, [])


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (b"{", "not JSON"),
        ([], "not a JSON object"),
        ({"score": 1}, "'endpoint' names no endpoint"),
        ({"endpoint": "nobody", "score": 1}, "'endpoint' names no endpoint"),
        ({"endpoint": "chat"}, "nothing is said"),
        ({"endpoint": "chat", "score": 2}, "'score'"),
        ({"endpoint": "chat", "score": True}, "'score'"),
        ({"endpoint": "chat", "label": 7}, "'label'"),
        ({"endpoint": "chat", "label": "x" * 257}, "'label'"),
        ({"endpoint": "chat", "score": 1, "source": "ticket"}, "'source' is none of user, reviewer, ground_truth"),
    ],
)
def test_what_can_t_be_taken_is_said(said: Any, message: str) -> None:
    with pytest.raises(RefusedError, match=message) as refused:
        give(said)
    assert refused.value.status == 400


def test_nobody_speaks_for_another_use_case() -> None:
    with pytest.raises(RefusedError) as refused:
        give({"endpoint": "chat", "score": 1}, caller=Caller("k2", "team-b", "other"))
    assert refused.value.status == 403


def test_only_request_ids_and_only_post() -> None:
    for path in ("/v1/feedback/", "/v1/feedback/x", PATH + "/y"):
        with pytest.raises(RefusedError, match="no request id"):
            give({}, path)
    with pytest.raises(RefusedError) as refused:
        give({}, method="GET")
    assert (refused.value.status, refused.value.headers) == (405, {"allow": "POST"})
