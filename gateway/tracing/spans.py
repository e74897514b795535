"""What a request and its attempts tell whoever traces them. Nothing here, nor what uses it, imports OpenTelemetry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gateway.exchange import Send
    from gateway.protocols.asked import Asked
    from gateway.record import Attempt
    from gateway.upstreams.replicas import Replica, SlotKey
    from stanchion.serving.gateway_configuration import EndpointPlace


class RequestSpan(Protocol):
    """One request. It is told neither bodies nor keys nor users."""

    def through(self, send: Send) -> Send:
        """Sends, and sees the status that is sent."""
        ...

    def asks(self, asked: Asked, place: EndpointPlace, request_id: str) -> None:
        """What is asked for is known."""
        ...

    def begin(self, slot: SlotKey, replica: Replica, began: float) -> dict[str, str]:
        """An attempt is about to ask a server; gives the headers that tell it of the trace."""
        ...

    def attempted(self, attempt: Attempt) -> None:
        """An attempt ended, or the request was refused."""
        ...

    def end(self, error: BaseException | None) -> None:
        """The request ended.

        Args:
            error: that nobody expected; None when there was none.
        """
        ...


class Tracing(Protocol):
    """Traces requests."""

    def begin(self, method: str, path: str, headers: Iterable[tuple[bytes, bytes]]) -> RequestSpan:
        """A request came.

        Args:
            method: of HTTP.
            path: of HTTP.
            headers: as ASGI has them; the trace that it is part of is read from them.
        """
        ...

    async def close(self) -> None:
        """Send what is left."""
        ...
