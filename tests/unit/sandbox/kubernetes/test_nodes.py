from typing import Any

import pytest

from sandbox.errors import SandboxFailedError
from sandbox.kubernetes.nodes import FAKE, CapacityType, Engine, FakeNodes, Node, Taint


class Recorded:
    """An API that holds objects by path, and records what was asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.there = {"/api/v1/nodes/spot-1"}
        self.lists: dict[str, list[dict[str, Any]]] = {}

    def get(self, path: str) -> dict[str, Any] | None:
        return {} if path in self.there else None

    def items(self, path: str, **query: str) -> list[dict[str, Any]]:
        self.calls.append(("list", path, query))
        return self.lists.get(path, [])

    def create(self, path: str, document: dict[str, Any]) -> None:
        self.calls.append(("create", path, document["metadata"]["name"]))

    def patch(self, path: str, change: dict[str, Any]) -> None:
        self.calls.append(("patch", path, change))

    def delete(self, path: str, *, grace_seconds: int) -> bool:
        self.calls.append(("delete", path, grace_seconds))
        return True


@pytest.fixture
def api() -> Recorded:
    return Recorded()


@pytest.fixture
def nodes(api: Recorded) -> FakeNodes:
    return FakeNodes(api)  # type: ignore[arg-type]


def test_a_node_has_the_labels_by_which_pods_choose_it():
    document = Node("n", "us-gov-east-1b", CapacityType.SPOT, "c7g.large", "arm64", labels={"team": "a"}).document()
    labels = document["metadata"]["labels"]
    assert labels["topology.kubernetes.io/zone"] == "us-gov-east-1b"
    assert labels["topology.kubernetes.io/region"] == "us-gov-east-1"
    assert (labels["kubernetes.io/arch"], labels["node.kubernetes.io/instance-type"]) == ("arm64", "c7g.large")
    assert labels["karpenter.sh/capacity-type"] == "spot"
    assert labels["team"] == "a"
    assert labels[FAKE[0]] == FAKE[1]
    assert document["status"]["nodeInfo"]["architecture"] == "arm64"


def test_each_engine_has_its_own_label_for_the_capacity_type():
    """A selector that finds nothing on the real cluster has to find nothing here."""
    grouped = Node("n", "us-east-1a", engine=Engine.NODE_GROUPS).document()["metadata"]["labels"]
    assert grouped["eks.amazonaws.com/capacityType"] == "ON_DEMAND"
    assert "karpenter.sh/capacity-type" not in grouped
    assert "eks.amazonaws.com/capacityType" not in Node("n", "us-east-1a").document()["metadata"]["labels"]


def test_what_pods_may_ask_for_and_what_keeps_them_away():
    gpu = Node("n", "us-east-1a", allocatable={"nvidia.com/gpu": "1"}, taints=(Taint("gpu", "yes"),)).document()
    assert gpu["status"]["allocatable"] == gpu["status"]["capacity"] == {"nvidia.com/gpu": "1"}
    assert gpu["spec"]["taints"] == [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]


def test_registered_one_by_one(nodes: FakeNodes, api: Recorded):
    nodes.register(Node(name, "us-east-1a") for name in ("a", "b"))
    assert api.calls == [("create", "/api/v1/nodes", "a"), ("create", "/api/v1/nodes", "b")]


def test_silent_ones_are_fake_nodes_still(nodes: FakeNodes, api: Recorded):
    api.lists["/api/v1/nodes"] = [{"metadata": {"name": "a"}}]
    assert nodes.names({"topology.kubernetes.io/zone": "us-east-1a"}) == ["a"]
    selector = "kwok.x-k8s.io/node,topology.kubernetes.io/zone=us-east-1a"
    assert api.calls == [("list", "/api/v1/nodes", {"labelSelector": selector})]


def test_a_silent_node_is_out_of_the_hands_of_what_keeps_it_alive(nodes: FakeNodes, api: Recorded):
    nodes.silence("a")
    nodes.wake("a")
    values = [change["metadata"]["labels"][FAKE[0]] for _, _, change in api.calls]
    assert values[0] != FAKE[1]
    assert values[1] == FAKE[1]


def test_a_removed_node_takes_its_pods_along_at_once(nodes: FakeNodes, api: Recorded):
    api.lists["/api/v1/pods"] = [{"metadata": {"namespace": "serving", "name": "p"}}]
    assert nodes.remove("spot-1")
    assert ("delete", "/api/v1/nodes/spot-1", 0) in api.calls
    assert ("list", "/api/v1/pods", {"fieldSelector": "spec.nodeName=spot-1"}) in api.calls
    assert api.calls[-1] == ("delete", "/api/v1/namespaces/serving/pods/p", 0)
    assert not nodes.remove("spot-2")


def known(name: str, ready: str, *taints: str) -> dict[str, Any]:
    conditions = [{"type": "Ready", "status": ready}]
    spec = {"taints": [{"key": key} for key in taints]} if taints else {}
    return {"metadata": {"name": name}, "spec": spec, "status": {"conditions": conditions}}


def test_waits_until_pods_can_be_scheduled_on_all_of_the_nodes(
    nodes: FakeNodes, api: Recorded, monkeypatch: pytest.MonkeyPatch
):
    gpu = known("a", "True", "nvidia.com/gpu")
    answers = [
        [{"metadata": {"name": "a"}}],
        [gpu, known("b", "Unknown")],
        [gpu, known("b", "True", "node.kubernetes.io/not-ready")],
        [gpu, known("b", "True")],
    ]
    monkeypatch.setattr(api, "items", lambda _: answers.pop(0))
    monkeypatch.setattr("sandbox.kubernetes.nodes._POLL_SECONDS", 0)
    nodes.wait_ready(["a", "b"])
    assert not answers


def test_a_node_that_does_not_get_ready_is_named(nodes: FakeNodes, api: Recorded):
    api.lists["/api/v1/nodes"] = [known("a", "True"), known("b", "False")]
    with pytest.raises(SandboxFailedError, match="the fake nodes b are not ready after 0 s"):
        nodes.wait_ready(["a", "b"], 0)
