import json
import os
from pathlib import Path

import pytest

from sandbox.kubernetes import control_plane
from sandbox.kubernetes.control_plane import PlaneStatus
from sandbox.kubernetes.plane_folder import PlaneFolder, Running
from sandbox.processes.planes import plane_statuses
from sandbox.run_directory import RunDirectory


def test_each_control_plane_that_runs_has_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    directory = RunDirectory(tmp_path)
    directory.create()
    directory.kubeconfig.write_text(json.dumps({}))
    for region in ("us-west-2", "us-east-1"):
        (directory.planes / region / "main").mkdir(parents=True)
    running = Running("us-east-1", os.getpid(), {"etcd": 1}, 3.0)

    def status(folder: PlaneFolder) -> PlaneStatus | None:
        if "us-west-2" in folder.path.parts:
            return None
        return PlaneStatus("https://127.0.0.1:6443", False, running, {"etcd": 50, "kube-apiserver": 250})

    monkeypatch.setattr(control_plane, "status", status)
    (found,) = plane_statuses(directory)
    assert (found.name, found.state, found.port) == ("main.us-east-1", "STARTING", 6443)
    # This process stands for the runner.
    assert found.memory_bytes > 300


def test_without_clusters_there_is_none(tmp_path: Path):
    assert list(plane_statuses(RunDirectory(tmp_path))) == []
