"""One region's control plane with process nodes, each a process of its own, for tests that run pods for real."""

import http.client
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from sandbox.kubernetes import binaries, control_plane
from sandbox.kubernetes.api import Api
from sandbox.kubernetes.plane_folder import PlaneFolder
from sandbox.kubernetes.process_node.addresses import loopback_of
from sandbox.kubernetes.process_node.folder import NodeFolder
from sandbox.kubernetes.process_node.processes import NODE_MARK
from sandbox.processes.marked import marked, wait_gone
from sandbox.run_directory import CHECKOUT
from tests.engine.model_server import server, training

REGION, ZONES = "us-east-1", ("us-east-1a", "us-east-1b")
PODS = "/api/v1/namespaces/default/pods"
SLICES = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
SERVER_PORT = 8080
# A lost node is found out about in seconds instead of most of a minute.
LEASE_SECONDS = 4
QUICK = {"node-monitor-grace-period": "6s", "node-monitor-period": "1s"}


class Program:
    """A command of `python -m sandbox.kubernetes` that goes on until it is told to stop."""

    def __init__(self, *arguments: str, ready: str) -> None:
        self.said: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sandbox.kubernetes", *arguments],
            cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if ready in line:
                break
        else:
            raise AssertionError("".join(self.said))
        # What it says later must not fill the pipe.
        threading.Thread(target=self._listen, daemon=True).start()

    def ends(self) -> int:
        self.process.terminate()
        return self.process.wait(30)

    def _listen(self) -> None:
        assert self.process.stdout is not None
        self.said.extend(self.process.stdout)


