import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from gateway.keys.caller import Caller
from gateway.quotas.counter_table import CounterTable
from gateway.quotas.quotas import Quotas, limits_of
from gateway.quotas.refused import QuotaError
from stanchion.quotas.counters import CounterKey
from stanchion.serving.gateway_configuration import EndpointPlace, Quota
from tests.unit.gateway.running import place

NOW = 86400.0 * 365
PER_KEY = Quota(scope="key", unit="requests", window="minute", hard=5)
TOKENS = Quota(scope="use_case", unit="tokens", window="day", hard=100)
CALLER = Caller("k1", "forms", "reading", "ann", limits=(PER_KEY,))


def digits(**more: Any) -> EndpointPlace:
    return place(("full",), {"full": {"blue": "127.0.0.1:9"}}, **{"use_case": "reading", "quotas": (TOKENS,), **more})


class Counters:
    """What all gateways share, in this process."""

    def __init__(self) -> None:
        self.sums: dict[str, int] = {}
        self.gone = False
        self.calls = 0
        self.hold: threading.Event | None = None
        self._lock = threading.Lock()

    def add(self, key: CounterKey, amount: int) -> None:
        self._call()
        with self._lock:
            self.sums[key.text] = self.sums.get(key.text, 0) + amount

    def total(self, key: CounterKey) -> int:
        self._call()
        return self.sums.get(key.text, 0)

    def _call(self) -> None:
        self.calls += 1
        assert threading.current_thread() is not threading.main_thread()
        if self.hold is not None:
            self.hold.wait(10)
        if self.gone:
            raise ConnectionError


def run(scenario: Callable[[Counters, Callable[..., Quotas]], Awaitable[None]]) -> None:
    async def scene() -> None:
        counters, made = Counters(), list[Quotas]()

        def make(**more: Any) -> Quotas:
            made.append(Quotas(counters, **{"clock": lambda: NOW, **more}))
            return made[-1]

        try:
            await scenario(counters, make)
        finally:
            if counters.hold is not None:
                counters.hold.set()
            for each in made:
                await each.close()

    asyncio.run(scene())


def test_limits_of_the_endpoint_and_of_the_key_hold_both() -> None:
    found = limits_of(CALLER, "digits", digits())
    assert [(each.name, each.subject) for each in found] == [
        ("use_case/tokens/day", "use_case:reading@digits"),
        ("key/requests/minute", "key:k1"),
    ]


def test_two_gateways_hold_a_limit_together() -> None:
    async def scenario(counters: Counters, make: Callable[..., Quotas]) -> None:
        one, other = make(), make()
        for _ in range(3):
            assert one.take(CALLER, "digits", digits(), NOW).allowed
        assert await one.sync()
        assert other.take(CALLER, "digits", digits(), NOW).allowed
        assert await other.sync()
        assert other.take(CALLER, "digits", digits(), NOW).allowed
        refused = other.take(CALLER, "digits", digits(), NOW)
        assert refused.quota == "key/requests/minute"
        error = QuotaError(refused)
        assert (error.status, error.code) == (429, "quota_minute_requests")
        assert error.headers == {"retry-after": "60", "x-stanchion-quota": "key/requests/minute; limit=5"}
        assert error.message.startswith("the quota key/requests/minute of 5 requests is used up")

    run(scenario)


def test_tokens_and_usd_of_answers_reach_the_counters() -> None:
    usd = Quota(scope="user", unit="usd", window="month", hard=1)

    async def scenario(counters: Counters, make: Callable[..., Quotas]) -> None:
        quotas, endpoint = make(), digits(quotas=(TOKENS, usd))
        assert quotas.take(CALLER, "digits", endpoint, NOW).allowed
        quotas.settle(CALLER, "digits", endpoint, tokens=70, usd=0.25)
        quotas.settle(CALLER, "digits", endpoint, tokens=20, usd=0.125)
        await quotas.sync()
        sums = {key.split("/")[1]: total for key, total in counters.sums.items()}
        assert sums == {"tokens": 90, "usd": 375_000, "requests": 1}
        quotas.settle(CALLER, "digits", endpoint, tokens=10)
        assert not quotas.take(CALLER, "digits", endpoint, NOW).allowed

    run(scenario)


