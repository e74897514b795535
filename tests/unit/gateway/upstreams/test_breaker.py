from gateway.upstreams.breaker import FAILURES, FIRST_SECONDS, LONGEST_SECONDS, Breaker


def opened() -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES):
        assert breaker.allows(0)
        breaker.failed(0)
    return breaker


def test_failures_in_a_row_open_it_and_an_answer_in_between_does_not() -> None:
    breaker = Breaker()
    for _ in range(FAILURES - 1):
        breaker.failed(0)
    breaker.succeeded()
    for _ in range(FAILURES - 1):
        breaker.failed(0)
    assert not breaker.is_open
    breaker.failed(0)
    assert breaker.is_open


def test_one_request_at_a_time_tries_it() -> None:
    breaker = opened()
    assert not breaker.allows(FIRST_SECONDS - 0.01)
    assert breaker.allows(FIRST_SECONDS)
    assert not breaker.allows(FIRST_SECONDS)
    breaker.succeeded()
    assert breaker.allows(FIRST_SECONDS)
    assert not breaker.is_open


def test_each_try_that_fails_doubles_the_pause_up_to_the_longest() -> None:
    breaker, now = opened(), 0.0
    pauses: list[float] = []
    for _ in range(8):
        now = breaker.open_until
        pauses.append(breaker.pause)
        assert breaker.allows(now)
        breaker.failed(now)
    assert pauses == [min(FIRST_SECONDS * 2**each, LONGEST_SECONDS) for each in range(8)]


def test_a_client_that_leaves_says_nothing_and_the_next_may_try() -> None:
    breaker = opened()
    assert breaker.allows(FIRST_SECONDS)
    breaker.left()
    assert breaker.is_open
    assert breaker.allows(FIRST_SECONDS)
