import asyncio

from hypothesis import given
from hypothesis import strategies as st

from gateway.cache.memory import MemoryCache
from tests.unit.gateway.cache.making import entry


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_answer_is_there_until_its_time_is_over() -> None:
    async def scenario() -> None:
        clock = Clock()
        cache = MemoryCache(clock=clock)
        await cache.put("a", entry(b"1"), 10)
        await cache.put("b", entry(b"2"), 0)
        clock.now = 9.9
        assert await cache.get("a") == entry(b"1")
        assert await cache.get("b") is None
        clock.now = 10
        assert await cache.get("a") is None
        assert (len(cache), cache.used_bytes) == (0, 0)

    asyncio.run(scenario())


def test_what_was_used_longest_ago_goes_first() -> None:
    async def scenario() -> None:
        cache = MemoryCache(most_bytes=3 * 1124)
        for name in "abc":
            await cache.put(name, entry(b"x" * 100), 10)
        await cache.get("a")
        await cache.put("d", entry(b"x" * 100), 10)
        assert [await cache.get(name) is not None for name in "abcd"] == [True, False, True, True]
        # Larger than all there is room for: nothing goes for it.
        await cache.put("e", entry(b"x" * 4000), 10)
        assert await cache.get("e") is None
        assert len(cache) == 3

    asyncio.run(scenario())


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 4000), st.integers(0, 9)), max_size=50))
def test_its_memory_is_bounded_and_counted_right(puts: list[tuple[str, int, int]]) -> None:
    async def scenario() -> None:
        clock = Clock()
        cache = MemoryCache(most_bytes=10_000, clock=clock)
        for name, size, seconds in puts:
            clock.now += 1
            await cache.put(name, entry(b"x" * size), seconds)
            await cache.get("a")
            assert 0 <= cache.used_bytes <= 10_000
        clock.now += 10
        for name in "abcdef":
            assert await cache.get(name) is None
        assert cache.used_bytes == 0

    asyncio.run(scenario())
