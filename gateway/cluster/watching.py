"""Watches all objects of one kind, and keeps of each what is wanted and no more."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import aiohttp
import orjson

from gateway.cluster.api import Api

log = logging.getLogger(__name__)
T = TypeVar("T")
_WATCH_SECONDS, _LIST_SECONDS = 240, 30.0
_FIRST_RETRY_SECONDS, _LONGEST_RETRY_SECONDS = 1.0, 10.0
# Of a list, so that a large one is never in memory as a whole.
_PAGE = 500
_GONE = 410


@dataclass(frozen=True, slots=True)
class Kind:
    """Which objects.

    Args:
        path: of their list.
        words: what they are called in the log.
        labels: selector; all when empty.
        metadata: whether their metadata is enough, so that the rest is not sent (Kubernetes API concepts).
    """

    path: str
    words: str
    labels: str = ""
    metadata: bool = False

    def accept(self, word: str) -> str:
        """The form that is asked for: of the objects, or of their list."""
        return f"application/json;as={word};g=meta.k8s.io;v=v1" if self.metadata else "application/json"


class Watch(Generic[T]):
    """Keeps what is known of the objects. While the API is gone, what was known last stays.

    Args:
        api: that is asked.
        kind: which objects.
        read: what is kept of one; None when it is of no interest.
        changed: told what is new and what is old, once `known` has it.
    """

    def __init__(
        self,
        api: Api,
        kind: Kind,
        read: Callable[[dict[str, Any]], T | None],
        changed: Callable[[Iterable[T]], None],
    ) -> None:
        self._api, self._kind, self._read, self._changed = api, kind, read, changed
        self.known: dict[str, T] = {}
        # Set once all are known.
        self.listed = asyncio.Event()
        self._retry = _FIRST_RETRY_SECONDS
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to watch."""
        self._task = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Watch no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _watch(self) -> None:
        while True:
            try:
                version = await self._list()
                self._retry = _FIRST_RETRY_SECONDS
                await self._follow(version)
            # What is known stays in use until the API answers again: a lost control plane loses no request.
            except (aiohttp.ClientError, OSError, TimeoutError, ValueError, KeyError) as error:
                if self._retry == _FIRST_RETRY_SECONDS:
                    status = f" {error.status}" if isinstance(error, aiohttp.ClientResponseError) else ""
                    log.warning("the API does not say which %s there are: %s%s", self._kind.words,
                                type(error).__name__, status)  # fmt: skip
                await asyncio.sleep(self._retry)
                self._retry = min(2 * self._retry, _LONGEST_RETRY_SECONDS)

    async def _list(self) -> str:
        found: dict[str, T] = {}
        asked = {"limit": str(_PAGE), **self._asked}
        while True:
            accept = self._kind.accept("PartialObjectMetadataList")
            async with self._api.get(self._kind.path, asked, accept, _LIST_SECONDS) as response:
                page = orjson.loads(await response.read())
            for each in page.get("items") or []:
                kept = self._read(each)
                if kept is not None:
                    found[each["metadata"]["name"]] = kept
            more = page["metadata"].get("continue")
            if not more:
                break
            asked["continue"] = more
        before, self.known = self.known, found
        names = [name for name in before.keys() | found.keys() if before.get(name) != found.get(name)]
        self._tell([each for name in names for each in (before.get(name), found.get(name))])
        self.listed.set()
        return page["metadata"]["resourceVersion"]

    async def _follow(self, version: str) -> None:
        asked = {"watch": "1", "resourceVersion": version, "timeoutSeconds": str(_WATCH_SECONDS), **self._asked}
        accept = self._kind.accept("PartialObjectMetadata")
        async with self._api.get(self._kind.path, asked, accept, _WATCH_SECONDS + 30, whole=False) as response:
            async for line in response.content:
                change = orjson.loads(line)
                found = change["object"]
                if change["type"] == "ERROR":
                    # What has been missed is listed again.
                    if found.get("code") != _GONE:
                        log.warning("the API ended a watch of %s: %s", self._kind.words, found.get("message"))
                    return
                self._take(found["metadata"]["name"], None if change["type"] == "DELETED" else self._read(found))

    def _take(self, name: str, kept: T | None) -> None:
        before = self.known.get(name)
        if before == kept:
            return
        if kept is None:
            self.known.pop(name, None)
        else:
            self.known[name] = kept
        self._tell((before, kept))

    def _tell(self, touched: Iterable[T | None]) -> None:
        there = [each for each in touched if each is not None]
        if there:
            self._changed(there)

    @property
    def _asked(self) -> dict[str, str]:
        return {"labelSelector": self._kind.labels} if self._kind.labels else {}
