import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from gateway.cache.answers import Answers
from gateway.cache.entry import Entry
from gateway.cache.memory import MemoryCache
from stanchion.serving.gateway_configuration import CacheRules
from tests.unit.gateway.cache.making import ANSWER, JSON, NOW, exchange

RULES = CacheRules(fresh_seconds=60, stale_seconds=600)


@dataclass
class Kept:
    """Answers over a cache in memory, with a clock and versions in service that the test sets."""

    now: float = NOW
    versions: list[str] = field(default_factory=lambda: ["v1"])
    cache: MemoryCache = field(init=False)
    answers: Answers = field(init=False)

    def __post_init__(self) -> None:
        self.cache = MemoryCache(clock=lambda: self.now)
        self.restart()

    def restart(self) -> None:
        self.answers = Answers(self.cache, lambda _: self.versions, clock=lambda: self.now)

    async def keep(
        self, rules: CacheRules | None = RULES, version: str = "v1", body: bytes = ANSWER, **more: Any
    ) -> None:
        headers = [JSON, (b"set-cookie", b"secret")]
        self.answers.keep(exchange(rules, **more), 200, headers, body, version)
        while self.answers._putting:
            await asyncio.wait(self.answers._putting)

    async def found(self, rules: CacheRules | None = RULES, *, stale: bool = False, **more: Any) -> Any:
        return await self.answers.get(exchange(rules, **more), stale=stale)


def run(scenario: Callable[[Kept], Awaitable[None]]) -> None:
    async def scene() -> None:
        await scenario(Kept())

    asyncio.run(scene())


def test_an_answer_is_given_again_as_it_was() -> None:
    async def scenario(kept: Kept) -> None:
        assert await kept.found() is None
        await kept.keep(request_id="first")
        kept.now += 10
        again = await kept.found(request_id="second")
        assert again is not None
        assert (again.status, again.body, again.request_id, again.version) == (200, ANSWER, "first", "v1")
        assert (again.age_seconds, again.fresh) == (10, True)
        assert again.headers == [JSON]
        assert kept.answers.hits == 1
        assert kept.answers.misses == 1

    run(scenario)


def test_fresh_and_stale_have_their_times() -> None:
    async def scenario(kept: Kept) -> None:
        await kept.keep()
        kept.now += 60
        assert await kept.found() is None
        stale = await kept.found(stale=True)
        assert stale is not None
        assert (stale.fresh, stale.age_seconds) == (False, 60)
        kept.now += 540
        assert await kept.found(stale=True) is None

    run(scenario)


def test_an_endpoint_that_keeps_answers_for_the_rung_only_asks_the_model() -> None:
    async def scenario(kept: Kept) -> None:
        rules = CacheRules(fresh_seconds=0, stale_seconds=600)
        await kept.keep(rules)
        assert await kept.found(rules) is None
        assert await kept.found(rules, stale=True) is not None

    run(scenario)


def test_an_answer_of_a_version_that_no_longer_serves_is_stale() -> None:
    async def scenario(kept: Kept) -> None:
        await kept.keep()
        kept.versions = ["v2"]
        assert await kept.found() is None
        stale = await kept.found(stale=True)
        assert stale is not None
        assert (stale.version, stale.fresh) == ("v1", False)
        # Nobody knows what serves when no server answers.
        kept.versions = []
        assert await kept.found() is None
        assert await kept.found(stale=True) is not None
        await kept.keep(version="v2")
        newest = await kept.found(stale=True)
        assert newest is not None
        assert newest.version == "v2"

    run(scenario)


def test_a_gateway_that_starts_while_no_model_answers_finds_them() -> None:
    async def scenario(kept: Kept) -> None:
        await kept.keep()
        kept.versions = []
        kept.restart()
        assert await kept.found(stale=True) is not None

    run(scenario)


def test_one_users_answer_is_not_anothers() -> None:
    async def scenario(kept: Kept) -> None:
        await kept.keep(user="ann")
        for user, key_id in (("bob", "k1"), ("", "k1"), ("ann", "k2")):
            assert await kept.found(stale=True, user=user, key_id=key_id) is None
        shared = CacheRules(fresh_seconds=60, shared=True)
        await kept.keep(shared, user="ann")
        assert await kept.found(shared, user="bob", key_id="k2") is not None
        # Who is not told to share does not read what is shared, nor the other way round.
        assert await kept.found(RULES, user="bob") is None

    run(scenario)


def test_who_asked_for_pieces_gets_them() -> None:
    async def scenario(kept: Kept) -> None:
        await kept.keep()
        again = await kept.found(stream=True)
        assert again is not None
        assert again.headers == [(b"content-type", b"text/event-stream")]
        assert again.body.endswith(b"data: [DONE]\n\n")
        await kept.keep(body=b"not an answer of this protocol", seed=1)
        assert await kept.found(seed=1) is not None
        assert await kept.found(seed=1, stream=True) is None

    run(scenario)


def test_what_is_too_large_or_no_good_answer_is_not_kept() -> None:
    async def scenario(kept: Kept) -> None:
        rules = CacheRules(fresh_seconds=60, largest_bytes=10)
        await kept.keep(rules, body=b"x" * 11)
        assert kept.answers.not_kept == 1
        kept.answers.keep(exchange(rules), 206, [JSON], b"x", "v1")
        await kept.keep(None, body=b"x")
        assert len(kept.cache) == 0
        await kept.keep(rules, body=b"x" * 10)
        assert await kept.found(rules) is not None
        assert await kept.found(None) is None

    run(scenario)


def test_a_slow_cache_holds_no_request_and_no_memory() -> None:
    class Slow(MemoryCache):
        async def put(self, key: str, entry: Entry, seconds: int) -> None:
            await asyncio.Event().wait()

    async def scenario(kept: Kept) -> None:
        answers = Answers(Slow(), lambda _: ["v1"])
        for seed in range(400):
            answers.keep(exchange(RULES, seed=seed), 200, [JSON], ANSWER, "v1")
        assert len(answers._putting) <= 257
        assert answers.not_kept >= 143
        for task in answers._putting:
            task.cancel()

    run(scenario)
