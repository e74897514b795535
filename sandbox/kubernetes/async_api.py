"""The client of a control plane for programs that wait for many things at once: requests, and changes as they come."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from sandbox.kubernetes.api import Api, Document
from sandbox.kubernetes.errors import ApiError

MERGE = "application/merge-patch+json"
# Lists whose members have a key, such as conditions, are merged member by member: what others wrote stays.
STRATEGIC = "application/strategic-merge-patch+json"
_JSON = "application/json"
_SECONDS = 30
# The API server ends a watch after that; asked again, it goes on where it was.
_WATCH_SECONDS = 240
_RETRY_SECONDS = 0.5
# An object of etcd is at most 1.5 MiB, and a line of a watch has one of them.
_LARGEST_LINE = 4 * 2**20
_NOT_FOUND, _REFUSED = 404, 400


@dataclass(frozen=True)
class Change:
    """One object as it is now, or as it was last seen before it went.

    Args:
        gone: it is no longer there.
    """

    object: Document
    gone: bool = False


@dataclass
class AsyncApi:
    """One API server, as one user; an asynchronous context manager.

    Args:
        api: where it is and who asks.
    """

    api: Api
    _session: aiohttp.ClientSession | None = field(default=None, init=False, repr=False)

    async def __aenter__(self) -> "AsyncApi":
        self._session = aiohttp.ClientSession(
            f"https://{self.api.host}:{self.api.port}",
            connector=aiohttp.TCPConnector(ssl=self.api.tls),
            headers={"Authorization": f"Bearer {self.api.token}", "Accept": _JSON},
            # The machine's proxies have no say in it.
            trust_env=False,
            read_bufsize=_LARGEST_LINE,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(self, path: str, **query: str) -> Document | None:
        """An object or a list; none when it is not there.

        Raises:
            ApiError: the API server refused or does not answer.
        """
        return await self._ask("GET", path, query, missing=True)

    async def create(self, path: str, document: Document) -> Document:
        """Create an object in the list at the path.

        Raises:
            ApiError: the API server refused: it is there already, ...
        """
        return await self._ask("POST", path, {}, document) or {}

    async def patch(self, path: str, change: Document, kind: str = MERGE, **query: str) -> Document:
        """Change fields of an object; None takes one away.

        Args:
            kind: of the patch, as a content type.

        Raises:
            ApiError: the API server refused: it is not there, it is another one, ...
        """
        return await self._ask("PATCH", path, query, change, kind) or {}

    async def delete(self, path: str, *, grace_seconds: int, uid: str) -> bool:
        """Ask for the end of an object.

        Args:
            uid: of the object that is meant: one of the same name that came later stays.

        Returns:
            Whether it was there.

        Raises:
            ApiError: the API server refused.
        """
        options = {
            "kind": "DeleteOptions",
            "apiVersion": "v1",
            "gracePeriodSeconds": grace_seconds,
            "preconditions": {"uid": uid},
        }
        return await self._ask("DELETE", path, {}, options, missing=True) is not None

    async def follow(self, path: str, **query: str) -> AsyncIterator[Change]:
        """The objects of a list, then each change, without end: an API server that is away is asked until it is back.

        An object is told again when the list had to be read anew; one that went meanwhile is told as gone.
        """
        known: dict[str, Document] = {}
        while True:
            try:
                listed = await self._ask("GET", path, query) or {}
                version = str(listed["metadata"]["resourceVersion"])
                # Members of a list don't say their kind.
                now = {each["metadata"]["uid"]: each for each in listed.get("items") or []}
                for uid in [uid for uid in known if uid not in now]:
                    yield Change(known.pop(uid), gone=True)
                for uid, each in now.items():
                    known[uid] = each
                    yield Change(each)
                while version:
                    begin, version = version, ""
                    async for change, latest in self._watch(path, query, begin):
                        version = latest
                        if change is None:
                            continue
                        uid = change.object["metadata"]["uid"]
                        if change.gone:
                            known.pop(uid, None)
                        else:
                            known[uid] = change.object
                        yield change
            except ApiError:
                await asyncio.sleep(_RETRY_SECONDS)

    async def _watch(
        self, path: str, query: Mapping[str, str], version: str
    ) -> AsyncIterator[tuple[Change | None, str]]:
        """Changes with the version to go on from; an empty one where the list has to be read anew."""
        asked = {
            **query,
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": version,
            "timeoutSeconds": str(_WATCH_SECONDS),
        }
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_SECONDS, sock_read=_WATCH_SECONDS + _SECONDS)
        try:
            async with self._open().get(path, params=asked, timeout=timeout) as answer:
                if answer.status >= _REFUSED:
                    yield None, ""
                    return
                async for line in answer.content:
                    event = json.loads(line)
                    if event["type"] == "ERROR":
                        # Most often 410: the version is too old by now.
                        yield None, ""
                        return
                    found: Document = event["object"]
                    version = found["metadata"]["resourceVersion"]
                    told = None if event["type"] == "BOOKMARK" else Change(found, event["type"] == "DELETED")
                    yield told, version
        except (aiohttp.ClientError, TimeoutError, ValueError):
            # Also a line that was cut off when the server ended.
            await asyncio.sleep(_RETRY_SECONDS)
            yield None, ""

    async def _ask(
        self, method: str, path: str, query: Mapping[str, str], body: Document | None = None, kind: str = _JSON,
        *, missing: bool = False,
    ) -> Document | None:  # fmt: skip
        headers = {} if body is None else {"Content-Type": kind}
        data = None if body is None else json.dumps(body)
        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        try:
            async with self._open().request(
                method, path, params=query, data=data, headers=headers, timeout=timeout
            ) as answer:
                status, text = answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            said = f"the API server at {self.api.host}:{self.api.port} does not answer: {error}."
            raise ApiError(0, "Unreachable", said, {}) from error
        document: Any = None
        if text.startswith(b"{"):
            document = json.loads(text)
        if status == _NOT_FOUND and missing:
            return None
        if status >= _REFUSED:
            raise ApiError.from_answer(status, document)
        return document

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the client is used before it is entered")
        return self._session
