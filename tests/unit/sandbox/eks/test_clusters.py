from pathlib import Path
from typing import Any

import pytest

from sandbox.eks.call import PlaneState
from sandbox.eks.clusters import finish_deletion
from sandbox.eks.errors import EksError
from sandbox.eks.records import Records
from tests.unit.sandbox.eks.service import Eks, with_cluster

READY = PlaneState("https://127.0.0.1:6443", "Y2E=", ready=True)
AUTO_MODE = {
    "computeConfig": {"enabled": True, "nodePools": []},
    "kubernetesNetworkConfig": {"elasticLoadBalancing": {"enabled": True}},
    "storageConfig": {"blockStorage": {"enabled": True}},
}


def described(eks: Eks) -> Any:
    return eks.ask("GET", "/clusters/main")["cluster"]


def test_a_cluster_is_creating_until_its_plane_is_ready_and_has_no_address_before():
    eks = Eks()
    made = eks.create_cluster()
    assert (made["status"], made["arn"]) == ("CREATING", "arn:aws:eks:us-east-1:000000000000:cluster/main")
    assert eks.planes.started == [("us-east-1", "main")]
    eks.planes.now = PlaneState(READY.endpoint, READY.authority)
    assert (described(eks)["status"], "endpoint" in described(eks)) == ("CREATING", False)
    eks.planes.now = READY
    assert (described(eks)["status"], described(eks)["endpoint"]) == ("ACTIVE", READY.endpoint)
    assert described(eks)["certificateAuthority"] == {"data": "Y2E="}


def test_a_plane_that_never_started_fails_its_cluster_in_its_own_words():
    eks = Eks()
    eks.create_cluster()
    eks.planes.now = PlaneState(failure="etcd ended")
    assert described(eks)["status"] == "FAILED"
    assert described(eks)["health"]["issues"][0]["message"] == "etcd ended"
    # It may be started again, with what it lacked.
    eks.planes.now = READY
    assert described(eks)["status"] == "ACTIVE"


def test_an_active_cluster_stays_active_while_its_plane_is_down():
    eks = Eks()
    eks.create_cluster()
    eks.planes.now = READY
    described(eks)
    eks.planes.now = PlaneState(READY.endpoint, READY.authority, failure="etcd ended")
    assert (described(eks)["status"], described(eks)["endpoint"]) == ("ACTIVE", READY.endpoint)


def test_a_cluster_is_active_with_its_address_while_its_plane_starts_again(tmp_path: Path):
    eks = Eks(Records(tmp_path / "eks.json"))
    eks.create_cluster()
    eks.planes.now = READY
    described(eks)
    again = Eks(Records(tmp_path / "eks.json"))
    again.planes.now = PlaneState(READY.endpoint, READY.authority)
    assert (described(again)["status"], described(again)["endpoint"]) == ("ACTIVE", READY.endpoint)


def test_what_is_left_out_is_what_eks_fills_in():
    made = Eks().create_cluster()
    assert made["accessConfig"] == {
        "authenticationMode": "CONFIG_MAP",
        "bootstrapClusterCreatorAdminPermissions": True,
    }
    assert made["upgradePolicy"] == {"supportType": "EXTENDED"}
    assert made["resourcesVpcConfig"]["publicAccessCidrs"] == ["0.0.0.0/0"]
    assert made["resourcesVpcConfig"]["vpcId"] == "vpc-1"
    assert (made["computeConfig"], made["deletionProtection"]) == ({"enabled": False}, False)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"name": "-main"}, "Cluster name"),
        ({"resourcesVpcConfig": {"subnetIds": ["subnet-a"]}}, "at least two zones"),
        ({"resourcesVpcConfig": {"subnetIds": ["subnet-a", "subnet-x"]}}, "'subnet-x' does not exist"),
        ({"computeConfig": {"enabled": True}}, "either all enabled"),
        ({"name": "main"}, "already exists"),
    ],
)
def test_what_eks_refuses(more: dict[str, Any], said: str):
    eks = Eks()
    eks.create_cluster("main")
    with pytest.raises(EksError, match=said):
        eks.create_cluster(**{"name": "other", **more})


