"""What is said of an answer later: by a user, by a person who reviewed it, or by what really happened."""

from dataclasses import dataclass
from typing import Literal

from stanchion.events.inference import SCHEMA_VERSION

FeedbackSource = Literal["user", "reviewer", "ground_truth", "ticket"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackEvent:
    """Joined to the inference by `request_id`.

    Args:
        event_id: unique.
        ts: when it was said, seconds since 1970 in UTC.
        env: name of the environment.
        region: of the gateway that took it.
        account: of the environment.
        endpoint: that had answered.
        request_id: of the request that it is about.
        team: whose key it was.
        key_id: of the key.
        source: who says it.
        score: -1 to 1; None when no judgement is in it.
        label: what it should have been; for predictors the true class or value.
        comment: cut to a size.
    """

    event_id: str
    ts: float
    env: str
    region: str
    account: str
    endpoint: str
    request_id: str
    team: str
    key_id: str
    source: FeedbackSource
    score: float | None = None
    label: str = ""
    comment: str = ""
    schema_version: str = SCHEMA_VERSION
    kind: Literal["feedback"] = "feedback"
