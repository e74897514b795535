"""Nodes in Auto Mode: a floor in each zone, a burst that system pods keep off, an overflow, and what is reserved."""

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.alarm import AlarmTopicsArgs
from components.serving.access import AUTO_NODE_POLICY
from components.serving.auto_mode import AutoMode, AutoModeArgs
from components.serving.node_pools import PoolArgs
from components.serving.placement import CAPACITY_LABEL, POOL_LABEL, SPOT_TAINT, Accelerator
from stanchion.recovery.mechanisms.kubernetes.survey import survey
from tests.recorder import Recording, kubernetes, provider, record

TYPES = [f"m{generation}.{size}xlarge" for generation in ("5", "6i", "6a", "7i", "7a") for size in (1, 2, 4)]
GENERAL = PoolArgs("general", TYPES, ["m7i.2xlarge"], floor_per_zone=2, burst_cpu=200, overflow_cpu=100)
GPU = PoolArgs("gpu", [], ["g6.2xlarge"], accelerator=Accelerator.NVIDIA, ephemeral_gib=400)
ZONES = ["us-west-2a", "us-west-2b", "us-west-2c"]
ARGS = AutoModeArgs(
    cluster_name="prod",
    security_group_id="sg-1",
    subnet_ids=["subnet-a", "subnet-b", "subnet-c"],
    zone_names=ZONES,
    key_arn="arn:key",
    pools=[GENERAL],
    alarm_topics=AlarmTopicsArgs(critical="arn:critical", warning="arn:warning", info="arn:info"),
)


def recorded(*pools: PoolArgs, **changes: Any) -> Recording:
    args = replace(ARGS, pools=list(pools or (GENERAL,)), **changes)
    options = pulumi.ResourceOptions
    return record(lambda: AutoMode("local", args, options(providers=[provider("us-west-2"), kubernetes()])))


def node_pools(recording: Recording) -> dict[str, dict[str, Any]]:
    return {r.inputs["metadata"]["name"]: r.inputs["spec"] for r in recording.all("NodePool")}


def requirement(spec: dict[str, Any], key: str) -> list[str]:
    (found,) = [r for r in spec["template"]["spec"]["requirements"] if r["key"] == key]
    assert found["operator"] == "In"
    return found["values"]


def taints(spec: dict[str, Any]) -> set[str]:
    return {taint["key"] for taint in spec["template"]["spec"]["taints"]}


def floors(recording: Recording) -> list[dict[str, Any]]:
    return [spec for name, spec in sorted(node_pools(recording).items()) if "-floor-" in name]


def test_each_zone_has_a_floor_of_its_own_that_runs_always_and_on_demand() -> None:
    found = floors(recorded())
    assert [requirement(spec, "topology.kubernetes.io/zone") for spec in found] == [[zone] for zone in ZONES]
    assert {spec["replicas"] for spec in found} == {2}
    assert all(requirement(spec, "karpenter.sh/capacity-type") == ["on-demand"] for spec in found)
    assert all(requirement(spec, "node.kubernetes.io/instance-type") == ["m7i.2xlarge"] for spec in found)


def test_a_static_pool_says_nothing_that_karpenter_refuses_of_one() -> None:
    for spec in floors(recorded()):
        assert "weight" not in spec
        assert list(spec["limits"]) == ["nodes"]
        assert int(spec["limits"]["nodes"]) > spec["replicas"], "a node could not be replaced before it goes"


def test_the_floors_of_two_zones_never_expire_on_one_day() -> None:
    hours = [int(spec["template"]["spec"]["expireAfter"].removesuffix("h")) for spec in floors(recorded())]
    assert all(abs(one - other) >= 24 for one in hours for other in hours if one != other)
    assert len(set(hours)) == 3
    assert max(hours) <= 21 * 24, "Auto Mode refuses a longer life"


