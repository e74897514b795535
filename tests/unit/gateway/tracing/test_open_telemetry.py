import asyncio
import contextlib
import gzip
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from gateway.tracing.configured import tracing
from stanchion.serving.gateway_configuration import Limits
from tests.unit.gateway.running import Running, Upstream, configuration, place, running

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@dataclass
class Collector:
    """Takes spans as OTLP over HTTP."""

    requests: list[ExportTraceServiceRequest] = field(default_factory=list)
    text: bytes = b""

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        body = gzip.decompress(body) if request.headers.get("content-encoding") == "gzip" else body
        assert request.path == "/v1/traces"
        self.requests.append(ExportTraceServiceRequest.FromString(body))
        self.text += body
        return web.Response()

    def spans(self) -> list[Span]:
        found = [
            span
            for request in self.requests
            for of_resource in request.resource_spans
            for scope in of_resource.scope_spans
            for span in scope.spans
        ]
        return sorted(found, key=lambda span: span.start_time_unix_nano)

    def resource(self) -> dict[str, Any]:
        return said(self.requests[0].resource_spans[0].resource.attributes)


def said(attributes: Any) -> dict[str, Any]:
    def value(each: KeyValue) -> Any:
        return getattr(each.value, str(each.value.WhichOneof("value")))

    return {each.key: value(each) for each in attributes}


@contextlib.asynccontextmanager
async def traced(
    folder: Path, monkeypatch: pytest.MonkeyPatch, endpoint: Any, **more: Any
) -> AsyncIterator[tuple[Running, Collector]]:
    """A gateway whose spans are collected; all of them are there afterwards."""
    collector = Collector()
    app = web.Application()
    app.router.add_post("/{path:.*}", collector.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
    spans = tracing(configuration({}), "gateway-1")
    assert spans is not None
    async with running(folder, {endpoint.model: endpoint} | {"chat": endpoint}, tracing=spans, **more) as run:
        yield run, collector
    await spans.close()
    await runner.cleanup()


def test_a_request_is_a_span_and_its_attempts_are_below_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        full, small = Upstream("full", "503"), Upstream("small")
        for each in (full, small):
            await each.start()
        hosts = {"full": {"blue": full.host}, "quantized": {"blue": small.host}}
        endpoint = place(("full", "quantized"), hosts)
        async with traced(tmp_path, monkeypatch, endpoint) as (run, collector):
            headers = {
                "traceparent": f"00-{TRACE}-{PARENT}-01",
                "tracestate": "vendor=1",
                "x-stanchion-user": "somebody-who",
            }
            body = {"messages": [{"role": "user", "content": "what-is-asked"}]}
            async with run.chat(headers=headers, body=body) as answer:
                request_id = answer.headers["x-stanchion-request-id"]
                assert answer.status == 200
        request, first, second = collector.spans()
        assert (request.name, request.kind, request.trace_id.hex(), request.parent_span_id.hex()) == (
            "POST /v1/chat/completions", Span.SPAN_KIND_SERVER, TRACE, PARENT,
        )  # fmt: skip
        assert said(request.attributes) == {
            "http.request.method": "POST", "http.route": "/v1/chat/completions", "url.scheme": "http",
            "http.response.status_code": 200, "stanchion.endpoint": "chat", "stanchion.tier": "standard",
            "stanchion.use_case": "testing", "stanchion.request_id": request_id, "stanchion.rung": "quantized",
            "stanchion.status": "answered", "stanchion.version": "quantized-blue",
        }  # fmt: skip
        for attempt, up in ((first, full), (second, small)):
            assert (attempt.name, attempt.kind) == ("chat served", Span.SPAN_KIND_CLIENT)
            assert (attempt.trace_id, attempt.parent_span_id) == (request.trace_id, request.span_id)
            # The model's server is told of the attempt it is asked by.
            [asked] = up.asked
            assert asked["headers"]["traceparent"] == f"00-{TRACE}-{attempt.span_id.hex()}-01"
            assert asked["headers"]["tracestate"] == "vendor=1"
            assert request.start_time_unix_nano <= attempt.start_time_unix_nano <= attempt.end_time_unix_nano
            assert attempt.end_time_unix_nano <= request.end_time_unix_nano
        of_server = {"server.address": "127.0.0.1", "server.port": int(full.host.split(":")[1])}
        of_model = {
            "gen_ai.operation.name": "chat", "gen_ai.provider.name": "stanchion", "gen_ai.request.model": "served",
        }  # fmt: skip
        assert said(first.attributes) == {
            **of_server, **of_model, "stanchion.rung": "full", "stanchion.variant": "full", "stanchion.slot": "blue",
            "stanchion.status": "error", "stanchion.version": "full-blue", "error.type": "http_503",
        }  # fmt: skip
        assert first.status.code == 2
        assert said(second.attributes) == {
            **of_server, **of_model, "server.port": int(small.host.split(":")[1]), "stanchion.rung": "quantized",
            "stanchion.variant": "quantized", "stanchion.slot": "blue", "stanchion.status": "answered",
            "stanchion.version": "quantized-blue", "http.response.status_code": 200,
            "gen_ai.usage.input_tokens": 7, "gen_ai.usage.output_tokens": 3,
            "gen_ai.response.model": "quantized-blue",
        }  # fmt: skip
        assert (request.status.code, second.status.code) == (0, 0)
        resource = collector.resource()
        assert {name: resource[name] for name in ("service.name", "service.instance.id", "cloud.region")} == {
            "service.name": "stanchion-gateway", "service.instance.id": "gateway-1", "cloud.region": "us-east-1",
        }  # fmt: skip
        for secret in (b"known", b"somebody-who", b"what-is-asked", b"hash of"):
            assert secret not in collector.text
        for each in (full, small):
            await each.stop()

    asyncio.run(scenario())


def test_other_rungs_refusals_and_what_nobody_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "ours")

    async def ticket(exchange: Any) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        return 202, [], b"{}"

    async def scenario() -> None:
        endpoint = place(("full", "human"), {"full": {"blue": "127.0.0.1:9"}})
        async with traced(tmp_path, monkeypatch, endpoint, open_ticket=ticket) as (run, collector):
            async with run.chat() as answer:
                assert answer.status == 202
            async with run.chat(headers={"authorization": "Bearer sk-somebodys"}) as answer:
                assert answer.status == 401
            async with run.client.get(f"{run.url}/v2/models/sk-in-the-path/ready") as answer:
                assert answer.status == 404
            async with run.client.get(f"{run.url}/sk-in-the-path") as answer:
                assert answer.status == 404
        names = [span.name for span in collector.spans()]
        assert names == [
            "POST /v1/chat/completions", "chat served", "rung human", "POST /v1/chat/completions",
            "GET /v2/models/{model}/ready", "GET",
        ]  # fmt: skip
        request, asked, human, stranger, _, _ = collector.spans()
        assert said(request.attributes)["stanchion.rung"] == "human"
        assert said(asked.attributes)["error.type"] == "connect"
        assert (human.kind, human.parent_span_id) == (Span.SPAN_KIND_INTERNAL, request.span_id)
        # Without a trace of the client's, each is its own.
        assert not request.parent_span_id
        assert request.trace_id != stranger.trace_id
        assert said(stranger.attributes)["http.response.status_code"] == 401
        assert b"sk-" not in collector.text
        assert collector.resource()["service.name"] == "ours"

    asyncio.run(scenario())


