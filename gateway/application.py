"""The ASGI application that clients reach: who asks, whether they may, and the answer."""

import asyncio
import logging
import secrets
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.admission import Admission
from gateway.answering import Answering
from gateway.bodies import ClientGoneError, Receive, read_body
from gateway.exchange import ClientLeftError, Exchange, Send
from gateway.keys.caller import Caller, authorise
from gateway.metrics import Metrics
from gateway.protocols import open_inference, openai
from gateway.protocols.asked import Asked
from gateway.quotas.refused import WARNING_HEADER, QuotaError
from gateway.record import Attempt
from gateway.refusals import RefusedError
from gateway.routing.source import RoutingSource
from gateway.tracing.spans import RequestSpan, Tracing
from gateway.upstreams.server import FailedError
from stanchion.events.inference import Status
from stanchion.quotas.decision import Decision
from stanchion.serving.gateway_configuration import EndpointPlace, GatewayConfiguration

log = logging.getLogger(__name__)
JSON = [(b"content-type", b"application/json")]
# What clients declare of themselves is theirs to choose; it is cut, and goes no further than events.
_LONGEST_DECLARED = 128
_GROUP = b"x-stanchion-group-"


# Whose request it is, by its headers; raises RefusedError for nobody.
Authenticate = Callable[[Mapping[bytes, bytes]], Awaitable[Caller]]


class Quotas(Protocol):
    """What callers may use."""

    def take(self, caller: Caller, endpoint_name: str, endpoint: EndpointPlace, now: float) -> Decision:
        """Count the request, or refuse it."""
        ...

    def settle(
        self, caller: Caller, endpoint_name: str, endpoint: EndpointPlace, *, tokens: int = 0, usd: float = 0.0
    ) -> None:
        """Count what the answer used."""
        ...


# Status and body for a path that is not about a model, such as a ticket's; None when the path is none of its own.
Other = Callable[[str, str, Caller, bytes], Awaitable[tuple[int, bytes] | None]]


