import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from sandbox.kubernetes import async_api
from sandbox.kubernetes.api import Api
from sandbox.kubernetes.async_api import MERGE, AsyncApi, Change
from sandbox.kubernetes.errors import ApiError

LIST = "/api/v1/pods"


def pod(uid: str, version: str = "1") -> dict[str, Any]:
    return {"metadata": {"uid": uid, "name": uid, "resourceVersion": version}}


class Server:
    """Lists and watches by script: what a list has, then what each watch says before it ends."""

    def __init__(self) -> None:
        self.lists: list[list[dict[str, Any]]] = []
        self.watches: list[list[Any]] = []
        self.asked: list[tuple[str, str, dict[str, str], Any]] = []
        self.answers: dict[str, tuple[int, Any]] = {}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else None
        self.asked.append((request.method, request.path, dict(request.query), body))
        if request.path in self.answers:
            status, document = self.answers[request.path]
            return web.json_response(document, status=status)
        if request.path != LIST:
            return web.json_response({"kind": "Status", "reason": "NotFound", "message": "not found"}, status=404)
        if "watch" not in request.query:
            items = self.lists.pop(0) if len(self.lists) > 1 else self.lists[0]
            return web.json_response({"metadata": {"resourceVersion": "10"}, "items": items})
        script = self.watches.pop(0) if self.watches else []
        if isinstance(script[0] if script else None, int):
            return web.json_response({"kind": "Status"}, status=script[0])
        answer = web.StreamResponse()
        await answer.prepare(request)
        for line in script:
            await answer.write(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")
        return answer


def event(kind: str, document: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "object": document}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setattr(async_api, "_RETRY_SECONDS", 0.01)
    return Server()


def ask(server: Server, script: Callable[[AsyncApi], Awaitable[Any]]) -> Any:
    """Talk to the server, without TLS: that is the control plane's business."""

    async def main() -> Any:
        application = web.Application()
        application.router.add_route("*", "/{tail:.*}", server.answer)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        api = Api("127.0.0.1", runner.addresses[0][1], ssl.create_default_context(), "token")
        try:
            async with AsyncApi(api) as client:
                client._session._base_url = client._session._base_url.with_scheme("http")  # type: ignore[union-attr]
                return await script(client)
        finally:
            await runner.cleanup()

    return asyncio.run(main())


def changes(server: Server, count: int) -> list[tuple[str, str, bool]]:
    """The first changes that are told: uid, version, whether it is gone."""

    async def script(client: AsyncApi) -> list[Change]:
        found: list[Change] = []
        async with asyncio.timeout(20):
            async for change in client.follow(LIST, fieldSelector="spec.nodeName=a"):
                found.append(change)
                if len(found) == count:
                    break
        return found

    return [
        (each.object["metadata"]["uid"], each.object["metadata"]["resourceVersion"], each.gone)
        for each in ask(server, script)
    ]


def test_what_is_there_is_told_and_then_what_changes(server: Server):
    server.lists = [[pod("a")]]
    server.watches = [
        [event("ADDED", pod("b", "11")), event("MODIFIED", pod("a", "12")), event("DELETED", pod("b", "13"))]
    ]
    assert changes(server, 4) == [("a", "1", False), ("b", "11", False), ("a", "12", False), ("b", "13", True)]
    asked = server.asked[1][2]
    assert (asked["resourceVersion"], asked["fieldSelector"], asked["allowWatchBookmarks"]) == (
        "10",
        "spec.nodeName=a",
        "true",
    )


def test_a_watch_that_ends_goes_on_where_it_was(server: Server):
    server.lists = [[]]
    server.watches = [
        [event("ADDED", pod("a", "11")), event("BOOKMARK", {"metadata": {"resourceVersion": "20"}})],
        [event("MODIFIED", pod("a", "21"))],
    ]
    assert changes(server, 2) == [("a", "11", False), ("a", "21", False)]
    assert [each[2].get("resourceVersion") for each in server.asked] == [None, "10", "20"]


@pytest.mark.parametrize(
    "broken", [[event("ERROR", {"kind": "Status", "code": 410})], [410], [b'{"type": "ADDED", "obj']]
)
def test_what_went_while_nobody_watched_is_told_as_gone(server: Server, broken: list[Any]):
    server.lists = [[pod("a"), pod("b")], [pod("b", "5"), pod("c")]]
    server.watches = [broken, [event("MODIFIED", pod("c", "12"))]]
    assert changes(server, 6) == [
        ("a", "1", False),
        ("b", "1", False),
        ("a", "1", True),
        ("b", "5", False),
        ("c", "1", False),
        ("c", "12", False),
    ]


def test_requests_and_refusals(server: Server):
    server.answers = {
        "/there": (200, {"kind": "Pod"}),
        "/refused": (409, {"kind": "Status", "reason": "Conflict", "message": "another uid"}),
        "/odd": (500, []),
    }

    async def script(client: AsyncApi) -> None:
        assert await client.get("/there") == {"kind": "Pod"}
        assert await client.get("/missing") is None
        assert await client.delete("/there", grace_seconds=0, uid="u")
        assert not await client.delete("/missing", grace_seconds=0, uid="u")
        await client.patch("/there", {"a": 1}, MERGE, fieldManager="m")
        with pytest.raises(ApiError, match="another uid") as caught:
            await client.create("/refused", {})
        assert (caught.value.status, caught.value.reason) == (409, "Conflict")
        with pytest.raises(ApiError, match="the API server answers 500"):
            await client.create("/odd", {})
        with pytest.raises(ApiError, match="not found"):
            await client.patch("/missing", {})

    ask(server, script)
    options = server.asked[2][3]
    assert (options["gracePeriodSeconds"], options["preconditions"]) == (0, {"uid": "u"})
    assert server.asked[4][2] == {"fieldManager": "m"}


def test_nobody_answers():
    async def script() -> None:
        async with AsyncApi(Api("127.0.0.1", 9, ssl.create_default_context(), "token")) as client:
            with pytest.raises(ApiError, match=r"the API server at 127\.0\.0\.1:9 does not answer") as caught:
                await client.get("/x")
            assert caught.value.status == 0

    asyncio.run(script())


def test_it_is_entered_before_it_is_used():
    api = Api("127.0.0.1", 9, ssl.create_default_context(), "token")
    with pytest.raises(RuntimeError, match="used before it is entered"):
        asyncio.run(AsyncApi(api).get("/x"))  # type: ignore[arg-type]
