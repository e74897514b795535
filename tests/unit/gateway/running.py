"""A gateway on a real port of this process, before real HTTP servers that do as they are told."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import uvicorn
from aiohttp import web

from gateway.build import Gateway, Parts, build
from gateway.keys.caller import Caller
from gateway.refusals import RefusedError
from gateway.routing.source import RoutingSource
from stanchion.events.inference import InferenceEvent
from stanchion.quotas.decision import ALLOWED, Decision
from stanchion.routing.document import EndpointRoute, RoutingDocument
from stanchion.serving.gateway_configuration import EndpointPlace, GatewayConfiguration, Limits, RoutingPlace


@dataclass
class Upstream:
    """A model's server that answers who it is, or does what `mode` says: slow, 503, cut, cut_stream."""

    name: str
    mode: str = "ok"
    seconds: float = 0.0
    asked: list[dict[str, Any]] = field(default_factory=list)
    host: str = ""
    release: asyncio.Event = field(default_factory=asyncio.Event)
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.host = f"127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        self.release.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        text = await request.read()
        length = request.headers.get("inference-header-content-length")
        head = text[: int(length)] if length else text
        document = json.loads(head) if head.startswith(b"{") else {}
        self.asked.append({"path": request.path, "headers": dict(request.headers), "body": document})
        if self.mode == "slow":
            await self.release.wait()
        if self.seconds:
            await asyncio.sleep(self.seconds)
        if self.mode.isdigit():
            return web.Response(status=int(self.mode))
        if self.mode == "cut":
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if document.get("stream"):
            return await self._stream(request)
        usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
        return web.json_response({"who": self.name, "usage": usage})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        for number in range(3):
            await response.write(f'data: {{"n": {number}, "who": "{self.name}"}}\n\n'.encode())
            if self.mode == "cut_stream":
                await self.release.wait()
                assert request.transport is not None
                request.transport.close()
                return response
            if self.mode == "hold_stream" and number == 0:
                await self.release.wait()
        await response.write(b"data: [DONE]\n\n")
        return response


class OpenDoor:
    """Lets everybody in who has the key, and has no limits."""

    settled: tuple[int, float] | None = None

    async def __call__(self, headers: Mapping[bytes, bytes]) -> Caller:
        if headers.get(b"authorization") != b"Bearer known":
            raise RefusedError(401, "key", "there is no such key.")
        return Caller("k1", "team-a", "testing", headers.get(b"x-stanchion-user", b"").decode("latin-1"))

    def take(self, caller: Caller, endpoint_name: str, endpoint: EndpointPlace, now: float) -> Decision:
        return ALLOWED

    def settle(
        self, caller: Caller, endpoint_name: str, endpoint: EndpointPlace, *, tokens: int = 0, usd: float = 0.0
    ) -> None:
        self.settled = (tokens, usd)


@dataclass
class Running:
    """A gateway that answers at `url`."""

    gateway: Gateway
    url: str
    client: aiohttp.ClientSession
    events: list[InferenceEvent]
    routing: "Published"
    door: OpenDoor

    def chat(self, endpoint: str = "chat", **more: Any) -> Any:
        body = {"model": endpoint, "messages": [{"role": "user", "content": "hello"}], **more.pop("body", {})}
        return self.client.post(f"{self.url}/v1/chat/completions", json=body, **more)


@dataclass
class Published:
    """What is published, as AppConfig would give it."""

    document: RoutingDocument
    given: int = -1

    def __call__(self) -> bytes | None:
        if self.given == self.document.epoch:
            return None
        self.given = self.document.epoch
        return self.document.model_dump_json().encode()

    def publish(self, **endpoints: EndpointRoute) -> None:
        self.document = self.document.model_copy(
            update={"epoch": self.document.epoch + 1, "endpoints": {**self.document.endpoints, **endpoints}}
        )


def place(ladder: tuple[str, ...], hosts: dict[str, dict[str, str]], **more: Any) -> EndpointPlace:
    """An endpoint whose variants are at hosts by slot."""
    variants = {name: {"concurrency": 4, "pool": "general", "hosts": slots} for name, slots in hosts.items()}
    told = {"kind": "llm", "tier": "standard", "use_case": "testing", "model": "served", "rung_seconds": 10.0}
    return EndpointPlace.model_validate({**told, "ladder": ladder, "variants": variants, **more})


def configuration(endpoints: dict[str, EndpointPlace], limits: Limits | None = None) -> GatewayConfiguration:
    return GatewayConfiguration(
        environment="test", account="000000000000", region="us-east-1", tiers=("critical", "standard"),
        endpoints=endpoints, limits=limits or Limits(),
        routing=RoutingPlace(application="test-routing", environment="us-east-1", profile="routing", poll_seconds=0.05),
        event_stream="events", key_table="keys", quota_table="quotas", hash_key="hash",
    )  # fmt: skip


@contextlib.asynccontextmanager
async def running(
    folder: Path, endpoints: dict[str, EndpointPlace], limits: Limits | None = None, **parts: Any
) -> AsyncIterator[Running]:
    """A gateway that is up, and a client with a key; all is ended afterwards."""
    told = configuration(endpoints, limits)
    published = Published(
        RoutingDocument(
            environment="test", region="us-east-1", epoch=1, written_at=datetime.now(UTC),
            endpoints={name: EndpointRoute() for name in endpoints},
        )
    )  # fmt: skip
    source = RoutingSource(
        published, folder / "routing.json", environment="test", region="us-east-1", poll_seconds=0.05
    )
    await source.start()
    events: list[InferenceEvent] = []
    door = OpenDoor()
    gateway = build(
        told,
        Parts(
            source, door, door, events.append, lambda pool, kind, ms: (ms / 1000, "2026-01-01"),
            lambda user: (f"hash of {user}", "1") if user else ("", ""), lambda exchange, answer: ({}, "", 0.0),
            **parts,
        ),
        "gateway-1", fixed=True,
    )  # fmt: skip
    await gateway.start()
    try:
        async with (
            serving(gateway.public) as url,
            aiohttp.ClientSession(headers={"authorization": "Bearer known"}) as client,
        ):
            yield Running(gateway, url, client, events, published, door)
    finally:
        await gateway.close()
        await source.close()


@contextlib.asynccontextmanager
async def serving(app: Any, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """An application that answers at a URL."""
    server = uvicorn.Server(uvicorn.Config(app, host=host, port=0, log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.001)
    try:
        yield f"http://{host}:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
