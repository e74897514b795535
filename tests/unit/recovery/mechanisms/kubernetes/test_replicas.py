import pytest

from stanchion.graph import UNKNOWN, Unsettled
from stanchion.recovery.mechanisms.kubernetes.clusters import Clusters
from stanchion.recovery.mechanisms.kubernetes.replicas import Autoscalers
from tests.unit.recovery.mechanisms.kubernetes.program import Program

HPA = "autoscaling/v2:HorizontalPodAutoscaler"
SCALED = "keda.sh/v1alpha1:ScaledObject"
TARGET = {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}}


def replicas(program, handle):
    graph = program.graph()
    clusters = Clusters(graph)
    return Autoscalers(graph, clusters).replicas(graph, clusters, graph.resources[handle.urn])


@pytest.mark.parametrize(("value", "expected"), [(None, 1), (0, 0), (3, 3), (2.0, 2), ("4", 4)])
def test_its_own_number_counts_without_an_autoscaler(value, expected):
    program = Program()
    found = replicas(program, program.deployment(replicas=value))
    assert (found.floor, found.ceiling, found.reaction) == (expected, expected, None)


@pytest.mark.parametrize("value", [UNKNOWN, -1, "many", 1.5, []])
def test_a_number_that_can_not_be_told(value):
    program = Program()
    assert isinstance(replicas(program, program.deployment(replicas=value)).floor, Unsettled)


@pytest.mark.parametrize(
    ("type_", "spec", "floor", "ceiling", "reaction"),
    [
        (HPA, {"minReplicas": 2, "maxReplicas": 9}, 2, 9, 15),
        (HPA, {"maxReplicas": 9}, 1, 9, 15),
        ("autoscaling/v1:HorizontalPodAutoscaler", {"minReplicas": 3, "maxReplicas": 4}, 3, 4, 15),
        (SCALED, {}, 0, 100, 30),
        (SCALED, {"minReplicaCount": 2, "maxReplicaCount": 5, "pollingInterval": 10}, 2, 5, 10),
        # Idle means fewer than the minimum, so the minimum is no floor.
        (SCALED, {"minReplicaCount": 2, "idleReplicaCount": 0}, 0, 100, 30),
    ],
)
def test_the_floor_of_an_autoscaler_replaces_the_number(type_, spec, floor, ceiling, reaction):
    program = Program()
    handle = program.deployment(replicas=7)
    program.object(type_, "scaler", spec | TARGET)
    found = replicas(program, handle)
    assert found.reaction is not None
    assert (found.floor, found.ceiling, found.reaction.amount) == (floor, ceiling, reaction)


@pytest.mark.parametrize(
    "own",
    [
        {"scaleTargetRef": {"kind": "Deployment", "name": "other"}},
        {"scaleTargetRef": {"kind": "StatefulSet", "name": "api"}},
    ],
)
def test_an_autoscaler_of_something_else_does_not_count(own):
    program = Program()
    handle = program.deployment(replicas=7)
    program.object(HPA, "scaler", {"minReplicas": 1, "maxReplicas": 9} | own)
    assert replicas(program, handle).floor == 7


def test_the_same_name_in_another_namespace_or_cluster_does_not_count():
    program = Program()
    handle = program.deployment(replicas=7)
    program.object(HPA, "elsewhere", {"minReplicas": 1} | TARGET, namespace="other")
    west = program.kubernetes(program.eks("west", region="us-west-2"))
    program.object(HPA, "west", {"minReplicas": 2} | TARGET, provider=west)
    assert replicas(program, handle).floor == 7


def test_a_target_is_known_by_its_edge_before_it_has_a_name():
    program = Program()
    handle = program.deployment(replicas=7)
    other = program.deployment("batch", replicas=5)
    program.object(
        HPA, "scaler", {"minReplicas": 2, "scaleTargetRef": {"kind": "Deployment", "name": handle.ref("metadata")}}
    )
    assert replicas(program, handle).floor == 2
    assert replicas(program, other).floor == 5


def test_an_autoscaler_of_nobody_knows_what_makes_every_floor_of_its_namespace_unknown():
    program = Program()
    handle = program.deployment(replicas=7)
    program.object(HPA, "scaler", {"minReplicas": 2, "scaleTargetRef": {"kind": "Deployment", "name": UNKNOWN}})
    found = replicas(program, handle).floor
    assert isinstance(found, Unsettled)
    assert found.property == "spec.scaleTargetRef.name"
