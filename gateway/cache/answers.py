"""Gives answers again: fresh ones in place of asking the model, stale ones on their own rung."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import orjson

from gateway.answering import KeptAnswer
from gateway.cache.entry import Entry, kept_headers
from gateway.cache.request_key import request_key
from gateway.cache.response_cache import ResponseCache
from gateway.cache.streamed import CONTENT_TYPE, streamed
from gateway.exchange import Exchange

# Versions whose answers are looked for when nobody says which are in service: the last ones that answered.
_VERSIONS = 3
# Answers on their way into the cache; more are not kept.
_MOST_PUTS = 256
# Versions whose model serves now, best first; empty when nobody knows.
Versions = Callable[[Exchange], Sequence[str]]


class Answers:
    """Answers of one gateway.

    Args:
        cache: where they are kept.
        versions: that serve an endpoint now. An answer of another one is stale, however young.
        clock: seconds since 1970.
    """

    def __init__(self, cache: ResponseCache, versions: Versions, clock: Callable[[], float] = time.time) -> None:
        self._cache, self._versions, self._clock = cache, versions, clock
        self._seen: dict[str, list[str]] = {}
        self._pointed: dict[str, float] = {}
        self._putting: set[asyncio.Task[None]] = set()
        # For the metrics.
        self.hits = self.misses = self.not_kept = 0

    async def get(self, exchange: Exchange, *, stale: bool) -> KeptAnswer | None:
        """The answer to the same request; None when there is none young enough.

        Args:
            exchange: the request.
            stale: whether the rung is `cached`: then answers of versions that no longer serve are taken as well, and
                for longer.
        """
        rules = exchange.place.cache
        if rules is None:
            return None
        serving = list(self._versions(exchange))
        versions = list(serving)
        if stale:
            versions += [each for each in await self._last_versions(exchange.asked.endpoint) if each not in serving]
        now = self._clock()
        for version in versions:
            entry = await self._cache.get(request_key(exchange.asked, version, _user(exchange)))
            # A clock of another gateway may be a little ahead of this one's.
            age = max(0.0, now - entry.stored_at) if entry is not None else 0.0
            if entry is None or age >= (rules.stale_seconds if stale else rules.fresh_seconds):
                continue
            given = _as_asked(exchange, entry)
            if given is not None:
                self.hits += 1
                fresh = version in serving and age < rules.fresh_seconds
                headers, body = given
                return KeptAnswer(entry.status, headers, body, entry.request_id, entry.version, age, fresh)
        self.misses += 1
        return None

    def keep(
        self, exchange: Exchange, status: int, headers: list[tuple[bytes, bytes]], body: bytes, version: str
    ) -> None:
        """Keep an answer; does not wait and never fails. Only whole, good ones within the endpoint's size are kept."""
        rules = exchange.place.cache
        if rules is None or status != 200:
            return
        if len(body) > rules.largest_bytes or len(self._putting) >= _MOST_PUTS:
            self.not_kept += 1
            return
        now = self._clock()
        entry = Entry(status, kept_headers(headers), body, exchange.request_id, version, now)
        seconds = max(rules.fresh_seconds, rules.stale_seconds)
        endpoint = exchange.asked.endpoint
        self._begin(self._cache.put(request_key(exchange.asked, version, _user(exchange)), entry, seconds))
        seen = self._seen.get(endpoint, [])
        new = version not in seen
        if new:
            self._seen[endpoint] = seen = [version, *seen][:_VERSIONS]
        if new or now - self._pointed.get(endpoint, now) >= seconds / 2:
            self._pointed[endpoint] = now
            # So that a gateway that starts while no model answers knows what to look for.
            pointer = Entry(200, (), orjson.dumps(seen), "", version, now)
            self._begin(self._cache.put(_pointer(endpoint), pointer, seconds))

    @property
    def store_gone_seconds(self) -> float:
        """For the metrics: since when the cache does not answer; 0 when it did the last time."""
        return self._cache.store_gone_seconds

    async def well(self) -> str | None:
        """What is wrong with the cache, in a few words; None when nothing is."""
        return await self._cache.well()

    async def close(self) -> None:
        """Wait for what is on its way, and close the cache."""
        if self._putting:
            await asyncio.wait(self._putting, timeout=1.0)
        await self._cache.close()

    async def _last_versions(self, endpoint: str) -> list[str]:
        seen = self._seen.get(endpoint)
        if seen is None:
            seen = []
            entry = await self._cache.get(_pointer(endpoint))
            with contextlib.suppress(orjson.JSONDecodeError):
                found = orjson.loads(entry.body) if entry is not None else []
                seen = [each for each in found if isinstance(each, str)][:_VERSIONS]
            if seen:
                self._seen.setdefault(endpoint, seen)
        return seen

    def _begin(self, put: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(put)
        self._putting.add(task)
        task.add_done_callback(self._putting.discard)


def _pointer(endpoint: str) -> str:
    return f"versions/{endpoint}"


def _user(exchange: Exchange) -> str | None:
    """Whose answer it is. Who names no user is one, the key: nothing here can tell its people apart."""
    rules, caller = exchange.place.cache, exchange.caller
    return None if rules is not None and rules.shared else f"{caller.key_id}\0{caller.user}"


def _as_asked(exchange: Exchange, entry: Entry) -> tuple[list[tuple[bytes, bytes]], bytes] | None:
    """Headers and body in the form that was asked for; None when an answer can't be given in it."""
    if not exchange.asked.stream:
        return list(entry.headers), entry.body
    document = exchange.asked.document or {}
    options = document.get("stream_options")
    wants_usage = isinstance(options, dict) and options.get("include_usage") is True
    body = streamed(entry.body, usage=wants_usage)
    return None if body is None else ([(b"content-type", CONTENT_TYPE)], body)
