from hypothesis import given
from hypothesis import strategies as st

from stanchion.quotas.amounts import amount, shown


@given(st.lists(st.integers(0, 10**9), max_size=50))
def test_sums_of_usd_are_exact_to_a_millionth(micros: list[int]) -> None:
    assert sum(amount("usd", micro / 1_000_000) for micro in micros) == sum(micros)


def test_what_is_below_nothing_counts_as_nothing() -> None:
    assert amount("tokens", -5) == 0
    assert amount("usd", -0.01) == 0


def test_people_read_usd_and_not_millionths() -> None:
    assert shown("usd", 1_250_000) == "1.25 USD"
    assert shown("tokens", 120) == "120 tokens"
