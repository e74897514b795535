from pathlib import Path

import pytest

from sandbox.kubernetes.__main__ import main
from sandbox.kubernetes.nodes import CapacityType, Engine, Node, Taint
from sandbox.kubernetes.plane_folder import PlaneFolder
from sandbox.kubernetes.process_node import commands
from sandbox.kubernetes.process_node.folder import NodeFolder

NODE = ["node", "--name", "a", "--zone", "us-east-1a"]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Node, int]]:
    """The nodes that were started, with the duration of their leases."""
    made: list[tuple[Node, int]] = []

    class Recorded:
        def __init__(self, plane: PlaneFolder, node: Node, lease_seconds: int) -> None:
            assert plane.path.is_dir()
            made.append((node, lease_seconds))

        def run(self, tell: object) -> None:
            pass

    monkeypatch.setattr(commands, "ProcessNode", Recorded)
    return made


def test_a_node_as_it_is_asked_for(tmp_path: Path, started: list[tuple[Node, int]]):
    asked = [
        *("--capacity-type", "spot", "--instance-type", "g6.xlarge", "--engine", "node_groups", "--lease-seconds", "4"),
        *(
            "--arch",
            "arm64",
            "--resource",
            "nvidia.com/gpu=1",
            "--resource",
            "cpu=8",
            "--label",
            "stanchion.dev/pool=gpu",
        ),
        *("--taint", "nvidia.com/gpu=true:NoSchedule", "--taint", "stanchion.dev/spot:NoExecute"),
    ]
    assert main([*NODE, str(tmp_path), *asked]) == 0
    ((node, lease),) = started
    assert (node.name, node.zone, node.capacity_type) == ("a", "us-east-1a", CapacityType.SPOT)
    assert (node.instance_type, node.arch, node.engine, lease) == ("g6.xlarge", "arm64", Engine.NODE_GROUPS, 4)
    assert node.allocatable == {"cpu": "8", "memory": "15Gi", "pods": "58", "nvidia.com/gpu": "1"}
    assert node.labels == {"stanchion.dev/pool": "gpu"}
    assert node.taints == (
        Taint("nvidia.com/gpu", "true", "NoSchedule"),
        Taint("stanchion.dev/spot", "", "NoExecute"),
    )


@pytest.mark.parametrize(
    ("flag", "text", "said"),
    [
        (
            "--label",
            "pool",
            "'pool' is nothing that --label takes; write one such as --label stanchion.dev/pool=general",
        ),
        ("--resource", "=1", "'=1' is nothing that --resource takes; write one such as --resource cpu=8"),
        ("--taint", "a=b", "'a=b' is no taint; write KEY=VALUE:EFFECT"),
        ("--taint", "a=b:Never", "where EFFECT is NoSchedule, PreferNoSchedule or NoExecute"),
    ],
)
def test_what_is_no_label_resource_or_taint(
    tmp_path: Path, started: list[tuple[Node, int]], capsys: pytest.CaptureFixture[str], flag: str, text: str, said: str
):
    assert main([*NODE, str(tmp_path), flag, text]) == 2
    assert said in capsys.readouterr().err
    assert not started


def test_a_node_of_a_control_plane_that_never_ran(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main([*NODE, str(tmp_path)]) == 2
    assert "the control plane has to be started first" in capsys.readouterr().err


def test_what_a_pod_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    for name in ("a", "b"):
        with NodeFolder.of(PlaneFolder(tmp_path), name).held():
            pass
    NodeFolder.of(PlaneFolder(tmp_path), "b").logs.log_of("team", "web", "server").write(b"said\n")
    assert main(["logs", str(tmp_path), "web", "--namespace", "team"]) == 0
    assert capsys.readouterr().out == "said\n"
    assert main(["logs", str(tmp_path), "web"]) == 2
    assert "ran a pod web in the namespace default as a process" in capsys.readouterr().err


def test_a_node_that_does_not_run_can_t_be_lost(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["lose-node", str(tmp_path), "a"]) == 0
    assert capsys.readouterr().out == f"no process node a ran in {tmp_path}\n"
