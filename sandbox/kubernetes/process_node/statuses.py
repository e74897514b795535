"""What a kubelet reports of a pod: container states, conditions, phase."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.kubernetes.api import Document
from sandbox.kubernetes.process_node.processes import Ended


def timestamp(moment: datetime) -> str:
    """A time as the API takes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class ContainerState:
    """One container.

    Args:
        waiting: why it does not run, in a word and a sentence; of no account while it runs or has ended.
        since: when it began to run, if it runs.
        ended: how it ended, if it has.
        last: how it ended the time before.
        started: its startup probe has succeeded.
    """

    name: str
    image: str
    waiting: tuple[str, str] = ("ContainerCreating", "")
    since: datetime | None = None
    ended: Ended | None = None
    last: Ended | None = None
    restarts: int = 0
    started: bool = False
    ready: bool = False

    def runs(self) -> None:
        """It begins to run."""
        self.since, self.ended, self.started, self.ready = datetime.now(UTC), None, False, False

    def waits(self, reason: str, message: str) -> None:
        """It does not run now, but will."""
        self.last = self.ended or self.last
        self.waiting, self.since, self.ended, self.started, self.ready = (reason, message), None, None, False, False

    def ends(self, how: Ended) -> None:
        """It has ended."""
        self.since, self.ended, self.started, self.ready = None, how, False, False

    def document(self) -> Document:
        """The part of the status."""
        return {
            "name": self.name,
            "image": self.image,
            "imageID": "",
            "ready": self.ready,
            "started": self.started,
            "restartCount": self.restarts,
            "state": self._state(),
            "lastState": {} if self.last is None else {"terminated": _terminated(self.last)},
        }

    def _state(self) -> Document:
        if self.since is not None:
            return {"running": {"startedAt": timestamp(self.since)}}
        if self.ended is not None:
            return {"terminated": _terminated(self.ended)}
        reason, message = self.waiting
        return {"waiting": {"reason": reason, **({"message": message} if message else {})}}


