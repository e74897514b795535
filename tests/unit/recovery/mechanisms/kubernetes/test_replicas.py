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
        (HPA, {"minReplicas": 3, "maxReplicas": 3}, 3, 3, 15),
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


@pytest.mark.parametrize(("own", "floor"), [(None, 2), (1, 2), (9, 2), (UNKNOWN, 2), (0, None)])
def test_a_number_of_0_turns_an_autoscaler_off_and_any_other_gives_way(own, floor):
    program = Program()
    handle = program.deployment(replicas=own)
    program.object(HPA, "scaler", {"minReplicas": 2, "maxReplicas": 2} | TARGET)
    found = replicas(program, handle)
    if floor is None:
        assert isinstance(found.floor, Unsettled)
        assert (found.floor.property, found.at.path) == ("spec.replicas", "spec.replicas")
    else:
        assert found.floor == floor


@pytest.mark.parametrize(
    ("annotations", "floor", "reaction"),
    [
        ({"autoscaling.keda.sh/paused-replicas": "0"}, 0, False),
        ({"autoscaling.keda.sh/paused-replicas": "4"}, 4, False),
        ({"autoscaling.keda.sh/paused-replicas": "4", "autoscaling.keda.sh/paused": "false"}, 4, False),
        ({"autoscaling.keda.sh/paused": "true"}, 7, False),
        ({"autoscaling.keda.sh/paused": "false"}, 2, True),
        ({"other": "true"}, 2, True),
        ({"autoscaling.keda.sh/paused-replicas": UNKNOWN}, None, False),
        ({"autoscaling.keda.sh/paused": "perhaps"}, None, False),
        (UNKNOWN, None, False),
    ],
)
def test_a_scaled_object_that_is_paused_holds_a_number(annotations, floor, reaction):
    program = Program()
    handle = program.deployment(replicas=7)
    program.object(SCALED, "scaler", {"minReplicaCount": 2} | TARGET, annotations=annotations)
    found = replicas(program, handle)
    assert (found.reaction is not None) == reaction
    assert isinstance(found.floor, Unsettled) if floor is None else found.floor == floor


@pytest.mark.parametrize(
    ("spec", "floor", "under_load"),
    [
        ({}, 0, 0),
        ({"minReplicaCount": 2}, 2, 2),
        ({"minReplicaCount": 2, "idleReplicaCount": 0}, 0, 2),
        ({"minReplicaCount": UNKNOWN, "idleReplicaCount": 0}, 0, None),
    ],
)
def test_what_sleeps_is_more_under_load(spec, floor, under_load):
    program = Program()
    handle = program.deployment(replicas=7)
    program.object(SCALED, "scaler", spec | TARGET)
    found = replicas(program, handle)
    assert found.floor == floor
    assert isinstance(found.under_load, Unsettled) if under_load is None else found.under_load == under_load