def test_spot_is_tried_before_on_demand_and_both_have_an_end() -> None:
    pools = node_pools(recorded())
    burst, overflow = pools["general-burst"], pools["general-overflow"]
    assert requirement(burst, "karpenter.sh/capacity-type") == ["spot"]
    assert requirement(overflow, "karpenter.sh/capacity-type") == ["on-demand"]
    assert 100 >= burst["weight"] > overflow["weight"] >= 1
    assert (burst["limits"], overflow["limits"]) == ({"cpu": "200"}, {"cpu": "100"})
    assert "replicas" not in burst
    assert set(requirement(burst, "topology.kubernetes.io/zone")) == set(ZONES)
    assert requirement(burst, "node.kubernetes.io/instance-type") == TYPES


def test_what_tolerates_nothing_stands_on_the_floor_and_never_on_spot() -> None:
    pools = node_pools(recorded(GENERAL, GPU))
    assert {name for name, spec in pools.items() if not taints(spec)} == {
        *(f"general-floor-{number}" for number in range(3)),
        "general-overflow",
    }
    assert taints(pools["general-burst"]) == {SPOT_TAINT}
    assert taints(pools["gpu-floor-0"]) == {"nvidia.com/gpu"}


def test_an_accelerator_pool_on_spot_has_both_taints() -> None:
    pools = node_pools(recorded(GENERAL, replace(GPU, instance_types=TYPES, burst_cpu=64)))
    assert taints(pools["gpu-burst"]) == {SPOT_TAINT, "nvidia.com/gpu"}


def test_nodes_say_what_they_are_for() -> None:
    labels = node_pools(recorded())["general-burst"]["template"]["metadata"]["labels"]
    assert labels == {CAPACITY_LABEL: "burst", POOL_LABEL: "general"}


def test_disruption_takes_some_nodes_at_a_time_and_never_waits_for_ever() -> None:
    for spec in node_pools(recorded(GENERAL, GPU)).values():
        assert spec["disruption"]["budgets"]
        assert "100%" not in {budget["nodes"] for budget in spec["disruption"]["budgets"]}
        assert spec["template"]["spec"]["terminationGracePeriod"] == "1h"


def test_nodes_join_by_an_entry_of_their_own_role_that_is_there_before_they_are() -> None:
    recording = recorded()
    entry, association = recording.one("AccessEntry"), recording.one("AccessPolicyAssociation")
    assert entry.inputs["type"] == "EC2"
    assert entry.inputs["principalArn"] == association.inputs["principalArn"]
    assert association.inputs["policyArn"] == AUTO_NODE_POLICY
    node_class = recording.one("NodeClass")
    assert association.urn in node_class.dependencies
    assert node_class.inputs["spec"]["role"] == recording.one("Role").inputs.get("name", "local-node")
    assert all(node_class.urn in pool.dependencies for pool in recording.all("NodePool"))


def test_a_node_may_pull_images_and_nothing_else_of_its_own() -> None:
    recording = recorded()
    names = {r.inputs["policyArn"].rpartition("/")[2] for r in recording.all("RolePolicyAttachment")}
    assert names == {"AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"}
    assert not recording.all("RolePolicy")
    (trust,) = json.loads(recording.one("Role").inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "ec2.amazonaws.com"}


def test_network_policies_are_kept_by_the_cluster_and_by_each_class() -> None:
    recording = recorded(GENERAL, GPU)
    switch = recording.one("ConfigMap").inputs
    assert (switch["metadata"]["namespace"], switch["metadata"]["name"]) == ("kube-system", "amazon-vpc-cni")
    assert switch["data"] == {"enable-network-policy-controller": "true"}
    assert {r.inputs["spec"]["networkPolicy"] for r in recording.all("NodeClass")} == {"DefaultAllow"}


