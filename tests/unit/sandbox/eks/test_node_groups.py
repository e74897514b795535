from typing import Any

import pytest

from sandbox.eks.errors import EksError
from tests.unit.sandbox.eks.service import Eks, with_cluster

PATH = "/clusters/main/node-groups"
GROUP = {
    "nodegroupName": "burst",
    "nodeRole": "arn:aws:iam::000000000000:role/node",
    "subnets": ["subnet-a", "subnet-b"],
    "labels": {"pool": "general", "old": "yes"},
    "taints": [{"key": "spot", "value": "true", "effect": "NO_SCHEDULE"}],
    "scalingConfig": {"minSize": 0, "desiredSize": 0, "maxSize": 3},
}


def with_group(**more: Any) -> Eks:
    eks = with_cluster(version="1.34")
    eks.ask("POST", PATH, {**GROUP, **more})
    return eks


def described(eks: Eks) -> Any:
    return eks.ask("GET", f"{PATH}/burst")["nodegroup"]


def test_a_group_has_the_cluster_s_version_and_eks_s_defaults():
    group = described(with_group())
    assert (group["status"], group["version"], group["capacityType"]) == ("ACTIVE", "1.34", "ON_DEMAND")
    assert (group["diskSize"], group["updateConfig"]) == (20, {"maxUnavailable": 1})
    assert "zones" not in group


def test_zones_are_known_to_who_makes_nodes():
    eks = with_group()
    record = eks.service.records.cluster("us-east-1", "main")
    assert record.node_groups["burst"]["zones"] == ["us-east-1a", "us-east-1b"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"nodegroupName": "burst"}, "already exists"),
        ({"nodegroupName": "b", "launchTemplate": {"id": "lt-1"}, "diskSize": 20}, "launch template"),
        ({"nodegroupName": "b", "scalingConfig": {"minSize": 2, "desiredSize": 1, "maxSize": 3}}, "Minimum capacity 2"),
        ({"nodegroupName": "b", "subnets": ["subnet-x"]}, "does not exist"),
    ],
)
def test_what_eks_refuses(more: dict[str, Any], said: str):
    with pytest.raises(EksError, match=said):
        with_group().ask("POST", PATH, {**GROUP, **more})


def test_sizes_labels_and_taints_are_changed_in_place():
    eks = with_group()
    change = {
        "scalingConfig": {"desiredSize": 2},
        "labels": {"addOrUpdateLabels": {"pool": "other"}, "removeLabels": ["old"]},
        "taints": {
            "addOrUpdateTaints": [{"key": "gpu", "value": "true", "effect": "NO_EXECUTE"}],
            "removeTaints": [{"key": "spot", "effect": "NO_SCHEDULE"}],
        },
    }
    assert eks.ask("POST", f"{PATH}/burst/update-config", change)["update"]["type"] == "ConfigUpdate"
    group = described(eks)
    assert group["scalingConfig"] == {"minSize": 0, "desiredSize": 2, "maxSize": 3}
    assert group["labels"] == {"pool": "other"}
    assert group["taints"] == [{"key": "gpu", "value": "true", "effect": "NO_EXECUTE"}]
    with pytest.raises(EksError, match="maximum capacity 3"):
        eks.ask("POST", f"{PATH}/burst/update-config", {"scalingConfig": {"desiredSize": 9}})
    assert described(eks)["scalingConfig"]["desiredSize"] == 2


def test_a_version_is_updated_and_a_cluster_with_groups_is_not_deleted():
    eks = with_group()
    eks.ask("POST", f"{PATH}/burst/update-version", {"version": "1.35"})
    assert described(eks)["version"] == "1.35"
    with pytest.raises(EksError, match="nodegroups attached: burst"):
        eks.ask("DELETE", "/clusters/main")
    assert eks.ask("DELETE", f"{PATH}/burst")["nodegroup"]["status"] == "DELETING"
    assert eks.ask("GET", PATH)["nodegroups"] == []
    with pytest.raises(EksError, match="No node group found"):
        described(eks)