def test_names_are_one_region_s_own():
    eks = Eks()
    eks.create_cluster()
    eks.region = "us-west-2"
    with pytest.raises(EksError, match="No cluster found"):
        described(eks)
    assert eks.create_cluster()["arn"] == "arn:aws:eks:us-west-2:000000000000:cluster/main"
    assert eks.ask("GET", "/clusters")["clusters"] == ["main"]


def test_one_kind_of_change_goes_into_an_update():
    eks = with_cluster()
    path = "/clusters/main/update-config"
    both = {"upgradePolicy": {"supportType": "STANDARD"}, "deletionProtection": True}
    with pytest.raises(EksError, match="deletionProtection and upgradePolicy"):
        eks.ask("POST", path, both)
    with pytest.raises(EksError, match="asks for nothing"):
        eks.ask("POST", path, {})
    update = eks.ask("POST", path, AUTO_MODE)["update"]
    assert (update["type"], update["status"]) == ("AutoModeUpdate", "Successful")
    assert eks.ask("GET", f"/clusters/main/updates/{update['id']}")["update"] == update
    assert described(eks)["computeConfig"]["enabled"] is True
    assert described(eks)["kubernetesNetworkConfig"]["ipFamily"] == "ipv4"


def test_logs_are_turned_on_and_off_one_by_one():
    def setup(kinds: list[str], on: bool) -> dict[str, Any]:
        return {"logging": {"clusterLogging": [{"types": kinds, "enabled": on}]}}

    eks = with_cluster(**setup(["api", "audit"], True))
    eks.ask("POST", "/clusters/main/update-config", setup(["audit"], False))
    assert described(eks)["logging"]["clusterLogging"][0] == {"types": ["api"], "enabled": True}
    assert "audit" in described(eks)["logging"]["clusterLogging"][1]["types"]


def test_a_version_is_changed_once():
    eks = with_cluster(version="1.34")
    eks.ask("POST", "/clusters/main/updates", {"version": "1.35"})
    assert described(eks)["version"] == "1.35"
    with pytest.raises(EksError, match=r"at version 1\.35 already"):
        eks.ask("POST", "/clusters/main/updates", {"version": "1.35"})


def test_encryption_is_for_ever():
    eks = with_cluster()
    config = {"encryptionConfig": [{"resources": ["secrets"], "provider": {"keyArn": "arn:aws:kms:::key/a"}}]}
    eks.ask("POST", "/clusters/main/encryption-config/associate", config)
    assert described(eks)["encryptionConfig"] == config["encryptionConfig"]
    with pytest.raises(EksError, match="already"):
        eks.ask("POST", "/clusters/main/encryption-config/associate", config)


def test_a_deleted_cluster_is_deleting_until_its_plane_is_gone():
    eks = with_cluster(deletionProtection=True)
    with pytest.raises(EksError, match="deletion protection"):
        eks.ask("DELETE", "/clusters/main")
    eks.ask("POST", "/clusters/main/update-config", {"deletionProtection": False})
    assert eks.ask("DELETE", "/clusters/main")["cluster"]["status"] == "DELETING"
    assert described(eks)["status"] == "DELETING"
    (done,) = eks.planes.removals
    done()
    assert eks.network.made == []
    with pytest.raises(EksError, match="No cluster found"):
        described(eks)


def test_what_is_known_outlives_a_restart_a_deletion_that_was_begun_too(tmp_path: Path):
    file = tmp_path / "eks.json"
    eks = Eks(Records(file))
    eks.create_cluster()
    eks.ask("DELETE", "/clusters/main")
    again = Eks(Records(file))
    again.network.made.append("sg-main")
    assert described(again)["status"] == "DELETING"
    finish_deletion(again.service.records, again.network, again.planes, "us-east-1", "main")
    again.planes.removals[0]()
    assert not list(Records(file).all())
