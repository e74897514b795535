"""The ASGI application that only the cluster reaches: health, metrics, and what the autoscaler asks."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.admission import Admission
from gateway.bodies import Receive
from gateway.demand import Demand
from gateway.exchange import Send
from gateway.metrics import Metrics
from gateway.peers import OWN, Peers
from gateway.routing.source import RoutingSource
from gateway.upstreams.server import Servers
from stanchion.serving.activation import PREFIX

_TEXT, _JSON = b"text/plain; version=0.0.4", b"application/json"
# What is wrong, in a few words; None when all is well.
Check = Callable[[], Awaitable[str | None]]


@dataclass(slots=True)
class Internal:
    """ASGI.

    Args:
        routing: what is in force.
        demand: of the slots, on this gateway.
        admission: how much is under way.
        metrics: of the gateway.
        checks: what has to be well for requests to come here, by name.
        lacks: what requests are answered without, by name; said, and no reason to be without requests.
        refresh: brings what metrics show up to date.
        leaving: set once the gateway takes no new requests.
        peers: the other gateways; None when there are none.
        servers: connections to them.
    """

    routing: RoutingSource
    demand: Demand
    admission: Admission
    metrics: Metrics
    checks: dict[str, Check]
    lacks: dict[str, Check]
    refresh: Callable[[], None]
    leaving: asyncio.Event
    peers: Peers | None
    servers: Servers

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "lifespan":
            while (message := await receive())["type"] != "lifespan.shutdown":
                await send({"type": f"{message['type']}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        status, kind, body = await self._answer(scope["path"], scope.get("query_string", b""))
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(b"content-type", kind), (b"content-length", str(len(body)).encode())],
            }
        )
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, path: str, query: bytes) -> tuple[int, bytes, bytes]:
        if path == "/healthz":
            return 200, _TEXT, b"ok\n"
        if path == "/readyz":
            wrong, lacking = await asyncio.gather(self.wrong(), _said(self.lacks))
            return (503 if wrong else 200), _JSON, orjson.dumps({"wrong": wrong, "lacking": lacking})
        if path == "/metrics":
            self._refresh()
            return 200, _TEXT, self.metrics.text()
        if path.startswith(PREFIX):
            activation = self.demand.of(path)
            if activation is not None:
                if self.peers is not None and query != OWN.encode():
                    activation = await self.peers.demand(self.servers, path, activation)
                return 200, _JSON, orjson.dumps(activation.document)
        return 404, _JSON, b"{}"

    async def wrong(self) -> dict[str, str]:
        """What keeps the gateway from being ready, by what it is about."""
        if self.leaving.is_set():
            return {"gateway": "it is about to end"}
        if self.routing.document is None:
            return {"routing": "there is no routing document yet"}
        return await _said(self.checks)

    def _refresh(self) -> None:
        self.refresh()
        self.metrics.in_flight.set(self.admission.in_flight)
        self.metrics.routing_epoch.set(self.routing.epoch)
        asked = self.routing.asked_at
        self.metrics.routing_age.set(-1 if asked is None else time.monotonic() - asked)


async def _said(checks: dict[str, Check]) -> dict[str, str]:
    """What is wrong, by the names of the checks that say so."""
    said = await asyncio.gather(*(check() for check in checks.values()))
    return {name: each for name, each in zip(checks, said, strict=True) if each is not None}
