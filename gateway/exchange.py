"""One request under way: what it asks, for whom, by which route, until when, and how its answer is sent."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gateway.bodies import Receive
from gateway.keys.caller import Caller
from gateway.protocols.asked import Asked
from gateway.tracing.spans import RequestSpan
from stanchion.routing.document import EndpointRoute
from stanchion.serving.gateway_configuration import EndpointPlace
from stanchion.spec.endpoints import Rung

T = TypeVar("T")
# Until somebody watches whether the client is still there.
WATCH_AFTER_SECONDS = 0.02
Send = Callable[[dict[str, Any]], Awaitable[None]]


class ClientLeftError(Exception):
    """The client closed the connection before its answer was complete."""


@dataclass(slots=True)
class Exchange:
    """Everything about one request.

    Args:
        asked: what.
        caller: for whom.
        place: of its endpoint.
        route: in force when it came in; a later document does not change it.
        request_id: that the client is told.
        begun: seconds of `time.monotonic`.
        at: seconds since 1970.
        send: of ASGI.
        receive: of ASGI; after the body it says when the client leaves.
        headers: of the answer, on top of those every answer has, such as a quota's warning.
        groups: attributes that the request declares.
        parent: the request that this one was made for.
        prompt_version: as declared.
        attempt: how many were made.
        began: when the first of them did, by the clock of `begun`.
        tokens: in and out, of all attempts.
        cost: estimated in USD, of all attempts.
        streamed: events of a stream that the client was sent.
        sent: whether the head of the answer is.
        left: whether the client is gone.
        span: of the request, when it is traced.
    """

    asked: Asked
    caller: Caller
    place: EndpointPlace
    route: EndpointRoute
    request_id: str
    begun: float
    at: float
    send: Send
    receive: Receive
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    groups: dict[str, str] = field(default_factory=dict)
    parent: str = ""
    prompt_version: str = ""
    attempt: int = 0
    began: float = 0.0
    tokens: int = 0
    cost: float = 0.0
    streamed: int = 0
    sent: bool = False
    left: bool = False
    span: RequestSpan | None = None
    _task: asyncio.Task[Any] | None = None
    _watch: asyncio.TimerHandle | None = None
    _watching: asyncio.Task[None] | None = None
    _working: bool = False

    @property
    def deadline(self) -> float:
        """Until when there has to be an answer, by the same clock."""
        return self.begun + self.place.deadline_seconds

    async def unless_left(self, work: Awaitable[T]) -> T:
        """The result of some work, unless the client leaves before it is done.

        The work is done by the task of the request itself, which whoever watches the client cancels: a task for each
        piece of work, and another that waits for either, would be a third of what the gateway adds to a request.

        Raises:
            ClientLeftError: it did; the work was cancelled.
        """
        if self._watch is None:
            loop = asyncio.get_running_loop()
            self._task = asyncio.current_task()
            # Most requests have their answer before that, and need nobody to watch.
            self._watch = loop.call_later(WATCH_AFTER_SECONDS, self._begin_watch)
        if self.left:
            # Nothing is begun for nobody.
            if inspect.iscoroutine(work):
                work.close()
            raise ClientLeftError
        self._working = True
        try:
            return await work
        except asyncio.CancelledError:
            if not self.left or self._task is None:
                raise
            self._task.uncancel()
            raise ClientLeftError from None
        finally:
            self._working = False

    async def start(self, status: int, headers: list[tuple[bytes, bytes]], rung: Rung, version: str) -> None:
        """Send the head of the answer, with what every answer says of itself."""
        self.sent = True
        said = [
            (b"x-stanchion-rung", rung.encode()),
            (b"x-stanchion-version", version.encode("latin-1", "replace")),
            (b"x-stanchion-request-id", self.request_id.encode()),
        ]
        await self.send({"type": "http.response.start", "status": status, "headers": [*headers, *said, *self.headers]})

    async def piece(self, body: bytes, *, last: bool = False) -> None:
        """Send a part of the body."""
        await self.send({"type": "http.response.body", "body": body, "more_body": not last})

    def close(self) -> None:
        """Nobody has to be told any more that the client leaves."""
        if self._watch is not None:
            self._watch.cancel()
        if self._watching is not None:
            self._watching.cancel()

    def _begin_watch(self) -> None:
        self._watching = asyncio.create_task(self._leaves())

    async def _leaves(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass
        self.left = True
        if self._working and self._task is not None:
            self._task.cancel()
