"""Finds out whose key it is, out of memory: the table is asked for each key once in a while and not for each request.

A key is asked for again in the background when half of its time is over, so that requests do not wait and a revoked key
still ends in time. Both what is known and what is known not to exist are bounded in number: ids that somebody makes up
take no memory from others. While the table does not answer, known keys go on for a declared time, and unknown ones are
told to come again: what can't be known is not refused as wrong.
"""

import asyncio
import contextlib
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway.keys.caller import Caller
from gateway.keys.headers import bearer, user
from gateway.keys.key_table import KeyTable
from gateway.keys.refused import CantTellError, UnauthenticatedError
from gateway.keys.tokens import Tokens
from stanchion.keys import api_key
from stanchion.keys.key_item import KeyItem, KeyItemError

log = logging.getLogger(__name__)
_NOBODY = "there is no such key; send one as 'authorization: Bearer sk-stn-...'."
# Calls at a time: unknown ids have threads of their own, so that made up ones don't keep known keys from being renewed.
_CALLS = 4
# Requests with unknown ids that wait for a call; more are told to come again.
_WAITING = 64


@dataclass(slots=True)
class _Entry:
    """A key as the table had it; None for an item that can't be read."""

    item: KeyItem | None
    read_at: float


class KeyRing:
    """Authenticates requests.

    Args:
        client: boto3's of `dynamodb`.
        table: of keys.
        tokens: takes tokens of an OpenID provider as well; None for keys only.
        refresh_seconds: within which a revoked key ends, and a new one of an id that was asked for before works.
        gone_seconds: for which known keys go on while the table does not answer.
        patience_seconds: that a request waits for the table at most.
        pause_seconds: for which a table that did not answer is left alone.
        most: keys that are kept in memory, and ids known not to exist likewise.
        clock: seconds that only go forward.
        wall: seconds since 1970, which keys expire by.
    """

    def __init__(
        self,
        client: Any,
        table: str,
        *,
        tokens: Tokens | None = None,
        refresh_seconds: float = 30.0,
        gone_seconds: float = 900.0,
        patience_seconds: float = 2.0,
        pause_seconds: float = 2.0,
        most: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._table, self._tokens = KeyTable(client, table), tokens
        self._refresh, self._gone, self._patience, self._pause = (
            refresh_seconds, gone_seconds, patience_seconds, pause_seconds,
        )  # fmt: skip
        self._most, self._clock, self._wall = most, clock, wall
        self._known: OrderedDict[str, _Entry] = OrderedDict()
        self._unknown: OrderedDict[str, float] = OrderedDict()
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._calls_known, self._calls_unknown = asyncio.Semaphore(_CALLS), asyncio.Semaphore(_CALLS)
        # Not the loop's own threads: a table that hangs must not keep the routing document from being read.
        self._threads = ThreadPoolExecutor(2 * _CALLS, "keys")
        self._waiting = 0
        self._failed_at: float | None = None
        self._gone_since: float | None = None

    @property
    def store_gone_seconds(self) -> float:
        """For the metrics: since when the table does not answer; 0 when it did the last time."""
        return 0.0 if self._gone_since is None else self._clock() - self._gone_since

    async def authenticate(self, headers: Mapping[Any, Any]) -> Caller:
        """Whose request it is.

        Args:
            headers: of the request, names in small letters, all bytes or all text.

        Raises:
            UnauthenticatedError: nothing presented, unknown, revoked or expired.
            ForbiddenError: a good token that names no team or no use case.
            CantTellError: the table, or the keys of the OpenID provider, can't be asked now.
        """
        presented = bearer(headers)
        if not presented:
            raise UnauthenticatedError("there is no key; send one as 'authorization: Bearer sk-stn-...'.")
        if not presented.startswith(api_key.PREFIX):
            if self._tokens is None or presented.count(".") != 2:
                raise UnauthenticatedError(_NOBODY)
            return await self._tokens.authenticate(presented)
        key = api_key.read(presented)
        if key is None:
            raise UnauthenticatedError(_NOBODY)
        item = await self._item(key.id)
        if item is None or not key.matches(item.digest):
            raise UnauthenticatedError(_NOBODY)
        state = item.state(datetime.fromtimestamp(self._wall(), UTC))
        if state != "active":
            raise UnauthenticatedError(f"the key {key.id} {'is revoked' if state == 'revoked' else 'has expired'}.")
        return Caller(item.id, item.team, item.use_case, user(headers), item.limits, item.endpoints)

    async def close(self) -> None:
        """Ask no more."""
        tasks = list(self._asking.values())
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _item(self, key_id: str) -> KeyItem | None:
        entry = self._known.get(key_id)
        if entry is None:
            return await self._first(key_id)
        self._known.move_to_end(key_id)
        age = self._clock() - entry.read_at
        if age >= self._refresh / 2 and not self._paused:
            task = self._ask(key_id, self._calls_known)
            if age >= self._refresh:
                await self._wait(task)
                entry = self._known.get(key_id)
                if entry is None:
                    # The table answered that there is none any more.
                    return None
                age = self._clock() - entry.read_at
        if age >= self._refresh and age >= self._gone:
            raise CantTellError("the keys can't be looked up now; the request is good for another try.")
        return entry.item

    async def _first(self, key_id: str) -> KeyItem | None:
        """Of an id that is not known."""
        until = self._unknown.get(key_id)
        if until is not None and self._clock() < until:
            return None
        if self._paused or self._waiting >= _WAITING:
            raise CantTellError("the key can't be looked up now; the request is good for another try.")
        self._waiting += 1
        try:
            await self._wait(self._ask(key_id, self._calls_unknown))
        finally:
            self._waiting -= 1
        entry = self._known.get(key_id)
        if entry is not None:
            return entry.item
        if key_id in self._unknown:
            return None
        raise CantTellError("the key can't be looked up now; the request is good for another try.")

    @property
    def _paused(self) -> bool:
        return self._failed_at is not None and self._clock() - self._failed_at < self._pause

    async def _wait(self, task: asyncio.Task[None]) -> None:
        """For as long as a request has patience; the call goes on for those that come after it."""
        await asyncio.wait((task,), timeout=self._patience)
        if not task.done():
            self._failed(TimeoutError())

    def _ask(self, key_id: str, calls: asyncio.Semaphore) -> asyncio.Task[None]:
        """One call for all who want to know it."""
        task = self._asking.get(key_id)
        if task is None:
            task = asyncio.create_task(self._look_up(key_id, calls))
            self._asking[key_id] = task
            task.add_done_callback(lambda _: self._asking.pop(key_id, None))
        return task

    async def _look_up(self, key_id: str, calls: asyncio.Semaphore) -> None:
        loop = asyncio.get_running_loop()
        async with calls:
            # What the table says is as old as the question.
            asked_at = self._clock()
            try:
                item = await loop.run_in_executor(self._threads, self._table.find, key_id)
            except KeyItemError as error:
                log.error("%s", error)
                self._keep(key_id, _Entry(None, asked_at))
            # Whatever goes wrong with asking: it is not known, and said so.
            except Exception as error:
                self._failed(error)
                return
            else:
                if item is None:
                    self._forget(key_id)
                else:
                    self._keep(key_id, _Entry(item, asked_at))
            self._failed_at = self._gone_since = None

    def _keep(self, key_id: str, entry: _Entry) -> None:
        self._unknown.pop(key_id, None)
        self._known[key_id] = entry
        self._known.move_to_end(key_id)
        while len(self._known) > self._most:
            self._known.popitem(last=False)

    def _forget(self, key_id: str) -> None:
        self._known.pop(key_id, None)
        self._unknown[key_id] = self._clock() + self._refresh
        self._unknown.move_to_end(key_id)
        while len(self._unknown) > self._most:
            self._unknown.popitem(last=False)

    def _failed(self, error: Exception) -> None:
        if self._gone_since is None:
            log.warning("keys can't be looked up: %s", type(error).__name__)
            self._gone_since = self._clock()
        self._failed_at = self._clock()
