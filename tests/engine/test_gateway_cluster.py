"""What a gateway learns of a real control plane, as a service account that may do no more than it needs."""

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from gateway.cluster.addresses import ADDRESSES
from gateway.cluster.api import Access
from gateway.follow import follow
from gateway.peers import Peers
from stanchion.serving.slots import VERSION_LABEL
from tests.engine.process_cluster import ZONES, Cluster
from tests.engine.process_cluster import running as running_plane
from tests.unit.gateway.running import Running, configuration, place, running

# A machine on which the programs were never built builds them here.
pytestmark = pytest.mark.timeout(3600)
SERVICE = "chat-full-blue"
RBAC = "rbac.authorization.k8s.io"


def account(cluster: Cluster, folder: Path) -> Access:
    """That of a gateway."""
    metadata = {"name": "gateway", "namespace": "default"}
    rules = [
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["list", "watch"]},
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["list", "watch"]},
    ]
    subject = {"kind": "ServiceAccount", **metadata}
    cluster.apply(
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata},
        {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": metadata, "rules": rules},
        {
            "apiVersion": f"{RBAC}/v1", "kind": "RoleBinding", "metadata": metadata, "subjects": [subject],
            "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": "gateway"},
        },
    )  # fmt: skip
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": None}}
    made = cluster.api.create("/api/v1/namespaces/default/serviceaccounts/gateway/token", asked)
    (folder / "token").write_text(made["status"]["token"])
    document = json.loads(cluster.folder.kubeconfig.read_text(encoding="utf-8"))
    authority = Path(document["clusters"][0]["cluster"]["certificate-authority"])
    return Access(f"https://{cluster.api.host}:{cluster.api.port}", authority, folder / "token")


def of_version(cluster: Cluster, version: str) -> list[dict[str, Any]]:
    """The server of a slot with a version, as a rollout leaves it."""
    deployment, service = cluster.server(SERVICE)
    deployment["spec"]["template"]["metadata"]["labels"] |= {"stanchion.dev/slot": "blue", VERSION_LABEL: version}
    return [deployment, service]


async def version_becomes(run: Running, version: str) -> set[str]:
    """Ask until a version answers; gives those that did before."""
    seen: set[str] = set()
    tensor = {"name": "type", "datatype": "FP64", "shape": [1, 2], "data": [[1.0, 2.0]]}
    async with asyncio.timeout(60):
        while True:
            async with run.client.post(f"{run.url}/v2/models/chat/infer", json={"inputs": [tensor]}) as answer:
                if answer.status == 200:
                    assert run.events[-1].model_version == answer.headers["x-stanchion-version"]
                    if answer.headers["x-stanchion-version"] == version:
                        return seen
                    seen.add(answer.headers["x-stanchion-version"])
            await asyncio.sleep(0.1)


def test_an_answer_says_the_version_of_the_pod_that_gave_it(tmp_path: Path) -> None:
    async def scenario(cluster: Cluster, access: Access) -> None:
        endpoints = {
            "chat": place(("full",), {"full": {"blue": "127.0.0.1:9"}}, kind="predictor", model="family"),
        }
        told = configuration(endpoints).model_copy(update={"namespace": "default", "peers": f"default/{SERVICE}"})
        peers = Peers("gateway-1", "")
        variables = {ADDRESSES: "198.18.0.0/15=127.18.0.0/15"}
        async with running(tmp_path, endpoints, peers=peers) as run, AsyncExitStack() as ends:
            await follow(access, run.gateway, told, ends, variables)
            assert await version_becomes(run, "v1") <= {"full-blue"}
            # Any Service will do to show that the pods behind it are found.
            assert len(peers) == 1
            for each in of_version(cluster, "v2"):
                await asyncio.to_thread(cluster.apply, each)
            assert await version_becomes(run, "v2") <= {"v1", "full-blue"}

    with running_plane() as cluster:
        cluster.node("node-a", ZONES[0])
        access = account(cluster, tmp_path)
        cluster.apply(*of_version(cluster, "v1"))
        asyncio.run(scenario(cluster, access))