@dataclass(slots=True)
class Application:
    """ASGI.

    Args:
        configuration: of the gateway.
        routing: what is in force.
        answering: asks the models and the rungs below.
        admission: who is let in.
        authenticate: whose request it is.
        quotas: what is left to them.
        metrics: of the gateway.
        other: paths that are not about a model.
        leaving: set once the gateway is about to end.
        tracing: of requests; None when nobody collects spans.
    """

    configuration: GatewayConfiguration
    routing: RoutingSource
    answering: Answering
    admission: Admission
    authenticate: Authenticate
    quotas: Quotas
    metrics: Metrics
    other: Other | None
    leaving: asyncio.Event
    tracing: Tracing | None = None

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            raise RuntimeError(f"the gateway speaks HTTP, and this is {scope['type']}")
        if self.leaving.is_set():
            send = _last_of_its_connection(send)
        # Load balancers ask how it is several times a second, which is nothing that anybody wants to see.
        if self.tracing is None or scope["path"].startswith("/v2/health/"):
            await self._request(scope, receive, send, None)
            return
        span = self.tracing.begin(scope["method"], scope["path"], scope["headers"])
        unexpected: BaseException | None = None
        try:
            await self._request(scope, receive, span.through(send), span)
        except BaseException as error:
            unexpected = error
            raise
        finally:
            span.end(unexpected)

    async def _request(self, scope: dict[str, Any], receive: Receive, send: Send, span: RequestSpan | None) -> None:
        request_id = secrets.token_hex(16)
        path: str = scope["path"]
        protocol = open_inference if path.startswith("/v2") else openai
        try:
            headers = _headers(scope, self.configuration.limits.header_bytes)
            await self._serve(scope["method"], path, headers, receive, send, request_id, span)
        except RefusedError as error:
            self.metrics.refused.labels(error.code).inc()
            await _refuse(send, error, protocol.refusal(error), request_id)
        except (ClientGoneError, ClientLeftError, FailedError):
            # There is nobody to tell, or the head is sent: the server closes the connection of an answer that is not
            # complete, which is how the client learns of it.
            return

    async def _serve(
        self,
        method: str,
        path: str,
        headers: dict[bytes, bytes],
        receive: Receive,
        send: Send,
        request_id: str,
        span: RequestSpan | None,
    ) -> None:
        endpoints = self.configuration.endpoints
        if path in openai.OPERATIONS:
            _method(method, "POST")
            caller = await self.authenticate(headers)
            body = await read_body(headers, receive, self.configuration.limits)
            asked = openai.asked(path, body, endpoints)
        elif path == "/v1/models":
            _method(method, "GET")
            caller = await self.authenticate(headers)
            await _answer(send, 200, openai.models(_allowed(caller, endpoints)), request_id)
            return
        elif path.startswith("/v2/models/"):
            name, verb = open_inference.place_of(path, endpoints)
            _method(method, "POST" if verb == "infer" else "GET")
            caller = await self.authenticate(headers)
            authorise(caller, name, endpoints[name])
            if verb != "infer":
                await self._about(name, verb, send, request_id)
                return
            body = await read_body(headers, receive, self.configuration.limits)
            asked = open_inference.asked(name, endpoints[name], body, headers)
        elif path in ("/v2", "/v2/health/live", "/v2/health/ready"):
            _method(method, "GET")
            await self._health(path, send, request_id)
            return
        else:
            await self._elsewhere(method, path, headers, receive, send, request_id)
            return
        await self._model(asked, caller, headers, receive, send, request_id, span)

    async def _model(
        self,
        asked: Asked,
        caller: Caller,
        headers: dict[bytes, bytes],
        receive: Receive,
        send: Send,
        request_id: str,
        span: RequestSpan | None,
    ) -> None:
        place = self.configuration.endpoints[asked.endpoint]
        now = time.monotonic()
        authorise(caller, asked.endpoint, place)
        exchange = Exchange(
            asked, caller if caller.user else caller.acting_for(asked.user[:_LONGEST_DECLARED]), place,
            self.routing.route(asked.endpoint), request_id, now, time.time(), send, receive,
            groups=_groups(headers), parent=_declared(headers, b"x-stanchion-parent-request-id"),
            prompt_version=_declared(headers, b"x-stanchion-prompt-version"), span=span,
        )  # fmt: skip
        if span is not None:
            span.asks(asked, place, request_id)
        if not self.admission.enter(place.tier):
            self.metrics.shed.labels(place.tier).inc()
            error = RefusedError(
                503, "shed", f"there is too much to do for tier '{place.tier}' now; ask again.", {"retry-after": "1"}
            )
            self._refused(exchange, error, "shed")
            raise error
        try:
            self._take(exchange)
            await self.answering.answer(exchange)
        except RefusedError as error:
            status: Status = "refused" if error.status == 429 else "timeout" if error.status == 504 else "error"
            self._refused(exchange, error, status)
            raise
        except (ClientLeftError, FailedError):
            raise
        except Exception as error:
            # Of the gateway's own fault, only where it is: what it says may hold what the client sent.
            place_of = traceback.extract_tb(error.__traceback__)[-1]
            log.error("%s at %s:%s", type(error).__name__, place_of.filename, place_of.lineno)
            fault = RefusedError(500, "internal", "the gateway failed at this request; ask again.")
            self._refused(exchange, fault, "error")
            if exchange.sent:
                raise FailedError("internal", 500) from None
            raise fault from None
        finally:
            exchange.close()
            self.admission.leave()
            # A client that left in the middle has used what it got.
            if exchange.tokens or exchange.cost:
                self.quotas.settle(exchange.caller, asked.endpoint, place, tokens=exchange.tokens, usd=exchange.cost)

    def _take(self, exchange: Exchange) -> None:
        decision = self.quotas.take(exchange.caller, exchange.asked.endpoint, exchange.place, exchange.at)
        if decision.warning:
            exchange.headers.append((WARNING_HEADER.encode(), decision.warning.encode("latin-1", "replace")))
        if not decision.allowed:
            raise QuotaError(decision)

    def _refused(self, exchange: Exchange, error: RefusedError, status: Status) -> None:
        now = time.monotonic()
        rung = exchange.place.ladder[-1] if exchange.attempt else exchange.route.rung
        self.answering.record.attempt(
            exchange, Attempt(rung, status, error.status, exchange.begun, now, error_class=error.code)
        )

    async def _about(self, name: str, verb: str, send: Send, request_id: str) -> None:
        """Readiness and metadata of a predictor, as one of its servers says it."""
        place = self.configuration.endpoints[name]
        path = f"/v2/models/{place.model}" + ("/ready" if verb == "ready" else "")
        try:
            status, body = await self.answering.about(name, place, path)
        except FailedError:
            below = any(rung in ("cached", "human") for rung in place.ladder)
            if verb == "ready":
                await _answer(send, 200 if below or place.scale_to_zero else 503, b"", request_id)
                return
            raise RefusedError(503, "no_replica", f"no server of endpoint '{name}' says what it takes.") from None
        await _answer(send, status, body, request_id)

    async def _health(self, path: str, send: Send, request_id: str) -> None:
        if path == "/v2":
            await _answer(send, 200, open_inference.server_metadata(), request_id)
            return
        ready = path == "/v2/health/live" or self.routing.document is not None
        await _answer(send, 200 if ready else 503, b"", request_id)

    async def _elsewhere(
        self, method: str, path: str, headers: dict[bytes, bytes], receive: Receive, send: Send, request_id: str
    ) -> None:
        if self.other is not None:
            caller = await self.authenticate(headers)
            body = await read_body(headers, receive, self.configuration.limits)
            found = await self.other(method, path, caller, body)
            if found is not None:
                await _answer(send, found[0], found[1], request_id)
                return
        raise RefusedError(404, "path", f"there is nothing at {path[:80]!r}.")


