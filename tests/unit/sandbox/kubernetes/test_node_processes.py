import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.kubernetes import node_processes
from sandbox.kubernetes.node_processes import NodeProcesses, runs_processes
from sandbox.kubernetes.nodes import CapacityType, Node, Taint
from sandbox.kubernetes.plane_folder import PlaneFolder

NODE = Node(
    "burst-1",
    "us-east-1b",
    CapacityType.SPOT,
    "m7i.large",
    labels={"stanchion.dev/pool": "general"},
    taints=(Taint("stanchion.dev/spot", "true"),),
)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that were started; what runs in their place does what a test puts first in `programs`."""
    commands: list[list[str]] = []
    real = subprocess.Popen

    def start(command: list[str], **_: Any) -> "subprocess.Popen[bytes]":
        commands.append(command)
        return real([sys.executable, "-c", programs[min(len(commands), len(programs)) - 1]])

    monkeypatch.setattr(node_processes.subprocess, "Popen", start)
    return commands


programs: list[str] = []


@pytest.fixture
def nodes(tmp_path: Path) -> Any:
    made = NodeProcesses(PlaneFolder(tmp_path))
    yield made
    made.stop()


def test_a_node_is_told_all_that_it_is(started: list[list[str]], nodes: NodeProcesses, tmp_path: Path):
    programs[:] = ["import time; time.sleep(600)"]
    nodes.start(NODE)
    (command,) = started
    told = " ".join(command)
    assert f"node {tmp_path} --name burst-1 --zone us-east-1b --capacity-type spot --instance-type m7i.large" in told
    assert "--label stanchion.dev/pool=general" in told
    assert "--taint stanchion.dev/spot=true:NoSchedule" in told
    assert "--resource cpu=4" in told


def test_one_that_runs_is_not_started_again(started: list[list[str]], nodes: NodeProcesses):
    programs[:] = ["import time; time.sleep(600)"]
    nodes.start(NODE)
    nodes.start(NODE)
    assert len(started) == 1


@pytest.mark.parametrize("end", ["pass", "import os; os.kill(os.getpid(), 9)"])
def test_one_whose_object_is_gone_or_that_was_killed_is_lost(started: list[list[str]], nodes: NodeProcesses, end: str):
    programs[:] = [end]
    nodes.start(NODE)
    for child in nodes._children.values():
        child.wait(30)
    nodes.start(NODE)
    assert len(started) == 1


def test_one_that_could_not_be_a_node_is_tried_again(started: list[list[str]], nodes: NodeProcesses):
    programs[:] = ["import sys; sys.exit(1)", "import time; time.sleep(600)"]
    nodes.start(NODE)
    for child in nodes._children.values():
        child.wait(30)
    nodes.start(NODE)
    assert len(started) == 2


def test_a_stop_ends_them(started: list[list[str]], nodes: NodeProcesses):
    programs[:] = ["import time; time.sleep(600)"]
    nodes.start(NODE)
    (child,) = nodes._children.values()
    nodes.stop()
    assert child.returncode is not None
    assert len(started) == 1


def test_process_nodes_are_told_by_their_label():
    assert not runs_processes(NODE)
    assert runs_processes(Node("n", "us-east-1a", labels={"stanchion.dev/runs": "processes"}))
