"""Pods that run as processes: their probes, ends, restarts, drains and losses, on a real control plane."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sandbox.kubernetes.__main__ import main
from sandbox.kubernetes.nodes import FakeNodes, Node
from sandbox.kubernetes.process_node import node
from sandbox.kubernetes.process_node.folder import NodeFolder
from tests.engine.model_server import training
from tests.engine.process_cluster import (
    PODS,
    ZONES,
    Cluster,
    ask,
    condition,
    container,
    deployment,
    infer,
    is_ready,
    pod_template,
    running,
    until,
)

# A machine on which the programs were never built builds them here.
pytestmark = pytest.mark.timeout(3600)

LONG_SECONDS = 60
# Never asks anybody, and does not end when it is told to.
STUBBORN = ["sh", "-c", "trap 'echo told to end' TERM; echo up; while :; do sleep 0.05; done"]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Process nodes in two zones, and a fake node with more room than both."""
    with running() as made:
        for zone in ZONES:
            made.node(f"node-{zone}", zone)
        fake = Node("fake", "us-east-1c", allocatable={"cpu": "64", "memory": "256Gi", "pods": "500"})
        FakeNodes(made.api).register([fake])
        FakeNodes(made.api).wait_ready(["fake"])
        yield made


@pytest.fixture(scope="module")
def long_request(cluster: Cluster) -> Iterator["LongRequest"]:
    """A request of a minute to a pod that is drained meanwhile; the other tests run beside it."""
    with ThreadPoolExecutor(1) as threads:
        yield LongRequest(cluster, threads)


@pytest.fixture(scope="module", autouse=True)
def _begun(cluster: Cluster, long_request: "LongRequest") -> None:
    """What takes its time begins before the first test."""
    cluster.apply(deployment("crashes", ["sh", "-c", "echo begun; exit 3"]))


class LongRequest:
    def __init__(self, cluster: Cluster, threads: ThreadPoolExecutor) -> None:
        self.hook = {"preStop": {"exec": {"command": ["sh", "-c", "echo leaving $HOSTNAME; sleep 1"]}}}
        documents = cluster.server("drained", terminationGracePeriodSeconds=90, container={"lifecycle": self.hook})
        cluster.apply(*documents)
        until(lambda: cluster.endpoints("drained"), 30)
        ((self.pod, self.endpoint),) = cluster.endpoints("drained").items()
        self.answer: Future[tuple[list[str], float, float]] = threads.submit(self._ask)
        # It has the request.
        until(lambda: self._connected(cluster), 10)
        self.told = time.monotonic()
        # As a drain does it: by the pod's own eviction.
        eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": self.pod}}
        cluster.api.create(f"{PODS}/{self.pod}/eviction", eviction)

    def _ask(self) -> tuple[list[str], float, float]:
        """The answer, when it was asked for, and when it came."""
        begun = time.monotonic()
        return infer(self.endpoint, [(0.0, 1.0)], LONG_SECONDS), begun, time.monotonic()

    def _connected(self, cluster: Cluster) -> bool:
        return any(
            connection.status == "ESTABLISHED" and connection.laddr and connection.laddr[0] == self.endpoint[0]
            for zone in ZONES
            for process in cluster.processes_of(f"node-{zone}")
            for connection in process.net_connections("tcp")
        )


def test_pods_with_a_command_answer_behind_their_service(cluster: Cluster):
    begun = time.monotonic()
    cluster.apply(*cluster.server("model", 3))
    until(lambda: len(cluster.endpoints("model")) == 3, 40)
    print(f"3 pods answer after {time.monotonic() - begun:.1f} s")
    # Not where they would be ready in name only, though there is more room.
    assert {pod["spec"]["nodeName"] for pod in cluster.pods("model")} == {f"node-{zone}" for zone in ZONES}
    _, judged = training.examples()
    rows = [each.features for each in judged]
    expected = [training.predict(cluster.weights, row) for row in rows]
    right = sum(guess == training.FAMILIES[each.family] for guess, each in zip(expected, judged, strict=True))
    assert right / len(judged) > 0.95
    for name, endpoint in cluster.endpoints("model").items():
        assert infer(endpoint, rows) == expected
        told = ask(endpoint, "GET", "/who")
        assert (told["pod"], told["SLOT"], told["POD_IP"]) == (name, "model", endpoint[0])
    begun = time.monotonic()
    cluster.remove("model")
    print(f"and are gone {time.monotonic() - begun:.1f} s after they were deleted")


