"""The front door: reads a request's scope, applies the faults, and streams it to the server that has the service."""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from sandbox.front_door import answers, athena
from sandbox.front_door.faults import Effect, Fault, Faults
from sandbox.front_door.routes import Backend, backend_of
from sandbox.front_door.scope import Scope, scope_of

CONTROL_PREFIX = "/_stanchion/"
_CHUNK_BYTES = 256 * 1024
_TELL = aiohttp.ClientTimeout(total=5)
# Headers that belong to one connection (RFC 9110, section 7.6.1), and Expect, which this server has answered itself.
_OF_THE_CONNECTION = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "expect"}
)
_BACKENDS: web.AppKey[Mapping[Backend, str]] = web.AppKey("backends")
_FAULTS: web.AppKey[Faults] = web.AppKey("faults", Faults)
_CLIENT: web.AppKey[aiohttp.ClientSession] = web.AppKey("client", aiohttp.ClientSession)


def build_front_door(backends: Mapping[Backend, str], faults: Faults | None = None) -> web.Application:
    """The front door as an application.

    Args:
        backends: the address of each server, such as `http://127.0.0.1:4567`.
        faults: those in force at the start; none by default.
    """
    app = web.Application(client_max_size=0)
    app[_BACKENDS] = backends
    app[_FAULTS] = faults or Faults()
    app.cleanup_ctx.append(_client)
    app.router.add_get(CONTROL_PREFIX + "status", _status)
    app.router.add_post(CONTROL_PREFIX + "faults", _add_fault)
    app.router.add_delete(CONTROL_PREFIX + "faults", _heal)
    app.router.add_route("*", "/{path:.*}", _forward)
    return app


async def _client(app: web.Application):
    # An object of any size may pass, and a state machine's task may be polled for long: no total time limit.
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
    async with aiohttp.ClientSession(
        auto_decompress=False,
        timeout=timeout,
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
    ) as session:
        app[_CLIENT] = session
        # One that was started anew has none: what was lost is there again.
        await _tell(app)
        yield


async def _tell(app: web.Application) -> None:
    """Tell EKS the faults in force: API servers are asked without the front door, and are lost with their region."""
    if Backend.EKS not in app[_BACKENDS]:
        return
    faults = [fault.as_json() for fault in app[_FAULTS]]
    # When it does not run, its API servers don't, either; it asks for the faults when it starts.
    with contextlib.suppress(aiohttp.ClientError, TimeoutError):
        url = app[_BACKENDS][Backend.EKS] + CONTROL_PREFIX + "faults"
        async with app[_CLIENT].put(url, json=faults, timeout=_TELL) as answer:
            await answer.read()


async def _status(request: web.Request) -> web.Response:
    return web.json_response({"faults": [fault.as_json() for fault in request.app[_FAULTS]]})


async def _add_fault(request: web.Request) -> web.Response:
    try:
        fault = Fault.from_json(json.loads(await request.content.read(64 * 1024)))
    except ValueError as error:
        return web.json_response({"error": str(error)}, status=400)
    request.app[_FAULTS].add(fault)
    await _tell(request.app)
    return web.json_response(fault.as_json(), status=201)


async def _heal(request: web.Request) -> web.Response:
    healed = request.app[_FAULTS].heal(request.query.get("region"), request.query.get("service"))
    await _tell(request.app)
    return web.json_response({"healed": [fault.as_json() for fault in healed]})


async def _forward(request: web.Request) -> web.StreamResponse:
    scope = scope_of(request.headers, request.rel_url.raw_query_string)
    faults = request.app[_FAULTS]
    if (seconds := faults.latency_for(scope)) > 0:
        await asyncio.sleep(seconds)
    match faults.loss_for(scope):
        case Effect.DROP:
            return _drop(request)
        case Effect.HANG:
            while faults.loss_for(scope) is Effect.HANG and request.transport is not None:
                await asyncio.sleep(0.1)
            return _drop(request)
        case Effect.UNAVAILABLE:
            return _own(answers.unavailable(scope, request.content_type))
        case _:
            pass
    backend = backend_of(scope)
    if backend is None:
        return _own(answers.no_such_service(scope, request.content_type))
    if scope.service == "athena" and request.headers.get("X-Amz-Target") == athena.TARGET:
        return await _query(request, scope, backend)
    return await _stream(request, scope, backend)


async def _query(request: web.Request, scope: Scope, backend: Backend) -> web.StreamResponse:
    """A query of Athena's goes on in the dialect of the engine that stands for it."""

    async def ask(operation: str, document: Mapping[str, Any]) -> dict[str, Any] | None:
        headers = {
            # Whoever asks Athena asks Glue: the account and the region are in it.
            "Authorization": request.headers["Authorization"].replace("/athena/", "/glue/"),
            "X-Amz-Target": f"AWSGlue.{operation}",
            "Content-Type": "application/x-amz-json-1.1",
        }
        async with request.app[_CLIENT].post(
            request.app[_BACKENDS][backend], headers=headers, data=json.dumps(document)
        ) as answer:
            text = await answer.text()
            if answer.status == 400 and "EntityNotFound" in text:
                return None
            answer.raise_for_status()
            return json.loads(text or "{}")

    try:
        body = await athena.translated(await request.content.read(), ask)
    except aiohttp.ClientError:
        return _own(answers.unreachable(scope, request.content_type, backend.value))
    return await _stream(request, scope, backend, body)


async def _stream(
    request: web.Request, scope: Scope, backend: Backend, changed: bytes | None = None
) -> web.StreamResponse:
    # The request line goes on as it came: an object's key may hold characters that a rewrite would change.
    url = URL(request.app[_BACKENDS][backend] + request.raw_path, encoded=True)
    headers = [(name, value) for name, value in request.headers.items() if name.lower() not in _OF_THE_CONNECTION]
    body: Any = request.content if request.body_exists else None
    if changed is not None:
        body = changed
        headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
    response: web.StreamResponse | None = None
    try:
        async with request.app[_CLIENT].request(
            request.method, url, headers=headers, data=body, allow_redirects=False
        ) as answer:
            response = web.StreamResponse(status=answer.status, reason=answer.reason)
            for name, value in answer.headers.items():
                if name.lower() not in _OF_THE_CONNECTION:
                    response.headers.add(name, value)
            await response.prepare(request)
            async for chunk in answer.content.iter_chunked(_CHUNK_BYTES):
                await response.write(chunk)
            await response.write_eof()
            return response
    except aiohttp.ClientError:
        if response is not None and response.prepared:
            # Half an answer is out: only a cut connection tells the client that it is not whole.
            return _drop(request)
        return _own(answers.unreachable(scope, request.content_type, backend.value))


def _drop(request: web.Request) -> web.StreamResponse:
    """Cut the connection; the client sees it closed without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)


def _own(answer: answers.Answer) -> web.Response:
    return web.Response(
        status=answer.status, text=answer.body, content_type=answer.content_type, headers=answer.headers
    )
