import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.recovery.mechanisms.kubernetes.floors import left_of
from stanchion.recovery.mechanisms.kubernetes.survey import survey
from tests.unit.recovery.mechanisms.kubernetes.program import INFRASTRUCTURE, REGION, ZONE, Program

A, B, C = "us-east-1a", "us-east-1b", "us-east-1c"


def left(disruption, *groups):
    """Groups as pairs of a floor and its zones."""
    program = Program()
    subnet = dict(zip((A, B, C), program.subnets(A, B, C), strict=True))
    for number, (least, zones) in enumerate(groups):
        program.group(f"nodes-{number}", least, [subnet[zone] for zone in zones])
    return left_of(survey(program.graph()).pools[program.cluster.urn], disruption)


@pytest.mark.parametrize(
    ("groups", "node", "zone"),
    [
        ([(2, [A, B])], 1, 1),
        ([(3, [A, B])], 2, 1),
        ([(3, [A, B, C])], 2, 2),
        ([(4, [A])], 3, 0),
        ([(2, [A]), (1, [B])], 2, 1),
        ([(1, [A]), (1, [B]), (1, [C])], 2, 2),
        ([(0, [A, B])], 0, 0),
    ],
)
def test_what_is_left(groups, node, zone):
    assert left(INFRASTRUCTURE, *groups).nodes == node
    assert left(ZONE, *groups).nodes == zone
    assert left(REGION, *groups).nodes == sum(least for least, _ in groups)


def test_a_balance_over_zones_is_a_best_effort():
    assert left(ZONE, (2, [A, B])).best_effort
    assert not left(ZONE, (1, [A]), (1, [B])).best_effort


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.sets(st.sampled_from([A, B, C]), min_size=1)), min_size=1, max_size=3),
    st.integers(0, 2),
    st.sampled_from([INFRASTRUCTURE, ZONE]),
)
def test_one_more_node_never_leaves_fewer(groups, which, disruption):
    ordered = [(least, sorted(zones)) for least, zones in groups]
    more = [(least + (number == which), zones) for number, (least, zones) in enumerate(ordered)]
    assert left(disruption, *ordered).nodes <= left(disruption, *more).nodes
