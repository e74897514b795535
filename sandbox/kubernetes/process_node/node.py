"""A process node: registers, tells that it lives, and gives each pod bound to it a life."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sandbox.kubernetes.api import Api, Document
from sandbox.kubernetes.async_api import MERGE, STRATEGIC, AsyncApi
from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.nodes import FAKE, Node
from sandbox.kubernetes.plane_folder import PlaneFolder
from sandbox.kubernetes.process_node import reaper
from sandbox.kubernetes.process_node.addresses import NodeAddresses
from sandbox.kubernetes.process_node.cluster_access import api_variables
from sandbox.kubernetes.process_node.folder import NodeFolder
from sandbox.kubernetes.process_node.placement import MANAGER, RUNS, placement
from sandbox.kubernetes.process_node.pods import Host, PodLife
from sandbox.kubernetes.process_node.processes import NODE_MARK, refuse_other_systems
from sandbox.kubernetes.process_node.reaper import kill_marked
from sandbox.kubernetes.process_node.statuses import timestamp

# As a kubelet's: the lease is renewed four times within its duration, and a report sent every five minutes at least.
LEASE_SECONDS = 40
_RENEWALS = 4
_REPORT_SECONDS = 300
# What pods get when the node itself is told to end, as on a machine that shuts down.
_SHUTDOWN_SECONDS = 3.0
_TIDY_SECONDS = 60
_LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
_CONFLICT = 409

Tell = Callable[[str], None]


@dataclass
class ProcessNode:
    """One node; only the main thread may run it.

    Args:
        plane: folder of the control plane it belongs to.
        node: its name, labels, taints and what pods may ask of it.
        lease_seconds: after which the control plane takes a silent node for lost, beside its own grace period.
    """

    plane: PlaneFolder
    node: Node
    lease_seconds: int = LEASE_SECONDS
    _lives: dict[str, PodLife] = field(default_factory=dict, init=False)
    _tasks: dict[str, "asyncio.Task[None]"] = field(default_factory=dict, init=False)
    _uid: str = field(default="", init=False)
    _report_due: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def run(self, tell: Tell) -> None:
        """Be the node until told to end, or until its object is deleted, as that of an instance that is gone.

        Args:
            tell: is given one line for each thing done.

        Raises:
            SandboxError: the control plane never ran, the node runs already, or this is no system for it.
        """
        refuse_other_systems()
        api = Api.from_kubeconfig(self.plane.kubeconfig_of("admin"))
        folder = NodeFolder.of(self.plane, self.node.name)
        with folder.held(), contextlib.closing(NodeAddresses.take(folder.mark)) as addresses:
            mark = f"{NODE_MARK}={folder.mark}"
            # Those of a node that was killed together with its reaper.
            kill_marked(mark.encode())
            _empty(folder.pods)
            guard = _start_reaper(mark)
            try:
                asyncio.run(self._run(api, folder, addresses, tell))
            finally:
                assert guard.stdin is not None  # noqa: S101  for the type checker
                guard.stdin.close()
                guard.wait()

    async def _run(self, api: Api, folder: NodeFolder, addresses: NodeAddresses, tell: Tell) -> None:
        loop, told = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, told.set)
        async with AsyncApi(api) as client:
            variables = api_variables(api)
            host = Host(self.node.name, folder.mark, client, addresses, folder.pods, folder.logs, variables)
            await self._register(api, host)
            tell(f"node {self.node.name} is ready; its pods have addresses like {addresses.own}")
            duties = [
                asyncio.create_task(duty)
                for duty in (
                    told.wait(), self._until_gone(client), self._follow_pods(host), self._renew(client),
                    self._report(host), self._tidy(host),
                )
            ]  # fmt: skip
            done, _ = await asyncio.wait(duties, return_when=asyncio.FIRST_COMPLETED)
            lost = duties[1] in done
            for duty in duties:
                duty.cancel()
            await asyncio.gather(*duties, return_exceptions=True)
            await self._end_pods(0 if lost else _SHUTDOWN_SECONDS)
            for duty in done:
                duty.result()
            tell(f"node {self.node.name} has ended{': its object was deleted' if lost else ''}")

    async def _register(self, api: Api, host: Host) -> None:
        for each in placement():
            api.apply(each, MANAGER)
        path, document = f"/api/v1/nodes/{self.node.name}", self._document()
        try:
            made = await host.api.create("/api/v1/nodes", document)
        except ApiError as error:
            if error.status != _CONFLICT:
                raise
            made = await host.api.patch(path, {"metadata": {"labels": document["metadata"]["labels"]}}, MERGE)
        self._uid = made["metadata"]["uid"]
        await self._renew_once(host.api)
        await self._report_once(host)

    def _document(self) -> Document:
        document = self.node.document()
        labels = document["metadata"]["labels"]
        del labels[FAKE[0]]
        labels[RUNS[0]] = RUNS[1]
        information = document["status"]["nodeInfo"]
        information["kubeletVersion"] = information["kubeletVersion"].replace("+fake", "+processes")
        information["bootID"] = str(uuid.uuid4())
        return document

    async def _follow_pods(self, host: Host) -> None:
        async for change in host.api.follow("/api/v1/pods", fieldSelector=f"spec.nodeName={self.node.name}"):
            uid = change.object["metadata"]["uid"]
            life = self._lives.get(uid)
            if change.gone:
                if life is not None:
                    life.vanish()
                continue
            if life is None:
                life = self._lives[uid] = PodLife(host, change.object)
                self._tasks[uid] = asyncio.create_task(self._live(life))
            life.update(change.object)

    async def _live(self, life: PodLife) -> None:
        try:
            await life.run()
        except Exception as error:
            # One pod's fault is not the node's: said in the log, since its object may be what is wrong.
            print(f"pod {life.path} of node {self.node.name}: {error!r}", file=sys.stderr, flush=True)
            raise
        finally:
            self._lives.pop(life.uid, None)
            self._tasks.pop(life.uid, None)

    async def _until_gone(self, client: AsyncApi) -> None:
        """Until the node's object is deleted; sends a report whenever the control plane thinks otherwise of it."""
        async for change in client.follow("/api/v1/nodes", fieldSelector=f"metadata.name={self.node.name}"):
            if change.object["metadata"]["uid"] != self._uid:
                continue
            if change.gone:
                return
            conditions = (change.object.get("status") or {}).get("conditions") or []
            if not any(each["type"] == "Ready" and each["status"] == "True" for each in conditions):
                self._report_due.set()

    async def _renew(self, client: AsyncApi) -> None:
        while True:
            await asyncio.sleep(self.lease_seconds / _RENEWALS)
            with contextlib.suppress(ApiError):
                await self._renew_once(client)

    async def _renew_once(self, client: AsyncApi) -> None:
        spec = {
            "holderIdentity": self.node.name,
            "leaseDurationSeconds": self.lease_seconds,
            "renewTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        owner = {"apiVersion": "v1", "kind": "Node", "name": self.node.name, "uid": self._uid}
        metadata = {"name": self.node.name, "ownerReferences": [owner]}
        lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": spec}
        try:
            await client.patch(f"{_LEASES}/{self.node.name}", lease)
        except ApiError as error:
            if error.reason != "NotFound":
                raise
            await client.create(_LEASES, lease)

    async def _report(self, host: Host) -> None:
        while True:
            # Not wait_for: up to Python 3.11 it loses a cancellation that comes together with the event, and the node
            # would never end.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_REPORT_SECONDS):
                    await self._report_due.wait()
            self._report_due.clear()
            with contextlib.suppress(ApiError):
                await self._report_once(host)
            # Not more often than the lease, whoever keeps on writing to the object.
            await asyncio.sleep(min(1.0, self.lease_seconds / _RENEWALS))

    async def _report_once(self, host: Host) -> None:
        now = timestamp(datetime.now(UTC))
        conditions = [
            {"type": kind, "status": status, "reason": reason, "message": "", "lastHeartbeatTime": now}
            for kind, status, reason in (
                ("Ready", "True", "KubeletReady"),
                ("MemoryPressure", "False", "KubeletHasSufficientMemory"),
                ("DiskPressure", "False", "KubeletHasNoDiskPressure"),
                ("PIDPressure", "False", "KubeletHasSufficientPID"),
            )
        ]
        status = {
            **self._document()["status"],
            "conditions": [{**each, "lastTransitionTime": now} for each in conditions],
            "addresses": [
                {"type": "InternalIP", "address": host.addresses.own},
                {"type": "Hostname", "address": self.node.name},
            ],
        }
        await host.api.patch(f"/api/v1/nodes/{self.node.name}/status", {"status": status}, STRATEGIC)

    async def _tidy(self, host: Host) -> None:
        while True:
            host.logs.tidy()
            await asyncio.sleep(_TIDY_SECONDS)

    async def _end_pods(self, grace_seconds: float) -> None:
        """End every process; the objects stay, since the node may come back to them."""
        tasks = list(self._tasks.values())
        for life in self._lives.values():
            life.abandon(grace_seconds)
        await asyncio.gather(*tasks, return_exceptions=True)


def lose(plane: PlaneFolder, name: str) -> bool:
    """Let a node be gone as an instance is that was lost: all of it killed at once, and nobody told.

    Returns:
        Whether it ran.
    """
    folder = NodeFolder.of(plane, name)
    runner = folder.runner()
    if runner is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(runner, signal.SIGKILL)
    # The kernel and the reaper do so, too; whoever asked may count on it being done.
    while kill_marked(f"{NODE_MARK}={folder.mark}".encode()):
        pass
    return runner is not None


def _start_reaper(mark: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(Path(reaper.__file__)), mark],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={}, start_new_session=True,
    )  # fmt: skip


def _empty(folder: Path) -> None:
    """Nothing of pods of an earlier life is used again."""
    for entry in folder.iterdir():
        shutil.rmtree(entry, ignore_errors=True)
