"""Clusters and what they serve in two regions, on the real engine and real control planes, from preview to a lost zone.

One environment is brought up once and worked on by every test of this module, in order. Nodes are fake: pods are
scheduled for real and run in name only.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.kubernetes import binaries
from sandbox.kubernetes.api import Api
from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.nodes import FakeNodes
from sandbox.kubernetes.plane_folder import PlaneFolder
from sandbox.run_directory import DIRECTORY_VARIABLE, RunDirectory
from stanchion.contracts import ClusterOutputs, ServingOutputs
from stanchion.serving.slots import FIELD_MANAGER, NAMESPACE
from tests.engine.conftest import unique_name
from tests.engine.project import Project, changes

# A machine on which the control plane was never built builds it here.
pytestmark = pytest.mark.timeout(3600)

PRIMARY, STANDBY = "us-east-1", "us-west-2"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
DEPLOYMENTS = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
SLOT = "digits-full-blue"
FLOOR, BURST = f"{SLOT}-floor", f"{SLOT}-burst"
REPLICAS = 14
ZONE = "topology.kubernetes.io/zone"
CAPACITY = "karpenter.sh/capacity-type"


class Serving:
    """The environment, and the clusters of its two regions."""

    def __init__(self, project: Project) -> None:
        self.project = project
        directory = RunDirectory(Path(project.variables[DIRECTORY_VARIABLE]))
        self.apis = {
            region: Api.from_kubeconfig(PlaneFolder(directory.planes / region / project.environment).kubeconfig)
            for region in project.regions
        }

    def outputs(self, layer: str, region: str) -> dict[str, Any]:
        return self.project.outputs(self.project.stack(layer, region))[layer]

    def up(self, region: str, *arguments: str) -> dict[str, int]:
        """Update the serving stack of a region; what the engine changed."""
        stack = self.project.stack("serving", region)
        answer = self.project.pulumi("up", "--yes", "--skip-preview", *arguments, "--stack", stack).ok()
        return {operation: count for operation, count in changes(answer).items() if operation != "unchanged"}

    def nodes(self, region: str = PRIMARY) -> dict[str, dict[str, str]]:
        """Labels by node."""
        found = self.apis[region].items("/api/v1/nodes")
        return {each["metadata"]["name"]: each["metadata"]["labels"] for each in found}

    def ready(self, deployment: str, region: str = PRIMARY) -> list[dict[str, Any]]:
        """Pods of a Deployment that serve."""
        slot, _, share = deployment.rpartition("-")
        endpoint, variant, color = slot.rsplit("-", 2)
        selected = {
            "stanchion.dev/endpoint": endpoint,
            "stanchion.dev/variant": variant,
            "stanchion.dev/slot": color,
            "stanchion.dev/capacity": share,
        }
        pods = self.apis[region].items(PODS, labelSelector=",".join(f"{k}={v}" for k, v in selected.items()))
        return [pod for pod in pods if "deletionTimestamp" not in pod["metadata"] and serves(pod)]

    def scale(self, deployment: str, replicas: int) -> None:
        """As an autoscaler does."""
        self.apis[PRIMARY].patch(f"{DEPLOYMENTS}/{deployment}/scale", {"spec": {"replicas": replicas}})


def serves(pod: dict[str, Any]) -> bool:
    conditions = pod["status"].get("conditions") or []
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def until(condition: Callable[[], Any], what: str, seconds: float = 60) -> float:
    """Wait for a condition; the seconds that took."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds, f"not within {seconds} s: {what}"
        time.sleep(0.1)
    return time.monotonic() - begun


@pytest.fixture(scope="module", autouse=True)
def _programs() -> None:
    binaries.build(binaries.CONTROL_PLANE, print)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, local_cloud: dict[str, str]) -> Project:
    layers = ("foundation", "cluster", "serving")
    return Project(tmp_path_factory.mktemp("serving"), local_cloud, unique_name(__name__), layers)


