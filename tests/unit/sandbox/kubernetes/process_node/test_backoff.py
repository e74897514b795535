from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sandbox.kubernetes.process_node.backoff import Backoff


def test_the_first_restart_is_made_at_once_and_the_next_ones_later_and_later():
    backoff = Backoff()
    assert [backoff.seconds(1000.0 + each) for each in range(8)] == [0, 10, 20, 40, 80, 160, 300, 300]


def test_a_container_that_ran_long_enough_begins_anew():
    backoff = Backoff()
    waited = [backoff.seconds(moment) for moment in (1000.0, 1010.0, 1010.0 + 601)]
    assert waited == [0, 10, 0]


@given(st.lists(st.floats(0, 599), min_size=2, max_size=20))
def test_faults_close_together_never_shorten_the_wait(gaps: list[float]):
    backoff, moment, waited = Backoff(), 1000.0, []
    for gap in gaps:
        moment += gap
        waited.append(backoff.seconds(moment))
    assert all(before <= after <= backoff.most for before, after in pairwise(waited))
