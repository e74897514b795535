"""A node's duties, with a control plane in memory; test_process_node.py of the engine tests has the real one."""

import asyncio
import ipaddress
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.kubernetes.async_api import Change
from sandbox.kubernetes.nodes import FAKE, CapacityType, Node
from sandbox.kubernetes.plane_folder import PlaneFolder
from sandbox.kubernetes.process_node import node as node_module
from sandbox.kubernetes.process_node.addresses import POD_ADDRESSES
from sandbox.kubernetes.process_node.folder import NodeFolder
from sandbox.kubernetes.process_node.node import ProcessNode, lose
from sandbox.kubernetes.process_node.placement import RUNS
from sandbox.kubernetes.process_node.processes import NODE_MARK
from sandbox.processes.marked import marked
from tests.unit.sandbox.kubernetes.process_node.fake_api import FakeApi, until

PATH = "/api/v1/nodes/a"
LEASE = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/a"


class Server(FakeApi):
    """Also what a node asks in one go, and what it follows, by path."""

    host, port = "127.0.0.1", 6443

    def __init__(self) -> None:
        super().__init__()
        self.applied: list[dict[str, Any]] = []
        self.followed: dict[str, asyncio.Queue[Change]] = {}

    def apply(self, document: dict[str, Any], _: str) -> None:
        self.applied.append(document)

    async def __aenter__(self) -> "Server":
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def follow(self, path: str, **_: str) -> Any:
        self.followed.setdefault(path, asyncio.Queue())
        while True:
            yield await self.followed[path].get()

    def tell(self, path: str, change: Change) -> None:
        self.followed[path].put_nowait(change)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server()
    monkeypatch.setattr(node_module, "AsyncApi", lambda _: made)
    monkeypatch.setattr(node_module.Api, "from_kubeconfig", lambda _: made)
    return made


@pytest.fixture
def run(server: Server, tmp_path: Path) -> Iterator[Callable[..., list[str]]]:
    """Be a node while a script runs beside it; returns what it told."""

    def do(script: Callable[[], Coroutine[Any, Any, None]], lease_seconds: int = 40) -> list[str]:
        told: list[str] = []
        made = ProcessNode(PlaneFolder(tmp_path), Node("a", "us-east-1a", CapacityType.SPOT), lease_seconds)
        # Beside the node, on its loop, from its first words on.
        begun: list[asyncio.Task[None]] = []

        def tell(line: str) -> None:
            told.append(line)
            if not begun:
                begun.append(asyncio.get_running_loop().create_task(script()))
                # A script that fails ends the node as well, and is told below.
                begun[0].add_done_callback(lambda task: task.exception() and os.kill(os.getpid(), signal.SIGTERM))

        made.run(tell)
        begun[0].result()
        return told

    yield do
    assert not marked(NODE_MARK, NodeFolder.of(PlaneFolder(tmp_path), "a").mark)


def conditions(server: Server) -> dict[str, str]:
    return {each["type"]: each["status"] for each in server.objects[PATH]["status"]["conditions"]}


def test_a_node_registers_and_ends_when_it_is_told_to(server: Server, run: Callable[..., list[str]]):
    async def script() -> None:
        labels = server.objects[PATH]["metadata"]["labels"]
        assert labels[RUNS[0]] == RUNS[1]
        # So that the keeper of the fake nodes leaves it alone.
        assert FAKE[0] not in labels
        assert labels["karpenter.sh/capacity-type"] == "spot"
        assert conditions(server)["Ready"] == "True"
        address = server.objects[PATH]["status"]["addresses"][0]["address"]
        assert ipaddress.ip_address(address) in POD_ADDRESSES
        assert server.objects[LEASE]["spec"]["leaseDurationSeconds"] == 40
        assert [each["kind"] for each in server.applied] == [
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
        ]
        os.kill(os.getpid(), signal.SIGTERM)

    assert run(script)[-1] == "node a has ended"


def test_a_node_that_was_there_before_takes_its_object_over(server: Server, run: Callable[..., list[str]]):
    server.objects[PATH] = {"metadata": {"name": "a", "uid": "earlier"}, "spec": {"unschedulable": True}}

    async def script() -> None:
        assert server.objects[LEASE]["metadata"]["ownerReferences"][0]["uid"] == "earlier"
        assert server.objects[PATH]["spec"] == {"unschedulable": True}
        os.kill(os.getpid(), signal.SIGTERM)

    run(script)


