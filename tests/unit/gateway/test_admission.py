from hypothesis import given
from hypothesis import strategies as st

from gateway.admission import Admission


def test_each_tier_has_less_room_than_the_stricter_one() -> None:
    admission = Admission(10, ["critical", "standard", "batch"])
    assert [admission.limit(tier) for tier in ("critical", "standard", "batch")] == [10, 8, 6]
    assert admission.limit("nobody") == 0
    assert not admission.enter("nobody")


@given(st.integers(1, 500), st.lists(st.sampled_from("abcd"), max_size=60))
def test_never_more_than_allowed(concurrency: int, asked: list[str]) -> None:
    admission = Admission(concurrency, list("abcd"))
    inside = 0
    for tier in asked:
        inside += admission.enter(tier)
        assert inside == admission.in_flight <= concurrency
    for _ in range(inside):
        admission.leave()
    assert admission.in_flight == 0
    assert admission.enter("a")
