"""One region's Kubernetes control plane, with its own programs: it schedules, survives, and leaves nothing behind."""

import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from sandbox.kubernetes import binaries, control_plane
from sandbox.kubernetes.api import Api
from sandbox.kubernetes.control_plane import MARK
from sandbox.kubernetes.nodes import CapacityType, FakeNodes, Node
from sandbox.kubernetes.plane_folder import PlaneFolder
from sandbox.processes.marked import marked
from sandbox.run_directory import CHECKOUT

# A machine on which they were never built builds them here.
pytestmark = pytest.mark.timeout(3600)

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
PODS = "/api/v1/namespaces/default/pods"
# A lost node is found out about in seconds instead of most of a minute.
QUICK = {
    "kube-controller-manager.node-monitor-grace-period": "5s",
    "kube-controller-manager.node-monitor-period": "1s",
    "kwok.node-lease-duration-seconds": "3",
}


class Runner:
    """`python -m sandbox.kubernetes run`, as a supervisor starts it."""

    def __init__(self, folder: Path) -> None:
        self.folder = PlaneFolder(folder)
        self.said: list[str] = []
        flags = [part for flag, value in QUICK.items() for part in ("--flag", f"{flag}={value}")]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sandbox.kubernetes", "run", str(folder), "--region", "us-east-1", *flags],
            cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if "is ready" in line:
                return
        raise AssertionError("".join(self.said))

    @property
    def api(self) -> Api:
        return Api.from_kubeconfig(self.folder.kubeconfig)

    def left(self) -> list[psutil.Process]:
        return marked(MARK, str(self.folder.path))

    def ends(self) -> int:
        """Wait for its end, and make sure that nothing is left of it."""
        said, _ = self.process.communicate(timeout=60)
        self.said.append(said)
        # A child whose parent was killed dies of the kernel's doing, an instant later.
        until(lambda: not self.left(), 5)
        return self.process.returncode


@pytest.fixture(scope="module", autouse=True)
def _programs() -> None:
    binaries.build(binaries.CONTROL_PLANE, print)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    root = Path(tempfile.mkdtemp(prefix="stanchion-"))
    try:
        yield root / "us-east-1"
    finally:
        control_plane.stop(PlaneFolder(root / "us-east-1"))
        shutil.rmtree(root)


@pytest.fixture(scope="module")
def runner(place: Path) -> Iterator[Runner]:
    """A control plane with one fake node in each zone, the last on spot."""
    made = Runner(place)
    bought = {ZONES[-1]: CapacityType.SPOT}
    nodes = [Node(f"node-{zone}", zone, bought.get(zone, CapacityType.ON_DEMAND)) for zone in ZONES]
    FakeNodes(made.api).register(nodes)
    FakeNodes(made.api).wait_ready(node.name for node in nodes)
    yield made
    made.process.terminate()
    assert made.ends() == 0, made.said


def until(true: Callable[[], Any], seconds: float) -> float:
    """Ask until it is so; returns the seconds that took."""
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < seconds, "it did not become so"
        time.sleep(0.1)
    return time.monotonic() - begun


def deployment(name: str, replicas: int) -> dict[str, Any]:
    labels = {"app": name}
    spread = {
        "maxSkew": 1,
        "topologyKey": "topology.kubernetes.io/zone",
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": labels},
        # A zone whose only node is lost does not hold the others back.
        "nodeTaintsPolicy": "Honor",
    }
    container = {
        "name": "main",
        "image": "example.com/model:1",
        "resources": {"requests": {"cpu": "100m"}},
    }
    lost = [
        {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 1}
        for key in ("not-ready", "unreachable")
    ]
    template = {
        "metadata": {"labels": labels},
        "spec": {"topologySpreadConstraints": [spread], "containers": [container], "tolerations": lost},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
    }


def is_ready(thing: dict[str, Any]) -> bool:
    """Of a node or a pod."""
    return any(each["type"] == "Ready" and each["status"] == "True" for each in thing["status"]["conditions"])


def ready_pods(api: Api, name: str) -> list[dict[str, Any]]:
    return [
        pod
        for pod in api.items(PODS, labelSelector=f"app={name}")
        if pod["status"]["phase"] == "Running" and not pod["metadata"].get("deletionTimestamp") and is_ready(pod)
    ]


def over_nodes(api: Api, name: str) -> Counter[str]:
    return Counter(pod["spec"]["nodeName"] for pod in ready_pods(api, name))