def _last_of_its_connection(send: Send) -> Send:
    """Tells the client to ask its next request elsewhere: one that is sent while the connection closes gets lost."""

    async def closing(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        await send(message)

    return closing


def _allowed(caller: Caller, endpoints: Mapping[str, EndpointPlace]) -> dict[str, EndpointPlace]:
    """The endpoints that a caller may ask."""
    return {
        name: place
        for name, place in endpoints.items()
        if place.use_case == caller.use_case and (not caller.endpoints or name in caller.endpoints)
    }


def _headers(scope: dict[str, Any], most: int) -> dict[bytes, bytes]:
    found: list[tuple[bytes, bytes]] = scope["headers"]
    if sum(len(name) + len(value) for name, value in found) > most:
        raise RefusedError(431, "header_size", f"the headers are larger than {most} bytes.")
    return dict(found)


def _method(method: str, allowed: str) -> None:
    if method != allowed:
        raise RefusedError(405, "method", f"the method here is {allowed}.", {"allow": allowed})


def _declared(headers: dict[bytes, bytes], name: bytes) -> str:
    return headers.get(name, b"")[:_LONGEST_DECLARED].decode("utf-8", "replace")


def _groups(headers: dict[bytes, bytes]) -> dict[str, str]:
    return {
        name.removeprefix(_GROUP).decode("latin-1")[:_LONGEST_DECLARED]: _declared(headers, name)
        for name in headers
        if name.startswith(_GROUP)
    }


async def _answer(send: Send, status: int, body: bytes, request_id: str) -> None:
    said = [*JSON, _length(body), (b"x-stanchion-request-id", request_id.encode())]
    await send({"type": "http.response.start", "status": status, "headers": said})
    await send({"type": "http.response.body", "body": body})


async def _refuse(send: Send, error: RefusedError, body: bytes, request_id: str) -> None:
    extra = [(name.encode(), value.encode("latin-1", "replace")) for name, value in error.headers.items()]
    said = [*JSON, _length(body), (b"x-stanchion-request-id", request_id.encode()), *extra]
    await send({"type": "http.response.start", "status": error.status, "headers": said})
    await send({"type": "http.response.body", "body": body})


def _length(body: bytes) -> tuple[bytes, bytes]:
    return b"content-length", b"%d" % len(body)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
