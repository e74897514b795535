import pytest

from stanchion.graph import UNKNOWN, Unsettled
from stanchion.recovery.mechanisms.kubernetes.clusters import Clusters
from stanchion.recovery.mechanisms.kubernetes.pools import pools_of
from tests.unit.recovery.mechanisms.kubernetes.program import ZONES, Program


def pools(program):
    graph = program.graph()
    found = pools_of(graph, Clusters(graph))
    assert set(found) <= {program.cluster.urn}
    return {pool.resource.name: pool for pool in found.get(program.cluster.urn, ())}


@pytest.mark.parametrize(
    ("inputs", "floor"),
    [
        ({}, 3),
        ({"capacityType": "SPOT"}, 0),
        ({"capacityType": "ON_DEMAND"}, 3),
        ({"scalingConfig": {"minSize": 2, "desiredSize": 5, "maxSize": 9}}, 2),
        ({"scalingConfig": {"minSize": 4, "desiredSize": 1, "maxSize": 9}}, 1),
        ({"scalingConfig": {"minSize": 2, "desiredSize": UNKNOWN, "maxSize": 9}}, 2),
        ({"scalingConfig": [{"minSize": 2, "maxSize": 9}]}, 2),
        ({"scalingConfig": None}, 0),
    ],
)
def test_the_floor_of_a_node_group(inputs, floor):
    program = Program()
    program.group("nodes", 3, **inputs)
    assert pools(program)["nodes"].floor == floor


@pytest.mark.parametrize(
    "inputs", [{"capacityType": UNKNOWN}, {"scalingConfig": UNKNOWN}, {"scalingConfig": {"minSize": "x"}}]
)
def test_a_floor_that_can_not_be_told(inputs):
    program = Program()
    program.group("nodes", 3, **inputs)
    assert isinstance(pools(program)["nodes"].floor, Unsettled)


def test_zones_come_from_subnets():
    program = Program()
    program.group("two", 1, program.subnets("us-east-1a", "us-east-1b", "us-east-1a"))
    assert pools(program)["two"].zones == {"us-east-1a", "us-east-1b"}


def test_two_zones_that_are_known_are_enough():
    program = Program()
    program.group("some", 1, program.subnets("us-east-1a", "us-east-1b", UNKNOWN))
    assert pools(program)["some"].zones == {"us-east-1a", "us-east-1b"}
    program.group("one", 1, ["subnet-0123"])
    assert isinstance(pools(program)["one"].zones, Unsettled)


@pytest.mark.parametrize(
    ("types", "spot", "only_spot", "floor"),
    [
        (("spot",), True, True, 0),
        (("on-demand",), False, False, 4),
        (("spot", "on-demand"), True, False, 0),
        (("reserved",), False, False, 4),
        # Karpenter takes any type when none is asked for.
        ((), True, False, 0),
    ],
)
def test_only_a_static_pool_without_spot_is_a_floor(types, spot, only_spot, floor):
    program = Program()
    program.pool("static", types, replicas=4)
    program.pool("dynamic", types)
    found = pools(program)
    assert (found["static"].spot, found["static"].only_spot, found["static"].floor) == (spot, only_spot, floor)
    assert found["dynamic"].floor == 0


def test_requirements_narrow_each_other_and_exclude():
    program = Program()
    key = "karpenter.sh/capacity-type"
    program.pool("not-spot", requirements=[{"key": key, "operator": "NotIn", "values": ["spot"]}], replicas=2)
    both = [
        {"key": ZONES, "operator": "In", "values": ["a", "b"]},
        {"key": ZONES, "operator": "In", "values": ["b", "c"]},
        {"key": "karpenter.k8s.aws/instance-cpu", "operator": "Gt", "values": ["4"]},
    ]
    program.pool("narrow", requirements=both)
    found = pools(program)
    assert (found["not-spot"].spot, found["not-spot"].floor) == (False, 2)
    assert found["narrow"].zones == {"b"}
    assert "karpenter.k8s.aws/instance-cpu" not in found["narrow"].labels


@pytest.mark.parametrize(
    "requirements",
    [
        UNKNOWN,
        [{"key": "karpenter.sh/capacity-type", "operator": "In", "values": UNKNOWN}],
        [{"key": "karpenter.sh/capacity-type", "operator": "In", "values": [UNKNOWN]}],
    ],
)
def test_capacity_types_that_can_not_be_told(requirements):
    program = Program()
    program.object(
        "karpenter.sh/v1:NodePool", "p", {"replicas": 2, "template": {"spec": {"requirements": requirements}}}
    )
    found = pools(program)["p"]
    assert isinstance(found.spot, Unsettled)
    assert isinstance(found.floor, Unsettled)


@pytest.mark.parametrize("limits", [{"cpu": 0}, {"cpu": "0", "memory": "10Gi"}, {"nodes": 0}])
def test_a_pool_that_may_start_nothing_is_none(limits):
    program = Program()
    program.pool("closed", ("spot",), limits=limits)
    assert pools(program) == {}


def test_auto_mode_brings_on_demand_pools_that_are_repaired():
    program = Program()
    auto = program.eks("auto", computeConfig={"enabled": True, "nodePools": ["general-purpose"]})
    program.eks("none", computeConfig={"enabled": True, "nodePools": []})
    graph = program.graph()
    found = pools_of(graph, Clusters(graph))
    assert set(found) == {auto.urn}
    (pool,) = found[auto.urn]
    assert (pool.only_spot, pool.floor, pool.repair) == (False, 0, True)


def test_repair_is_a_setting_of_node_groups_and_a_habit_of_auto_mode():
    program = Program()
    program.group("repaired", 1, nodeRepairConfig={"enabled": True})
    program.group("plain", 1)
    program.pool("auto", node={"nodeClassRef": {"group": "eks.amazonaws.com", "kind": "NodeClass", "name": "default"}})
    program.pool(
        "own", node={"nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"}}
    )
    assert {name: pool.repair for name, pool in pools(program).items()} == {
        "repaired": True,
        "plain": False,
        "auto": True,
        "own": False,
    }
