import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.metrics import api_server
from sandbox.kubernetes.metrics.api_server import build, tls_for_the_api_server
from sandbox.kubernetes.metrics.usage import Usage
from sandbox.kubernetes.plane_folder import FRONT_PROXY
from sandbox.kubernetes.tls import Authority

BASE = "/apis/metrics.k8s.io/v1beta1"
USAGE = {"uid-a": Usage(0.25, 64 * 2**20, 15.0), "uid-b": Usage(1.5, 2**20, 15.0)}


def pod(name: str, node: str = "node-a") -> dict[str, Any]:
    containers = [{"name": "server"}, {"name": "sidecar"}]
    metadata = {"name": name, "namespace": "team", "uid": f"uid-{name}", "labels": {"app": name}}
    return {"metadata": metadata, "spec": {"nodeName": node, "containers": containers}}


def node(name: str, runs: str = "processes") -> dict[str, Any]:
    return {"metadata": {"name": name, "labels": {"stanchion.dev/runs": runs}}}


class Client:
    """What there is, and what was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.objects: dict[str, Any] = {
            "/api/v1/namespaces/team/pods": {"items": [pod("a"), pod("in-name-only")]},
            "/api/v1/pods": {"items": [pod("a"), pod("b"), pod("c", "node-b")]},
            "/api/v1/namespaces/team/pods/a": pod("a"),
            "/api/v1/namespaces/team/pods/in-name-only": pod("in-name-only"),
            "/api/v1/nodes": {"items": [node("node-a"), node("fake", "nothing")]},
            "/api/v1/nodes/node-a": node("node-a"),
            "/api/v1/nodes/fake": node("fake", "nothing"),
        }

    async def get(self, path: str, **query: str) -> Any:
        self.asked.append((path, query))
        if path == "/api/v1/namespaces/broken/pods":
            raise ApiError(0, "Unreachable", "no answer", {})
        return self.objects.get(path)


class Told:
    """A meter that is told what pods use."""

    def look(self) -> None:
        pass

    def of(self, uid: str) -> Usage | None:
        return USAGE.get(uid)


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def ask(client: Client, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], tuple[int, Any]]:
    """The status and document of an answer."""
    monkeypatch.setattr(api_server, "Meter", Told)

    async def main(path: str) -> tuple[int, Any]:
        runner = web.AppRunner(build(client, 60))  # type: ignore[arg-type]
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        try:
            async with aiohttp.ClientSession() as session, session.get(f"http://{host}:{port}{path}") as answer:
                return answer.status, await answer.json()
        finally:
            await runner.cleanup()

    return lambda path: asyncio.run(main(path))


def test_what_pods_use(ask: Callable[[str], tuple[int, Any]], client: Client):
    status, document = ask(f"{BASE}/namespaces/team/pods?labelSelector=app%3Da")
    assert (status, document["kind"]) == (200, "PodMetricsList")
    # One that runs in name only uses nothing that could be told: it is missing, not idle.
    (found,) = document["items"]
    assert found["metadata"]["name"] == "a"
    assert found["window"] == "15.000s"
    assert found["containers"] == [
        {"name": "server", "usage": {"cpu": "250000000n", "memory": "65536Ki"}},
        {"name": "sidecar", "usage": {"cpu": "0n", "memory": "0Ki"}},
    ]
    assert client.asked == [("/api/v1/namespaces/team/pods", {"labelSelector": "app=a"})]


def test_what_nodes_use_is_what_their_pods_use(ask: Callable[[str], tuple[int, Any]]):
    _, document = ask(f"{BASE}/nodes")
    assert [(each["metadata"]["name"], each["usage"]) for each in document["items"]] == [
        ("node-a", {"cpu": "1750000000n", "memory": "66560Ki"})
    ]
    assert ask(f"{BASE}/nodes/node-a")[1]["kind"] == "NodeMetrics"


def test_one_pod(ask: Callable[[str], tuple[int, Any]]):
    status, document = ask(f"{BASE}/namespaces/team/pods/a")
    assert (status, document["kind"], document["apiVersion"]) == (200, "PodMetrics", "metrics.k8s.io/v1beta1")


@pytest.mark.parametrize(
    "path", [f"{BASE}/namespaces/team/pods/in-name-only", f"{BASE}/namespaces/team/pods/no", f"{BASE}/nodes/fake", "/x"]
)
def test_what_is_not_measured(ask: Callable[[str], tuple[int, Any]], path: str):
    status, document = ask(path)
    assert (status, document["kind"], document["reason"]) == (404, "Status", "NotFound")


def test_an_api_server_that_is_away(ask: Callable[[str], tuple[int, Any]]):
    status, document = ask(f"{BASE}/namespaces/broken/pods")
    assert (status, document["message"]) == (503, "no answer")


def test_the_group_says_what_it_has(ask: Callable[[str], tuple[int, Any]]):
    assert [each["name"] for each in ask(BASE)[1]["resources"]] == ["nodes", "pods"]
    assert ask("/apis/metrics.k8s.io")[1]["preferredVersion"]["version"] == "v1beta1"


def test_only_the_api_server_may_ask(client: Client, tmp_path: Path):
    authority = Authority(tmp_path)
    authority.create(("metrics", FRONT_PROXY, "etcd"), ("127.0.0.1",))

    def known_as(name: str | None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(authority.certificate))
        if name is not None:
            context.load_cert_chain(authority.certificate_of(name), authority.key_of(name))
        return context

    async def status(port: int, name: str | None) -> int:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"https://127.0.0.1:{port}{BASE}", ssl=known_as(name)) as answer,
        ):
            return answer.status

    async def serve(then: Callable[[int], Awaitable[Any]]) -> Any:
        runner = web.AppRunner(build(client, 60))  # type: ignore[arg-type]
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls_for_the_api_server(authority, "metrics")).start()
        try:
            return await then(runner.addresses[0][1])
        finally:
            await runner.cleanup()

    async def main(port: int) -> None:
        assert await status(port, FRONT_PROXY) == 200
        assert await status(port, "etcd") == 403
        with pytest.raises(aiohttp.ClientError):
            await status(port, None)

    asyncio.run(serve(main))
