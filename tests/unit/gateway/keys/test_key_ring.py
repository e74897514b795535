import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.keys.key_ring import KeyRing
from gateway.keys.refused import CantTellError, UnauthenticatedError
from stanchion.keys import api_key
from stanchion.keys.api_key import ApiKey
from stanchion.keys.key_item import KeyItem
from stanchion.serving.gateway_configuration import Quota

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
LIMIT = Quota(scope="key", unit="tokens", window="day", hard=10)


@dataclass
class Table:
    """DynamoDB, as far as the ring asks it."""

    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    gone: bool = False
    hold: threading.Event | None = None

    def get_item(self, *, TableName: str, Key: dict[str, Any], ConsistentRead: bool) -> dict[str, Any]:
        assert TableName == "test-keys"
        assert ConsistentRead
        assert threading.current_thread() is not threading.main_thread()
        self.asked.append(Key["id"]["S"])
        if self.hold is not None:
            self.hold.wait(10)
        if self.gone:
            raise ConnectionError("gone")
        item = self.items.get(Key["id"]["S"])
        return {} if item is None else {"Item": item}

    def create(self, **more: Any) -> ApiKey:
        made = api_key.make()
        item = KeyItem(
            id=made.id, digest=made.digest, team="forms", use_case="reading", created_at=BEGIN, **more
        )  # fmt: skip
        self.items[made.id] = item.attributes
        return made

    def revoke(self, key: ApiKey) -> None:
        self.items[key.id] = {**self.items[key.id], "revoked_at": {"S": BEGIN.isoformat()}}


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now

    def wall(self) -> float:
        return BEGIN.timestamp() + self.now - 1000.0


def run(scenario: Callable[[Table, Clock, KeyRing], Awaitable[None]], **more: Any) -> None:
    async def scene() -> None:
        table, clock = Table(), Clock()
        ring = KeyRing(table, "test-keys", clock=clock, wall=clock.wall, **more)
        try:
            await scenario(table, clock, ring)
        finally:
            if table.hold is not None:
                table.hold.set()
            await ring.close()

    asyncio.run(scene())


def headers(key: ApiKey | str, **more: str) -> dict[bytes, bytes]:
    text = key if isinstance(key, str) else key.text
    return {
        b"authorization": f"Bearer {text}".encode(),
        **{name.encode(): each.encode() for name, each in more.items()},
    }


async def settled(ring: KeyRing) -> None:
    """Until nothing is asked any more beside the requests."""
    while ring._asking:
        await asyncio.wait(list(ring._asking.values()))


def test_a_key_says_whose_it_is_and_what_it_allows() -> None:
    async def scenario(table: Table, clock: Clock, ring: KeyRing) -> None:
        key = table.create(limits=(LIMIT,), endpoints=("digits",))
        caller = await ring.authenticate(headers(key, **{"x-stanchion-user": "ann"}))
        assert (caller.key_id, caller.team, caller.use_case, caller.user) == (key.id, "forms", "reading", "ann")
        assert caller.limits == (LIMIT,)
        assert caller.endpoints == ("digits",)
        assert not caller.user_proven
        # The same with headers as text.
        assert (await ring.authenticate({"authorization": f"bearer {key.text}"})).key_id == key.id

    run(scenario)


def test_many_requests_are_one_call() -> None:
    async def scenario(table: Table, clock: Clock, ring: KeyRing) -> None:
        key = table.create()
        await asyncio.gather(*(ring.authenticate(headers(key)) for _ in range(50)))
        for _ in range(50):
            await ring.authenticate(headers(key))
        assert table.asked == [key.id]

    run(scenario)


@pytest.mark.parametrize(
    "presented", ["", "Basic abc", "Bearer", "Bearer x", "Bearer sk-stn-abc", "Bearer a.b.c", "Bearer sk-stn-\xff"]
)
def test_what_is_no_key_is_refused_without_a_call(presented: str) -> None:
    async def scenario(table: Table, clock: Clock, ring: KeyRing) -> None:
        with pytest.raises(UnauthenticatedError) as error:
            await ring.authenticate({b"authorization": presented.encode("latin-1")} if presented else {})
        assert error.value.status == 401
        assert "sk-stn-..." in error.value.message
        assert not table.asked

    run(scenario)


def test_the_id_alone_opens_nothing_and_is_not_told_apart() -> None:
    async def scenario(table: Table, clock: Clock, ring: KeyRing) -> None:
        key, other = table.create(), api_key.make()
        said = set[str]()
        for text in (f"sk-stn-{key.id}-{other.secret}", other.text):
            with pytest.raises(UnauthenticatedError) as error:
                await ring.authenticate(headers(text))
            said.add(error.value.message)
            assert other.secret not in error.value.message
        assert len(said) == 1
        assert (await ring.authenticate(headers(key))).key_id == key.id

    run(scenario)


def test_a_revoked_key_ends_in_time() -> None:
    async def scenario(table: Table, clock: Clock, ring: KeyRing) -> None:
        key = table.create()
        await ring.authenticate(headers(key))
        table.revoke(key)
        clock.now += 29.9
        # A request may still be answered from memory, and begins the question beside it.
        await ring.authenticate(headers(key))
        await settled(ring)
        with pytest.raises(UnauthenticatedError, match=f"the key {key.id} is revoked"):
            await ring.authenticate(headers(key))

    run(scenario)


