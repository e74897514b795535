import csv
import json
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.kubernetes.plane_folder import PlaneFolder, Running


@pytest.fixture
def folder(tmp_path: Path) -> PlaneFolder:
    return PlaneFolder(tmp_path / "us-east-1")


def test_what_clients_have_stays_from_start_to_start(folder: PlaneFolder):
    ports = folder.create("us-east-1")
    kubeconfig = folder.kubeconfig.read_text()
    assert folder.create("us-east-1") == ports
    assert folder.kubeconfig.read_text() == kubeconfig
    assert len({ports.api, ports.etcd, ports.etcd_peer}) == 3


def test_only_the_owner_may_look(folder: PlaneFolder):
    folder.path.mkdir(mode=0o755)
    folder.create("us-east-1")
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o077 for file in folder.path.rglob("*")} == {0}


def test_each_program_asks_under_a_name_of_its_own(folder: PlaneFolder):
    ports = folder.create("us-east-1")
    with folder.tokens.open() as file:
        users = {user: (token, groups) for token, user, _, groups in csv.reader(file)}
    assert len({token for token, _ in users.values()}) == len(users) == 4
    # What the scheduler may do is what Kubernetes gives to that name, as on a real cluster.
    assert users["system:kube-scheduler"][1] == ""
    document = json.loads(folder.kubeconfig_of("system:kube-scheduler").read_text())
    assert document["users"][0]["user"]["token"] == users["system:kube-scheduler"][0]
    assert document["clusters"][0]["cluster"] == {
        "server": f"https://127.0.0.1:{ports.api}",
        "certificate-authority": str(folder.path / "tls" / "ca.crt"),
    }


@pytest.mark.parametrize("content", ["", "[]", '{"format": 2, "is": {"api": 1}}', '{"format": 1, "is": {"runner": 1}}'])
def test_what_another_version_wrote_down_is_as_if_it_were_not_there(folder: PlaneFolder, content: str):
    folder.create("us-east-1")
    for name in ("ports.json", "running.json"):
        (folder.path / name).write_text(content)
    assert folder.read_running() is None
    assert folder.create("us-east-1").api


def test_that_it_is_ready_is_written_down_and_taken_back(folder: PlaneFolder):
    folder.create("us-east-1")
    running = Running("us-east-1", 12, {"etcd": 13}, 4.5)
    folder.write_running(running)
    assert folder.read_running() == running
    folder.write_running(None)
    folder.write_running(None)
    assert folder.read_running() is None


def test_one_control_plane_at_a_time(folder: PlaneFolder):
    with folder.exclusive(), pytest.raises(SandboxError, match=r"runs in .* already; stop it with .*, or choose"):  # noqa: SIM117
        with folder.exclusive():
            pytest.fail("twice")
    with folder.exclusive():
        pass


def test_a_place_that_can_not_be_written_to(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SandboxError, match=r"of us-east-1 can't keep its files in .*Not a directory; choose a folder"):
        PlaneFolder(tmp_path / "file" / "plane").create("us-east-1")
