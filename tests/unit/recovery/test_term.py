import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.graph import GraphBuilder, Unsettled
from stanchion.recovery.sources import derived
from stanchion.recovery.term import UNBOUNDED, Grade, Term, largest, product, rank, scaled, total

GAP = Unsettled("urn:pulumi:test::program::aws:s3/bucket:Bucket::lake", "a", "is not known")
amounts = st.one_of(st.floats(0, 1e9), st.just(UNBOUNDED), st.just(GAP))


def test_grades_are_ordered_from_best_to_worst():
    assert sorted(Grade, key=lambda grade: grade.rank) == list(Grade)
    assert Grade.BOUND.rank < Grade.SLA.rank < Grade.TYPICAL.rank < Grade.NONE.rank


def test_a_term_keeps_the_place_of_its_setting():
    builder = GraphBuilder()
    builder.add("aws:backup/plan:Plan", "lake", {"rules": [{"startWindow": 60}]})
    plan = builder.graph().of_type("aws:backup/plan:Plan")[0]
    term = Term.of("start window", 3600.0, Grade.BOUND, derived("it"), plan.at("rules")[0]["startWindow"])
    assert (term.urn, term.property) == (plan.urn, "rules[0].startWindow")
    assert Term.of("all of it", 0.0, Grade.BOUND, derived("it"), plan).property == ""


@pytest.mark.parametrize("amount", [-1.0, -math.inf, math.nan])
def test_a_time_below_nothing_can_t_be_judged_and_never_shortens_a_sum(amount: float):
    term = Term("time to live", amount, Grade.BOUND, derived("it"), GAP.urn, "ttl")
    assert isinstance(term.amount, Unsettled)
    assert "`ttl` of aws:s3/bucket:Bucket 'lake' gives" in str(term.amount)
    assert isinstance(total([600.0, term.amount]), Unsettled)


def test_what_is_unsettled_stays_unsettled():
    assert scaled(GAP, 60) is GAP
    assert product(GAP, 2.0) is GAP
    assert product(2.0, GAP) is GAP
    assert product(30.0, 3.0) == 90.0


def test_unbounded_beats_unsettled_since_no_value_could_make_it_finite():
    assert total([1.0, GAP, UNBOUNDED]) == UNBOUNDED
    assert largest([1.0, GAP, UNBOUNDED]) == UNBOUNDED
    assert total([1.0, GAP]) is GAP
    assert largest([1.0, GAP]) is GAP
    assert total([]) == largest([]) == 0.0


@settings(max_examples=100)
@given(st.lists(amounts, max_size=6), amounts)
def test_more_never_makes_a_sum_or_a_maximum_better(some: list[object], one: object):
    assert rank(total([*some, one])) >= rank(total(some))  # pyright: ignore[reportArgumentType]
    assert rank(largest([*some, one])) >= rank(largest(some))  # pyright: ignore[reportArgumentType]


@settings(max_examples=50)
@given(st.lists(st.floats(0, 1e6), max_size=6))
def test_a_maximum_is_never_above_the_sum(some: list[float]):
    assert largest(some) <= total(some) + 1e-6  # pyright: ignore[reportOperatorIssue]
    assert not math.isinf(total(some))  # pyright: ignore[reportArgumentType]
