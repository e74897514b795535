from pathlib import Path

import pytest
import yaml

from sandbox.errors import SandboxError
from sandbox.kubernetes.binaries import CONTROL_PLANE
from sandbox.kubernetes.plane_folder import PlaneFolder, PlanePorts
from sandbox.kubernetes.programs import FIRST, STAGES, programs

PORTS = PlanePorts(6443, 2379, 2380)


@pytest.fixture
def folder(tmp_path: Path) -> PlaneFolder:
    return PlaneFolder(tmp_path)


def arguments(folder: PlaneFolder, **flags: dict[str, str]) -> dict[str, dict[str, str]]:
    found = programs(folder, PORTS, "us-east-1", {name.replace("_", "-"): of for name, of in flags.items()})
    return {
        each.name: dict(argument.removeprefix("--").split("=", 1) for argument in each.arguments)  # type: ignore[misc]
        for each in found
    }


def test_what_the_others_need_is_started_first(folder: PlaneFolder):
    names = [each.name for each in programs(folder, PORTS, "us-east-1", {})]
    assert tuple(names[:2]) == FIRST
    assert sorted(names) == sorted(CONTROL_PLANE)


def test_nothing_listens_but_on_the_loopback_address_and_etcd_wants_a_certificate(folder: PlaneFolder):
    found = arguments(folder)
    assert found["kube-apiserver"]["bind-address"] == "127.0.0.1"
    assert found["kube-apiserver"]["anonymous-auth"] == "false"
    assert {found[name]["secure-port"] for name in ("kube-controller-manager", "kube-scheduler")} == {"0"}
    etcd = found["etcd"]
    assert all(value.startswith("https://127.0.0.1:") for flag, value in etcd.items() if flag.endswith("-urls"))
    assert {etcd["client-cert-auth"], etcd["peer-client-cert-auth"]} == {"true"}
    # No server flag of kwok's: without it, it serves nothing.
    assert "server-address" not in found["kwok"]


def test_flags_take_the_place_of_ours_or_come_on_top(folder: PlaneFolder):
    found = arguments(
        folder, kube_controller_manager={"node-monitor-grace-period": "6s"}, kwok={"node-lease-duration-seconds": "4"}
    )
    assert found["kube-controller-manager"]["node-monitor-grace-period"] == "6s"
    assert found["kube-controller-manager"]["leader-elect"] == "false"
    assert found["kwok"]["node-lease-duration-seconds"] == "4"


def test_flags_of_a_program_there_is_none_of(folder: PlaneFolder):
    with pytest.raises(SandboxError, match="no program 'kubelet' to give flags to; allowed: etcd, kube-apiserver"):
        programs(folder, PORTS, "us-east-1", {"kubelet": {"v": "2"}})


def test_the_stages_are_of_nodes_and_pods_and_every_pod_gets_from_pending_to_its_end():
    stages = {stage["metadata"]["name"]: stage["spec"] for stage in yaml.safe_load_all(STAGES.read_text())}
    assert {spec["resourceRef"]["kind"] for spec in stages.values()} == {"Node", "Pod"}
    starts = stages["pod-becomes-ready"]
    assert "stanchion.dev/start-delay" in starts["delay"]["durationFrom"]["expressionFrom"]
    assert stages["pod-ends"]["next"] == {"delete": True}