class Cluster:
    """The control plane, and what is asked of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = PlaneFolder(folder)
        self.weights = training.train(training.examples()[0])
        self.weights_file = folder.parent / "weights.json"
        self.weights_file.write_text(json.dumps(self.weights))
        self.programs: list[Program] = []

    @property
    def api(self) -> Api:
        return Api.from_kubeconfig(self.folder.kubeconfig)

    def node(self, name: str, zone: str, *arguments: str) -> Program:
        made = Program(
            *("node", str(self.folder.path), "--name", name, "--zone", zone),
            *("--lease-seconds", str(LEASE_SECONDS), *arguments),
            ready="is ready",
        )
        self.programs.append(made)
        return made

    def processes_of(self, node: str) -> list[psutil.Process]:
        return marked(NODE_MARK, NodeFolder.of(self.folder, node).mark)

    def pods(self, name: str) -> list[dict[str, Any]]:
        return self.api.items(PODS, labelSelector=f"app={name}")

    def pod(self, name: str) -> dict[str, Any]:
        found = self.pods(name)
        assert len(found) == 1, [each["metadata"]["name"] for each in found]
        return found[0]

    def ready(self, name: str) -> list[dict[str, Any]]:
        return [pod for pod in self.pods(name) if is_ready(pod) and not pod["metadata"].get("deletionTimestamp")]

    def endpoints(self, service: str) -> dict[str, tuple[str, int]]:
        """Where the ready endpoints of a service are reached, by pod, as a gateway finds them."""
        found: dict[str, tuple[str, int]] = {}
        for each in self.api.items(SLICES, labelSelector=f"kubernetes.io/service-name={service}"):
            for endpoint in each.get("endpoints") or []:
                if endpoint["conditions"].get("ready"):
                    address = loopback_of(endpoint["addresses"][0])
                    found[endpoint["targetRef"]["name"]] = (address, each["ports"][0]["port"])
        return found

    def apply(self, *documents: dict[str, Any]) -> None:
        for document in documents:
            self.api.apply(document, "test")

    def remove(self, name: str) -> None:
        self.api.delete(f"/apis/apps/v1/namespaces/default/deployments/{name}")
        until(lambda: not self.pods(name), 30)

    def server(self, name: str, replicas: int = 1, seconds_to_load: float = 0, **pod: Any) -> list[dict[str, Any]]:
        """The model server as a Deployment with its Service.

        Args:
            pod: parts of the pod's spec, and `container`, parts of its container.
        """
        command = ["python", server.__file__, "$(POD_IP)", "$(PORT)", str(self.weights_file), str(seconds_to_load)]
        container = {
            "env": [
                {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                {"name": "SLOT", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['app']"}}},
            ],
            "ports": [{"name": "http", "containerPort": SERVER_PORT}],
            "readinessProbe": {"httpGet": {"path": "/v2/health/ready", "port": "http"}, "periodSeconds": 1},
            **pod.pop("container", {}),
        }
        service = {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name},
            "spec": {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": "http"}]},
        }
        return [deployment(name, command, replicas, container, **pod), service]

    def stop(self) -> None:
        for program in self.programs:
            if program.process.poll() is None:
                program.process.terminate()
        for program in self.programs:
            program.process.wait(30)
        control_plane.stop(self.folder)


@contextmanager
def running(flags: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    """A control plane without nodes, gone at the end with all that the test started on it.

    Args:
        flags: of the controller manager, besides those that make it quick.
    """
    binaries.build(binaries.CONTROL_PLANE, print)
    root = Path(tempfile.mkdtemp(prefix="stanchion-"))
    cluster = Cluster(root / REGION)
    given = [f"kube-controller-manager.{flag}={value}" for flag, value in {**QUICK, **(flags or {})}.items()]
    try:
        runs = ("run", str(cluster.folder.path), "--region", REGION)
        runner = Program(*runs, *(part for flag in given for part in ("--flag", flag)), ready="is ready")
        yield cluster
        runner.process.terminate()
    finally:
        cluster.stop()
        left = [each for folder in NodeFolder.all(cluster.folder) for each in marked(NODE_MARK, folder.mark)]
        assert not wait_gone(left, 5)
        shutil.rmtree(root)


def deployment(
    name: str, command: list[str] | None, replicas: int = 1, container: Mapping[str, Any] | None = None, **pod: Any
) -> dict[str, Any]:
    template = pod_template(name, command, container, **pod)
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template},
    }


def pod_template(
    name: str, command: list[str] | None, container: Mapping[str, Any] | None = None, **pod: Any
) -> dict[str, Any]:
    annotations = {} if command is None else {"stanchion.dev/local-command": json.dumps(command)}
    main = {"name": "server", "image": "example.com/model:1", **(container or {})}
    return {
        "metadata": {"labels": {"app": name}, "annotations": annotations},
        "spec": {"terminationGracePeriodSeconds": 5, "containers": [main], **pod},
    }


def is_ready(thing: Mapping[str, Any]) -> bool:
    """Of a node or a pod."""
    return condition(thing, "Ready") == "True"


def condition(thing: Mapping[str, Any], kind: str) -> str:
    return next((each["status"] for each in thing["status"].get("conditions") or [] if each["type"] == kind), "")


def container(pod: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of its first container."""
    return (pod["status"].get("containerStatuses") or [{"restartCount": 0, "state": {}, "lastState": {}}])[0]


def until(true: Callable[[], Any], seconds: float) -> float:
    """Ask until it is so; returns the seconds that took."""
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < seconds, "it did not become so"
        time.sleep(0.05)
    return time.monotonic() - begun


def ask(endpoint: tuple[str, int], method: str, path: str, document: Any = None) -> Any:
    """One request to a pod, without a proxy of this machine's.

    Raises:
        OSError, http.client.HTTPException: nobody answers, or not to the end.
        AssertionError: the answer is no success.
    """
    connection = http.client.HTTPConnection(*endpoint, timeout=90)
    try:
        connection.request(method, path, None if document is None else json.dumps(document))
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 200, (answer.status, content)
        return json.loads(content)
    finally:
        connection.close()


def infer(endpoint: tuple[str, int], rows: Iterable[tuple[float, float]], seconds: float = 0) -> list[str]:
    """The families that the model of a pod predicts.

    Args:
        seconds: what the answer is to take at least.
    """
    data = [list(row) for row in rows]
    asked = {"name": "type", "datatype": "FP64", "shape": [len(data), 2], "data": data}
    request = {"inputs": [asked], "parameters": {"seconds": seconds}}
    return ask(endpoint, "POST", "/v2/models/family/infer", request)["outputs"][0]["data"]