@dataclass
class PodStatus:
    """All of a pod; keeps when each condition last changed.

    Args:
        host: address of the node.
        gates: the pod's readiness gates, conditions that somebody else sets.
        restart_policy: Always, OnFailure or Never.
        was_over: it had ended before this node was started.
        address: in the API.
        over: nothing of it runs any more, nor will: it is being deleted.
    """

    host: str
    gates: tuple[str, ...]
    restart_policy: str
    containers: list[ContainerState]
    init_containers: list[ContainerState]
    was_over: bool = False
    address: str = ""
    initialized: bool = False
    over: bool = False
    begun: datetime = field(default_factory=lambda: datetime.now(UTC))
    # Of the gates: what they say, as last seen.
    open_gates: set[str] = field(default_factory=set)
    _changed: dict[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, pod: Document, host: str) -> "PodStatus":
        """Of a pod that has just been bound to the node, or that the node ran before it was started anew."""
        spec, before = pod["spec"], pod.get("status") or {}
        made = cls(
            host,
            tuple(gate["conditionType"] for gate in spec.get("readinessGates") or []),
            spec.get("restartPolicy") or "Always",
            [ContainerState(each["name"], each.get("image", "")) for each in spec["containers"]],
            [
                ContainerState(each["name"], each.get("image", ""), ("PodInitializing", ""))
                for each in spec.get("initContainers") or []
            ],
            was_over=before.get("phase") in ("Succeeded", "Failed"),
        )
        for condition in before.get("conditions") or []:
            made._changed[condition["type"]] = (condition["status"], str(condition.get("lastTransitionTime")))
        if "startTime" in before:
            made.begun = datetime.fromisoformat(before["startTime"].replace("Z", "+00:00"))
        _take_over(made.containers, before.get("containerStatuses") or [])
        made.see_gates(pod)
        return made

    def see_gates(self, pod: Document) -> None:
        """Look at the conditions that others set."""
        conditions = (pod.get("status") or {}).get("conditions") or []
        said = {each["type"] for each in conditions if each["status"] == "True"}
        self.open_gates = {gate for gate in self.gates if gate in said}

    @property
    def phase(self) -> str:
        """Where the pod stands in its life."""
        if self.over:
            good = all(each.ended is not None and each.ended.code == 0 for each in self.containers)
            return "Succeeded" if good else "Failed"
        if not self.initialized:
            return "Pending"
        if any(each.since is not None for each in self.containers):
            return "Running"
        ended = [each.ended or each.last for each in self.containers]
        if any(each is None for each in ended):
            return "Pending"
        if self.restart_policy == "Always" or any(each.ended is None for each in self.containers):
            return "Running"
        good = all(each is not None and each.code == 0 for each in ended)
        if self.restart_policy == "OnFailure" and not good:
            return "Running"
        return "Succeeded" if good else "Failed"

    def document(self) -> Document:
        """The status, for a patch that merges lists by key."""
        phase = self.phase
        ready = all(each.ready for each in self.containers) and bool(self.containers)
        gates = all(gate in self.open_gates for gate in self.gates)
        done = {"reason": "PodCompleted"} if phase in ("Succeeded", "Failed") else {}
        conditions = {
            "PodReadyToStartContainers": (True, {}),
            "Initialized": (self.initialized, {"reason": "ContainersNotInitialized"}),
            "ContainersReady": (ready, done or {"reason": "ContainersNotReady", "message": _unready(self.containers)}),
            "Ready": (
                ready and gates,
                done
                or (
                    {"reason": "ReadinessGatesNotReady"}
                    if ready
                    else {"reason": "ContainersNotReady", "message": _unready(self.containers)}
                ),
            ),
        }
        return {
            "phase": phase,
            "startTime": timestamp(self.begun),
            "conditions": [self._condition(kind, value, why) for kind, (value, why) in conditions.items()],
            "containerStatuses": [each.document() for each in self.containers],
            "initContainerStatuses": [each.document() for each in self.init_containers],
            "hostIP": self.host,
            "hostIPs": [{"$patch": "replace"}, {"ip": self.host}],
            "podIP": self.address,
            "podIPs": [{"$patch": "replace"}, {"ip": self.address}],
        }

    def _condition(self, kind: str, value: bool, why: Mapping[str, str]) -> Document:
        status = str(value)
        if self._changed.get(kind, ("", ""))[0] != status:
            self._changed[kind] = (status, timestamp(datetime.now(UTC)))
        # A patch leaves what it does not name: a reason that no longer holds is taken away.
        said = {"reason": None, "message": None} if value else {"message": None, **why}
        return {"type": kind, "status": status, "lastTransitionTime": self._changed[kind][1], **said}


def _take_over(containers: Iterable[ContainerState], reported: Iterable[Mapping[str, Any]]) -> None:
    """What an earlier life of the node reported: its containers are gone, and how often they began counts on."""
    found = {each["name"]: each for each in reported}
    now = datetime.now(UTC)
    for container in containers:
        before = found.get(container.name)
        if before is None:
            continue
        container.restarts = int(before.get("restartCount") or 0)
        state = before.get("state") or {}
        if "running" in state:
            begun = datetime.fromisoformat(state["running"]["startedAt"].replace("Z", "+00:00"))
            container.last = Ended(137, begun, now, "the node was started anew")
            container.restarts += 1


def _unready(containers: Iterable[ContainerState]) -> str:
    return f"containers with unready status: [{' '.join(each.name for each in containers if not each.ready)}]"


def _terminated(ended: Ended) -> Document:
    return {
        "exitCode": ended.code,
        **({"signal": ended.signal} if ended.signal else {}),
        "reason": "Completed" if ended.code == 0 else "Error",
        **({"message": ended.message} if ended.message else {}),
        "startedAt": timestamp(ended.started),
        "finishedAt": timestamp(ended.finished),
    }
