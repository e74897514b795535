"""The ladder goes down: every order of rungs but one is refused, and what is proposed in its place is taken."""

from hypothesis import given
from hypothesis import strategies as st

from stanchion.spec.ladder import RUNGS, Rung, ladder_rules


@given(st.lists(st.sampled_from(RUNGS), max_size=5))
def test_what_is_proposed_is_a_ladder_of_the_same_rungs(ladder: list[Rung]):
    broken = list(ladder_rules(ladder))
    downward = [rung for rung in RUNGS if rung in ladder]
    assert bool(broken) == (ladder != downward or not ladder or ladder[0] != "full")
    for key, refusal in broken:
        proposed = refusal.fix.removeprefix("write [").removesuffix("]").split(", ")
        assert key == "ladder"
        assert [rung for rung in RUNGS if rung == "full" or rung in ladder] == proposed
        assert not list(ladder_rules([rung for rung in RUNGS if rung in proposed]))
