import pytest

from stanchion.graph import UNKNOWN, GraphBuilder, Unsettled
from stanchion.recovery.mechanisms.kubernetes.reservations import BLOCK, RESERVATION, Reservations, ends


def made(type_=RESERVATION, **own):
    builder = GraphBuilder()
    inputs = {"instanceType": "g6.xlarge", "instanceCount": 2, "availabilityZone": "us-east-1a"} | own
    handle = builder.add(type_, "held", inputs)
    graph = builder.graph()
    return graph, graph.resources[handle.urn]


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({}, False),
        ({"endDateType": "unlimited"}, False),
        ({"endDateType": "limited"}, True),
        ({"endDate": "2027"}, True),
    ],
)
def test_whether_it_ends(own, expected):
    assert ends(made(**own)[1]) is expected


def test_blocks_end_and_what_is_not_known_is_not_counted():
    assert ends(made(BLOCK)[1]) is True
    graph, resource = made(endDateType=UNKNOWN)
    assert isinstance(ends(resource), Unsettled)
    assert not Reservations(graph)


def test_an_open_one_is_found_by_region_and_type():
    found = Reservations(made()[0])
    assert [r.instances for r in found.open_to("us-east-1", ("g6.xlarge", "m7g.large"))] == [2]
    assert found.open_to("us-west-2", ("g6.xlarge",)) == ()
    assert found.open_to("us-east-1", ("g6.2xlarge",)) == ()
    assert found.open_to(Unsettled("", "", "x"), ("g6.xlarge",)) == ()


@pytest.mark.parametrize(
    ("wanted", "count"), [({"team": "ml"}, 1), ({"team": "*"}, 1), ({"team": "x"}, 0), ({}, 0), (UNKNOWN, 0)]
)
def test_tags_find_a_targeted_one(wanted, count):
    graph, resource = made(instanceMatchCriteria="targeted", tags={"team": "ml"})
    builder = GraphBuilder()
    term = builder.add("kubernetes:x:Y", "t", {"tags": wanted})
    found = Reservations(graph)
    assert len(found.tagged(graph, builder.graph().resources[term.urn].at("tags"))) == count
    assert found.open_to("us-east-1", ("g6.xlarge",)) == ()
    assert resource.name == "held"
