"""Autoscaling for real: KEDA, the horizontal pod autoscaler, and pods that answer requests as processes."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from components.serving.priority import Share
from components.serving.scaling import burst_autoscaler, sleeping_floor
from components.serving.slot import Slot
from sandbox.kubernetes import binaries, keda
from sandbox.kubernetes.keda import Keda
from stanchion.serving import activation
from stanchion.serving.slots import SlotNames
from tests.engine.model_server import training
from tests.engine.process_cluster import ZONES, Cluster, Program, deployment, infer, running, until

# A machine on which the programs were never built builds them here.
pytestmark = pytest.mark.timeout(7200)

# What the platform declares for an endpoint with a floor of one that may sleep, and up to four replicas.
SLOT = Slot(SlotNames("assistant", "full", "blue"), "standard")
MOST = 4
# Requests that one replica is to take at a time.
TARGET = activation.scaling(concurrency=3, floor=1, most=MOST).target
QUICK = {
    "horizontal-pod-autoscaler-sync-period": "1s",
    "horizontal-pod-autoscaler-downscale-stabilization": "2s",
    "horizontal-pod-autoscaler-cpu-initialization-period": "1s",
    "horizontal-pod-autoscaler-initial-readiness-delay": "1s",
}


class Gateway:
    """What stands before the pods: tells how many requests there are, and holds one until a pod can take it."""

    def __init__(self, cluster: Cluster, service: str) -> None:
        self.cluster, self.service = cluster, service
        self.in_flight = 0
        self.at: Counter[tuple[str, int]] = Counter()
        self.lock = threading.Lock()
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                assert self.path == activation.path("assistant", "full", "blue")
                content = json.dumps(activation.Activation(gateway.in_flight).document).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def asked(self) -> dict[str, Any]:
        """How KEDA's scaler asks it, as `components.serving.scaling.demand` says it to one in the cluster."""
        path = activation.path("assistant", "full", "blue")
        address = f"http://127.0.0.1:{self.server.server_port}{path}"
        return {"url": address, "valueLocation": activation.VALUE_LOCATION, "format": "json"}

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self.lock:
            self.in_flight += 1
        try:
            yield
        finally:
            with self.lock:
                self.in_flight -= 1

    def request(self, row: tuple[float, float], seconds: float = 0) -> tuple[str, float]:
        """One request, and how long it took from its arrival until its answer."""
        begun = time.monotonic()
        with self._counted():
            until(lambda: self.cluster.endpoints(self.service), 60)
            with self.lock:
                endpoint = min(self.cluster.endpoints(self.service).values(), key=lambda each: self.at[each])
                self.at[endpoint] += 1
            try:
                (family,) = infer(endpoint, [row], seconds)
            finally:
                with self.lock:
                    self.at[endpoint] -= 1
        return family, time.monotonic() - begun

    @contextmanager
    def load(self, requests: int) -> Iterator[None]:
        """As many requests in flight until the end, each answered by a pod."""
        stop = threading.Event()

        def one() -> int:
            count = 0
            while not stop.is_set():
                family, _ = self.request((0.0, 1.0), 0.3)
                assert family == training.predict(self.cluster.weights, (0.0, 1.0))
                count += 1
            return count

        with ThreadPoolExecutor(requests) as threads:
            running = [threads.submit(one) for _ in range(requests)]
            try:
                yield
            finally:
                stop.set()
            answered = sum(each.result(60) for each in running)
            print(f"{answered} requests were answered, none refused")

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Process nodes in two zones, and the resource metrics of their pods."""
    with running(QUICK) as made:
        for zone in ZONES:
            made.node(f"node-{zone}", zone)
        made.programs.append(
            Program("metrics", str(made.folder.path), "--look-seconds", "1", ready="metrics.k8s.io is served")
        )
        yield made


@pytest.fixture(scope="module")
def keda_seconds(cluster: Cluster) -> Iterator[float]:
    """KEDA itself, and how long it took to be there."""
    made = Keda(cluster.folder, binaries.build(keda.PROGRAMS, print))
    try:
        yield made.start()
        made.check()
    finally:
        made.stop()


@pytest.fixture
def gateway(cluster: Cluster) -> Iterator[Gateway]:
    made = Gateway(cluster, SLOT.names.service)
    yield made
    made.close()


def scaled(name: str, spec: dict[str, Any]) -> dict[str, Any]:
    """A ScaledObject that looks and forgets within seconds, where the platform's take their time."""
    down = {"stabilizationWindowSeconds": 1, "policies": [{"type": "Percent", "value": 100, "periodSeconds": 1}]}
    advanced = {**spec.get("advanced", {}), "horizontalPodAutoscalerConfig": {"behavior": {"scaleDown": down}}}
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {"name": name},
        "spec": {**spec, "pollingInterval": 1, "cooldownPeriod": 3, "advanced": advanced},
    }


