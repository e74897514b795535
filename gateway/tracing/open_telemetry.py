"""Traces requests with OpenTelemetry's SDK, which sends spans in batches, in a thread of its own.

A request is a span of kind server, each of its attempts one below it: of kind client when a server was to be asked,
with the attributes of the GenAI semantic conventions where the model is a language model (opentelemetry.io, spans of
generative AI clients, in development as of November 2026). W3C's `traceparent` of the request is taken, and the
attempt's is given to the model's server. How much is sampled, and how large batches are, the SDK is told by its own
variables. No body, key or user is in a span.
"""

import asyncio
import os
import threading
import time
from collections.abc import Iterable
from typing import Any

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from gateway.exchange import Send
from gateway.protocols import openai
from gateway.protocols.asked import Asked, Operation
from gateway.record import Attempt
from gateway.upstreams.replicas import Replica, SlotKey
from stanchion.serving.gateway_configuration import EndpointPlace, GatewayConfiguration

_PROPAGATOR = TraceContextTextMapPropagator()
_CARRIED = (b"traceparent", b"tracestate")
_CLOSE_SECONDS = 3.0
_RESOURCE, _NAME = "OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME"
# By the GenAI conventions; others have no name there.
_OPERATIONS: dict[Operation, str] = {"chat": "chat", "completions": "text_completion", "embeddings": "embeddings"}
# Neither of the names that the conventions know, since these are servers of the platform's own.
_PROVIDER = "stanchion"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"})
_VERBS = frozenset({"infer", "ready"})
_KNOWN = frozenset({*openai.OPERATIONS, "/v1/models", "/v2", "/v2/health/live", "/v2/health/ready"})


