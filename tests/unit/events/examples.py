"""Events that tests start from."""

import random
from datetime import UTC, datetime
from typing import Any

from stanchion.events.feedback import FeedbackEvent
from stanchion.events.inference import InferenceEvent

BEGIN = datetime(2026, 9, 1, tzinfo=UTC).timestamp()
ENDS = ("answered", "answered", "answered", "cached", "ticket", "error", "timeout", "refused", "shed", "cancelled")


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


def traffic(requests: int, seed: int = 7) -> list[InferenceEvent]:
    """Requests over three months, some of which took more than one attempt."""
    rng = random.Random(seed)
    events: list[InferenceEvent] = []
    for number in range(requests):
        ts = BEGIN + rng.choice([0, 1, 29, 30, 31, 61]) * 86400 + rng.random() * 7200
        status = rng.choice(ENDS)
        attempts = rng.choice([1, 1, 1, 2, 3])
        common: dict[str, Any] = {
            "request_id": f"r{number}",
            "endpoint": rng.choice(["chat", "digits", "other"]),
            "use_case": rng.choice(["support", "sorting"]),
            "user_hash": rng.choice(["", "u1", "u2", "u3"]),
        }
        for attempt in range(attempts):
            final = attempt == attempts - 1
            latency = rng.lognormvariate(4, 1)
            events.append(
                inference(
                    **common,
                    event_id=f"e{number}-{attempt}",
                    ts=ts,
                    attempt=attempt,
                    final=final,
                    status=status if final else "error",
                    http_status=200 if status == "answered" else 503,
                    rung={"cached": "cached", "ticket": "human"}.get(status, "full") if final else "full",
                    slot="" if final and status in ("cached", "ticket", "refused", "shed") else "blue",
                    variant="full",
                    model_version=rng.choice(["1", "2"]),
                    latency_ms=latency,
                    first_token_ms=latency / 2 if final and status == "answered" else 0.0,
                    busy_ms=latency,
                    tokens_out=rng.randrange(100),
                    unit_price_version=rng.choice(["2026-11-27", "2026-11-27", "unknown"]),
                    cost_estimate=rng.random() / 1000,
                )
            )
            ts += latency / 1000
    return events
