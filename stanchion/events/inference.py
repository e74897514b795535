"""The event of one attempt to answer a request: what monitoring, drift, costs and lineage are all asked from."""

from dataclasses import dataclass, field
from typing import Any, Literal

from stanchion.serving.slots import Slot
from stanchion.spec.endpoints import Rung
from stanchion.spec.models import VariantName

# A new field raises the second number; tables read events of all versions with their own first one.
SCHEMA_VERSION = "1.0"
# `answered` is an answer of the model's, `cached` one from before, `ticket` a person's to come. Of the others none got
# an answer in this attempt: `error` the server said so or was gone, `timeout` it was too slow, `refused` a quota or a
# limit, `shed` too much to do, `cancelled` the client left.
Status = Literal["answered", "cached", "ticket", "error", "timeout", "refused", "shed", "cancelled"]
CapacityType = Literal["on-demand", "spot", "reserved", "external", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InferenceEvent:
    """One attempt. A request has one or more, with the same `request_id`; the last one is `final`.

    Args:
        event_id: unique; the same event sent twice has the same.
        ts: when the attempt began, seconds since 1970 in UTC.
        env: name of the environment.
        region: of the gateway.
        account: of the environment.
        gateway: which of the gateways.
        endpoint: its name.
        use_case: what it is for.
        team: whose key it was.
        key_id: of the key, never the key.
        user_hash: keyed hash of the user; empty when there is none.
        hash_key_id: with which key it was hashed.
        request_id: what the client was told.
        parent_request_id: of the request that this one was made for; empty when there is none.
        attempt: 0 for the first.
        final: whether it is the one whose answer, or refusal, the client got.
        rung: of the ladder that this attempt was on.
        slot: empty where no model was asked.
        variant: empty where no model was asked.
        model_version: of what answered.
        prompt_version: as the request declared it.
        experiment: of the split.
        cache_source_id: the request whose answer it is, on rung `cached`.
        status: what became of it.
        http_status: that the client got, or would have got from this attempt.
        error_class: short and without values: `connect`, `http_503`, `breaker_open`, `quota_day_tokens`.
        latency_ms: from the attempt's begin to its last byte.
        first_token_ms: to its first byte.
        busy_ms: how long a replica was busy with it.
        tokens_in: that were asked with; 0 where nothing is counted in tokens.
        tokens_out: that came back.
        pool: of the replica.
        capacity_type: of the replica's node.
        unit_price_version: of the prices that the estimate is made with.
        cost_estimate: in USD.
        features: of predictors, by name; only in a sample.
        prediction: what came back, cut to a size; only in a sample.
        sample_weight: how many requests a sampled one stands for; 0 for one without payload.
        groups: attributes that the request declared, for fairness.
    """

    event_id: str
    ts: float
    env: str
    region: str
    account: str
    gateway: str
    endpoint: str
    use_case: str
    team: str
    key_id: str
    request_id: str
    status: Status
    http_status: int
    rung: Rung
    user_hash: str = ""
    hash_key_id: str = ""
    parent_request_id: str = ""
    attempt: int = 0
    final: bool = True
    slot: Slot | Literal[""] = ""
    variant: VariantName | Literal[""] = ""
    model_version: str = ""
    prompt_version: str = ""
    experiment: str = ""
    cache_source_id: str = ""
    error_class: str = ""
    latency_ms: float = 0.0
    first_token_ms: float = 0.0
    busy_ms: float = 0.0
    tokens_in: int = 0
    tokens_out: int = 0
    pool: str = ""
    capacity_type: CapacityType = "none"
    unit_price_version: str = ""
    cost_estimate: float = 0.0
    features: dict[str, Any] = field(default_factory=dict[str, Any])
    prediction: str = ""
    sample_weight: float = 0.0
    groups: dict[str, str] = field(default_factory=dict[str, str])
    schema_version: str = SCHEMA_VERSION
    kind: Literal["inference"] = "inference"
