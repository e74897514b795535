from hypothesis import given
from hypothesis import strategies as st

from stanchion.quotas.counters import CounterKey, Limit
from stanchion.quotas.ledger import Ledger
from stanchion.serving.gateway_configuration import Quota

DAY = 86400.0
REQUESTS = Limit(Quota(scope="key", unit="requests", window="minute", hard=10, soft=8), "key:k1")
TOKENS = Limit(Quota(scope="use_case", unit="tokens", window="day", hard=1000), "use_case:reading")
USD = Limit(Quota(scope="user", unit="usd", window="month", hard=0.5), "user:u1")


def ledger(now: float = DAY, **more) -> Ledger:
    return Ledger(**{"share": 0.5, "notice_seconds": 3.0, "now": now, **more})


def exchange(book: Ledger, store: dict[CounterKey, int], now: float) -> None:
    """A round with a store that answers."""
    for key, more in book.outgoing():
        store[key] = store.get(key, 0) + more
        book.sent(key, more)
    for key in book.wanted(now):
        book.heard(key, store.get(key, 0))
    book.well(now)


def test_requests_are_counted_at_once_up_to_the_limit() -> None:
    book = ledger(DAY + 5)
    said = [book.take([REQUESTS], DAY + 5) for _ in range(11)]
    assert [each.allowed for each in said] == [True] * 10 + [False]
    assert [bool(each.warning) for each in said[:10]] == [False] * 7 + [True] * 3
    assert said[7].warning == "key/requests/minute: 8 requests of 10 requests used"
    assert said[10].quota == "key/requests/minute"
    assert said[10].limit == 10
    assert said[10].retry_after == 55
    assert said[10].code == "quota_minute_requests"
    assert book.take([REQUESTS], DAY + 60).allowed


def test_what_is_refused_is_not_counted() -> None:
    book, store = ledger(), dict[CounterKey, int]()
    for _ in range(50):
        book.take([REQUESTS, TOKENS], DAY)
    exchange(book, store, DAY)
    assert store == {REQUESTS.counter(DAY): 10}


def test_tokens_and_usd_are_counted_when_the_answer_is_there() -> None:
    book = ledger()
    assert book.take([TOKENS, USD], DAY).allowed
    book.settle([TOKENS, USD], {"tokens": 999, "usd": 499_999}, DAY)
    assert book.take([TOKENS, USD], DAY).allowed
    book.settle([TOKENS, USD], {"tokens": 50, "usd": 1}, DAY)
    refused = book.take([TOKENS, USD], DAY)
    assert not refused.allowed
    # Of the two that are used up, the one that lasts longer: it would refuse whoever comes back after the other.
    assert refused.quota == "user/usd/month"
    assert refused.limit == 0.5
    assert refused.message == (
        f"the quota user/usd/month of 0.5 USD is used up; it begins anew in {refused.retry_after} s."
    )


def test_two_limits_on_one_counter_count_a_request_once() -> None:
    book, store = ledger(), dict[CounterKey, int]()
    lower = Limit(Quota(scope="key", unit="requests", window="minute", hard=5), "key:k1")
    assert book.take([REQUESTS, lower], DAY).allowed
    exchange(book, store, DAY)
    assert sum(store.values()) == 1


def test_what_others_used_counts() -> None:
    book, store = ledger(), {REQUESTS.counter(DAY): 9}
    assert book.take([REQUESTS], DAY).allowed
    exchange(book, store, DAY)
    assert not book.take([REQUESTS], DAY).allowed


@given(st.lists(st.tuples(st.sampled_from(["take", "settle", "round", "lost"]), st.integers(1, 50)), max_size=60))
def test_nothing_that_was_used_is_lost_whatever_fails(steps: list[tuple[str, int]]) -> None:
    book, store, used, twice = ledger(), dict[CounterKey, int](), 0, 0
    key = TOKENS.counter(DAY)
    for step, number in steps:
        if step == "take":
            book.take([TOKENS], DAY)
        elif step == "settle":
            book.settle([TOKENS], {"tokens": number}, DAY)
            used += number
        elif step == "round":
            exchange(book, store, DAY)
            assert store.get(key, 0) == used + twice
        else:
            # The addition got there, and its answer did not come back.
            for each, more in book.outgoing():
                store[each] = store.get(each, 0) + more
                twice += more
            book.failed()
    exchange(book, store, DAY)
    assert store.get(key, 0) == used + twice


@given(st.integers(1, 200), st.integers(0, 199), st.floats(0.01, 1))
def test_without_counters_a_gateway_uses_its_lease_and_no_more(hard: int, used: int, share: float) -> None:
    limit = Limit(Quota(scope="key", unit="requests", window="day", hard=hard), "key:k1")
    book, store = ledger(share=share), {limit.counter(DAY): used}
    let_in = int(book.take([limit], DAY).allowed)
    exchange(book, store, DAY)
    left = hard - store[limit.counter(DAY)]
    more = sum(book.take([limit], DAY + 4).allowed for _ in range(hard + 5))
    assert let_in == 1
    assert more <= max(0, left)
    assert more <= max(1, -(-max(0, left) * share // 1))
    assert more > 0 or left <= 0


def test_without_counters_each_endpoint_has_its_way() -> None:
    book = ledger()
    assert book.take([REQUESTS], DAY, "refuse").allowed
    gone = DAY + 30
    refused = book.take([REQUESTS], gone, "refuse")
    assert not refused.allowed
    assert refused.code == "quota_store_gone"
    assert refused.retry_after == 5
    assert "can't be known" in refused.message
    assert all(book.take([REQUESTS], gone, "allow").allowed for _ in range(50))
    assert not book.take([REQUESTS], gone, "bounded").allowed
    assert book.take([], gone, "refuse").allowed
    assert book.gone_seconds(gone) == 30
    exchange(book, {}, gone)
    assert book.gone_seconds(gone + 1) == 0


def test_windows_that_are_over_are_forgotten_once_they_are_told() -> None:
    book, store = ledger(), dict[CounterKey, int]()
    for minute in range(30):
        now = DAY + 60 * minute
        book.take([REQUESTS], now)
        if minute % 10 == 9:
            exchange(book, store, now)
            assert len(book) == 1
    assert sum(store.values()) == 30


def test_memory_is_bounded_whoever_asks() -> None:
    book = ledger(most=100)
    for user in range(1000):
        book.take([Limit(REQUESTS.quota, f"user:{user}")], DAY)
    assert len(book) == 100
    assert book.lost == 900


def test_a_round_does_not_wait_for_a_new_counter_or_a_used_lease() -> None:
    woken: list[int] = []
    book, store = ledger(wake=lambda: woken.append(1)), dict[CounterKey, int]()
    book.take([REQUESTS], DAY)
    assert woken
    exchange(book, store, DAY)
    woken.clear()
    for _ in range(4):
        book.take([REQUESTS], DAY)
    # Of 9 that were left, the half.
    assert not woken
    book.take([REQUESTS], DAY)
    assert woken