def test_pods_without_a_command_run_in_name_only(cluster: Cluster):
    document = deployment("name-only", None, 1, {"readinessProbe": {"httpGet": {"path": "/", "port": 1}}})
    document["spec"]["template"]["metadata"]["annotations"]["stanchion.dev/start-delay"] = "1s"
    document["spec"]["template"]["spec"]["nodeSelector"] = {"topology.kubernetes.io/zone": ZONES[0]}
    begun = time.monotonic()
    cluster.apply(document)
    until(lambda: cluster.ready("name-only"), 20)
    assert time.monotonic() - begun >= 1
    pod = cluster.pod("name-only")
    assert pod["spec"]["nodeName"] == f"node-{ZONES[0]}"
    assert not [
        process
        for process in cluster.processes_of(f"node-{ZONES[0]}")
        if process.environ().get("STANCHION_POD_UID") == pod["metadata"]["uid"]
    ]
    cluster.remove("name-only")


def test_only_a_pod_that_says_it_is_ready_gets_requests(cluster: Cluster):
    gate = "example.com/attached"
    cluster.apply(*cluster.server("gated", seconds_to_load=1.5, readinessGates=[{"conditionType": gate}]))
    until(lambda: cluster.pods("gated") and condition(cluster.pod("gated"), "ContainersReady") == "True", 30)
    pod = cluster.pod("gated")
    path = f"{PODS}/{pod['metadata']['name']}"
    assert not is_ready(pod), "its gate is closed"
    conditions = [*pod["status"]["conditions"], {"type": gate, "status": "True"}]
    cluster.api.patch(f"{path}/status", {"status": {"conditions": conditions}})
    print(f"an open gate made it ready after {until(lambda: cluster.endpoints('gated'), 10):.1f} s")
    ((_, endpoint),) = cluster.endpoints("gated").items()
    # Three failures in a row, a second apart.
    ask(endpoint, "POST", "/fault/ready")
    seconds = until(lambda: not cluster.endpoints("gated"), 10)
    print(f"and a failing probe unready after {seconds:.1f} s")
    assert seconds > 1.5
    assert container(cluster.pod("gated"))["restartCount"] == 0
    ask(endpoint, "POST", "/fault/ready")
    until(lambda: cluster.endpoints("gated"), 10)
    cluster.remove("gated")


