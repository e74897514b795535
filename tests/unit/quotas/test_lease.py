import math

from hypothesis import given
from hypothesis import strategies as st

from stanchion.quotas.lease import lease, overspend, overspend_without_counters

SHARES = st.floats(0.001, 1)


@given(st.integers(-100, 10**12), SHARES)
def test_a_lease_is_a_part_of_what_is_left(left: int, share: float) -> None:
    held = lease(left, share)
    assert 0 <= held <= max(0, left)
    assert (held > 0) == (left > 0)
    assert held <= max(1, math.ceil(left * share))


@given(st.integers(0, 10**9), st.integers(0, 10**9), SHARES)
def test_more_left_is_no_smaller_lease(one: int, more: int, share: float) -> None:
    assert lease(one + more, share) >= lease(one, share)


@given(st.integers(1, 50), st.integers(0, 10**9))
def test_gateways_with_their_share_do_not_overrun_but_for_the_rounding(gateways: int, left: int) -> None:
    assert gateways * lease(left, 1 / gateways) <= left + gateways


def test_the_bounds_are_what_they_say() -> None:
    assert overspend(rate=10, lag_seconds=1, sync_seconds=1, gateways=2) == 34
    assert overspend(rate=10, lag_seconds=0, sync_seconds=0.5, gateways=1, largest=5, in_flight=7) == 27
    # Four gateways with half of 100 each use 200, and 10 a second for 3 s before they notice.
    assert overspend_without_counters(gateways=4, left=100, share=0.5, rate=10, notice_seconds=3) == 134
    assert overspend_without_counters(gateways=2, left=100, share=0.1, rate=0, notice_seconds=3) == 0