def test_a_stream_a_shed_request_and_one_whose_client_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        up = Upstream("one")
        await up.start()
        endpoint = place(("full",), {"full": {"blue": up.host}})
        async with traced(tmp_path, monkeypatch, endpoint, limits=Limits(concurrency=1)) as (run, collector):
            async with run.chat(body={"stream": True}) as answer:
                await answer.read()
            up.mode = "slow"
            leaving = asyncio.create_task(run.chat().__aenter__())
            async with asyncio.timeout(5):
                while len(up.asked) < 2:
                    await asyncio.sleep(0.001)
            async with run.chat() as answer:
                assert answer.status == 503
            leaving.cancel()
            async with asyncio.timeout(5):
                while run.gateway.public.admission.in_flight:
                    await asyncio.sleep(0.001)
        spans = collector.spans()
        assert [span.name for span in spans] == ["POST /v1/chat/completions", "chat served"] * 2 + [
            "POST /v1/chat/completions"
        ]
        _, streamed, left, asked, shed = spans
        assert said(streamed.attributes)["gen_ai.request.stream"] is True
        assert said(streamed.attributes)["gen_ai.usage.output_tokens"] == 3
        assert said(left.attributes)["stanchion.status"] == said(asked.attributes)["stanchion.status"] == "cancelled"
        assert (left.status.code, asked.status.code) == (0, 0)
        assert (said(shed.attributes)["error.type"], shed.status.code) == ("shed", 2)
        await up.stop()

    asyncio.run(scenario())


def test_a_collector_that_is_gone_costs_no_answer_and_no_long_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")

    async def scenario() -> None:
        up = Upstream("one")
        await up.start()
        spans = tracing(configuration({}), "gateway-1")
        assert spans is not None
        endpoint = place(("full",), {"full": {"blue": up.host}})
        async with running(tmp_path, {"chat": endpoint}, tracing=spans) as run, run.chat() as answer:
            assert answer.status == 200
        async with asyncio.timeout(6):
            await spans.close()
        await up.stop()

    asyncio.run(scenario())
