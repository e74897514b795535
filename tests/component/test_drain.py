"""The end of a pod: the longest request finishes, and all of it fits into the notice of a spot instance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.serving.drain import LEAVES_WITHIN, LONGEST, SPOT_NOTICE, drain


@given(st.integers(1, LONGEST))
def test_a_request_that_came_as_late_as_it_could_finishes_before_the_server_is_told(longest: int) -> None:
    made = drain("endpoint 'x'", longest)
    assert made.waits >= LEAVES_WITHIN + longest
    assert made.waits < made.grace < SPOT_NOTICE - 5


def test_a_minute_is_possible() -> None:
    made = drain("endpoint 'x'", 60)
    assert (made.waits, made.grace) == (70, 85)
    assert made.lifecycle().pre_stop.sleep.seconds == 70  # pyright: ignore


@pytest.mark.parametrize("longest", [0, -1, LONGEST + 1, 600])
def test_longer_requests_than_the_notice_leaves_are_refused_with_the_numbers(longest: int) -> None:
    with pytest.raises(ValueError, match=rf"endpoint 'x' has requests of up to {longest} s; allowed: 1 s to 85 s"):
        drain("endpoint 'x'", longest)
