"""Events that tests start from."""

from typing import Any

from stanchion.events.feedback import FeedbackEvent
from stanchion.events.inference import InferenceEvent


def inference(**values: Any) -> InferenceEvent:
    known: dict[str, Any] = {
        "event_id": "e1",
        "ts": 1_780_000_000.5,
        "env": "prod",
        "region": "us-east-1",
        "account": "111122223333",
        "gateway": "gateway-1",
        "endpoint": "chat",
        "use_case": "support",
        "team": "care",
        "key_id": "k1",
        "request_id": "r1",
        "status": "answered",
        "http_status": 200,
        "rung": "full",
    }
    return InferenceEvent(**{**known, **values})


def feedback(**values: Any) -> FeedbackEvent:
    known: dict[str, Any] = {
        "event_id": "f1",
        "ts": 1_780_000_100.0,
        "env": "prod",
        "region": "us-east-1",
        "account": "111122223333",
        "endpoint": "chat",
        "request_id": "r1",
        "team": "care",
        "key_id": "k1",
        "source": "user",
    }
    return FeedbackEvent(**{**known, **values})
