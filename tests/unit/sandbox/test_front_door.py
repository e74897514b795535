import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from sandbox.front_door.faults import Effect, Fault, Faults
from sandbox.front_door.routes import Backend
from sandbox.front_door.server import build_front_door


def signed(service: str = "s3", region: str = "us-east-1") -> dict[str, str]:
    scope = f"Credential=test/20260101/{region}/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"}


class Stub:
    """A backend that remembers what it got."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = b"".join([chunk async for chunk in request.content.iter_chunked(65536)])
        self.requests.append((request.method, request.raw_path, dict(request.headers), body))
        if request.path == "/half":
            response = web.StreamResponse(headers={"Content-Length": "100"})
            await response.prepare(request)
            await response.write(b"half")
            assert request.transport is not None
            request.transport.abort()
            return response
        if request.path == "/moved":
            return web.Response(status=307, headers={"Location": "/elsewhere"})
        headers = {"x-amz-version-id": "v1", "Content-Encoding": "aws-chunked"}
        return web.Response(body=self.name.encode() + b":" + body[:10], headers=headers)


@asynccontextmanager
async def front_door(faults: Faults | None = None) -> AsyncIterator[tuple[aiohttp.ClientSession, URL, Stub, Stub]]:
    ministack, moto = Stub("ministack"), Stub("moto")
    servers = []
    for stub in (ministack, moto):
        app = web.Application(client_max_size=0)
        app.router.add_route("*", "/{path:.*}", stub.answer)
        servers.append(TestServer(app, host="127.0.0.1"))
        await servers[-1].start_server()
    backends = {
        Backend.MINISTACK: str(servers[0].make_url("")).rstrip("/"),
        Backend.MOTO: str(servers[1].make_url("")).rstrip("/"),
    }
    door = TestServer(build_front_door(backends, faults), host="127.0.0.1")
    await door.start_server()
    try:
        async with aiohttp.ClientSession(auto_decompress=False) as session:
            yield session, door.make_url(""), ministack, moto
    finally:
        for server in (door, *servers):
            await server.close()


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 30))  # type: ignore[arg-type]


def test_each_service_goes_to_its_emulator():
    async def test() -> None:
        async with front_door() as (session, door, _, _moto):
            for service, expected in (("s3", "ministack"), ("sagemaker", "moto"), ("ce", "moto"), ("kms", "ministack")):
                async with session.get(door / "x", headers=signed(service)) as answer:
                    assert (await answer.text()).startswith(expected), service

    run(test)


def test_path_query_host_and_headers_arrive_as_they_were_sent():
    async def test() -> None:
        async with front_door() as (session, door, ministack, _):
            target = "/bucket/a%20b/%C3%BC+%252F//x?versionId=a%2Bb&delete"
            headers = signed() | {"Host": "bucket.s3.localhost:4566", "X-Amz-Meta-Q": "1", "TE": "trailers"}
            async with session.get(URL(str(door).rstrip("/") + target, encoded=True), headers=headers) as answer:
                assert answer.headers["x-amz-version-id"] == "v1"
                assert answer.headers["Content-Encoding"] == "aws-chunked"
            _, path, received, _ = ministack.requests[0]
            assert path == target
            assert received["Host"] == "bucket.s3.localhost:4566"
            assert received["X-Amz-Meta-Q"] == "1"
            assert received["Authorization"] == headers["Authorization"]
            assert "TE" not in received

    run(test)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_body_streams_through(chunked: bool):
    async def test() -> None:
        size = 8 * 1024 * 1024

        async def parts() -> AsyncIterator[bytes]:
            for _ in range(8):
                yield b"x" * (size // 8)

        async with front_door() as (session, door, ministack, _):
            body = parts() if chunked else b"x" * size
            async with session.put(door / "k", data=body, headers=signed(), expect100=True) as answer:
                assert answer.status == 200
            _, _, received, got = ministack.requests[0]
            assert len(got) == size
            assert ("Content-Length" in received) is not chunked
            assert "Expect" not in received

    run(test)


def test_a_redirect_is_the_clients_to_follow():
    async def test() -> None:
        async with (
            front_door() as (session, door, _, _moto),
            session.get(door / "moved", headers=signed(), allow_redirects=False) as answer,
        ):
            assert answer.status == 307

    run(test)


def test_half_an_answer_is_not_taken_for_a_whole_one():
    async def test() -> None:
        async with front_door() as (session, door, _, _moto):
            with pytest.raises(aiohttp.ClientError):
                async with session.get(door / "half", headers=signed()) as answer:
                    await answer.read()

    run(test)


def test_a_dead_emulator_is_named():
    async def test() -> None:
        door = TestServer(build_front_door({Backend.MINISTACK: "http://127.0.0.1:1"}), host="127.0.0.1")
        await door.start_server()
        async with aiohttp.ClientSession() as session, session.get(door.make_url("/x"), headers=signed()) as answer:
            assert answer.status == 502
            assert "ministack does not answer" in await answer.text()
        await door.close()

    run(test)


def test_a_service_that_neither_has_is_refused_by_name():
    async def test() -> None:
        async with (
            front_door() as (session, door, ministack, moto),
            session.get(door / "x", headers=signed("grafana")) as answer,
        ):
            assert answer.status == 501
            assert "no service 'grafana'" in await answer.text()
            assert not ministack.requests + moto.requests

    run(test)


def test_a_lost_region_cuts_the_connection_and_only_there():
    async def test() -> None:
        faults = Faults()
        faults.add(Fault(Effect.DROP, region="us-west-2"))
        async with front_door(faults) as (session, door, ministack, moto):
            for service in ("s3", "sagemaker"):
                with pytest.raises(aiohttp.ClientConnectionError):
                    await session.post(door / "x", headers=signed(service, "us-west-2"), data=b"body")
            assert not ministack.requests + moto.requests
            async with session.get(door / "x", headers=signed("s3", "us-east-1")) as answer:
                assert answer.status == 200

    run(test)


@pytest.mark.parametrize(
    ("service", "content_type", "expected"),
    [
        ("s3", "", "<Error><Code>ServiceUnavailable"),
        ("ec2", "application/x-www-form-urlencoded", "<Response><Errors><Error><Code>ServiceUnavailable"),
        ("iam", "application/x-www-form-urlencoded", "<ErrorResponse><Error><Code>ServiceUnavailable"),
        ("dynamodb", "application/x-amz-json-1.0", '"__type": "ServiceUnavailable"'),
    ],
)
def test_a_lost_service_answers_503_in_its_own_format(service: str, content_type: str, expected: str):
    async def test() -> None:
        faults = Faults()
        faults.add(Fault(Effect.UNAVAILABLE, service=service))
        headers = signed(service) | ({"Content-Type": content_type} if content_type else {})
        async with (
            front_door(faults) as (session, door, _, _moto),
            session.post(door / "", headers=headers, data=b"") as answer,
        ):
            assert answer.status == 503
            assert expected in await answer.text()

    run(test)


def test_a_hanging_region_gives_no_answer_until_it_is_healed():
    async def test() -> None:
        faults = Faults()
        faults.add(Fault(Effect.HANG, region="us-east-1"))
        async with front_door(faults) as (session, door, ministack, _):
            # Not a GET: the client would send that a second time by itself.
            waiting = asyncio.ensure_future(session.post(door / "x", headers=signed()))
            done, _pending = await asyncio.wait([waiting], timeout=0.3)
            assert not done
            async with session.delete(door / "_stanchion/faults") as answer:
                assert len((await answer.json())["healed"]) == 1
            with pytest.raises(aiohttp.ClientConnectionError):
                await waiting
            assert not ministack.requests

    run(test)


def test_latency_holds_the_answer_back():
    async def test() -> None:
        faults = Faults()
        faults.add(Fault(Effect.LATENCY, service="s3", seconds=0.3))
        async with front_door(faults) as (session, door, _, _moto):
            loop = asyncio.get_running_loop()
            begun = loop.time()
            async with session.get(door / "x", headers=signed()) as answer:
                assert answer.status == 200
            assert loop.time() - begun >= 0.3

    run(test)


def test_faults_are_made_listed_and_healed_over_http():
    async def test() -> None:
        async with front_door() as (session, door, _, _moto):
            fault = Fault(Effect.UNAVAILABLE, "us-west-2", "s3").as_json()
            async with session.post(door / "_stanchion/faults", json=fault) as answer:
                assert answer.status == 201
            async with session.get(door / "_stanchion/status") as answer:
                assert (await answer.json())["faults"] == [fault]
            async with session.get(door / "x", headers=signed("s3", "us-west-2")) as answer:
                assert answer.status == 503
            async with session.delete((door / "_stanchion/faults").with_query(region="us-west-2")) as answer:
                assert (await answer.json())["healed"] == [fault]
            async with session.get(door / "x", headers=signed("s3", "us-west-2")) as answer:
                assert answer.status == 200

    run(test)


@pytest.mark.parametrize("body", [b"not json", json.dumps({"effect": "explode"}).encode(), b"[]"])
def test_a_wrong_fault_is_refused_with_a_sentence(body: bytes):
    async def test() -> None:
        async with (
            front_door() as (session, door, _, _moto),
            session.post(door / "_stanchion/faults", data=body) as answer,
        ):
            assert answer.status == 400
            assert (await answer.json())["error"]

    run(test)


def test_eks_is_told_the_faults_whenever_they_change():
    async def test() -> None:
        told: list[list[dict[str, object]]] = []

        async def faults(request: web.Request) -> web.Response:
            told.append(await request.json())
            return web.json_response({})

        app = web.Application()
        app.router.add_put("/_stanchion/faults", faults)
        eks = TestServer(app, host="127.0.0.1")
        await eks.start_server()
        door = TestServer(build_front_door({Backend.EKS: str(eks.make_url("")).rstrip("/")}), host="127.0.0.1")
        await door.start_server()
        fault = Fault(Effect.DROP, "us-west-2").as_json()
        async with aiohttp.ClientSession() as session:
            async with session.post(door.make_url("/_stanchion/faults"), json=fault) as answer:
                assert answer.status == 201
            async with session.delete(door.make_url("/_stanchion/faults")) as answer:
                assert answer.status == 200
            # One that does not answer keeps nobody from making faults.
            await eks.close()
            async with session.post(door.make_url("/_stanchion/faults"), json=fault) as answer:
                assert answer.status == 201
        await door.close()
        assert told == [[], [fault], []]

    run(test)