class OpenTelemetry:
    """Traces one gateway.

    Args:
        configuration: of the gateway.
        gateway: which one it is.
    """

    def __init__(self, configuration: GatewayConfiguration, gateway: str) -> None:
        said = {
            "service.instance.id": gateway, "deployment.environment.name": configuration.environment,
            "cloud.provider": "aws", "cloud.region": configuration.region, "cloud.account.id": configuration.account,
        }  # fmt: skip
        # What is given here would go before what the variables say.
        if not os.environ.get(_NAME) and "service.name=" not in os.environ.get(_RESOURCE, ""):
            said["service.name"] = "stanchion-gateway"
        # Not at exit again: that would wait for a collector that is gone a second time.
        self._provider = TracerProvider(resource=Resource.create(said), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("stanchion.gateway")

    def begin(self, method: str, path: str, headers: Iterable[tuple[bytes, bytes]]) -> "TracedRequest":
        """A request came."""
        carried = {name.decode(): value.decode("latin-1") for name, value in headers if name in _CARRIED}
        method, route = method if method in _METHODS else "_OTHER", _route(path)
        span = self._tracer.start_span(
            f"{method} {route}" if route else method,
            _PROPAGATOR.extract(carried, Context()) if carried else Context(),
            SpanKind.SERVER,
            {"http.request.method": method, "url.scheme": "http", **({"http.route": route} if route else {})},
        )
        return TracedRequest(self._tracer, span)

    async def close(self) -> None:
        """Send what is left, for some seconds at most."""
        # Not on the loop's own threads, all of which may be busy with something else.
        done, loop = asyncio.Event(), asyncio.get_running_loop()

        def close() -> None:
            self._provider.shutdown()
            # The loop may be closed by then.
            if not loop.is_closed():
                loop.call_soon_threadsafe(done.set)

        threading.Thread(target=close, name="spans-close", daemon=True).start()
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await done.wait()
        except TimeoutError:
            return


class TracedRequest:
    """The spans of one request.

    Args:
        tracer: that makes them.
        span: of the request itself.
    """

    def __init__(self, tracer: Tracer, span: Span) -> None:
        self._tracer, self._span = tracer, span
        self._context = set_span_in_context(span, Context())
        # Attempts know their times by the clock that only goes forward.
        self._epoch = time.time_ns() - round(time.monotonic() * 1e9)
        self._asked: Asked | None = None
        self._place: EndpointPlace | None = None
        self._under_way: Span | None = None
        self._status = 0

    def through(self, send: Send) -> Send:
        """Sends, and sees the status that is sent."""

        async def seen(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                self._status = message["status"]
            await send(message)

        return seen

    def asks(self, asked: Asked, place: EndpointPlace, request_id: str) -> None:
        """What is asked for is known."""
        self._asked, self._place = asked, place
        self._span.set_attributes(
            {
                "stanchion.endpoint": asked.endpoint,
                "stanchion.tier": place.tier,
                "stanchion.use_case": place.use_case,
                "stanchion.request_id": request_id,
            }
        )

    def begin(self, slot: SlotKey, replica: Replica, began: float) -> dict[str, str]:
        """An attempt is about to ask a server; gives the headers that tell it of the trace."""
        self._under_way = span = self._attempt(slot, began)
        host, _, port = replica.address.rpartition(":")
        span.set_attribute("server.address", host)
        if port.isdigit():
            span.set_attribute("server.port", int(port))
        carried: dict[str, str] = {}
        _PROPAGATOR.inject(carried, set_span_in_context(span, Context()))
        return carried

    def attempted(self, attempt: Attempt) -> None:
        """An attempt ended, or the request was refused."""
        answered = attempt.status in ("answered", "cached", "ticket")
        if attempt.final:
            self._span.set_attributes(_of(attempt))
            if attempt.error_class:
                self._span.set_attribute("error.type", attempt.error_class)
        if attempt.slot is None and not answered:
            # Nobody was asked; this only says what the client is told.
            return
        span = self._under_way or self._attempt(attempt.slot, attempt.began, attempt.rung)
        asked, self._under_way = self._under_way is not None, None
        span.set_attributes(_of(attempt))
        if self._is_generative and attempt.slot is not None:
            said = {"gen_ai.usage.input_tokens": attempt.tokens_in, "gen_ai.usage.output_tokens": attempt.tokens_out}
            span.set_attributes({name: number for name, number in said.items() if number})
            if answered and attempt.version:
                span.set_attribute("gen_ai.response.model", attempt.version)
        if asked and answered:
            span.set_attribute("http.response.status_code", attempt.http_status)
        if attempt.error_class:
            span.set_attribute("error.type", attempt.error_class)
            # A client that leaves is no error of the server's.
            if attempt.status != "cancelled":
                span.set_status(Status(StatusCode.ERROR))
        span.end(self._nanoseconds(attempt.ended))

    def end(self, error: BaseException | None) -> None:
        """The request ended."""
        for span in (self._under_way, self._span):
            if span is None:
                continue
            if error is not None:
                # Its message may hold what the client sent.
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(Status(StatusCode.ERROR))
        if self._status:
            self._span.set_attribute("http.response.status_code", self._status)
            if self._status >= 500:
                self._span.set_status(Status(StatusCode.ERROR))
        if self._under_way is not None:
            self._under_way.end()
        self._span.end()

    @property
    def _is_generative(self) -> bool:
        return self._asked is not None and self._asked.operation in _OPERATIONS

    def _attempt(self, slot: SlotKey | None, began: float, rung: str = "") -> Span:
        if slot is None or self._asked is None or self._place is None:
            return self._tracer.start_span(
                f"rung {rung}", self._context, SpanKind.INTERNAL, start_time=self._nanoseconds(began)
            )
        model = self._place.model
        said: dict[str, str | bool] = {"stanchion.slot": slot.slot, "stanchion.variant": slot.variant}
        operation = _OPERATIONS.get(self._asked.operation, "infer")
        if self._is_generative:
            said |= {"gen_ai.operation.name": operation, "gen_ai.provider.name": _PROVIDER}
            said |= {"gen_ai.request.model": model}
            if self._asked.stream:
                said["gen_ai.request.stream"] = True
        return self._tracer.start_span(
            f"{operation} {model}", self._context, SpanKind.CLIENT, said, start_time=self._nanoseconds(began)
        )

    def _nanoseconds(self, monotonic: float) -> int:
        return self._epoch + round(monotonic * 1e9)


def _of(attempt: Attempt) -> dict[str, str]:
    said = {"stanchion.rung": attempt.rung, "stanchion.status": attempt.status}
    return said | ({"stanchion.version": attempt.version} if attempt.version else {})


def _route(path: str) -> str:
    """A path without what is the client's own in it; empty for one that is not known, which may hold anything."""
    if path in _KNOWN:
        return path
    parts = path.split("/")
    if path.startswith("/v2/models/") and len(parts) in (4, 5, 6, 7):
        verb = f"/{parts[-1]}" if parts[-1] in _VERBS else ""
        return f"/v2/models/{{model}}{verb}"
    for known in ("/v1/feedback", "/v1/tickets"):
        if path.startswith(f"{known}/"):
            return f"{known}/{{id}}"
    return ""
