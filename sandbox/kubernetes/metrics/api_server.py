"""The server behind `metrics.k8s.io`: what pods and nodes use, for autoscalers and `kubectl top`."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from sandbox.kubernetes.api import Document
from sandbox.kubernetes.async_api import AsyncApi
from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.metrics.usage import Meter, Usage
from sandbox.kubernetes.plane_folder import FRONT_PROXY
from sandbox.kubernetes.process_node.placement import RUNS
from sandbox.kubernetes.process_node.statuses import timestamp
from sandbox.kubernetes.tls import Authority

GROUP, VERSION = "metrics.k8s.io", "v1beta1"
_BASE = f"/apis/{GROUP}/{VERSION}"
_SELECTORS = ("labelSelector", "fieldSelector")
_CLIENT = web.AppKey("client", AsyncApi)
_METER = web.AppKey("meter", Meter)


def build(client: AsyncApi, seconds: float) -> web.Application:
    """The application.

    Args:
        client: is asked which pods there are.
        seconds: from look to look.
    """
    application = web.Application(middlewares=[_as_the_api_answers])
    application[_CLIENT] = client
    application[_METER] = Meter()
    application.cleanup_ctx.append(lambda application: _looking(application, seconds))
    application.add_routes(
        [
            web.get(f"/apis/{GROUP}", _group),
            web.get(_BASE, _resources),
            web.get(f"{_BASE}/pods", _pods),
            web.get(f"{_BASE}/namespaces/{{namespace}}/pods", _pods),
            web.get(f"{_BASE}/namespaces/{{namespace}}/pods/{{name}}", _pod),
            web.get(f"{_BASE}/nodes", _nodes),
            web.get(f"{_BASE}/nodes/{{name}}", _node),
        ]
    )
    return application


def tls_for_the_api_server(authority: Authority, name: str) -> ssl.SSLContext:
    """Under a certificate of the authority's, for clients that have one of its own.

    Args:
        name: whose certificate the server shows.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.certificate)
    context.load_cert_chain(authority.certificate_of(name), authority.key_of(name))
    context.verify_mode = ssl.CERT_REQUIRED
    return context


@web.middleware
async def _as_the_api_answers(request: web.Request, handler: Any) -> web.StreamResponse:
    """Only the API server asks, which has judged whether who asked it may; errors are its `Status` objects."""
    certificate = request.transport.get_extra_info("peercert") if request.transport else None
    subject = [pair for part in (certificate or {}).get("subject", ()) for pair in part]
    if request.secure and ("commonName", FRONT_PROXY) not in subject:
        return _status(403, "Forbidden", "only the API server may ask here")
    try:
        return await handler(request)
    except web.HTTPNotFound:
        return _status(404, "NotFound", f"there is no {request.path} here")
    except ApiError as error:
        return _status(error.status or 503, error.reason, str(error))


async def _looking(application: web.Application, seconds: float) -> AsyncIterator[None]:
    meter = application[_METER]

    async def look() -> None:
        while True:
            meter.look()
            await asyncio.sleep(seconds)

    task = asyncio.create_task(look())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _group(_: web.Request) -> web.Response:
    version = {"groupVersion": f"{GROUP}/{VERSION}", "version": VERSION}
    return web.json_response(
        {"kind": "APIGroup", "apiVersion": "v1", "name": GROUP, "versions": [version], "preferredVersion": version}
    )


