"""Quotas of one gateway: requests are decided at once, and the counters are told and asked beside them."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol

from gateway.keys.caller import Caller
from stanchion.quotas.amounts import amount
from stanchion.quotas.counters import CounterKey, Limit, subject
from stanchion.quotas.decision import Decision
from stanchion.quotas.ledger import Ledger
from stanchion.serving.gateway_configuration import EndpointPlace, Quota

log = logging.getLogger(__name__)
# Calls at a time, and the pause between rounds that could not wait.
_CALLS = 8
_LEAST_PAUSE_SECONDS = 0.1
# Callers whose limits are remembered.
_MOST_FOUND = 4096


class Counters(Protocol):
    """What all gateways share; calls block and may raise anything."""

    def add(self, key: CounterKey, amount: int) -> None:
        """Add to a counter."""
        ...

    def total(self, key: CounterKey) -> int:
        """The sum of a counter over the regions."""
        ...


class Quotas:
    """Decides in memory; `start` begins the rounds that keep it true.

    Args:
        counters: that all gateways share.
        sync_seconds: between two rounds; a use of a counter not read yet, or of a whole lease, begins one at once.
        share: of what is left that this gateway may use without hearing of the counters: one by the number of gateways.
        notice_seconds: after which they count as gone; three rounds when None.
        most: counters that are kept in memory.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        counters: Counters,
        *,
        sync_seconds: float = 1.0,
        share: float = 0.1,
        notice_seconds: float | None = None,
        most: int = 100_000,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._counters, self._sync_seconds, self._clock = counters, sync_seconds, clock
        self._early = asyncio.Event()
        self.ledger = Ledger(
            share=share,
            notice_seconds=3 * sync_seconds if notice_seconds is None else notice_seconds,
            now=clock(),
            most=most,
            wake=self._early.set,
        )
        self._found: dict[tuple[str, str, str], tuple[tuple[Quota, ...], EndpointPlace, list[Limit]]] = {}
        self._threads = ThreadPoolExecutor(_CALLS, "quotas")
        self._one_round = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    @property
    def store_gone_seconds(self) -> float:
        """For the metrics: since when the counters can't be reached; 0 when they can."""
        return self.ledger.gone_seconds(self._clock())

    def take(self, caller: Caller, endpoint_name: str, endpoint: EndpointPlace, now: float) -> Decision:
        """Let a request in and count it, or refuse it.

        Args:
            caller: whose request it is.
            endpoint_name: that is asked.
            endpoint: its place.
            now: seconds since 1970.
        """
        return self.ledger.take(self._limits(caller, endpoint_name, endpoint), now, endpoint.without_counters)

    def settle(
        self,
        caller: Caller,
        endpoint_name: str,
        endpoint: EndpointPlace,
        *,
        tokens: int = 0,
        usd: float = 0.0,
        now: float | None = None,
    ) -> None:
        """Count what an answer used, in the window in which it ended.

        Args:
            caller: whose request it was.
            endpoint_name: that was asked.
            endpoint: its place.
            tokens: in and out.
            usd: estimated.
            now: seconds since 1970; the clock's when None.
        """
        limits = self._limits(caller, endpoint_name, endpoint)
        at = self._clock() if now is None else now
        self.ledger.settle(limits, {"tokens": tokens, "usd": amount("usd", usd)}, at)

    async def start(self) -> None:
        """Begin the rounds."""
        self._task = asyncio.create_task(self._go_on())

    async def close(self, seconds: float = 5.0) -> None:
        """End them with a last one, so that what was used here is counted.

        Args:
            seconds: for all of it; what is not added until then is lost.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                # A round that is broken off does not know which of its amounts were added.
                async with self._one_round:
                    if self._task is not None:
                        self._task.cancel()
                await self.sync()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def sync(self) -> bool:
        """One round: add what was used, then read the sums. Returns whether it went through."""
        async with self._one_round:
            try:
                await _all([partial(self._add, key, more) for key, more in self.ledger.outgoing()])
                await _all([partial(self._read, key) for key in self.ledger.wanted(self._clock())])
            # Whatever goes wrong with the counters, requests go on by what is known.
            except Exception as error:
                if not self.store_gone_seconds:
                    log.warning("the counters of quotas can't be reached: %s", type(error).__name__)
                self.ledger.failed()
                return False
            self.ledger.well(self._clock())
            return True

    def _limits(self, caller: Caller, endpoint_name: str, endpoint: EndpointPlace) -> list[Limit]:
        """`limits_of`, remembered: the same callers come again and again."""
        who = (caller.key_id, caller.user, endpoint_name)
        found = self._found.get(who)
        if found is not None and found[0] is caller.limits and found[1] is endpoint:
            return found[2]
        limits = limits_of(caller, endpoint_name, endpoint)
        if len(self._found) >= _MOST_FOUND:
            self._found.clear()
        self._found[who] = caller.limits, endpoint, limits
        return limits

    async def _go_on(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._sync_seconds):
                    await self._early.wait()
            self._early.clear()
            # Whoever does not answer is not asked more often because there is so much to tell.
            await asyncio.sleep(_LEAST_PAUSE_SECONDS if await self.sync() else self._sync_seconds)

    async def _add(self, key: CounterKey, more: int) -> None:
        await asyncio.get_running_loop().run_in_executor(self._threads, self._counters.add, key, more)
        self.ledger.sent(key, more)

    async def _read(self, key: CounterKey) -> None:
        total = await asyncio.get_running_loop().run_in_executor(self._threads, self._counters.total, key)
        self.ledger.heard(key, total)


def limits_of(caller: Caller, endpoint_name: str, endpoint: EndpointPlace) -> list[Limit]:
    """All limits that hold for a request: those of the endpoint, and those of the key over all of its endpoints.

    Args:
        caller: whose request it is.
        endpoint_name: that is asked.
        endpoint: its place.
    """
    who = {"key_id": caller.key_id, "user": caller.user, "use_case": endpoint.use_case}
    return [
        *(Limit(quota, subject(quota, **who, endpoint=endpoint_name)) for quota in endpoint.quotas),
        *(Limit(quota, subject(quota, **who)) for quota in caller.limits),
    ]


async def _all(calls: Sequence[Callable[[], Awaitable[None]]]) -> None:
    """Make them, some at a time; after the first that fails no further one is begun, and it is raised."""
    left, failed = iter(calls), list[Exception]()

    async def some() -> None:
        for call in left:
            if failed:
                return
            try:
                await call()
            except Exception as error:
                failed.append(error)

    await asyncio.gather(*(some() for _ in range(min(_CALLS, len(calls)))))
    if failed:
        raise failed[0]
