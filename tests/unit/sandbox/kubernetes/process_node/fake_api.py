"""A control plane in memory, as far as a process node asks it."""

import asyncio
import copy
from collections.abc import AsyncIterator, Callable
from typing import Any

from sandbox.kubernetes.async_api import Change
from sandbox.kubernetes.errors import ApiError


class FakeApi:
    """Objects by path; what was asked; and the changes that a watch tells."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.patches: list[tuple[str, dict[str, Any]]] = []
        self.deleted: list[str] = []
        self.changes: asyncio.Queue[Change] = asyncio.Queue()
        self.failures: list[ApiError] = []

    async def get(self, path: str, **_: str) -> dict[str, Any] | None:
        return copy.deepcopy(self.objects.get(path))

    async def create(self, path: str, document: dict[str, Any]) -> dict[str, Any]:
        name = f"{path}/{document['metadata']['name']}"
        if name in self.objects:
            raise ApiError(409, "AlreadyExists", "it is there already", {})
        self.objects[name] = document
        document["metadata"].setdefault("uid", f"uid-of-{name}")
        return document

    async def patch(self, path: str, change: dict[str, Any], _: str = "") -> dict[str, Any]:
        if self.failures:
            raise self.failures.pop(0)
        if path.removesuffix("/status") not in self.objects:
            raise ApiError(404, "NotFound", "it is not there", {})
        self.patches.append((path, copy.deepcopy(change)))
        found = self.objects[path.removesuffix("/status")]
        found.update({key: value for key, value in change.items() if key != "metadata"})
        return found

    async def delete(self, path: str, *, grace_seconds: int, uid: str) -> bool:
        assert uid
        if self.failures:
            raise self.failures.pop(0)
        assert grace_seconds == 0
        self.deleted.append(path)
        return self.objects.pop(path, None) is not None

    async def follow(self, path: str, **_: str) -> AsyncIterator[Change]:
        assert path
        while True:
            yield await self.changes.get()


async def until(true: Callable[[], Any], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.005)
