"""A cache that gateways share, in Valkey. A request does not wait for one that is slow or gone."""

import asyncio
import logging
import time
from collections.abc import Callable
from uuid import uuid4

import valkey.asyncio
from valkey.asyncio.retry import Retry
from valkey.backoff import NoBackoff
from valkey.exceptions import ValkeyError

from gateway.cache.entry import Entry

log = logging.getLogger(__name__)
_CONNECTIONS = 16
_CANARY_SECONDS = 10


class ValkeyCache:
    """Valkey, or ElastiCache for it.

    Args:
        address: name and port, such as `cache.example:6379`.
        prefix: of all keys, so that environments may share a server.
        tls: whether the connection is encrypted, as it is on AWS.
        patience_seconds: that one call may take.
        pause_seconds: for which it is left alone after a call that failed: misses are cheap then.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        address: str,
        *,
        prefix: str,
        tls: bool = False,
        patience_seconds: float = 0.05,
        pause_seconds: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        host, _, port = address.rpartition(":")
        self._prefix, self._patience, self._pause, self._clock = prefix, patience_seconds, pause_seconds, clock
        pool = valkey.asyncio.BlockingConnectionPool(
            connection_class=valkey.asyncio.SSLConnection if tls else valkey.asyncio.Connection,
            host=host, port=int(port), max_connections=_CONNECTIONS, timeout=None,
            socket_timeout=patience_seconds, socket_connect_timeout=max(patience_seconds, 0.5),
            # A second try would be a second wait.
            retry=Retry(NoBackoff(), 0), lib_name=None, lib_version=None,
        )  # fmt: skip
        self._client = valkey.asyncio.Valkey.from_pool(pool)
        self._failed_at: float | None = None
        self._gone_since: float | None = None
        self.failed = 0

    @property
    def store_gone_seconds(self) -> float:
        """For the metrics: since when it does not answer; 0 when it did the last time."""
        return 0.0 if self._gone_since is None else self._clock() - self._gone_since

    async def get(self, key: str) -> Entry | None:
        """An answer; None when there is none, or it can't be had in time."""
        if self._paused:
            return None
        try:
            async with asyncio.timeout(self._patience):
                value = await self._client.get(self._prefix + key)
        except (ValkeyError, OSError, TimeoutError) as error:
            self._fails(error)
            return None
        self._works()
        return Entry.decode(value) if isinstance(value, bytes) else None

    async def put(self, key: str, entry: Entry, seconds: int) -> None:
        """Keep an answer for a time."""
        if self._paused or seconds <= 0:
            return
        try:
            # No request waits for this: it may take its time, but not for ever.
            async with asyncio.timeout(10 * self._patience):
                await self._client.set(self._prefix + key, entry.encode(), ex=seconds)
        except (ValkeyError, OSError, TimeoutError) as error:
            self._fails(error)
            return
        self._works()

    async def well(self) -> str | None:
        """What is wrong with it: whether what is kept is given again; asks even while it is left alone."""
        # Another one each time, so that none is taken for another's.
        canary = uuid4()
        try:
            async with asyncio.timeout(10 * self._patience):
                key = f"{self._prefix}canary/{canary}"
                await self._client.set(key, canary.bytes, ex=_CANARY_SECONDS)
                given = await self._client.get(key)
        except (ValkeyError, OSError, TimeoutError) as error:
            self._gone(error)
            return f"the cache does not answer ({type(error).__name__})"
        if given != canary.bytes:
            return "the cache does not give what it was given to keep"
        self._works()
        return None

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    @property
    def _paused(self) -> bool:
        return self._failed_at is not None and self._clock() - self._failed_at < self._pause

    def _fails(self, error: Exception) -> None:
        self.failed += 1
        self._failed_at = self._clock()
        self._gone(error)

    def _gone(self, error: Exception) -> None:
        if self._gone_since is None:
            log.warning("the cache does not answer: %s", type(error).__name__)
            self._gone_since = self._clock()

    def _works(self) -> None:
        self._failed_at = self._gone_since = None
