"""Answers a request on the best rung that can: the models first, then what was answered before, then people."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

import aiohttp

from gateway.demand import Demand
from gateway.exchange import ClientLeftError, Exchange
from gateway.metrics import Metrics
from gateway.protocols import openai
from gateway.record import Attempt, Record
from gateway.refusals import RefusedError
from gateway.routing.rungs import Rungs
from gateway.upstreams.breaker import Breaker
from gateway.upstreams.replicas import Replica, Replicas, SlotKey, version_of
from gateway.upstreams.retry_budget import RetryBudget
from gateway.upstreams.server import Begun, FailedError, Servers
from stanchion.routing.split import choose
from stanchion.serving.gateway_configuration import EndpointPlace
from stanchion.spec.endpoints import Rung
from stanchion.spec.models import VariantName

# Of the deadline, what is left to the rungs below a model that has to start first.
RESERVE_SECONDS = 1.0
# Of a stream, its end is kept to find what was counted in it.
TAIL_BYTES = 4096


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer from before.

    Args:
        status: of it.
        headers: to give with it.
        body: of it.
        request_id: whose it was.
        version: of the model that gave it.
        age_seconds: since then.
        fresh: whether it may be given in place of asking.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    request_id: str
    version: str
    age_seconds: float
    fresh: bool


class Cache(Protocol):
    """Where answers are kept."""

    async def get(self, exchange: Exchange, *, stale: bool) -> KeptAnswer | None:
        """The answer to the same request; None when there is none young enough."""
        ...

    def keep(
        self, exchange: Exchange, status: int, headers: list[tuple[bytes, bytes]], body: bytes, version: str
    ) -> None:
        """Keep an answer; does not wait and never fails."""
        ...


# Opens a ticket for people, and gives status, headers and body of the answer that says so.
OpenTicket = Callable[[Exchange], Awaitable[tuple[int, list[tuple[bytes, bytes]], bytes]]]


@dataclass(slots=True)
class Answering:
    """All that answering takes; one for each gateway.

    Args:
        replicas: of all slots.
        servers: connections to them.
        rungs: by endpoint.
        demand: told to the autoscaler.
        record: of events.
        metrics: of the gateway.
        cache: of answers; None without one.
        open_ticket: None when nobody answers tickets.
        budget: of retries.
        breakers: by slot.
    """

    replicas: Replicas
    servers: Servers
    rungs: dict[str, Rungs]
    demand: Demand
    record: Record
    metrics: Metrics
    cache: Cache | None
    open_ticket: OpenTicket | None
    budget: RetryBudget
    breakers: dict[SlotKey, Breaker]

    async def answer(self, exchange: Exchange) -> Attempt:
        """Answer, and write an event for each attempt.

        Returns:
            The attempt that the client's answer came from.

        Raises:
            RefusedError: no rung could.
            ClientLeftError: the client went before.
            FailedError: the answer broke off after its first byte; the connection has to be closed.
        """
        self.budget.request()
        kept = await self._kept(exchange, stale=False)
        if kept is not None:
            return kept
        failed: FailedError | None = None
        for rung in self._ladder(exchange):
            if rung in ("full", "quantized"):
                # A request that failed already is a load on whoever is asked next, and must not double it.
                if rung not in exchange.place.variants or not self._may_ask(failed):
                    continue
                try:
                    return await self._model(exchange, rung)
                except FailedError as error:
                    if exchange.sent:
                        raise
                    failed = error
            elif rung == "cached":
                kept = await self._kept(exchange, stale=True)
                if kept is not None:
                    return kept
                failed = failed or FailedError("not_cached", 503)
            elif self.open_ticket is not None:
                return await self._ticket(exchange, self.open_ticket)
        failed = failed or FailedError("no_rung", 503)
        raise RefusedError(
            failed.status, failed.error_class,
            f"endpoint '{exchange.asked.endpoint}' can't answer now ({failed.error_class}); ask again.",
            {"retry-after": "1"},
        )  # fmt: skip

    async def about(self, endpoint: str, place: EndpointPlace, path: str) -> tuple[int, bytes]:
        """What some server of an endpoint says of its model.

        Raises:
            FailedError: there is none, or it does not say.
        """
        for variant in place.variants:
            for slot in place.variants[variant].hosts:
                replica = self.replicas.pick(SlotKey(endpoint, variant, slot))
                if replica is not None:
                    return await self.servers.get(replica, path, place.rung_seconds)
        raise FailedError("no_replica", 503)

    def _ladder(self, exchange: Exchange) -> tuple[Rung, ...]:
        rungs = self.rungs[exchange.asked.endpoint]
        ladder = exchange.place.ladder
        return ladder[ladder.index(rungs.first(exchange.route.rung, monotonic())) :]

    async def _kept(self, exchange: Exchange, *, stale: bool) -> Attempt | None:
        rules = exchange.place.cache
        if self.cache is None or rules is None or (not stale and not rules.fresh_seconds):
            return None
        began = monotonic()
        found = await self.cache.get(exchange, stale=stale)
        if found is None:
            return None
        headers = [
            *found.headers,
            (b"content-length", b"%d" % len(found.body)),
            (b"age", b"%d" % found.age_seconds),
            (b"x-stanchion-cache", b"fresh" if found.fresh else b"stale"),
        ]
        await exchange.start(found.status, headers, "cached", found.version)
        first = monotonic()
        await exchange.piece(found.body, last=True)
        attempt = Attempt(
            "cached", "cached", found.status, began, monotonic(), version=found.version, first_byte=first,
            cache_source_id=found.request_id, answer=found.body,
        )  # fmt: skip
        self._saw(exchange, attempt)
        return attempt

    async def _ticket(self, exchange: Exchange, open_ticket: OpenTicket) -> Attempt:
        began = monotonic()
        status, headers, body = await open_ticket(exchange)
        await exchange.start(status, [*headers, (b"content-length", b"%d" % len(body))], "human", "")
        first = monotonic()
        await exchange.piece(body, last=True)
        attempt = Attempt("human", "ticket", status, began, monotonic(), first_byte=first)
        self._saw(exchange, attempt)
        return attempt

    async def _model(self, exchange: Exchange, variant: VariantName) -> Attempt:
        """Ask the slot that the split says; another one that serves too when that has nobody.

        Raises:
            FailedError: none of them answered.
        """
        failed: FailedError | None = None
        for slot in self._slots(exchange, variant):
            if not self._may_ask(failed):
                break
            try:
                return await self._slot(exchange, slot)
            except FailedError as error:
                if exchange.sent:
                    raise
                failed = error
        raise failed or FailedError("no_slot", 503)

    def _may_ask(self, failed: FailedError | None) -> bool:
        """Whether a request that failed, if it did, may be put before another server."""
        return failed is None or not failed.was_asked or self.budget.take()

    def _slots(self, exchange: Exchange, variant: VariantName) -> Iterator[SlotKey]:
        weights = exchange.route.slots(variant)
        by_user = exchange.route.split_by == "user" and exchange.caller.user
        endpoint = exchange.asked.endpoint
        chosen = choose(weights, exchange.caller.user if by_user else exchange.request_id, f"{endpoint}/{variant}")
        yield SlotKey(endpoint, variant, chosen)
        for other, weight in weights.items():
            if other != chosen and weight > 0:
                yield SlotKey(endpoint, variant, other)

    async def _slot(self, exchange: Exchange, slot: SlotKey) -> Attempt:
        began = monotonic()
        breaker = self.breakers.setdefault(slot, Breaker())
        self.demand.enter(slot)
        replica: Replica | None = None
        try:
            replica = await self._replica(exchange, slot)
            if exchange.deadline <= monotonic():
                raise FailedError("deadline", 504)
            if not breaker.allows(monotonic()):
                raise FailedError("breaker_open", 503)
            replica.in_flight += 1
            try:
                attempt = await self._ask(exchange, slot, replica, began)
            finally:
                replica.in_flight -= 1
        except FailedError as error:
            if error.was_asked:
                breaker.failed(monotonic())
            status = "timeout" if error.error_class == "timeout" else "error"
            self._saw(
                exchange,
                Attempt(
                    slot.variant, status, error.status, began, monotonic(), slot, replica,
                    version=version_of(slot, replica), error_class=error.error_class, tokens_out=exchange.streamed,
                    final=exchange.sent,
                ),
            )  # fmt: skip
            raise
        except ClientLeftError:
            breaker.left()
            self._saw(
                exchange,
                Attempt(
                    slot.variant, "cancelled", 499, began, monotonic(), slot, replica,
                    version=version_of(slot, replica), error_class="client_left", tokens_out=exchange.streamed,
                ),
            )  # fmt: skip
            raise
        except BaseException:
            # Whatever it was, it must not keep the next request from trying.
            breaker.left()
            raise
        finally:
            self.demand.leave(slot)
        breaker.succeeded()
        self._saw(exchange, attempt)
        return attempt

    async def _replica(self, exchange: Exchange, slot: SlotKey) -> Replica:
        replica = self.replicas.pick(slot)
        if replica is None and exchange.place.scale_to_zero:
            below = exchange.place.ladder[-1] != slot.variant
            seconds = exchange.deadline - monotonic() - (RESERVE_SECONDS if below else 0.0)
            if await exchange.unless_left(self.replicas.wait(slot, max(0.0, seconds))):
                replica = self.replicas.pick(slot)
        if replica is None:
            raise FailedError("no_replica", 503)
        return replica

    async def _ask(self, exchange: Exchange, slot: SlotKey, replica: Replica, began: float) -> Attempt:
        left = exchange.deadline - monotonic()
        asked = exchange.asked
        headers = {"x-request-id": exchange.request_id}
        if exchange.span is not None:
            headers.update(exchange.span.begin(slot, replica, began))
        version = version_of(slot, replica)
        begun: Begun = await exchange.unless_left(
            self.servers.ask(replica, asked, headers, min(left, exchange.place.rung_seconds))
        )
        try:
            if asked.stream and begun.status == 200:
                return await self._stream(exchange, slot, replica, began, begun, version)
            body: bytes = await exchange.unless_left(begun.whole(exchange.deadline - monotonic()))
        finally:
            begun.close()
        first = monotonic()
        headers_out = [*begun.headers, (b"content-length", b"%d" % len(body))]
        await exchange.start(begun.status, headers_out, slot.variant, version)
        await exchange.piece(body, last=True)
        tokens_in, tokens_out = openai.usage(body) if exchange.place.kind == "llm" else (0, 0)
        if self.cache is not None and exchange.place.cache is not None and begun.status == 200:
            self.cache.keep(exchange, begun.status, begun.headers, body, version)
        return Attempt(
            slot.variant, "answered", begun.status, began, monotonic(), slot, replica, version, first,
            tokens_in=tokens_in, tokens_out=tokens_out, answer=body,
        )  # fmt: skip

    async def _stream(
        self, exchange: Exchange, slot: SlotKey, replica: Replica, began: float, begun: Begun, version: str
    ) -> Attempt:
        """Pass pieces on as they come; until the first one is here, the next rung may still answer."""
        pieces = begun.pieces()
        seconds = min(exchange.place.rung_seconds, exchange.deadline - monotonic())
        try:
            async with asyncio.timeout(seconds):
                piece: bytes | None = await exchange.unless_left(anext(pieces, None))
        except TimeoutError:
            raise FailedError("timeout", 504) from None
        except aiohttp.ClientError:
            raise FailedError("broken", 502) from None
        if piece is None:
            raise FailedError("broken", 502)
        first = monotonic()
        await exchange.start(begun.status, begun.headers, slot.variant, version)
        tail = b""
        while piece is not None:
            await exchange.piece(piece)
            # A server sends a token in each event: what a client that leaves in the middle has got.
            exchange.streamed += piece.count(b"data:")
            tail = (tail + piece)[-TAIL_BYTES:]
            try:
                piece = await exchange.unless_left(anext(pieces, None))
            except aiohttp.ClientError:
                raise FailedError("broken_stream", 502) from None
        await exchange.piece(b"", last=True)
        tokens_in, tokens_out = openai.usage(tail)
        # Of a server that counts nothing, the last event only says that it is done.
        return Attempt(
            slot.variant, "answered", begun.status, began, monotonic(), slot, replica, version, first,
            tokens_in=tokens_in, tokens_out=tokens_out or max(0, exchange.streamed - 1),
        )  # fmt: skip

    def _saw(self, exchange: Exchange, attempt: Attempt) -> None:
        endpoint = exchange.asked.endpoint
        if attempt.status == "cancelled":
            self.record.attempt(exchange, attempt)
            return
        answered = attempt.status in ("answered", "cached", "ticket")
        # Until its answer began: of a rung that waits for capacity this counts as slow, as it is for who waits.
        seconds = (attempt.first_byte or attempt.ended) - attempt.began if answered else None
        self.rungs[endpoint].saw(attempt.rung, attempt.ended, seconds)
        if not answered:
            slot = attempt.slot
            self.metrics.failures.labels(
                endpoint, slot.variant if slot else "", slot.slot if slot else "", attempt.error_class
            ).inc()
        self.record.attempt(exchange, attempt)