@pytest.fixture(scope="module")
def serving(empty: Project) -> Iterator[Serving]:
    """Everything up; `up` itself previews all stacks first, before there is any cluster."""
    begun = time.monotonic()
    empty.stanchion("up", "--yes").ok()
    print(f"foundation, cluster and serving of two regions were up after {time.monotonic() - begun:.0f} s")
    yield Serving(empty)
    # What a foundation leaves is asked in test_foundation.py.
    stacks = [empty.stack(layer, region) for layer in ("serving", "cluster") for region in empty.regions]
    empty.stanchion("destroy", "--yes", *(part for stack in stacks for part in ("--stack", stack))).ok()
    directory = RunDirectory(Path(empty.variables[DIRECTORY_VARIABLE]))
    left = [directory.planes / region / empty.environment for region in empty.regions]
    until(lambda: not any(folder.exists() for folder in left), "the control planes are gone with their clusters")


def test_both_regions_publish_what_others_read(serving: Serving):
    for region in (PRIMARY, STANDBY):
        stack = serving.project.stack("cluster", region)
        cluster = ClusterOutputs.arrive(serving.outputs("cluster", region), producer=stack, consumer="test")
        assert cluster.access.endpoint == f"https://{serving.apis[region].host}:{serving.apis[region].port}"
        assert cluster.entry is not None
        assert set(cluster.entry.targets) == {"standard"}
        assert set(cluster.batch) == {"digits-nightly"}
        assert set(cluster.roles) == {"digits"}
        served = ServingOutputs.arrive(serving.outputs("serving", region), producer=stack, consumer="test")
        digits = served.endpoints["digits"]
        assert set(digits.variants) == ({"full", "quantized"} if region == PRIMARY else {"full"})
        for variant in digits.variants.values():
            assert set(variant.slots) == {"blue", "green"}
            for slot in variant.slots.values():
                assert serving.apis[region].get(f"/api/v1/namespaces/{NAMESPACE}/services/{slot.service}")


@pytest.mark.parametrize("layer", ["cluster", "serving"])
@pytest.mark.parametrize("region", [PRIMARY, STANDBY])
def test_a_second_up_changes_nothing(serving: Serving, layer: str, region: str):
    stack = serving.project.stack(layer, region)
    answer = serving.project.pulumi("up", "--yes", "--skip-preview", "--stack", stack).ok()
    assert set(changes(answer)) == {"unchanged"}, answer.out


def test_the_floor_stands_on_demand_in_several_zones_and_the_standby_has_its_own(serving: Serving):
    for region, replicas in ((PRIMARY, 2), (STANDBY, 1)):
        until(lambda r=region, n=replicas: len(serving.ready(FLOOR, r)) == n, f"the floor serves in {region}")
        nodes = serving.nodes(region)
        homes = [nodes[pod["spec"]["nodeName"]] for pod in serving.ready(FLOOR, region)]
        assert {each[CAPACITY] for each in homes} == {"on-demand"}
        assert len({each[ZONE] for each in homes}) == replicas
    # Of the other slot nothing runs until a rollout fills it.
    assert not serving.ready("digits-full-green-floor")


def test_a_changed_floor_changes_one_object(serving: Serving):
    serving.project.edit("standby: {floor: 1, rung: full}", "standby: {floor: 2, rung: full}")
    assert serving.up(STANDBY) == {"updated": 1}
    until(lambda: len(serving.ready(FLOOR, STANDBY)) == 2, "the standby's floor has grown")
    assert serving.up(STANDBY) == {}


def test_a_rolled_out_version_is_kept_by_the_next_update(serving: Serving):
    api, green = serving.apis[PRIMARY], "digits-full-green-floor"
    before = api.get(f"{DEPLOYMENTS}/{green}") or {}
    image = before["spec"]["template"]["spec"]["containers"][0]["image"].partition("@")[0] + f"@sha256:{'e' * 64}"
    version = {"stanchion.dev/version": "next"}
    container = {"name": before["spec"]["template"]["spec"]["containers"][0]["name"], "image": image}
    template = {"metadata": {"labels": version}, "spec": {"containers": [container]}}
    rolled_out = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": green, "namespace": NAMESPACE},
        "spec": {"replicas": 2, "template": template},
    }
    api.apply(rolled_out, FIELD_MANAGER, force=True)
    until(lambda: len(serving.ready(green)) == 2, "the new version serves")
    assert serving.up(PRIMARY) == {}
    assert serving.up(PRIMARY, "--refresh") == {}
    after = api.get(f"{DEPLOYMENTS}/{green}") or {}
    assert after["spec"]["replicas"] == 2
    assert after["spec"]["template"]["spec"]["containers"][0]["image"] == image
    assert after["spec"]["template"]["metadata"]["labels"]["stanchion.dev/version"] == "next"