def test_a_container_that_no_longer_lives_is_started_again_and_counted(cluster: Cluster):
    probe = {"httpGet": {"path": "/v2/health/live", "port": "http"}, "periodSeconds": 1, "failureThreshold": 2}
    startup = {"tcpSocket": {"port": "http"}, "periodSeconds": 1, "failureThreshold": 30}
    cluster.apply(*cluster.server("lives", container={"livenessProbe": probe, "startupProbe": startup}))
    until(lambda: cluster.endpoints("lives"), 30)
    ((name, endpoint),) = cluster.endpoints("lives").items()
    first = ask(endpoint, "GET", "/who")["pid"]
    ask(endpoint, "POST", "/fault/live")
    seconds = until(lambda: container(cluster.pod("lives"))["restartCount"] == 1, 20)
    until(lambda: cluster.endpoints("lives"), 20)
    print(f"started again {seconds:.1f} s after it had begun to fail")
    assert cluster.endpoints("lives") == {name: endpoint}, "a restart keeps the pod and its address"
    assert ask(endpoint, "GET", "/who")["pid"] != first
    ended = container(cluster.pod("lives"))["lastState"]["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (0, "Completed"), "it was asked to end, and did so"
    assert "the liveness probe failed 2 times: it answers 500" in ended["message"]
    cluster.remove("lives")


def test_a_pod_is_killed_when_its_grace_period_is_over(cluster: Cluster, capsys: pytest.CaptureFixture[str]):
    hook = {"preStop": {"sleep": {"seconds": 1}}}
    cluster.apply(deployment("stubborn", STUBBORN, 1, {"lifecycle": hook}, terminationGracePeriodSeconds=3))
    until(lambda: cluster.ready("stubborn"), 20)
    name = cluster.pod("stubborn")["metadata"]["name"]
    begun = time.monotonic()
    cluster.remove("stubborn")
    seconds = time.monotonic() - begun
    assert 2.9 < seconds < 20
    # What it wrote can be read afterwards.
    assert main(["logs", str(cluster.folder.path), name]) == 0
    assert capsys.readouterr().out == "up\ntold to end\n"
    assert main(["logs", str(cluster.folder.path), "nobody"]) == 2
    print(f"gone after {seconds:.1f} s of a grace period of 3 s")


def test_jobs_end_with_their_processes(cluster: Cluster, tmp_path: Path):
    attempts = f'echo x >> {tmp_path}/tried; test "$(wc -l < {tmp_path}/tried)" -ge 2 || exit 7'
    jobs = {"works": (["sh", "-c", attempts], 3), "fails": (["sh", "-c", "exit 5"], 0)}
    for name, (command, retries) in jobs.items():
        template = pod_template(name, command, restartPolicy="Never")
        spec = {"backoffLimit": retries, "template": template}
        cluster.apply({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": spec})

    def job(name: str) -> dict[str, Any]:
        return cluster.api.get(f"/apis/batch/v1/namespaces/default/jobs/{name}") or {}

    until(lambda: condition(job("fails"), "Failed") == "True", 30)
    assert [container(pod)["state"]["terminated"]["exitCode"] for pod in cluster.pods("fails")] == [5]
    assert [pod["status"]["phase"] for pod in cluster.pods("fails")] == ["Failed"]
    seconds = until(lambda: condition(job("works"), "Complete") == "True", 40)
    print(f"a job ended well at its second attempt, {seconds:.0f} s later")
    assert sorted(pod["status"]["phase"] for pod in cluster.pods("works")) == ["Failed", "Succeeded"]
    for name in jobs:
        cluster.api.delete(f"/apis/batch/v1/namespaces/default/jobs/{name}")
        until(lambda name=name: not cluster.pods(name), 20)


def test_what_a_pod_asks_for_and_can_t_have_is_said_until_it_is_there(cluster: Cluster):
    token = {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "late", "key": "token"}}}
    cluster.apply(deployment("late", ["sh", "-c", "echo $TOKEN; exec sleep 600"], 1, {"env": [token]}))
    until(lambda: cluster.pods("late") and "waiting" in container(cluster.pod("late"))["state"], 20)
    until(lambda: "message" in container(cluster.pod("late"))["state"].get("waiting", {}), 20)
    waiting = container(cluster.pod("late"))["state"]["waiting"]
    assert waiting["reason"] == "CreateContainerConfigError"
    assert waiting["message"] == "/api/v1/namespaces/default/secrets/late is not there."
    cluster.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "late"}, "stringData": {"token": "t"}})
    until(lambda: cluster.ready("late"), 20)
    pod = cluster.pod("late")
    logs = NodeFolder.of(cluster.folder, pod["spec"]["nodeName"]).logs
    until(lambda: logs.read("default", pod["metadata"]["name"]) == "t\n", 10)
    cluster.remove("late")


def test_a_killed_node_leaves_nothing_and_its_pods_run_elsewhere(cluster: Cluster):
    """The processes of its pods, and what those had started."""
    family = ["sh", "-c", "sleep 600 & setsid sleep 600 & echo up; wait"]
    tolerations = [
        {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 1}
        for key in ("not-ready", "unreachable")
    ]
    runner = cluster.node("lost", "us-east-1d", "--label", "role=lost", "--capacity-type", "spot")
    zones = {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["us-east-1d", ZONES[1]]}
    somewhere = {
        "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [zones]}]}
    }
    # A preference would not do: where a pod goes is a sum of scores. The other node takes none until this one has it.
    other = f"/api/v1/nodes/node-{ZONES[1]}"
    cluster.api.patch(other, {"spec": {"unschedulable": True}})
    document = deployment("family", family, 1, tolerations=tolerations, affinity={"nodeAffinity": somewhere})
    cluster.apply(document)
    until(lambda: cluster.ready("family"), 20)
    assert cluster.pod("family")["spec"]["nodeName"] == "lost"
    cluster.api.patch(other, {"spec": {"unschedulable": None}})
    assert len(cluster.processes_of("lost")) == 3
    os.kill(runner.process.pid, signal.SIGKILL)
    print(f"nothing was left {until(lambda: not cluster.processes_of('lost'), 5):.2f} s after the node was killed")
    begun = time.monotonic()
    until(lambda: [pod for pod in cluster.ready("family") if pod["spec"]["nodeName"] == f"node-{ZONES[1]}"], 60)
    print(f"its pod ran elsewhere {time.monotonic() - begun:.1f} s later")
    # The same node comes back: the pod that was to go is ended there, and the node takes pods again.
    cluster.node("lost", "us-east-1d", "--label", "role=lost", "--capacity-type", "spot")
    until(lambda: is_ready(cluster.api.get("/api/v1/nodes/lost") or {}), 20)
    until(lambda: len(cluster.pods("family")) == 1, 20)
    cluster.remove("family")