def slot_of_servers(cluster: Cluster) -> list[dict[str, Any]]:
    """Floor and burst of the slot without a replica, and one service in front of both."""
    documents: list[dict[str, Any]] = []
    for share in Share:
        made, service = cluster.server(SLOT.names.deployment(share.value), replicas=0, seconds_to_load=0.5)
        made["spec"]["template"]["metadata"]["labels"] |= SLOT.pod_labels(share)
        service["metadata"]["name"] = SLOT.names.service
        service["spec"]["selector"] = dict(SLOT.selector)
        documents += [made, service]
    return documents


def is_scaled(cluster: Cluster, name: str) -> bool:
    """Whether KEDA has taken a ScaledObject over."""
    found = cluster.api.get(f"/apis/keda.sh/v1alpha1/namespaces/default/scaledobjects/{name}") or {}
    conditions = (found.get("status") or {}).get("conditions") or []
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def replicas(cluster: Cluster, name: str) -> int:
    return len(cluster.ready(name))


def test_load_makes_replicas_rise_and_idle_brings_them_down_to_zero(
    cluster: Cluster, keda_seconds: float, gateway: Gateway
):
    """A floor that sleeps and a burst beside it, one service in front of both; the first request wakes the floor."""
    print(f"KEDA was ready after {keda_seconds:.1f} s")
    floor, burst = SLOT.names.floor, SLOT.names.burst
    cluster.apply(*slot_of_servers(cluster))
    cluster.apply(
        scaled(floor, sleeping_floor(floor, 1, [gateway.asked])),
        scaled(burst, burst_autoscaler(SLOT, TARGET, MOST, gateway.asked, sleeps=True)),
    )
    until(lambda: all(is_scaled(cluster, name) for name in (floor, burst)), 30)
    assert not cluster.pods(floor)
    assert not cluster.pods(burst)

    family, seconds = gateway.request((0.0, -1.0))
    assert family == training.predict(cluster.weights, (0.0, -1.0))
    print(f"the first request from 0 replicas was answered after {seconds:.1f} s")
    assert replicas(cluster, burst) == 0, "one request is no load"

    with gateway.load(MOST * TARGET):
        print(
            f"under load the burst had 3 replicas after {until(lambda: replicas(cluster, burst) == MOST - 1, 60):.1f} s"
        )
        assert replicas(cluster, floor) == 1
        until(lambda: len(cluster.endpoints(gateway.service)) == MOST, 10)
        until(lambda: min(gateway.at[each] for each in cluster.endpoints(gateway.service).values()) > 0, 20)
    begun = time.monotonic()
    until(lambda: not cluster.pods(burst), 60)
    print(f"without load the burst was at 0 after {time.monotonic() - begun:.1f} s")
    until(lambda: not cluster.pods(floor), 60)
    print(f"and the floor after {time.monotonic() - begun:.1f} s")
    assert not [process for zone in ZONES for process in cluster.processes_of(f"node-{zone}")]
    for name in (floor, burst):
        cluster.api.delete(f"/apis/keda.sh/v1alpha1/namespaces/default/scaledobjects/{name}")
        cluster.remove(name)


def test_what_processes_use_scales_them(cluster: Cluster, tmp_path: Path):
    """The horizontal pod autoscaler on CPU, with what the processes really use."""
    script = """
import pathlib, sys, time
while True:
    begun = time.process_time()
    while pathlib.Path(sys.argv[1]).exists() and time.process_time() - begun < 0.02:
        pass
    time.sleep(0.08)
"""
    busy = tmp_path / "busy"
    busy.touch()
    command = ["python", "-c", script, str(busy)]
    document = deployment("uses", command, 1, {"resources": {"requests": {"cpu": "50m"}}})
    del document["spec"]["replicas"]
    target = {"type": "Utilization", "averageUtilization": 80}
    down = {"stabilizationWindowSeconds": 1, "policies": [{"type": "Percent", "value": 100, "periodSeconds": 1}]}
    autoscaler = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "uses"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "uses"},
            "minReplicas": 1,
            "maxReplicas": 3,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
            "behavior": {"scaleDown": down},
        },
    }
    cluster.apply(document, autoscaler)
    print(f"busy processes became 3 after {until(lambda: replicas(cluster, 'uses') == 3, 60):.1f} s")
    busy.unlink()
    print(f"idle ones were 1 again after {until(lambda: len(cluster.pods('uses')) == 1, 60):.1f} s")
    cluster.api.delete("/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/uses")
    cluster.remove("uses")
