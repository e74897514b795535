import pytest

from stanchion.graph import UNKNOWN
from stanchion.recovery.mechanisms.kubernetes.placement import pinned_zones
from stanchion.recovery.mechanisms.kubernetes.survey import survey
from tests.unit.recovery.mechanisms.kubernetes.program import ZONES, Program

GPU = {"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}


def affinity(*expressions):
    return {
        "affinity": {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [{"matchExpressions": list(expressions)}]
                }
            }
        }
    }


def expression(key, operator, *values):
    return {"key": key, "operator": operator, "values": list(values)}


def placed(pods, **group):
    program = Program()
    handle = program.deployment(pods=pods)
    program.group("nodes", 1, **group)
    graph = program.graph()
    found = survey(graph).pools_for(graph, graph.resources[handle.urn])
    assert found is not None
    return bool(found.certain), bool(found.uncertain)


TAKEN, LEFT, UNTOLD = (True, False), (False, False), (False, True)


@pytest.mark.parametrize(
    ("pods", "group", "verdict"),
    [
        ({}, {}, TAKEN),
        ({"nodeSelector": {"pool": "gpu"}}, {"labels": {"pool": "gpu"}}, TAKEN),
        ({"nodeSelector": {"pool": "gpu"}}, {"labels": {"pool": "cpu"}}, LEFT),
        ({"nodeSelector": {"pool": "gpu"}}, {}, LEFT),
        ({"nodeSelector": {"eks.amazonaws.com/capacityType": "ON_DEMAND"}}, {}, TAKEN),
        ({"nodeSelector": {"eks.amazonaws.com/capacityType": "SPOT"}}, {}, LEFT),
        # Every node has an architecture; what a group does not limit may be any.
        ({"nodeSelector": {"kubernetes.io/arch": "arm64"}}, {}, TAKEN),
        ({"nodeSelector": {"pool": UNKNOWN}}, {"labels": {"pool": "gpu"}}, UNTOLD),
        ({"nodeSelector": UNKNOWN}, {}, UNTOLD),
        ({"nodeSelector": {"pool": "gpu"}}, {"labels": {"pool": UNKNOWN}}, UNTOLD),
        (affinity(expression("pool", "In", "gpu", "cpu")), {"labels": {"pool": "cpu"}}, TAKEN),
        (affinity(expression("pool", "NotIn", "cpu")), {"labels": {"pool": "cpu"}}, LEFT),
        (affinity(expression("pool", "NotIn", "cpu")), {}, TAKEN),
        (affinity(expression("pool", "Exists")), {}, LEFT),
        (affinity(expression("pool", "DoesNotExist")), {"labels": {"pool": "cpu"}}, LEFT),
        (affinity(expression("pool", "DoesNotExist")), {}, TAKEN),
        (affinity(expression("pool", "In", UNKNOWN)), {"labels": {"pool": "cpu"}}, UNTOLD),
        ({}, {"taints": [GPU]}, LEFT),
        ({}, {"taints": [GPU | {"effect": "PREFER_NO_SCHEDULE"}]}, TAKEN),
        ({"tolerations": [{"operator": "Exists"}]}, {"taints": [GPU]}, TAKEN),
        (
            {"tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]},
            {"taints": [GPU]},
            TAKEN,
        ),
        ({"tolerations": [{"key": "nvidia.com/gpu", "value": "true"}]}, {"taints": [GPU]}, TAKEN),
        ({"tolerations": [{"key": "nvidia.com/gpu", "value": "false"}]}, {"taints": [GPU]}, LEFT),
        (
            {"tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoExecute"}]},
            {"taints": [GPU]},
            LEFT,
        ),
        ({}, {"taints": UNKNOWN}, UNTOLD),
        ({"tolerations": UNKNOWN}, {"taints": [GPU]}, UNTOLD),
    ],
)
def test_which_pods_a_node_group_takes(pods, group, verdict):
    assert placed(pods, **group) == verdict


@pytest.mark.parametrize(
    ("pods", "zones"),
    [
        ({}, None),
        ({"nodeSelector": {ZONES: "a"}}, {"a"}),
        (affinity(expression(ZONES, "In", "a", "b")), {"a", "b"}),
        (affinity(expression("pool", "In", "x")), None),
        ({"affinity": UNKNOWN}, None),
        ({"nodeSelector": {ZONES: UNKNOWN}}, None),
    ],
)
def test_zones_that_pods_ask_for(pods, zones):
    program = Program()
    handle = program.deployment(pods=pods)
    assert pinned_zones(program.graph().resources[handle.urn]) == zones


def test_pods_of_another_cluster_have_none_of_these_nodes():
    program = Program()
    west = program.kubernetes(program.eks("west", region="us-west-2"))
    handle = program.deployment(provider=west)
    program.group("nodes", 3)
    graph = program.graph()
    assert survey(graph).pools_for(graph, graph.resources[handle.urn]) is None