def test_the_burst_goes_to_spot_and_the_loss_of_all_spot_leaves_the_floor(serving: Serving):
    # More than the floor's nodes have room for beside the floor: what does not fit gets nodes of its own, and on spot.
    serving.scale(BURST, REPLICAS)
    until(lambda: len(serving.ready(BURST)) == REPLICAS, "the burst serves", 90)
    nodes = serving.nodes()

    def bought(deployment: str) -> Counter[str]:
        return Counter(nodes[pod["spec"]["nodeName"]][CAPACITY] for pod in serving.ready(deployment))

    assert set(bought(FLOOR)) == {"on-demand"}
    assert bought(BURST)["spot"] > 0
    assert {labels[CAPACITY] for labels in nodes.values() if labels["stanchion.dev/capacity"] == "burst"} == {"spot"}
    spot = [name for name, labels in nodes.items() if labels[CAPACITY] == "spot"]
    lost = {pod["metadata"]["uid"] for pod in serving.ready(BURST) if pod["spec"]["nodeName"] in spot}
    fake, lowest = FakeNodes(serving.apis[PRIMARY]), len(serving.ready(FLOOR))
    begun = time.monotonic()
    for name in spot:
        fake.remove(name)

    def back() -> bool:
        nonlocal lowest
        lowest = min(lowest, len(serving.ready(FLOOR)))
        now = serving.ready(BURST)
        return len(now) == REPLICAS and not lost & {pod["metadata"]["uid"] for pod in now}

    until(back, "the burst is back", 120)
    print(f"{len(spot)} spot nodes lost at once: the burst was back after {time.monotonic() - begun:.1f} s")
    assert lowest == 2
    serving.scale(BURST, 0)


def test_a_zone_that_is_drained_and_lost_costs_one_replica_at_a_time(serving: Serving):
    fake, api = FakeNodes(serving.apis[PRIMARY]), serving.apis[PRIMARY]
    home = serving.ready(FLOOR)[0]["spec"]["nodeName"]
    zone = serving.nodes()[home][ZONE]
    gone = [name for name, labels in serving.nodes().items() if labels[ZONE] == zone]
    begun = time.monotonic()
    for name in gone:
        fake.cordon(name)
    spread, lowest = Counter[str](), 2
    for pod in api.items(PODS):
        if pod["spec"].get("nodeName") in gone:
            evict(api, pod)
            lowest = min(lowest, len(serving.ready(FLOOR)))
    until(lambda: len(serving.ready(FLOOR)) == 2, "the floor is whole in the other zones", 90)
    print(f"zone {zone} drained: the floor was whole in the others after {time.monotonic() - begun:.1f} s")
    assert lowest >= 1
    for name in gone:
        fake.remove(name)
    nodes = serving.nodes()
    spread.update(nodes[pod["spec"]["nodeName"]][ZONE] for pod in serving.ready(FLOOR))
    assert zone not in spread
    assert len(serving.ready(FLOOR)) == 2


def evict(api: Api, pod: dict[str, Any]) -> None:
    """As `kubectl drain` does: asked again for as long as the disruption budget refuses."""
    name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": namespace}}

    def allowed() -> bool:
        try:
            api.create(f"/api/v1/namespaces/{namespace}/pods/{name}/eviction", eviction)
        except ApiError as error:
            if error.status not in (404, 429):
                raise
            return error.status == 404
        return True

    until(allowed, f"the budget lets {name} go", 90)
