"""EKS of the local cloud: real control planes in two regions, their nodes, and what a lost region takes with it."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from botocore.config import Config
from kubernetes import client as kubernetes_client
from kubernetes import config as kubernetes_config

from sandbox import cloud
from sandbox.front_door.faults import Effect, Fault
from sandbox.kubernetes import binaries
from sandbox.kubernetes.api import Api
from sandbox.kubernetes.control_plane import MARK
from sandbox.kubernetes.plane_folder import PlaneFolder
from sandbox.processes.marked import alive, marked
from sandbox.processes.programs import MARK as SUPERVISED
from sandbox.run_directory import DIRECTORY_VARIABLE, RunDirectory
from tests.engine.local_nodes import deployment, node_pool, spread_over

# A machine on which they were never built builds them here.
pytestmark = [pytest.mark.engine, pytest.mark.timeout(3600)]

REGIONS = ("us-east-1", "us-west-2")
# On two cores that others use too; alone it takes a third.
PATIENCE = 120.0
MOST_MEMORY = 3 * 2**30
ROLE = "arn:aws:iam::000000000000:role/cluster"


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    """A sandbox with a cluster in each of two regions."""
    binaries.build((*binaries.SCHEMAS, *binaries.CONTROL_PLANE), print)
    started = Path(tempfile.mkdtemp(prefix="stanchion-"))
    try:
        cloud.start_processes(print, started)
        for region in REGIONS:
            create_cluster(started, region)
        for region in REGIONS:
            ready = until(lambda region=region: status_of(started, region) == "ACTIVE", PATIENCE)
            print(f"cluster of {region} ACTIVE after another {ready:.1f} s")
        yield started
    finally:
        cloud.stop(print, started)
        shutil.rmtree(started)


@pytest.fixture(autouse=True)
def _healed(root: Path) -> Iterator[None]:
    yield
    with contextlib.suppress(Exception):
        cloud.control(root).heal()


def aws(root: Path, service: str, region: str) -> Any:
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=cloud.environment_variables(root)["AWS_ENDPOINT_URL"],
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30),
    )


def create_cluster(root: Path, region: str, name: str = "main") -> None:
    ec2 = aws(root, "ec2", region)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{region}{letter}")
        for number, letter in enumerate("abc")
    ]
    made = aws(root, "eks", region).create_cluster(
        name=name,
        roleArn=ROLE,
        resourcesVpcConfig={"subnetIds": [each["Subnet"]["SubnetId"] for each in subnets]},
        accessConfig={"authenticationMode": "API"},
    )["cluster"]
    assert made["status"] == "CREATING"
    assert "endpoint" not in made


def described(root: Path, region: str, name: str = "main") -> dict[str, Any]:
    return aws(root, "eks", region).describe_cluster(name=name)["cluster"]


def status_of(root: Path, region: str, name: str = "main") -> str:
    found = described(root, region, name)
    assert found["status"] != "FAILED", found["health"]
    return found["status"]


def folder_of(root: Path, region: str, name: str = "main") -> PlaneFolder:
    return PlaneFolder(RunDirectory.resolve(root).planes / region / name)


def api_of(root: Path, region: str) -> Api:
    """As a client outside has it, through what stands before the API server."""
    return Api.from_kubeconfig(folder_of(root, region).kubeconfig)


def core(root: Path, region: str) -> Any:
    """The official client, led by the file that `stanchion sandbox env` names."""
    file = cloud.environment_variables(root)["KUBECONFIG"]
    return kubernetes_client.CoreV1Api(kubernetes_config.new_client_from_config(file, f"main.{region}"))


def until(true: Callable[[], Any], seconds: float) -> float:
    """Ask until it is so; returns the seconds that took."""
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < seconds, "not so in time"
        time.sleep(0.1)
    return time.monotonic() - begun


def test_each_region_has_a_plane_of_its_own_behind_the_address_that_eks_tells(root: Path):
    seen = [described(root, region) for region in REGIONS]
    assert len({each["endpoint"] for each in seen}) == 2
    for region, cluster in zip(REGIONS, seen, strict=True):
        folder = folder_of(root, region)
        assert json.loads(folder.kubeconfig.read_text())["clusters"][0]["cluster"]["server"] == cluster["endpoint"]
        group = cluster["resourcesVpcConfig"]["clusterSecurityGroupId"]
        assert aws(root, "ec2", region).describe_security_groups(GroupIds=[group])["SecurityGroups"]
        core(root, region).create_namespace({"metadata": {"name": f"of-{region}"}})
    for region, other in (REGIONS, REGIONS[::-1]):
        names = {each.metadata.name for each in core(root, region).list_namespace().items}
        assert f"of-{region}" in names
        assert f"of-{other}" not in names


def test_the_kubeconfig_means_the_first_region_by_default(root: Path):
    document = json.loads(Path(cloud.environment_variables(root)["KUBECONFIG"]).read_text())
    assert document["current-context"] == "main.us-east-1"
    assert [each["name"] for each in document["contexts"]] == ["main.us-east-1", "main.us-west-2"]


def test_kubectl_sees_and_changes_the_cluster_of_its_region(root: Path, tmp_path: Path):
    begun = time.monotonic()
    binaries.build(["kubectl"], print)
    print(f"kubectl was there after {time.monotonic() - begun:.1f} s")
    region = REGIONS[1]

    def kubectl(*arguments: str) -> str:
        variables = {**os.environ, DIRECTORY_VARIABLE: str(root)}
        command = [
            sys.executable,
            "-m",
            "stanchion.cli.main",
            "sandbox",
            "kubectl",
            "--region",
            region,
            "--",
            *arguments,
        ]
        done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    api_of(root, region).apply(node_pool("seen", [f"{region}a"], replicas=1), "test")
    until(lambda: nodes_of(api_of(root, region), "seen-"), 30)
    assert [line.split()[1] for line in kubectl("get", "nodes", "--no-headers").splitlines()] == ["Ready"]
    file = tmp_path / "map.yaml"
    file.write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: applied}\ndata: {by: kubectl}\n")
    assert kubectl("apply", "-f", str(file)) == "configmap/applied created\n"
    assert kubectl("apply", "--server-side", "--field-manager=test", "-f", str(file)).endswith("serverside-applied\n")
    found = core(root, region).read_namespaced_config_map("applied", "default")
    assert found.data == {"by": "kubectl"}
    api_of(root, region).delete("/apis/karpenter.sh/v1/nodepools/seen")
    until(lambda: not nodes_of(api_of(root, region), "seen-"), 30)


def test_status_tells_memory_and_ports_of_both_planes_under_the_bound(root: Path):
    found = cloud.status(root)
    assert [plane.name for plane in found.planes] == ["main.us-east-1", "main.us-west-2"]
    for plane, region in zip(found.planes, REGIONS, strict=True):
        assert described(root, region)["endpoint"].endswith(f":{plane.port}")
        assert plane.memory_bytes > 100 * 2**20
    print(f"{found.memory_bytes / 2**20:.0f} MiB with both control planes")
    assert found.memory_bytes < MOST_MEMORY


def test_nothing_listens_beyond_loopback(root: Path):
    mine = marked(SUPERVISED, str(root))
    listening = [c.laddr for each in mine for c in each.net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert {address.ip for address in listening} == {"127.0.0.1"}


def test_a_floor_stands_in_each_zone_and_a_burst_comes_and_goes_with_its_pods(
    root: Path, monkeypatch: pytest.MonkeyPatch
):
    region = REGIONS[0]
    api = api_of(root, region)
    for letter in "abc":
        api.apply(node_pool(f"floor-{letter}", [f"{region}{letter}"], replicas=1), "test")
    api.apply(node_pool("burst", [f"{region}{letter}" for letter in "abc"], spot=True, cpu=64), "test")
    until(lambda: len(nodes_of(api, "floor-")) == 3, 30)
    assert {zone_of(each) for each in nodes_of(api, "floor-")} == {f"{region}{letter}" for letter in "abc"}
    api.apply(deployment("held", 3, "floor"), "test")
    api.apply(deployment("burst", 6, "burst"), "test")
    took = until(lambda: running(api, "held") == 3 and running(api, "burst") == 6, PATIENCE)
    print(f"3 pods on the floor and 6 on new spot nodes after {took:.1f} s")
    burst = nodes_of(api, "burst-")
    assert {each["metadata"]["labels"]["karpenter.sh/capacity-type"] for each in burst} == {"spot"}
    assert spread_over(api, "burst") <= 1
    # All spot is lost at once: the floor's pods stay, and new nodes come for the others.
    for node in burst:
        api.delete(f"/api/v1/nodes/{node['metadata']['name']}")
    assert running(api, "held") == 3
    until(lambda: running(api, "burst") == 6, PATIENCE)
    assert not {each["metadata"]["name"] for each in burst} & {e["metadata"]["name"] for e in nodes_of(api, "burst-")}
    # A pool that is gone takes its nodes along.
    api.delete("/apis/apps/v1/namespaces/default/deployments/burst")
    api.delete("/apis/karpenter.sh/v1/nodepools/burst")
    until(lambda: not nodes_of(api, "burst-"), 30)
    assert len(nodes_of(api, "floor-")) == 3


def test_a_pod_with_a_command_runs_as_a_process_in_every_zone(root: Path):
    region = REGIONS[1]
    api = api_of(root, region)
    for letter in "abc":
        api.apply(node_pool(f"floor-{letter}", [f"{region}{letter}"], replicas=1), "test")
    until(lambda: len(nodes_of(api, "floor-")) == 3, 30)
    api.apply(deployment("served", 3, "floor", ["python3", "-c", "import time; time.sleep(3600)"]), "test")
    until(lambda: running(api, "served") == 3, PATIENCE)
    assert spread_over(api, "served") == 0
    # Each took the place of a fake node: the floor is as large as before.
    until(lambda: len(nodes_of(api, "floor-")) == 3, 30)
    assert all(each["metadata"]["labels"]["stanchion.dev/runs"] == "processes" for each in nodes_of(api, "floor-"))


def test_node_groups_have_nodes_with_their_labels_and_taints(root: Path):
    region = REGIONS[0]
    eks, subnets = aws(root, "eks", region), described(root, region)["resourcesVpcConfig"]["subnetIds"]
    eks.create_nodegroup(
        clusterName="main",
        nodegroupName="batch",
        nodeRole="arn:aws:iam::000000000000:role/node",
        subnets=subnets[:2],
        capacityType="SPOT",
        instanceTypes=["c7i.2xlarge"],
        scalingConfig={"minSize": 0, "desiredSize": 2, "maxSize": 4},
        labels={"stanchion.dev/pool": "batch"},
        taints=[{"key": "stanchion.dev/spot", "value": "true", "effect": "NO_SCHEDULE"}],
    )
    api = api_of(root, region)
    until(lambda: len(nodes_of(api, "batch-")) == 2, 30)
    node = nodes_of(api, "batch-")[0]
    labels = node["metadata"]["labels"]
    assert labels["eks.amazonaws.com/nodegroup"] == "batch"
    assert labels["eks.amazonaws.com/capacityType"] == "SPOT"
    assert labels["stanchion.dev/pool"] == "batch"
    assert {"key": "stanchion.dev/spot", "value": "true", "effect": "NoSchedule"} in node["spec"]["taints"]
    assert {zone_of(each) for each in nodes_of(api, "batch-")} == {f"{region}a", f"{region}b"}
    assert node["status"]["allocatable"]["cpu"] == "7910m"
    eks.delete_nodegroup(clusterName="main", nodegroupName="batch")
    until(lambda: not nodes_of(api, "batch-"), 30)


@pytest.mark.parametrize("effect", [Effect.DROP, Effect.UNAVAILABLE, Effect.HANG])
def test_a_lost_region_takes_its_api_server_along_and_gives_it_back_with_all_content(root: Path, effect: Effect):
    lost, other = REGIONS
    core(root, lost).create_namespaced_config_map("default", {"metadata": {"name": f"kept-{effect.value}"}})
    cloud.control(root).add(Fault(effect, region=lost))
    begun = time.monotonic()
    with pytest.raises(Exception):  # noqa: B017 - whatever the client makes of it
        core(root, lost).list_node(_request_timeout=5)
    assert time.monotonic() - begun < 30
    assert core(root, other).list_namespace(_request_timeout=30).items
    cloud.control(root).heal()
    found = core(root, lost).read_namespaced_config_map(f"kept-{effect.value}", "default", _request_timeout=30)
    assert found.metadata.name == f"kept-{effect.value}"


def test_a_lost_service_leaves_api_servers_alone(root: Path):
    cloud.control(root).add(Fault(Effect.DROP, service="eks"))
    assert api_of(root, REGIONS[0]).ready()
    cloud.control(root).add(Fault(Effect.LATENCY, region=REGIONS[1], seconds=0.5))
    begun = time.monotonic()
    assert api_of(root, REGIONS[1]).ready()
    assert time.monotonic() - begun >= 0.5


def test_a_cluster_that_is_deleted_leaves_nothing(root: Path):
    region = REGIONS[0]
    create_cluster(root, region, "short")
    until(lambda: status_of(root, region, "short") == "ACTIVE", PATIENCE)
    folder = folder_of(root, region, "short")
    mine = marked(MARK, str(folder.path))
    assert mine
    eks = aws(root, "eks", region)
    eks.delete_cluster(name="short")
    until(lambda: eks.list_clusters()["clusters"] == ["main"], 60)
    assert not [each for each in mine if alive(each)]
    assert not folder.path.exists()
    assert f"short.{region}" not in Path(cloud.environment_variables(root)["KUBECONFIG"]).read_text()


def test_a_stop_ends_every_process_and_a_start_brings_the_clusters_back_at_their_addresses(root: Path):
    before = [described(root, region) for region in REGIONS]
    for region in REGIONS:
        api_of(root, region).apply(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kept"}, "data": {"in": region}}, "test"
        )
    assert cloud.stop(print, root)
    assert not marked(SUPERVISED, str(root))
    cloud.start_processes(print, root)
    took = until(lambda: all(ready(root, region) for region in REGIONS), PATIENCE)
    print(f"both API servers answer {took:.1f} s after the start")
    after = [described(root, region) for region in REGIONS]
    assert [each["endpoint"] for each in after] == [each["endpoint"] for each in before]
    assert [each["certificateAuthority"] for each in after] == [each["certificateAuthority"] for each in before]
    for region in REGIONS:
        kept = api_of(root, region).get("/api/v1/namespaces/default/configmaps/kept")
        assert kept is not None
        assert kept["data"] == {"in": region}


def test_nothing_outlives_a_host_that_was_killed_and_it_starts_them_again(root: Path):
    before = {each.name: each.pid for each in cloud.status(root).processes}
    mine = [each for region in REGIONS for each in marked(MARK, str(folder_of(root, region).path))]
    assert mine
    psutil.Process(before["eks"]).kill()
    until(lambda: not [each for each in mine if alive(each)], 60)
    until(lambda: all(ready(root, region) for region in REGIONS), PATIENCE)
    assert {each.name: each.pid for each in cloud.status(root).processes}["eks"] != before["eks"]


def ready(root: Path, region: str) -> bool:
    with contextlib.suppress(OSError):
        return api_of(root, region).ready()
    return False


def nodes_of(api: Api, beginning: str) -> list[dict[str, Any]]:
    return [each for each in api.items("/api/v1/nodes") if each["metadata"]["name"].startswith(beginning)]


def zone_of(node: dict[str, Any]) -> str:
    return node["metadata"]["labels"]["topology.kubernetes.io/zone"]


def running(api: Api, name: str) -> int:
    """Pods that run, on nodes that are there."""
    there = {each["metadata"]["name"] for each in api.items("/api/v1/nodes")}
    pods = api.items("/api/v1/namespaces/default/pods", labelSelector=f"app={name}")
    return sum(
        pod["status"]["phase"] == "Running"
        and pod["spec"]["nodeName"] in there
        and "deletionTimestamp" not in pod["metadata"]
        for pod in pods
    )
