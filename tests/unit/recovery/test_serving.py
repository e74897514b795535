from stanchion.graph import GraphBuilder, Unsettled
from stanchion.recovery.serving import depends, goes_on, never, seconds, slowest, untold
from stanchion.recovery.sources import derived
from stanchion.recovery.term import UNBOUNDED, Grade

SOURCE = derived("it")
GAP = Unsettled("urn:pulumi:s::p::t::n", "size", "is not known")


def resource():
    builder = GraphBuilder()
    builder.add("aws:example/thing:Thing", "thing", {})
    return builder.graph().of_type("aws:example/thing:Thing")[0]


def test_a_condition_chooses_and_a_gap_is_kept_with_its_place():
    yes, no = goes_on("yes", SOURCE, resource()), never("no", SOURCE, resource())
    assert depends(True, yes, no) is yes
    assert depends(False, yes, no) is no
    gap = depends(GAP, yes, no)
    assert (gap.amount, gap.urn, gap.property) == (GAP, GAP.urn, "size")


def test_grades_say_what_a_term_is_worth():
    assert (goes_on("it", SOURCE, resource()).amount, goes_on("it", SOURCE, resource()).grade) == (0, Grade.BOUND)
    assert (never("it", SOURCE, resource()).amount, never("it", SOURCE, resource()).grade) == (UNBOUNDED, Grade.NONE)


def test_the_slowest_bill_is_the_one_that_is_least_known():
    known, unknown, none = (
        (goes_on("a", SOURCE, resource()),),
        (untold("b", GAP, SOURCE),),
        (never("c", SOURCE, resource()),),
    )
    assert slowest([known, unknown]) is unknown
    assert slowest([none, unknown, known]) is none
    assert slowest([]) == ()
    assert seconds(slowest([])) == 0
