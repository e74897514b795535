import pytest

from stanchion.graph import SECRET, UNKNOWN, GraphBuilder, Unsettled
from stanchion.recovery.placement import SUBNETS, Placement, placement_of

HOLDER = "aws:example/holder:Holder"


def placed(subnets, zones=("a", "b"), named: object = None) -> Placement:
    """`subnets` are indexes of subnets of the program, or values."""
    builder = GraphBuilder()
    made = [
        builder.add(SUBNETS[0], f"s{i}", {} if zone is None else {"availabilityZone": zone})
        for i, zone in enumerate(zones)
    ]
    value = [made[s].ref("id") if isinstance(s, int) else s for s in subnets] if isinstance(subnets, list) else subnets
    builder.add(HOLDER, "holder", {"subnets": value, "zones": named})
    graph = builder.graph()
    holder = graph.of_type(HOLDER)[0]
    return placement_of(graph, [holder.at("subnets")], holder.at("zones"))


def test_zones_are_those_of_the_subnets():
    assert placed([0, 1]) == Placement(frozenset("ab"))
    assert placed([0, 1]).reaches(2) is True
    assert placed([0, 1], zones=("a", "a")).reaches(2) is False


def test_zones_that_are_named_count():
    assert placed(None, named=["a", "b"]).reaches(2) is True
    assert placed(None, named=["a", "a"]).reaches(2) is False


def test_one_element_is_one_zone_whatever_its_edges():
    builder = GraphBuilder()
    made = [builder.add(SUBNETS[0], zone, {"availabilityZone": zone}) for zone in "ab"]
    builder.add(HOLDER, "holder", {"subnets": [made[0].ref("id")], "more": made[1].ref("id")})
    graph = builder.graph()
    holder = graph.of_type(HOLDER)[0]
    assert placement_of(graph, [holder.at("subnets")]).reaches(2) is False


def test_a_subnet_outside_of_the_program_has_no_known_zone():
    found = placed(["subnet-1", "subnet-2"])
    gap = found.reaches(2)
    assert isinstance(gap, Unsettled)
    assert "subnet-1" in str(gap)
    assert found.subnets == 2


def test_known_zones_are_enough_beside_unknown_ones():
    assert placed([0, 1, UNKNOWN, "subnet-1"]).reaches(2) is True


@pytest.mark.parametrize("value", [UNKNOWN, SECRET])
def test_a_list_without_value_and_edge_is_a_gap(value):
    gap = placed(value).reaches(1)
    assert isinstance(gap, Unsettled)
    assert gap.property == "subnets"


def test_a_subnet_that_names_no_zone_is_a_gap():
    gap = placed([0, 1], zones=(None, "a")).reaches(2)
    assert isinstance(gap, Unsettled)
    assert gap.property == "availabilityZone"


def test_nothing_is_nowhere():
    assert placed(None) == Placement()
    assert placed(None).reaches(1) is False
