"""Managed node groups: a floor in each zone, a burst on spot, nodes that give nothing away."""

from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.alarm import AlarmTopicsArgs
from components.serving.node_groups import NodeGroupArgs, NodeGroups, NodeGroupsArgs
from components.serving.placement import CAPACITY_LABEL, CAPACITY_TYPE, SPOT_TAINT, Accelerator, Architecture
from tests.recorder import Recorded, Recording, provider, record

TYPES = [f"m{generation}.{size}xlarge" for generation in ("5", "6i", "6a", "7i", "7a") for size in (1, 2, 4)]
GENERAL = NodeGroupArgs("general", TYPES, ["m7i.2xlarge"], floor_per_zone=2, burst_nodes=9)
GPU = NodeGroupArgs("gpu", [], ["g6.2xlarge"], accelerator=Accelerator.NVIDIA, disk_gib=400)
SUBNETS = ["subnet-a", "subnet-b", "subnet-c"]
ARGS = NodeGroupsArgs(
    cluster_name="prod",
    kubernetes_version="1.35",
    subnet_ids=SUBNETS,
    pools=[GENERAL],
    alarm_topics=AlarmTopicsArgs(critical="arn:critical", warning="arn:warning", info="arn:info"),
)


def recorded(*pools: NodeGroupArgs) -> Recording:
    args = replace(ARGS, pools=list(pools or (GENERAL,)))
    return record(lambda: NodeGroups("local", args, pulumi.ResourceOptions(provider=provider("us-west-2"))))


def groups(*pools: NodeGroupArgs) -> dict[str, Recorded]:
    return {r.name.removeprefix("local-"): r for r in recorded(*pools).all("NodeGroup")}


def test_each_zone_has_a_floor_of_its_own_on_demand() -> None:
    floors = [groups()[f"general-floor-{number}"].inputs for number in range(3)]
    assert [floor["subnetIds"] for floor in floors] == [[subnet] for subnet in SUBNETS]
    assert {floor["capacityType"] for floor in floors} == {"ON_DEMAND"}
    assert {floor["scalingConfig"]["minSize"] for floor in floors} == {2}
    assert {floor["scalingConfig"]["desiredSize"] for floor in floors} == {2}
    assert all(floor["instanceTypes"] == ["m7i.2xlarge"] for floor in floors)


def test_the_burst_is_spot_of_many_types_over_all_zones_and_starts_from_nothing() -> None:
    burst = groups()["general-burst"].inputs
    assert (burst["capacityType"], burst["instanceTypes"], burst["subnetIds"]) == ("SPOT", TYPES, SUBNETS)
    assert burst["scalingConfig"] == {"minSize": 0, "desiredSize": 0, "maxSize": 9}


def test_labels_and_taints_are_those_of_auto_mode() -> None:
    found = groups(GENERAL, GPU)
    assert found["general-burst"].inputs["labels"][CAPACITY_TYPE] == "spot"
    assert found["general-floor-0"].inputs["labels"][CAPACITY_LABEL] == "floor"
    assert [taint["key"] for taint in found["general-burst"].inputs["taints"]] == [SPOT_TAINT]
    assert [taint["key"] for taint in found["gpu-floor-0"].inputs["taints"]] == ["nvidia.com/gpu"]
    assert "taints" not in found["general-floor-0"].inputs


def test_no_pod_gets_the_nodes_credentials_and_disks_are_encrypted() -> None:
    for template in recorded(GENERAL, GPU).all("LaunchTemplate"):
        assert template.inputs["metadataOptions"]["httpTokens"] == "required"
        assert template.inputs["metadataOptions"]["httpPutResponseHopLimit"] == 1
        (disk,) = template.inputs["blockDeviceMappings"]
        assert disk["ebs"]["encrypted"] == "true"
        assert disk["ebs"]["volumeSize"] == (400 if template.name.endswith("gpu") else 80)


def test_an_update_takes_one_node_of_a_zone_and_a_third_of_the_burst() -> None:
    found = groups()
    assert found["general-floor-0"].inputs["updateConfig"] == {"maxUnavailable": 1}
    assert found["general-burst"].inputs["updateConfig"] == {"maxUnavailablePercentage": 33}


def test_broken_nodes_are_replaced_and_nodes_have_the_clusters_version() -> None:
    for group in groups(GENERAL, GPU).values():
        assert group.inputs["nodeRepairConfig"] == {"enabled": True}
        assert group.inputs["version"] == "1.35"


def test_nodes_start_only_when_their_role_is_complete() -> None:
    recording = recorded()
    attached = {r.urn for r in recording.all("RolePolicyAttachment")}
    assert all(attached <= set(group.dependencies) for group in recording.all("NodeGroup"))


def test_an_accelerator_gets_an_image_with_its_drivers() -> None:
    found = groups(GENERAL, GPU)
    assert found["gpu-floor-0"].inputs["amiType"] == "BOTTLEROCKET_x86_64_NVIDIA"
    assert found["general-floor-0"].inputs["amiType"] == "AL2023_x86_64_STANDARD"


def test_weights_lie_on_the_disk_that_the_image_keeps_for_them() -> None:
    disks = {
        template.name: [each["deviceName"] for each in template.inputs["blockDeviceMappings"]]
        for template in recorded(GENERAL, GPU).all("LaunchTemplate")
    }
    assert disks == {"local-general": ["/dev/xvda"], "local-gpu": ["/dev/xvdb"]}


@pytest.mark.parametrize(
    ("pools", "sentence"),
    [
        ([GPU], "no pool with a floor and without accelerator"),
        ([replace(GENERAL, instance_types=TYPES[:3])], "from 3 instance types and needs 15"),
        (
            [GENERAL, replace(GPU, accelerator=Accelerator.NEURON, architecture=Architecture.ARM64)],
            "arm64 with aws.ama",
        ),
    ],
)
def test_pools_that_could_not_work_are_refused(pools: list[Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        recorded(*pools)


def test_the_floor_is_watched_by_its_number_of_nodes() -> None:
    alarms = {r.name: r.inputs for r in recorded(GENERAL, GPU).all("MetricAlarm")}
    assert alarms["local-nodes-under-floor"]["threshold"] == 9