async def _resources(_: web.Request) -> web.Response:
    kinds = [("nodes", "NodeMetrics", False), ("pods", "PodMetrics", True)]
    resources = [
        {"name": name, "singularName": "", "namespaced": namespaced, "kind": kind, "verbs": ["get", "list"]}
        for name, kind, namespaced in kinds
    ]
    return web.json_response(
        {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": f"{GROUP}/{VERSION}", "resources": resources}
    )


async def _pods(request: web.Request) -> web.Response:
    within = f"/namespaces/{request.match_info['namespace']}" if "namespace" in request.match_info else ""
    found = await request.app[_CLIENT].get(f"/api/v1{within}/pods", **_selectors(request)) or {}
    usages = ((pod, request.app[_METER].of(pod["metadata"]["uid"])) for pod in found.get("items") or [])
    return _list("PodMetricsList", [_pod_metrics(pod, usage) for pod, usage in usages if usage is not None])


async def _pod(request: web.Request) -> web.Response:
    path = f"/api/v1/namespaces/{request.match_info['namespace']}/pods/{request.match_info['name']}"
    found = await request.app[_CLIENT].get(path)
    usage = None if found is None else request.app[_METER].of(found["metadata"]["uid"])
    if found is None or usage is None:
        raise web.HTTPNotFound
    return web.json_response({**_kind("PodMetrics"), **_pod_metrics(found, usage)})


async def _nodes(request: web.Request) -> web.Response:
    nodes = await request.app[_CLIENT].get("/api/v1/nodes", **_selectors(request)) or {}
    pods = await request.app[_CLIENT].get("/api/v1/pods") or {}
    measured = [
        _node_metrics(node, pods.get("items") or [], request.app[_METER])
        for node in nodes.get("items") or []
        if (node["metadata"].get("labels") or {}).get(RUNS[0]) == RUNS[1]
    ]
    return _list("NodeMetricsList", measured)


async def _node(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    found = await request.app[_CLIENT].get(f"/api/v1/nodes/{name}")
    if found is None or (found["metadata"].get("labels") or {}).get(RUNS[0]) != RUNS[1]:
        raise web.HTTPNotFound
    pods = await request.app[_CLIENT].get("/api/v1/pods", fieldSelector=f"spec.nodeName={name}") or {}
    return web.json_response(
        {**_kind("NodeMetrics"), **_node_metrics(found, pods.get("items") or [], request.app[_METER])}
    )


def _selectors(request: web.Request) -> dict[str, str]:
    return {name: request.query[name] for name in _SELECTORS if request.query.get(name)}


def _pod_metrics(pod: Document, usage: Usage) -> Document:
    metadata = pod["metadata"]
    return {
        "metadata": {
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "labels": metadata.get("labels") or {},
            "creationTimestamp": timestamp(datetime.now(UTC)),
        },
        **_measured(usage.window_seconds),
        # The others run in name only and use nothing.
        "containers": [
            {"name": container["name"], "usage": _quantities(usage if place == 0 else Usage(0, 0, 0))}
            for place, container in enumerate(pod["spec"]["containers"])
        ],
    }


def _node_metrics(node: Document, pods: Iterable[Document], meter: Meter) -> Document:
    here = [pod["metadata"]["uid"] for pod in pods if pod["spec"].get("nodeName") == node["metadata"]["name"]]
    usages = [usage for uid in here if (usage := meter.of(uid)) is not None]
    total = Usage(
        sum(usage.cores for usage in usages),
        sum(usage.bytes for usage in usages),
        max((usage.window_seconds for usage in usages), default=0),
    )
    metadata = {"name": node["metadata"]["name"], "creationTimestamp": timestamp(datetime.now(UTC))}
    return {"metadata": metadata, **_measured(total.window_seconds), "usage": _quantities(total)}


def _measured(window_seconds: float) -> Document:
    return {"timestamp": timestamp(datetime.now(UTC)), "window": f"{window_seconds:.3f}s"}


def _quantities(usage: Usage) -> Document:
    return {"cpu": f"{round(usage.cores * 10**9)}n", "memory": f"{usage.bytes >> 10}Ki"}


def _kind(kind: str) -> Document:
    return {"kind": kind, "apiVersion": f"{GROUP}/{VERSION}"}


def _list(kind: str, items: list[Document]) -> web.Response:
    return web.json_response({**_kind(kind), "metadata": {}, "items": items})


def _status(code: int, reason: str, message: str) -> web.Response:
    document = {
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "reason": reason, "message": message, "code": code,
    }  # fmt: skip
    return web.json_response(document, status=code)
