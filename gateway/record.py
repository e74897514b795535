"""Makes the event of an attempt from what is known when it ends."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway.exchange import Exchange
from gateway.outcomes import Ended
from gateway.upstreams.replicas import Replica, SlotKey
from stanchion.events.inference import CapacityType, InferenceEvent, Status
from stanchion.serving.gateway_configuration import GatewayConfiguration
from stanchion.spec.endpoints import Rung

Write = Callable[[InferenceEvent], None]
# USD and the version of the prices, from `ENDPOINT/VARIANT`, the capacity type, and the milliseconds of a busy replica.
Price = Callable[[str, CapacityType, float], tuple[float, str]]
# Hash and id of its key, from the user; both empty for nobody.
HashUser = Callable[[str], tuple[str, str]]
# Features, prediction and the weight of the sample, from the exchange and the answer.
Sample = Callable[[Exchange, bytes], tuple[dict[str, Any], str, float]]


@dataclass(slots=True)
class Attempt:
    """What became of one attempt, as it is known to whoever made it."""

    rung: Rung
    status: Status
    http_status: int
    began: float
    ended: float
    slot: SlotKey | None = None
    replica: Replica | None = None
    version: str = ""
    first_byte: float | None = None
    error_class: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cache_source_id: str = ""
    answer: bytes = b""
    final: bool = True


@dataclass(slots=True)
class Record:
    """Writes events.

    Args:
        configuration: of the gateway.
        gateway: which one it is.
        write: hands an event on; does not wait.
        price: what busy time costs.
        hash_user: keyed hash of a user.
        sample: what of payloads is kept.
        ended: told of each request once, by its last attempt.
    """

    configuration: GatewayConfiguration
    gateway: str
    write: Write
    price: Price
    hash_user: HashUser
    sample: Sample
    ended: Ended

    def attempt(self, exchange: Exchange, attempt: Attempt) -> None:
        """Write down one attempt; the exchange counts it, and what it used."""
        slot, replica = attempt.slot, attempt.replica
        busy = (attempt.ended - attempt.began) * 1000 if replica is not None else 0.0
        pool, capacity_type = "", "none"
        cost, prices = 0.0, ""
        if slot is not None and replica is not None:
            pool = exchange.place.variants[slot.variant].pool
            capacity_type: CapacityType = "spot" if replica.spot else "on-demand"
            cost, prices = self.price(f"{slot.endpoint}/{slot.variant}", capacity_type, busy)
        user_hash, hash_key_id = self.hash_user(exchange.caller.user)
        features, prediction, weight = self.sample(exchange, attempt.answer) if attempt.final else ({}, "", 0.0)
        first = attempt.first_byte
        self.write(
            InferenceEvent(
                event_id=f"{exchange.request_id}-{exchange.attempt}",
                ts=exchange.at + (attempt.began - exchange.begun),
                env=self.configuration.environment,
                region=self.configuration.region,
                account=self.configuration.account,
                gateway=self.gateway,
                endpoint=exchange.asked.endpoint,
                use_case=exchange.caller.use_case or exchange.place.use_case,
                team=exchange.caller.team,
                key_id=exchange.caller.key_id,
                request_id=exchange.request_id,
                status=attempt.status,
                http_status=attempt.http_status,
                rung=attempt.rung,
                user_hash=user_hash,
                hash_key_id=hash_key_id,
                parent_request_id=exchange.parent,
                attempt=exchange.attempt,
                final=attempt.final,
                slot=slot.slot if slot else "",
                variant=slot.variant if slot else "",
                model_version=attempt.version,
                prompt_version=exchange.prompt_version,
                experiment=exchange.route.experiment or "",
                cache_source_id=attempt.cache_source_id,
                error_class=attempt.error_class,
                latency_ms=(attempt.ended - attempt.began) * 1000,
                first_token_ms=0.0 if first is None else (first - attempt.began) * 1000,
                busy_ms=busy,
                tokens_in=attempt.tokens_in,
                tokens_out=attempt.tokens_out,
                pool=pool,
                capacity_type=capacity_type,
                unit_price_version=prices,
                cost_estimate=cost,
                features=features,
                prediction=prediction,
                sample_weight=weight,
                groups=exchange.groups,
            )
        )
        if not exchange.attempt:
            exchange.began = attempt.began
        if attempt.final:
            # From the first attempt's begin, as the views of events have it.
            whole = (attempt.ended - exchange.began) * 1000
            first_ms = None if first is None else (first - exchange.began) * 1000
            self.ended(exchange.asked.endpoint, attempt.status, attempt.rung, whole, first_ms)
        if exchange.span is not None:
            exchange.span.attempted(attempt)
        exchange.attempt += 1
        exchange.tokens += attempt.tokens_in + attempt.tokens_out
        exchange.cost += cost