def test_a_revoked_key_that_nobody_used_for_long_ends_at_once() -> None:
    async def scenario(table: Table, clock: Clock, ring: KeyRing) -> None:
        key = table.create()
        await ring.authenticate(headers(key))
        table.revoke(key)
        clock.now += 30
        with pytest.raises(UnauthenticatedError, match="is revoked"):
            await ring.authenticate(headers(key))
        del table.items[key.id]
        clock.now += 30
        with pytest.raises(UnauthenticatedError, match="no such key"):
            await ring.authenticate(headers(key))

    run(scenario)


def test_a_key_in_use_is_renewed_beside_the_requests() -> None:
    async def scenario(table: Table, clock: Clock, ring: KeyRing) -> None:
        key = table.create()
        await ring.authenticate(headers(key))
        table.hold = threading.Event()
        clock.now += 20
        # The table does not answer, and the request does not wait for it.
        await asyncio.wait_for(ring.authenticate(headers(key)), 1)
        table.hold.set()
        await settled(ring)
        assert len(table.asked) == 2
        clock.now += 14
        await ring.authenticate(headers(key))
        assert len(table.asked) == 2

    run(scenario)


def test_a_key_expires_by_the_clock_of_the_wall() -> None:
    async def scenario(table: Table, clock: Clock, ring: KeyRing) -> None:
        key = table.create(expires_at=BEGIN + timedelta(seconds=5))
        await ring.authenticate(headers(key))
        clock.now += 5
        with pytest.raises(UnauthenticatedError, match="has expired"):
            await ring.authenticate(headers(key))

    run(scenario)


def test_made_up_ids_take_bounded_memory_and_no_second_call() -> None:
    async def scenario(table: Table, clock: Clock, ring: KeyRing) -> None:
        made_up = [api_key.make() for _ in range(60)]
        known = table.create()
        await ring.authenticate(headers(known))
        for key in [*made_up, made_up[-1]]:
            with pytest.raises(UnauthenticatedError):
                await ring.authenticate(headers(key))
        assert len(table.asked) == 61
        assert len(ring._unknown) == 20
        assert len(ring._known) == 1
        await ring.authenticate(headers(known))
        assert len(table.asked) == 61
        # What did not exist is asked for again after its time.
        table.items[made_up[-1].id] = table.items[known.id] | {
            "id": {"S": made_up[-1].id}, "digest": {"S": made_up[-1].digest}
        }  # fmt: skip
        clock.now += 30
        assert (await ring.authenticate(headers(made_up[-1]))).key_id == made_up[-1].id

    run(scenario, most=20)


def test_keys_in_memory_are_bounded_too() -> None:
    async def scenario(table: Table, clock: Clock, ring: KeyRing) -> None:
        for _ in range(30):
            await ring.authenticate(headers(table.create()))
        assert len(ring._known) == 20

    run(scenario, most=20)


def test_without_the_table_known_keys_go_on_for_a_time_and_unknown_ones_are_not_called_wrong() -> None:
    async def scenario(table: Table, clock: Clock, ring: KeyRing) -> None:
        key, other = table.create(), table.create()
        await ring.authenticate(headers(key))
        table.gone = True
        for _ in range(3):
            clock.now += 250
            assert (await ring.authenticate(headers(key))).key_id == key.id
            with pytest.raises(CantTellError) as error:
                await ring.authenticate(headers(other))
            assert error.value.status == 503
        assert ring.store_gone_seconds == 500
        # A table that does not answer is left alone for a moment.
        asked = len(table.asked)
        await ring.authenticate(headers(key))
        assert len(table.asked) == asked
        clock.now += 149
        await ring.authenticate(headers(key))
        clock.now += 1
        with pytest.raises(CantTellError):
            await ring.authenticate(headers(key))
        table.gone = False
        clock.now += 2
        assert (await ring.authenticate(headers(key))).key_id == key.id
        assert (await ring.authenticate(headers(other))).key_id == other.id
        assert ring.store_gone_seconds == 0

    run(scenario)


def test_a_table_that_hangs_holds_nobody_for_long() -> None:
    async def scenario(table: Table, clock: Clock, ring: KeyRing) -> None:
        key, other = table.create(), table.create()
        await ring.authenticate(headers(key))
        table.hold = threading.Event()
        clock.now += 40
        assert (await asyncio.wait_for(ring.authenticate(headers(key)), 1)).key_id == key.id
        with pytest.raises(CantTellError):
            await asyncio.wait_for(ring.authenticate(headers(other)), 1)
        table.hold.set()

    run(scenario, patience_seconds=0.05)


def test_an_item_that_can_not_be_read_opens_nothing() -> None:
    async def scenario(table: Table, clock: Clock, ring: KeyRing) -> None:
        key = table.create()
        del table.items[key.id]["team"]
        for _ in range(2):
            with pytest.raises(UnauthenticatedError):
                await ring.authenticate(headers(key))
        assert len(table.asked) == 1

    run(scenario)
