import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.reading.spot import (
    GROUP,
    NODE_POOLS,
    Purchase,
    group_purchase,
    pool_capacity_types,
    target_groups_of,
)
from stanchion.graph import UNKNOWN, GraphBuilder, Unsettled


def purchase(size: object, **distribution: object) -> Purchase:
    builder = GraphBuilder()
    policy = {"instancesDistribution": distribution}
    builder.add(GROUP, "workers", {"minSize": size, "mixedInstancesPolicy": policy})
    graph = builder.graph()
    return group_purchase(graph, graph.of_type(GROUP)[0])


def test_nothing_said_is_on_demand_only() -> None:
    found = purchase(3)
    assert (found.spot, found.floor) == (False, 3)


def test_the_floor_is_the_base_and_a_share_of_what_is_above_it() -> None:
    found = purchase(5, onDemandBaseCapacity=0, onDemandPercentageAboveBaseCapacity=20)
    assert (found.spot, found.floor) == (True, 1)
    assert purchase(1, onDemandPercentageAboveBaseCapacity=50).floor == 0.5
    assert purchase(0, onDemandBaseCapacity=2, onDemandPercentageAboveBaseCapacity=0).floor == 2


@given(size=st.integers(0, 50), base=st.integers(0, 10), share=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_more_on_demand_never_lowers_the_floor(size: int, base: int, share: int) -> None:
    def floor(base_: int, share_: int) -> float:
        found = purchase(size, onDemandBaseCapacity=base_, onDemandPercentageAboveBaseCapacity=share_).floor
        assert not isinstance(found, Unsettled)
        return found

    assert floor(base + 1, share) >= floor(base, share)
    assert floor(base, share + 1) >= floor(base, share)


def test_an_unknown_share_can_not_be_told_but_a_known_base_can() -> None:
    assert isinstance(purchase(2, onDemandPercentageAboveBaseCapacity=UNKNOWN).floor, Unsettled)
    assert purchase(2, onDemandBaseCapacity=1, onDemandPercentageAboveBaseCapacity=UNKNOWN).floor == 1


@pytest.mark.parametrize(
    ("requirements", "types"),
    [
        ([], {"spot", "on-demand", "reserved"}),
        ([{"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["spot"]}], {"spot"}),
        (
            [{"key": "karpenter.sh/capacity-type", "operator": "NotIn", "values": ["on-demand", "reserved"]}],
            {"spot"},
        ),
        ([{"key": "kubernetes.io/arch", "operator": "In", "values": ["arm64"]}], {"spot", "on-demand", "reserved"}),
    ],
)
def test_what_a_pool_may_use(requirements: list[dict[str, object]], types: set[str]) -> None:
    builder = GraphBuilder()
    builder.add(NODE_POOLS[0], "serving", {"spec": {"template": {"spec": {"requirements": requirements}}}})
    assert pool_capacity_types(builder.graph().of_type(NODE_POOLS[0])[0])[1] == types


def test_target_groups_are_found_in_the_group_and_in_its_attachments() -> None:
    builder = GraphBuilder()
    inside = builder.add("aws:lb/targetGroup:TargetGroup", "inside", {})
    attached = builder.add("aws:lb/targetGroup:TargetGroup", "attached", {})
    group = builder.add(GROUP, "workers", {"targetGroupArns": [inside.ref("arn")]})
    builder.add(
        "aws:autoscaling/attachment:Attachment",
        "link",
        {"autoscalingGroupName": group.ref("name"), "lbTargetGroupArn": attached.ref("arn")},
    )
    graph = builder.graph()
    assert {t.name for t in target_groups_of(graph, graph.of_type(GROUP)[0])} == {"inside", "attached"}