def test_the_lease_is_renewed_and_a_node_that_counts_as_lost_reports(server: Server, run: Callable[..., list[str]]):
    async def script() -> None:
        first = server.objects[LEASE]["spec"]["renewTime"]
        await until(lambda: server.objects[LEASE]["spec"]["renewTime"] > first)
        await until(lambda: "/api/v1/nodes" in server.followed)
        uid = server.objects[PATH]["metadata"]["uid"]
        lost = {"type": "Ready", "status": "Unknown"}
        server.objects[PATH]["status"] = {"conditions": [lost]}
        server.tell("/api/v1/nodes", Change({"metadata": {"uid": uid}, "status": {"conditions": [lost]}}))
        await until(lambda: conditions(server)["Ready"] == "True")
        os.kill(os.getpid(), signal.SIGTERM)

    run(script, 1)


def test_a_node_whose_object_is_deleted_ends_and_another_one_s_is_none_of_its_business(
    server: Server, run: Callable[..., list[str]]
):
    async def script() -> None:
        await until(lambda: "/api/v1/nodes" in server.followed)
        for uid in ("another", server.objects[PATH]["metadata"]["uid"]):
            server.tell("/api/v1/nodes", Change({"metadata": {"uid": uid}}, gone=True))

    assert run(script)[-1] == "node a has ended: its object was deleted"


def test_a_node_that_counts_as_lost_and_is_deleted_at_once_ends(server: Server, run: Callable[..., list[str]]):
    """The report that is due must not outlive the node."""

    async def script() -> None:
        await until(lambda: "/api/v1/nodes" in server.followed)
        uid = server.objects[PATH]["metadata"]["uid"]
        server.tell("/api/v1/nodes", Change({"metadata": {"uid": uid}, "status": {}}))
        server.tell("/api/v1/nodes", Change({"metadata": {"uid": uid}}, gone=True))

    assert run(script)[-1] == "node a has ended: its object was deleted"


def test_pods_live_and_one_that_can_t_takes_no_other_along(
    server: Server, run: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
):
    def pod(name: str, **parts: Any) -> dict[str, Any]:
        metadata = {"name": name, "namespace": "default", "uid": name}
        spec = {"containers": [{"name": "server", "image": "a"}]}
        return {"metadata": metadata, "spec": spec, "status": {}, **parts}

    path = "/api/v1/namespaces/default/pods/"

    async def script() -> None:
        await until(lambda: "/api/v1/pods" in server.followed)
        bad = pod("bad")
        bad["metadata"]["annotations"] = {"stanchion.dev/local-command": '["sleep", "600"]'}
        # No API server would take that.
        bad["spec"]["volumes"] = [{"configMap": {}}]
        for each in (bad, pod("good")):
            server.objects[path + each["metadata"]["name"]] = each
            server.tell("/api/v1/pods", Change(each))
        await until(lambda: server.objects[f"{path}good"].get("status", {}).get("phase") == "Running")
        going = pod("good")
        going["metadata"] |= {"deletionTimestamp": "2026-01-01T00:00:00Z", "deletionGracePeriodSeconds": 1}
        server.tell("/api/v1/pods", Change(going))
        await until(lambda: f"{path}good" in server.deleted)
        os.kill(os.getpid(), signal.SIGTERM)

    run(script)
    assert f"pod {path}bad of node a: KeyError('name')" in capsys.readouterr().err


def test_a_lost_node_and_all_with_its_mark_is_killed(tmp_path: Path):
    plane = PlaneFolder(tmp_path)
    folder = NodeFolder.of(plane, "a")
    holds = f"""
import sys, time
from pathlib import Path
from sandbox.kubernetes.process_node.addresses import POD_ADDRESSES
from sandbox.kubernetes.process_node.folder import NodeFolder
with NodeFolder(Path({str(folder.path)!r})).held():
    print("up", flush=True)
    time.sleep(600)
"""
    runner = subprocess.Popen([sys.executable, "-c", holds], stdout=subprocess.PIPE, text=True)
    assert runner.stdout is not None
    assert runner.stdout.readline() == "up\n"
    pod = subprocess.Popen(["sleep", "600"], env={"PATH": os.defpath, NODE_MARK: folder.mark})
    assert lose(plane, "a")
    assert runner.wait(10) == pod.wait(10) == -signal.SIGKILL
    assert not lose(plane, "a")
