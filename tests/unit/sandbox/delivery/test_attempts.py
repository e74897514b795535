import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.delivery.attempts import Outcome, Retries, SystemTime, attempt, pause_after
from sandbox.delivery.errors import NotDeliveredError
from tests.unit.sandbox.delivery.hurried_time import HurriedTime

DOWN = NotDeliveredError("it is down", "ServiceUnavailable", lasting=False)
ABSENT = NotDeliveredError("it is not there", "ResourceNotFoundException", lasting=True)


def attempted(errors: list[NotDeliveredError], retries: Retries, time: HurriedTime | None = None) -> Outcome:
    """The outcome of a delivery that fails with these errors, then works."""
    left = list(errors)

    async def send(number: int) -> None:
        assert number == len(errors) - len(left) + 1
        if left:
            raise left.pop(0)

    return asyncio.run(attempt(send, retries, time or HurriedTime()))


def test_it_is_tried_until_it_works():
    time = HurriedTime()
    assert attempted([DOWN, DOWN, DOWN], Retries(), time) == Outcome(3)
    assert time.passed == 1 + 2 + 4


def test_what_is_refused_for_good_is_not_tried_again():
    assert attempted([DOWN, ABSENT], Retries()) == Outcome(1, ABSENT)


@given(most=st.integers(0, 185), seconds=st.floats(60, 86_400))
def test_neither_bound_is_passed(most: int, seconds: float):
    time = HurriedTime()
    outcome = attempted([DOWN] * 200, Retries(most, seconds), time)
    assert outcome.error is DOWN
    assert outcome.retries <= most
    assert time.passed <= seconds
    if outcome.exhausted == "MaximumRetryAttempts":
        assert outcome.retries == most
    else:
        assert outcome.exhausted == "MaximumEventAgeInSeconds"
        assert time.passed + pause_after(outcome.retries + 1) > seconds


@given(st.integers(1, 10_000))
def test_pauses_grow_up_to_a_minute(number: int):
    assert 1 <= pause_after(number) <= pause_after(number + 1) <= 60


def test_what_a_policy_does_not_say_is_as_much_as_there_can_be():
    assert Retries.of(None) == Retries(185, 86_400)
    assert Retries.of({"MaximumRetryAttempts": 0}) == Retries(0, 86_400)


def test_a_fast_time_runs_ahead_and_wakes_early():
    async def run() -> float:
        time = SystemTime(speed=1000)
        begun = time.now()
        await time.sleep(10)
        return time.now() - begun

    assert asyncio.run(run()) == pytest.approx(10, abs=200)
