import os
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.kubernetes.plane_folder import PlaneFolder
from sandbox.kubernetes.process_node.folder import NodeFolder


@pytest.fixture
def plane(tmp_path: Path) -> PlaneFolder:
    return PlaneFolder(tmp_path)


def test_a_node_runs_once_and_who_runs_it_is_known(plane: PlaneFolder):
    folder = NodeFolder.of(plane, "a")
    assert folder.runner() is None
    with folder.held():
        assert folder.runner() == os.getpid()
        with pytest.raises(
            SandboxError, match=rf"the node a runs already \(process {os.getpid()}\); end that one first"
        ):
            folder.held().__enter__()
        assert folder.runner() == os.getpid()
    assert folder.runner() is None


def test_what_is_in_it_is_its_owner_s_alone(plane: PlaneFolder):
    folder = NodeFolder.of(plane, "a")
    with folder.held():
        assert {path.stat().st_mode & 0o077 for path in (folder.pods, folder.logs.path, folder.path / "lock")} == {0}


def test_all_nodes_of_a_control_plane(plane: PlaneFolder):
    assert NodeFolder.all(plane) == []
    for name in ("b", "a"):
        with NodeFolder.of(plane, name).held():
            pass
    assert [folder.path.name for folder in NodeFolder.all(plane)] == ["a", "b"]


def test_a_place_that_can_t_be_written_to(tmp_path: Path):
    (tmp_path / "nodes").write_text("no folder")
    with pytest.raises(SandboxError, match=r"a process node can't keep its files in .*; choose a folder"):
        NodeFolder.of(PlaneFolder(tmp_path), "a").held().__enter__()
