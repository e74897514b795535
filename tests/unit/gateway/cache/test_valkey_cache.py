"""What happens without a server; what one keeps is in the tests that have one."""

import asyncio
import time

import pytest

from gateway.cache.valkey_cache import ValkeyCache
from tests.unit.gateway.cache.making import entry


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_nobody_there_is_a_miss_and_is_left_alone_for_a_moment() -> None:
    async def scenario() -> None:
        clock = Clock()
        cache = ValkeyCache("127.0.0.1:9", prefix="test:", clock=clock)
        assert await cache.get("a") is None
        assert cache.failed == 1
        await cache.put("a", entry(), 10)
        assert await cache.get("a") is None
        assert cache.failed == 1
        assert "does not answer" in str(await cache.well())
        assert cache.store_gone_seconds == 0.0
        clock.now += 1
        assert await cache.get("a") is None
        assert cache.failed == 2
        clock.now += 1
        await cache.put("a", entry(), 10)
        assert cache.failed == 3
        assert cache.store_gone_seconds == 2.0
        await cache.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("says", [b"", b"-ERR no\r\n", b"rubbish\r\n"])
def test_one_that_hangs_or_talks_nonsense_holds_nobody(says: bytes) -> None:
    """A plain socket that is no Valkey: what is tested is that the gateway gets over it."""

    async def scenario() -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while await reader.read(1000):
                writer.write(says)
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        cache = ValkeyCache(f"127.0.0.1:{port}", prefix="test:", patience_seconds=0.05)
        begun = time.monotonic()
        assert await cache.get("a") is None
        # Much more than its patience, and much less than a client has.
        assert time.monotonic() - begun < 2
        assert cache.failed == 1
        await cache.close()
        server.close()

    asyncio.run(scenario())