def test_each_pool_has_a_class_with_room_for_its_weights_in_the_clusters_network() -> None:
    classes = {r.inputs["metadata"]["name"]: r.inputs["spec"] for r in recorded(GENERAL, GPU).all("NodeClass")}
    assert classes["gpu"]["ephemeralStorage"]["size"] == "400Gi"
    assert classes["general"]["ephemeralStorage"]["kmsKeyID"] == "arn:key"
    assert [term["id"] for term in classes["gpu"]["subnetSelectorTerms"]] == ["subnet-a", "subnet-b", "subnet-c"]
    assert classes["gpu"]["securityGroupSelectorTerms"] == [{"id": "sg-1"}]
    assert all("capacityReservationSelectorTerms" not in spec for spec in classes.values())


def test_reserved_capacity_is_in_every_zone_for_the_floor_and_beyond_it() -> None:
    recording = recorded(GENERAL, replace(GPU, floor_per_zone=2, reserved_per_zone=1, overflow_cpu=64))
    reservations = recording.all("CapacityReservation")
    assert [r.inputs["availabilityZone"] for r in reservations] == ZONES
    assert {r.inputs["instanceCount"] for r in reservations} == {3}
    assert {(r.inputs["instanceType"], r.inputs["instanceMatchCriteria"]) for r in reservations} == {
        ("g6.2xlarge", "targeted")
    }
    classes = {r.inputs["metadata"]["name"]: r.inputs["spec"] for r in recording.all("NodeClass")}
    named = [term["id"] for term in classes["gpu"]["capacityReservationSelectorTerms"]]
    assert named == [f"{r.name}-id" for r in reservations]
    pools = node_pools(recording)
    for name in ("gpu-floor-0", "gpu-overflow"):
        assert requirement(pools[name], "karpenter.sh/capacity-type") == ["reserved", "on-demand"]
    assert "g6.2xlarge" in requirement(pools["gpu-overflow"], "node.kubernetes.io/instance-type")


def test_recovery_estimates_see_a_floor_in_three_zones_and_the_reservations() -> None:
    recording = recorded(GENERAL, replace(GPU, reserved_per_zone=1, overflow_cpu=64))
    pools = {
        p.resource.inputs["metadata"]["name"]: p for group in survey(recording.graph()).pools.values() for p in group
    }
    floor = [pool for name, pool in pools.items() if name.startswith("general-floor")]
    assert [pool.floor for pool in floor] == [2.0, 2.0, 2.0]
    assert {zone for pool in floor if isinstance(pool.zones, frozenset) for zone in pool.zones} == set(ZONES)
    assert pools["general-burst"].only_spot is True
    assert len({reservation.zone for reservation in pools["gpu-overflow"].reservations}) == 3


def test_the_floor_is_watched_by_its_number_of_nodes_unless_nobody_counts_them() -> None:
    alarms = {r.name: r.inputs for r in recorded(GENERAL, GPU).all("MetricAlarm")}
    alarm = alarms["local-nodes-under-floor"]
    assert (alarm["threshold"], alarm["comparisonOperator"]) == (9, "LessThanThreshold")
    assert (alarm["treatMissingData"], alarm["alarmActions"]) == ("breaching", ["arn:critical"])
    assert not recorded(watch_nodes=False).all("MetricAlarm")


@pytest.mark.parametrize(
    ("pools", "sentence"),
    [
        ([GPU], "no pool with a floor and without accelerator"),
        ([replace(GENERAL, floor_per_zone=0)], "no pool with a floor"),
        ([GENERAL, GENERAL], "two pools called 'general'"),
        ([replace(GENERAL, instance_types=TYPES[:14])], "takes spot capacity from 14 instance types and needs 15"),
        ([replace(GENERAL, pool="default")], "called 'default'.*call it 'general'"),
    ],
)
def test_pools_that_could_not_work_are_refused(pools: list[PoolArgs], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        recorded(*pools)


def test_few_types_are_enough_where_there_is_no_spot() -> None:
    assert len(node_pools(recorded(replace(GENERAL, instance_types=["m7i.large"], burst_cpu=0)))) == 4