def test_pods_of_an_applied_deployment_run_over_the_zones_until_it_is_deleted(runner: Runner):
    api, document = runner.api, deployment("spread", 6)
    api.apply(document, "stanchion", dry_run=True)
    assert not api.items("/apis/apps/v1/deployments")
    api.apply(document, "stanchion")
    print(f"6 pods ready after {until(lambda: len(ready_pods(api, 'spread')) == 6, 30):.1f} s")
    assert over_nodes(api, "spread") == {f"node-{zone}": 2 for zone in ZONES}
    path = api.path_of(document)
    # The same again changes nothing, once the controllers have written its status.
    until(lambda: (api.get(path) or {})["status"].get("readyReplicas") == 6, 20)
    before = api.get(path)
    assert before
    assert api.apply(document, "stanchion")["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]
    assert api.delete(path)
    until(lambda: api.get(path) is None and not api.items(PODS, labelSelector="app=spread"), 30)


def test_a_silent_node_is_found_out_about_and_a_removed_one_replaced(runner: Runner):
    api, nodes = runner.api, FakeNodes(runner.api)
    spot = nodes.names({"karpenter.sh/capacity-type": "spot"})
    assert spot == ["node-us-east-1c"]
    api.apply(deployment("lost", 3), "stanchion")
    until(lambda: set(over_nodes(api, "lost")) == {f"node-{zone}" for zone in ZONES}, 30)

    def node() -> dict[str, Any]:
        return api.get(f"/api/v1/nodes/{spot[0]}") or {}

    nodes.silence(spot[0])
    assert is_ready(node()), "nobody can know yet"
    print(f"a silent node counted as lost after {until(lambda: not is_ready(node()), 60):.1f} s")
    print(f"its pod was replaced after {until(lambda: len(ready_pods(api, 'lost')) == 3, 60):.1f} s more")
    nodes.wake(spot[0])
    until(lambda: is_ready(node()), 30)
    assert nodes.remove(spot[0])
    until(lambda: len(ready_pods(api, "lost")) == 3 and spot[0] not in over_nodes(api, "lost"), 30)
    api.delete(api.path_of(deployment("lost", 3)))
    until(lambda: not api.items(PODS, labelSelector="app=lost"), 30)


def test_nobody_asks_without_a_token_or_a_certificate(runner: Runner):
    api = runner.api
    assert api.ready()
    stranger = replace(api, token="wrong")
    assert not stranger.ready()
    etcd = json.loads((runner.folder.path / "ports.json").read_text())["is"]["etcd"]
    with pytest.raises((ssl.SSLError, urllib.error.URLError, ConnectionError)):
        urllib.request.urlopen(f"https://127.0.0.1:{etcd}/health", context=api.tls, timeout=10).read()
    owners = {file.stat().st_mode & 0o077 for file in runner.folder.path.iterdir() if file.name != "lock"}
    assert owners == {0}


def test_every_program_is_known_and_listens_on_the_loopback_address_only(runner: Runner):
    found = control_plane.status(runner.folder)
    assert found is not None
    assert found.ready
    assert set(found.memory_bytes) == set(binaries.CONTROL_PLANE)
    print(
        f"ready in {found.running.ready_seconds} s;",
        {name: f"{size >> 20} MiB" for name, size in found.memory_bytes.items()},
    )
    listening = {
        (name, connection.laddr.ip)
        for name, pid in found.running.programs.items()
        for connection in psutil.Process(pid).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {("etcd", "127.0.0.1"), ("kube-apiserver", "127.0.0.1")}


def test_a_second_one_in_the_same_folder_is_refused(runner: Runner):
    with pytest.raises(AssertionError, match=r"error: a control plane runs in .* already; stop it with"):
        Runner(runner.folder.path)
    assert runner.api.ready()


def test_a_killed_runner_leaves_no_process_and_the_next_start_has_everything(tmp_path: Path):
    first = Runner(tmp_path / "plane")
    trusted, server = first.folder.authority.certificate.read_bytes(), control_plane.server_of(first.folder)
    first.api.apply(deployment("kept", 1), "stanchion")
    first.process.kill()
    assert first.ends() == -signal.SIGKILL
    second = Runner(tmp_path / "plane")
    assert second.api.get(second.api.path_of(deployment("kept", 1)))
    assert (second.folder.authority.certificate.read_bytes(), control_plane.server_of(second.folder)) == (
        trusted,
        server,
    )
    # Told by another process.
    assert control_plane.stop(second.folder)
    assert second.ends() == 0
    assert control_plane.status(second.folder) is None
    assert not control_plane.stop(second.folder)


def test_a_program_that_ends_takes_the_others_along_and_is_named(tmp_path: Path):
    runner = Runner(tmp_path / "plane")
    running = runner.folder.read_running()
    assert running is not None
    os.kill(running.programs["kube-scheduler"], signal.SIGKILL)
    assert runner.ends() == 1
    assert "error: kube-scheduler of us-east-1 ended (signal 9); the last lines of" in runner.said[-1]
    assert runner.folder.read_running() is None


def test_a_flag_that_a_program_does_not_know_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(QUICK, "kube-apiserver.no-such-flag", "1")
    with pytest.raises(AssertionError, match=r"kube-apiserver of us-east-1 ended \(exit code 1\)(.|\n)*no-such-flag"):
        Runner(tmp_path / "plane")
    assert not marked(MARK, str(tmp_path / "plane"))
