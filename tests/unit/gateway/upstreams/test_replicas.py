import asyncio
from collections import Counter

from gateway.upstreams.replicas import Replica, Replicas, SlotKey

SLOT = SlotKey("chat", "full", "blue")


def test_those_that_stay_keep_their_count() -> None:
    replicas = Replicas()
    replicas.set(SLOT, [Replica("a"), Replica("b")])
    first = replicas.pick(SLOT, without=[each for each in [replicas.pick(SLOT)] if each and each.address == "b"])
    assert first is not None
    first.in_flight = 3
    replicas.set(SLOT, [Replica(first.address), Replica("c")])
    kept = replicas.pick(SLOT, without=[each for each in [replicas.pick(SLOT)] if each and each.address == "c"])
    assert kept is not None
    assert replicas.count(SLOT) == 2
    counts = {each.address: each.in_flight for each in (kept, first)}
    assert counts[first.address] == 3


def test_the_less_busy_of_two_gets_it() -> None:
    replicas = Replicas()
    busy, free = Replica("busy", in_flight=5), Replica("free")
    replicas.set(SLOT, [busy, free])
    assert all(replicas.pick(SLOT) is free for _ in range(50))
    assert replicas.pick(SLOT, without=[free]) is busy
    assert replicas.pick(SLOT, without=[free, busy]) is None
    assert replicas.pick(SlotKey("chat", "full", "green")) is None


def test_many_requests_are_spread() -> None:
    replicas = Replicas()
    replicas.set(SLOT, [Replica(str(number)) for number in range(5)])
    counted: Counter[str] = Counter()
    for _ in range(1000):
        chosen = replicas.pick(SLOT)
        assert chosen is not None
        chosen.in_flight += 1
        counted[chosen.address] += 1
    assert max(counted.values()) - min(counted.values()) < 10


def test_it_waits_for_the_first_and_not_longer_than_it_may() -> None:
    async def scenario() -> None:
        replicas = Replicas()
        assert not await replicas.wait(SLOT, 0.02)
        waiting = asyncio.create_task(replicas.wait(SLOT, 5))
        await asyncio.sleep(0)
        replicas.set(SLOT, [])
        await asyncio.sleep(0)
        assert not waiting.done()
        replicas.set(SLOT, [Replica("a")])
        assert await waiting
        assert await replicas.wait(SLOT, 0)

    asyncio.run(scenario())
