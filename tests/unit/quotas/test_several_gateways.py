"""How far gateways in two regions overrun a quota together, held against the bound that is stated."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.quotas.counters import CounterKey, Limit
from stanchion.quotas.lease import overspend, overspend_without_counters
from stanchion.quotas.ledger import Ledger
from stanchion.serving.gateway_configuration import Quota

STEP = 0.05
SHARE = 0.25


class Regions:
    """Counters of two regions; what is added in one can be read in the other after a time."""

    def __init__(self, lag_seconds: float) -> None:
        self.lag = lag_seconds
        self.added: list[tuple[float, int, CounterKey, int]] = []
        self.gone = False

    def add(self, now: float, region: int, key: CounterKey, more: int) -> None:
        if self.gone:
            raise ConnectionError
        self.added.append((now, region, key, more))

    def total(self, now: float, region: int, key: CounterKey) -> int:
        if self.gone:
            raise ConnectionError
        return sum(
            more for at, where, each, more in self.added if each == key and (where == region or at + self.lag <= now)
        )


def let_in(
    limit: Limit, regions: Regions, *, gateways: int, rate: float, sync_seconds: float, seconds: float, seed: int,
    tokens: int = 0, gone_at: float = float("inf"), early: bool = True, notice_seconds: float = 3.0,
) -> int:  # fmt: skip
    """How much all gateways let be used; half of them are in each region, each with rounds of its own."""
    chance = random.Random(seed)
    begin = 86400.0
    woken = [False] * gateways

    def wake(index: int) -> None:
        woken[index] = early

    books = [
        Ledger(share=SHARE, notice_seconds=notice_seconds, now=begin, wake=lambda index=index: wake(index))
        for index in range(gateways)
    ]
    following = [begin + chance.random() * sync_seconds for _ in books]
    # Each has a rate of its own, and now and then nothing to do for a while.
    shares = [chance.random() + 0.1 for _ in books]
    owed, idle_until, used = [0.0] * gateways, [begin] * gateways, 0
    for step in range(round(seconds / STEP)):
        now = begin + step * STEP
        regions.gone = now >= begin + gone_at
        for index, book in enumerate(books):
            if now < idle_until[index]:
                continue
            if chance.random() < 0.02:
                idle_until[index] = now + 5 * chance.random()
            owed[index] += rate * shares[index] / sum(shares) * STEP
            while owed[index] >= 1:
                owed[index] -= 1
                if book.take([limit], now).allowed:
                    used += tokens or 1
                    if tokens:
                        book.settle([limit], {limit.quota.unit: tokens}, now)
        for index, book in enumerate(books):
            if now >= following[index] or woken[index]:
                following[index], woken[index] = now + sync_seconds - STEP, False
                try:
                    for key, more in book.outgoing():
                        regions.add(now, index % 2, key, more)
                        book.sent(key, more)
                    for key in book.wanted(now):
                        book.heard(key, regions.total(now, index % 2, key))
                    book.well(now)
                except ConnectionError:
                    book.failed()
    return used


@given(
    lag=st.floats(0, 3), gateways=st.integers(2, 6), rate=st.integers(5, 100), sync=st.sampled_from([0.2, 0.5, 1.0]),
    hard=st.integers(5, 300), seed=st.integers(0, 10_000), early=st.booleans(),
)  # fmt: skip
def test_requests_overrun_within_the_bound(lag, gateways, rate, sync, hard, seed, early) -> None:
    limit = Limit(Quota(scope="use_case", unit="requests", window="day", hard=hard), "use_case:u")
    # Long enough that it is used up, and everybody has heard so.
    seconds = 3 * hard / rate + lag + 4 * sync + 12
    used = let_in(
        limit, Regions(lag), gateways=gateways, rate=rate, sync_seconds=sync, seconds=seconds, seed=seed, early=early
    )
    bound = overspend(rate=rate, lag_seconds=lag, sync_seconds=sync + STEP, gateways=gateways)
    assert hard <= used <= hard + bound


@settings(max_examples=40)
@given(tokens=st.integers(2, 40), seed=st.integers(0, 10_000))
def test_tokens_overrun_within_the_bound(tokens: int, seed: int) -> None:
    limit = Limit(Quota(scope="use_case", unit="tokens", window="day", hard=1000), "use_case:u")
    used = let_in(limit, Regions(1.0), gateways=4, rate=40, sync_seconds=0.5, seconds=40, seed=seed, tokens=tokens)
    bound = overspend(
        rate=40 * tokens, lag_seconds=1.0, sync_seconds=0.5 + STEP, gateways=4, largest=tokens, in_flight=tokens
    )
    assert 1000 <= used <= 1000 + bound


def test_without_lag_the_overrun_is_small() -> None:
    limit = Limit(Quota(scope="use_case", unit="requests", window="day", hard=1000), "use_case:u")
    used = [
        let_in(limit, Regions(0), gateways=4, rate=100, sync_seconds=0.2, seconds=45, seed=seed) for seed in range(10)
    ]
    assert min(used) >= 1000
    assert max(used) <= 1020


@settings(max_examples=40)
@given(gone_at=st.floats(0.3, 8), seed=st.integers(0, 10_000), gateways=st.integers(2, 6))
def test_without_counters_the_overrun_is_bounded_and_then_all_refuse(gone_at, seed, gateways) -> None:
    hard, rate = 400, 40
    limit = Limit(Quota(scope="use_case", unit="requests", window="day", hard=hard), "use_case:u")
    regions = Regions(0.5)
    used = let_in(
        limit, regions, gateways=gateways, rate=rate, sync_seconds=0.5, seconds=60, seed=seed, gone_at=gone_at,
        notice_seconds=1.5,
    )  # fmt: skip
    stale = overspend(rate=rate, lag_seconds=0.5, sync_seconds=0.5 + STEP, gateways=gateways)
    told = sum(more for *_, more in regions.added)
    left = max(0, hard - told)
    bound = overspend_without_counters(
        gateways=gateways, left=left + round(stale), share=SHARE, rate=rate, notice_seconds=1.5 + 2 * STEP
    )
    assert used <= hard + bound + stale