def test_a_node_that_is_lost_takes_all_with_it_at_once_and_one_whose_object_goes_ends(cluster: Cluster):
    once = cluster.programs[-1]
    cluster.apply(deployment("gone", STUBBORN, 1, nodeSelector={"role": "lost"}, terminationGracePeriodSeconds=60))
    until(lambda: cluster.ready("gone"), 20)
    assert node.lose(cluster.folder, "lost")
    assert not cluster.processes_of("lost")
    assert once.process.wait(10) == -signal.SIGKILL
    assert not node.lose(cluster.folder, "lost")
    assert is_ready(cluster.api.get("/api/v1/nodes/lost") or {}), "nobody can know yet"
    again = cluster.node("lost", "us-east-1d", "--label", "role=lost")
    until(lambda: container(cluster.pod("gone"))["restartCount"] == 1 and cluster.ready("gone"), 20)
    assert container(cluster.pod("gone"))["lastState"]["terminated"]["exitCode"] == 137
    # As the cloud's own controller does for an instance that is gone.
    FakeNodes(cluster.api).remove("lost")
    assert again.process.wait(20) == 0
    assert not cluster.processes_of("lost")
    cluster.remove("gone")


def test_a_second_node_of_the_same_name_is_refused(cluster: Cluster, capsys: pytest.CaptureFixture[str]):
    arguments = ["node", str(cluster.folder.path), "--name", f"node-{ZONES[0]}", "--zone", ZONES[0]]
    assert main(arguments) == 2
    assert f"error: the node node-{ZONES[0]} runs already (process " in capsys.readouterr().err


def test_a_container_that_ends_again_and_again_waits_longer_and_longer(cluster: Cluster):
    until(lambda: container(cluster.pod("crashes"))["restartCount"] >= 2, 40)
    pod = cluster.pod("crashes")
    ended = container(pod)["lastState"]["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (3, "Error")
    text = NodeFolder.of(cluster.folder, pod["spec"]["nodeName"]).logs.read("default", pod["metadata"]["name"])
    assert text is not None
    assert text.count("begun") >= 3
    until(lambda: "waiting" in container(cluster.pod("crashes"))["state"], 10)
    waiting = container(cluster.pod("crashes"))["state"]["waiting"]
    assert waiting["reason"] == "CrashLoopBackOff"
    assert waiting["message"].split()[1] in ("20s", "40s"), "the first restart was at once, the second after 10 s"
    cluster.remove("crashes")


def test_a_drained_pod_finishes_the_request_it_has(cluster: Cluster, long_request: LongRequest):
    families, begun, came = long_request.answer.result(90)
    assert families == [training.predict(cluster.weights, (0.0, 1.0))]
    print(f"the answer came after {came - begun:.1f} s, {came - long_request.told:.1f} s after the eviction")
    assert came - begun >= LONG_SECONDS
    until(lambda: cluster.api.get(f"{PODS}/{long_request.pod}") is None, 20)
    texts = [folder.logs.read("default", long_request.pod) for folder in NodeFolder.all(cluster.folder)]
    text = next(text for text in texts if text is not None)
    assert text.index(f"leaving {long_request.pod}") < text.index("all answered")
    # Meanwhile another one took its place, and no new request was led to it.
    assert long_request.pod not in cluster.endpoints("drained")
    assert len(cluster.endpoints("drained")) == 1
    cluster.remove("drained")
