"""Fake nodes: real objects of the API, on which pods are scheduled for real and run in name only."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sandbox.errors import SandboxFailedError
from sandbox.kubernetes.api import Api
from sandbox.kubernetes.binaries import BINARIES

# kwok keeps the nodes with this label alive; Karpenter's own fake nodes have it, too.
FAKE = ("kwok.x-k8s.io/node", "fake")
_SILENT = "silent"
_NODES = "/api/v1/nodes"
_POLL_SECONDS = 0.1


class CapacityType(StrEnum):
    """How a node's instance is bought."""

    ON_DEMAND = "on-demand"
    SPOT = "spot"
    RESERVED = "reserved"


class Engine(StrEnum):
    """What starts the nodes of a cluster, and so which labels they have."""

    AUTO_MODE = "auto_mode"
    NODE_GROUPS = "node_groups"


@dataclass(frozen=True)
class Taint:
    """Keeps pods away that do not tolerate it.

    Args:
        effect: NoSchedule, PreferNoSchedule or NoExecute.
    """

    key: str
    value: str = ""
    effect: str = "NoSchedule"


@dataclass(frozen=True)
class Node:
    """A node as a kubelet would register it.

    Args:
        zone: such as `us-east-1a`; the region is the zone without its letter.
        arch: amd64 or arm64.
        allocatable: what pods may ask for, by resource, in Kubernetes' quantities.
        labels: on top of the well-known ones.
    """

    name: str
    zone: str
    capacity_type: CapacityType = CapacityType.ON_DEMAND
    instance_type: str = "m7i.xlarge"
    arch: str = "amd64"
    engine: Engine = Engine.AUTO_MODE
    allocatable: Mapping[str, str] = field(default_factory=lambda: {"cpu": "4", "memory": "15Gi", "pods": "58"})
    labels: Mapping[str, str] = field(default_factory=dict)
    taints: tuple[Taint, ...] = ()

    def document(self) -> dict[str, Any]:
        """The object of the API."""
        taints = [{"key": taint.key, "value": taint.value, "effect": taint.effect} for taint in self.taints]
        return {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": self.name, "labels": {**self._well_known(), **self.labels, FAKE[0]: FAKE[1]}},
            "spec": {"providerID": f"aws:///{self.zone}/{self.name}", "taints": taints},
            "status": {
                "allocatable": dict(self.allocatable),
                "capacity": dict(self.allocatable),
                "nodeInfo": {
                    "architecture": self.arch, "operatingSystem": "linux", "bootID": "", "machineID": "",
                    "systemUUID": "", "kernelVersion": "", "osImage": "", "containerRuntimeVersion": "",
                    "kubeletVersion": f"v{BINARIES['kube-apiserver'].version}+fake", "kubeProxyVersion": "",
                },
            },
        }  # fmt: skip

    def _well_known(self) -> dict[str, str]:
        common = {
            "kubernetes.io/hostname": self.name,
            "kubernetes.io/os": "linux",
            "kubernetes.io/arch": self.arch,
            "node.kubernetes.io/instance-type": self.instance_type,
            "topology.kubernetes.io/region": self.zone.rstrip("abcdef"),
            "topology.kubernetes.io/zone": self.zone,
        }
        # Amazon EKS User Guide, "Create a node pool for EKS Auto Mode" and "Control if a workload is deployed on EKS
        # Auto Mode nodes"; for node groups "Managed node groups", capacity types (read 2026-11-23).
        if self.engine is Engine.AUTO_MODE:
            return common | {
                "karpenter.sh/capacity-type": self.capacity_type.value,
                "eks.amazonaws.com/compute-type": "auto",
            }
        return common | {"eks.amazonaws.com/capacityType": self.capacity_type.name}


@dataclass(frozen=True)
class FakeNodes:
    """The fake nodes of one control plane."""

    api: Api

    def register(self, nodes: Iterable[Node]) -> None:
        """Add nodes; kwok makes them ready within a second or two (see `wait_ready`).

        Raises:
            ApiError: one is there already, or the API server refused it.
        """
        for node in nodes:
            self.api.create(_NODES, node.document())

    def wait_ready(self, names: Iterable[str], seconds: float = 30) -> None:
        """Wait until pods can be scheduled on all of the nodes: ready, and the taint of a new node gone.

        Raises:
            SandboxFailedError: one is not in time.
        """
        left, deadline = set(names), time.monotonic() + seconds
        while left:
            left -= {each["metadata"]["name"] for each in self.api.items(_NODES) if _takes_pods(each)}
            if left and time.monotonic() > deadline:
                raise SandboxFailedError(
                    f"the fake nodes {', '.join(sorted(left))} are not ready after {seconds:g} s; "
                    "kwok's log says why, where it is at fault."
                )
            time.sleep(_POLL_SECONDS if left else 0)

    def names(self, labels: Mapping[str, str] | None = None) -> list[str]:
        """The fake nodes there are, silent ones among them.

        Args:
            labels: only nodes that have all of them.
        """
        selected = [FAKE[0], *(f"{key}={value}" for key, value in (labels or {}).items())]
        return [each["metadata"]["name"] for each in self.api.items(_NODES, labelSelector=",".join(selected))]

    def silence(self, name: str) -> None:
        """Let a node's kubelet fall silent, as a lost instance does: the control plane has to find out by itself.

        Raises:
            ApiError: there is no such node.
        """
        self._label(name, _SILENT)

    def wake(self, name: str) -> None:
        """Let a silent node's kubelet report again.

        Raises:
            ApiError: there is no such node.
        """
        self._label(name, FAKE[1])

    def cordon(self, name: str) -> None:
        """Let no further pod onto a node.

        Raises:
            ApiError: there is no such node.
        """
        self.api.patch(f"{_NODES}/{name}", {"spec": {"unschedulable": True}})

    def remove(self, name: str) -> bool:
        """Take a node away with the pods on it, at once, as the cloud does with an instance that is known to be gone.

        Returns:
            Whether it was there.
        """
        # A finalizer (Karpenter's, say) would keep it until somebody has drained it.
        path = f"{_NODES}/{name}"
        if self.api.get(path) is None:
            return False
        self.api.patch(path, {"metadata": {"finalizers": None}})
        was_there = self.api.delete(path, grace_seconds=0)
        # Kubernetes itself collects the pods of a node that is gone, but only after a quarantine of 40 s.
        for pod in self.api.items("/api/v1/pods", fieldSelector=f"spec.nodeName={name}"):
            metadata = pod["metadata"]
            self.api.delete(f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}", grace_seconds=0)
        return was_there

    def _label(self, name: str, value: str) -> None:
        self.api.patch(f"{_NODES}/{name}", {"metadata": {"labels": {FAKE[0]: value}}})


def _takes_pods(node: dict[str, Any]) -> bool:
    conditions = (node.get("status") or {}).get("conditions") or []
    taints = (node.get("spec") or {}).get("taints") or []
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    return ready and not any(each["key"] == "node.kubernetes.io/not-ready" for each in taints)