def test_a_request_never_waits_for_the_counters() -> None:
    async def scenario(counters: Counters, make: Callable[..., Quotas]) -> None:
        quotas = make()
        counters.hold = threading.Event()
        quotas.take(CALLER, "digits", digits(), NOW)
        round_ = asyncio.create_task(quotas.sync())
        while not counters.calls:
            await asyncio.sleep(0.001)
        assert quotas.take(CALLER, "digits", digits(), NOW).allowed
        counters.hold.set()
        assert await round_
        assert await quotas.sync()
        assert set(counters.sums.values()) == {2}

    run(scenario)


def test_what_could_not_be_told_is_told_later_and_at_the_end() -> None:
    async def scenario(counters: Counters, make: Callable[..., Quotas]) -> None:
        now = NOW
        quotas = make(clock=lambda: now)
        counters.gone = True
        quotas.take(CALLER, "digits", digits(), now)
        assert not await quotas.sync()
        now = NOW + 2
        assert quotas.store_gone_seconds == 2
        counters.gone = False
        await quotas.close()
        assert set(counters.sums.values()) == {1}
        assert quotas.store_gone_seconds == 0

    run(scenario)


def test_when_the_counters_are_gone_the_endpoint_says_what_happens() -> None:
    async def scenario(counters: Counters, make: Callable[..., Quotas]) -> None:
        now = NOW
        quotas = make(clock=lambda: now, share=0.5)
        counters.gone = True
        await quotas.sync()
        now = NOW + 10
        assert not quotas.take(CALLER, "digits", digits(without_counters="refuse"), now).allowed
        # Half of 5, rounded up.
        bounded = [quotas.take(CALLER, "digits", digits(), now).allowed for _ in range(5)]
        assert bounded == [True] * 3 + [False] * 2
        assert quotas.take(CALLER, "digits", digits(without_counters="allow"), now).allowed

    run(scenario)


def test_rounds_go_on_by_themselves_and_a_new_counter_does_not_wait_for_the_next() -> None:
    async def scenario(counters: Counters, make: Callable[..., Quotas]) -> None:
        quotas = make(sync_seconds=60.0)
        await quotas.start()
        quotas.take(CALLER, "digits", digits(), NOW)
        async with asyncio.timeout(5):
            while not counters.sums:
                await asyncio.sleep(0.005)

    run(scenario)


def test_after_a_failure_no_further_call_is_made_in_the_round() -> None:
    async def scenario(counters: Counters, make: Callable[..., Quotas]) -> None:
        quotas = make()
        for user in range(200):
            caller = Caller("k1", "forms", "reading", str(user), limits=(PER_KEY.model_copy(update={"scope": "user"}),))
            quotas.take(caller, "digits", digits(quotas=()), NOW)
        counters.gone = True
        assert not await quotas.sync()
        assert counters.calls <= 16
        counters.gone = False
        assert await quotas.sync()
        assert len(counters.sums) == 200
        assert set(counters.sums.values()) == {1}

    run(scenario)


def test_the_table_has_an_item_for_each_region() -> None:
    class Client:
        def update_item(self, **said: Any) -> None:
            self.said = said

        def query(self, **said: Any) -> Any:
            assert said["ConsistentRead"]
            return {"Items": [{"used": {"N": "5"}}, {"used": {"N": "7"}}]}

    client = Client()
    table = CounterTable(client, "test-quotas", "us-west-2")
    key = limits_of(CALLER, "digits", digits())[1].counter(NOW)
    table.add(key, 3)
    assert client.said["Key"] == {"counter": {"S": key.text}, "region": {"S": "us-west-2"}}
    assert client.said["UpdateExpression"].startswith("ADD #used :more")
    assert client.said["ExpressionAttributeValues"][":more"] == {"N": "3"}
    assert table.total(key) == 12
