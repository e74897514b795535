from hypothesis import given
from hypothesis import strategies as st

from gateway.upstreams.retry_budget import LEAST, MOST, SHARE, RetryBudget


@given(st.lists(st.booleans(), max_size=3000))
def test_retries_are_a_share_of_the_requests(asked: list[bool]) -> None:
    budget, start = RetryBudget(), RetryBudget().tokens
    requests = retries = 0
    for again in asked:
        budget.request()
        requests += 1
        retries += again and budget.take()
    assert retries <= start + SHARE * requests + 1e-6
    assert 0 <= budget.tokens <= MOST


def test_a_few_come_back_with_time() -> None:
    budget = RetryBudget(0)
    assert not budget.take()
    for _ in range(10):
        budget.second()
    assert budget.tokens == LEAST
    full = RetryBudget(MOST)
    full.second()
    assert full.tokens == MOST
