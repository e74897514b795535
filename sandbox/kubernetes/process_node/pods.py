"""The life of one pod on the node, from its binding until its object is gone."""

import asyncio
import contextlib
import itertools
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.errors import SandboxFailedError
from sandbox.kubernetes.api import Document
from sandbox.kubernetes.async_api import STRATEGIC, AsyncApi
from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.process_node.addresses import NodeAddresses, in_name_only, loopback_of
from sandbox.kubernetes.process_node.backoff import Backoff
from sandbox.kubernetes.process_node.environment import (
    COMMAND,
    INIT_COMMAND,
    ConfigError,
    Place,
    command_of,
    environment_of,
    expand,
    fill_volumes,
)
from sandbox.kubernetes.process_node.logs import Log, LogFolder
from sandbox.kubernetes.process_node.probes import Probe, Prober, Target, act
from sandbox.kubernetes.process_node.processes import NODE_MARK, POD_MARK, Ended, Process, never_started
from sandbox.kubernetes.process_node.statuses import ContainerState, PodStatus

# Of a pod in name only: the time from its binding until it is ready, as fake nodes take it.
START_DELAY = "stanchion.dev/start-delay"
_DELAY = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m)")
_SECONDS_OF = {"ms": 0.001, "s": 1.0, "m": 60.0}
# What a container gets after its preStop hook whatever the hook took (kubelet, minimum grace period).
_LEAST_GRACE = 2.0
_DEFAULT_GRACE = 30.0
# Until a config map, secret or address that is missing is looked for again.
_CONFIG_SECONDS = 2.0
_RETRY_SECONDS = 0.5
_NOT_FOUND, _CONFLICT, _TOO_MANY, _SERVER_FAULT = 404, 409, 429, 500
_starts = itertools.count(1)


@dataclass(frozen=True)
class Host:
    """What the pods of a node share.

    Args:
        name: of the node.
        mark: of the node's processes, the value of NODE_MARK.
        folder: one folder in it per pod.
        api_variables: that tell pods where the API is.
    """

    name: str
    mark: str
    api: AsyncApi
    addresses: NodeAddresses
    folder: Path
    logs: LogFolder
    api_variables: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass
class PodLife:
    """One pod.

    Args:
        pod: its object as it was first seen.
    """

    host: Host
    pod: Document
    status: PodStatus = field(init=False)
    _ending: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    # When it has to have ended, on the loop's clock; moved only to sooner.
    _deadline: float = field(default=float("inf"), init=False)
    _deadline_moved: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    # Nothing is told any more: the object is gone, or stays as it is.
    _silent: bool = field(default=False, init=False)
    _dirty: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _told: Document | None = field(default=None, init=False)
    _process: Process | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        metadata = self.pod["metadata"]
        self.path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"
        self.uid: str = metadata["uid"]
        self.status = PodStatus.of(self.pod, self.host.addresses.own)

    def update(self, pod: Document) -> None:
        """The object has changed: whether it is to end, and what others say of it."""
        self.pod = pod
        self.status.see_gates(pod)
        self._dirty.set()
        if pod["metadata"].get("deletionTimestamp"):
            grace = float(pod["metadata"].get("deletionGracePeriodSeconds") or 0)
            # Only ever sooner: a second request to delete may shorten what the first one allowed.
            self._deadline = min(self._deadline, asyncio.get_running_loop().time() + grace)
            self._deadline_moved.set()
            self._ending.set()

    def vanish(self) -> None:
        """The object is gone without having waited: so is the process."""
        self.abandon(0.0)
        if self._process is not None:
            self._process.kill()

    def abandon(self, grace_seconds: float) -> None:
        """The node ends: so does the process, and the object is left as it is."""
        self._silent = True
        self._deadline = asyncio.get_running_loop().time() + grace_seconds
        self._deadline_moved.set()
        self._ending.set()

    async def run(self) -> None:
        """Its whole life; returns when nothing is left of it."""
        address = await self._borrow_address()
        if address is None:
            await self._remove_object()
            return
        place = Place(loopback_of(address), self.host.name, self.host.folder / self.uid, self.host.api_variables)
        self.status.address = address if self._has_command() else in_name_only(address)
        telling = asyncio.create_task(self._tell_changes())
        try:
            await self._live(place)
            await self._ending.wait()
        finally:
            if self._process is not None:
                self._process.kill()
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
            self.host.addresses.give_back(address)
            shutil.rmtree(place.folder, ignore_errors=True)
        if not self._silent:
            self.status.over = True
            await self._tell()
            await self._remove_object()

    def _has_command(self) -> bool:
        return COMMAND in (self.pod["metadata"].get("annotations") or {})

    async def _live(self, place: Place) -> None:
        if self.status.was_over or self._ending.is_set():
            return
        self._dirty.set()
        try:
            words, first = command_of(self.pod), command_of(self.pod, INIT_COMMAND)
        except ConfigError as error:
            self._wait_because(str(error))
            return
        if words is None:
            await self._live_in_name()
            return
        if not await self._prepare(place):
            return
        if await self._initialize(place, first):
            await self._run_main(place, words)

    async def _live_in_name(self) -> None:
        """Nothing runs: what fake nodes would say, said by this one."""
        annotations = self.pod["metadata"].get("annotations") or {}
        if not await self._slept(_seconds(annotations.get(START_DELAY, ""))):
            return
        self._initialized_in_name(0)
        # Nobody is here to open them.
        self.status.gates = ()
        for container in self.status.containers:
            _run_in_name(container)
        owners = self.pod["metadata"].get("ownerReferences") or []
        if any(owner["kind"] == "Job" for owner in owners):
            now = datetime.now(UTC)
            for container in self.status.containers:
                container.ends(Ended(0, now, now, "run in name only"))
        self._dirty.set()

    async def _prepare(self, place: Place) -> bool:
        """Folders and volumes; whether they are there before the pod is to end."""
        while True:
            try:
                place.work.mkdir(parents=True, exist_ok=True)
                await fill_volumes(self.pod, place, self.host.api.get, self.host.api.create)
                return True
            except (ConfigError, ApiError) as error:
                self._wait_because(str(error))
            if not await self._slept(_CONFIG_SECONDS):
                return False

    async def _initialize(self, place: Place, words: list[str] | None) -> bool:
        """Init containers, the first by its command if it has one; whether all have done their work."""
        if words is not None and self.status.init_containers:
            container, state = self.pod["spec"]["initContainers"][0], self.status.init_containers[0]
            backoff = Backoff()
            while True:
                ended = await self._run_once(place, container, state, words, probes=False)
                if self._ending.is_set():
                    return False
                if ended.code == 0:
                    state.ready = True
                    break
                if self.status.restart_policy == "Never":
                    return False
                if not await self._backed_off(state, backoff):
                    return False
        self._initialized_in_name(0 if words is None else 1)
        return True

    def _initialized_in_name(self, begin: int) -> None:
        now = datetime.now(UTC)
        declared = self.pod["spec"].get("initContainers") or []
        for container, state in list(zip(declared, self.status.init_containers, strict=True))[begin:]:
            if container.get("restartPolicy") == "Always":
                _run_in_name(state)
            else:
                state.ends(Ended(0, now, now, "run in name only"))
                state.ready = True
        self.status.initialized = True
        self._dirty.set()

    async def _run_main(self, place: Place, words: list[str]) -> None:
        """The first container until it has ended for good; the others run in name while it does."""
        container, state = self.pod["spec"]["containers"][0], self.status.containers[0]
        for other in self.status.containers[1:]:
            _run_in_name(other)
        backoff = Backoff()
        while True:
            ended = await self._run_once(place, container, state, words, probes=True)
            policy = self.status.restart_policy
            if self._ending.is_set() or policy == "Never" or (policy == "OnFailure" and ended.code == 0):
                break
            if not await self._backed_off(state, backoff):
                break
        for other in self.status.containers[1:]:
            other.ends(Ended(0, ended.started, ended.finished, "run in name only"))
        self._dirty.set()

    async def _run_once(
        self, place: Place, container: Document, state: ContainerState, words: Sequence[str], *, probes: bool
    ) -> Ended:
        """One start of a container, until it has ended."""
        log = self.host.logs.log_of(self.pod["metadata"]["namespace"], self.pod["metadata"]["name"], state.name)
        environment = await self._environment(place, container)
        if environment is None:
            return never_started(words, OSError(0, "the pod is ending"))
        command = [expand(word, environment) for word in words]
        try:
            process = Process.start(command, environment, place.work, log, f"{self.uid}/{next(_starts)}")
        except OSError as error:
            ended = never_started(command, error)
            log.write(f"{ended.message}\n".encode())
            state.ends(ended)
            self._dirty.set()
            return ended
        self._process = process
        state.runs()
        self._dirty.set()
        try:
            message = await self._attend(
                process, self._target(place, container, environment, log), container, state, probes
            )
        finally:
            self._process = None
        ended = await process.ended
        state.ends(Ended(ended.code, ended.started, ended.finished, message))
        self._dirty.set()
        return ended

    async def _environment(self, place: Place, container: Document) -> dict[str, str] | None:
        """The environment of a container; none when the pod is to end before it can be had."""
        while True:
            try:
                found = await environment_of(self.pod, container, place, self.host.api.get)
                return {**found, NODE_MARK: self.host.mark, POD_MARK: self.uid}
            except (ConfigError, ApiError) as error:
                self._wait_because(str(error))
            if not await self._slept(_CONFIG_SECONDS):
                return None

    async def _attend(
        self, process: Process, target: Target, container: Document, state: ContainerState, probes: bool
    ) -> str:
        """Look after a process until it has ended; returns why it was made to, if it was."""

        def started() -> None:
            state.started = True
            self._dirty.set()

        def ready(value: bool) -> None:
            state.ready = value
            self._dirty.set()

        asked = container if probes else {}
        kinds = [Probe.from_document(asked.get(f"{kind}Probe")) for kind in ("startup", "readiness", "liveness")]
        prober = Prober(target, *kinds, on_started=started, on_ready=ready)
        prober.begin()
        ending = asyncio.create_task(self._ending.wait())
        try:
            await asyncio.wait({process.ended, prober.failed, ending}, return_when=asyncio.FIRST_COMPLETED)
            if process.ended.done():
                return ""
            if ending.done():
                prober.leave_readiness()
                await self._stop(process, target, container)
                return ""
            wrong, grace = prober.failed.result()
            # From here on a deletion may shorten it.
            own = _DEFAULT_GRACE if (given := self.pod["spec"].get("terminationGracePeriodSeconds")) is None else given
            await self._stop(process, target, container, float(own if grace is None else grace))
            return wrong
        finally:
            ending.cancel()
            await prober.close()

    async def _stop(self, process: Process, target: Target, container: Document, grace: float = float("inf")) -> None:
        """The hook, the request to end, the end: by the grace period of the pod's deletion, or by one of its own."""
        loop = asyncio.get_running_loop()
        limit = loop.time() + grace
        hook = ((container.get("lifecycle") or {}).get("preStop")) or {}
        # A machine that shuts down has no time for it.
        if hook and not self._silent:
            await self._before(process, asyncio.ensure_future(act(hook, target)), limit)
        if min(limit, self._deadline) - loop.time() < _LEAST_GRACE and not self._silent:
            limit = self._deadline = loop.time() + _LEAST_GRACE
        process.terminate()
        await self._before(process, None, limit)
        process.kill()
        await process.ended

    async def _before(self, process: Process, work: "asyncio.Future[Any] | None", limit: float) -> None:
        """Wait for work, or for the end of the process, but not beyond its time."""
        loop = asyncio.get_running_loop()
        try:
            while not process.ended.done() and not (work is not None and work.done()):
                left = min(limit, self._deadline) - loop.time()
                if left <= 0:
                    return
                self._deadline_moved.clear()
                moved = asyncio.create_task(self._deadline_moved.wait())
                awaited = {process.ended, moved, *([work] if work is not None else [])}
                await asyncio.wait(awaited, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                moved.cancel()
        finally:
            if work is not None and not work.done():
                work.cancel()

    def _target(self, place: Place, container: Document, environment: dict[str, str], log: Log) -> Target:
        ports = {port["name"]: port["containerPort"] for port in container.get("ports") or [] if port.get("name")}

        async def execute(command: Sequence[str]) -> int:
            """What a probe or hook runs ends with it, also when it is given up."""
            words = [expand(word, environment) for word in command]
            process = Process.start(words, environment, place.work, log, f"{self.uid}/{next(_starts)}")
            try:
                return (await asyncio.shield(process.ended)).code
            finally:
                process.kill()

        return Target(place.address, ports, execute)

    async def _backed_off(self, state: ContainerState, backoff: Backoff) -> bool:
        """Wait until the container may start again; whether it may, since the pod may be to end by then."""
        seconds = backoff.seconds(asyncio.get_running_loop().time())
        if seconds:
            state.waits("CrashLoopBackOff", f"back-off {seconds:g}s restarting failed container={state.name}")
            self._dirty.set()
        if not await self._slept(seconds):
            return False
        state.last = state.ended or state.last
        state.restarts += 1
        return True

    async def _borrow_address(self) -> str | None:
        while not self._ending.is_set():
            try:
                return self.host.addresses.lend()
            except SandboxFailedError:
                await self._slept(_CONFIG_SECONDS)
        return None

    def _wait_because(self, message: str) -> None:
        self.status.containers[0].waits("CreateContainerConfigError", message)
        self._dirty.set()

    async def _slept(self, seconds: float) -> bool:
        """Sleep; whether the pod is to go on."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ending.wait(), seconds)
        return not self._ending.is_set()

    async def _tell_changes(self) -> None:
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            await self._tell()

    async def _tell(self) -> None:
        """Report the status, until the API server has it or the object is another one or gone.

        What an earlier life of the node reported of a pod that has ended stays.
        """
        while True:
            if self.status.was_over or self._silent:
                return
            status = self.status.document()
            if status == self._told:
                return
            try:
                await self.host.api.patch(
                    f"{self.path}/status", {"metadata": {"uid": self.uid}, "status": status}, STRATEGIC
                )
            except ApiError as error:
                if not _may_pass(error):
                    self._say(error)
                    return
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                self._told = status
                return

    async def _remove_object(self) -> None:
        while not self._silent:
            try:
                await self.host.api.delete(self.path, grace_seconds=0, uid=self.uid)
            except ApiError as error:
                if not _may_pass(error):
                    self._say(error)
                    return
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                return

    def _say(self, error: ApiError) -> None:
        """What the API server does not take; that the object is gone, or another one by now, is nothing to be said."""
        if error.status not in (_NOT_FOUND, _CONFLICT):
            print(f"pod {self.path} of node {self.host.name}: {error}", file=sys.stderr, flush=True)


def _may_pass(error: ApiError) -> bool:
    """Whether the same request may be taken later."""
    return error.status == 0 or error.status == _TOO_MANY or error.status >= _SERVER_FAULT


def _run_in_name(container: ContainerState) -> None:
    container.runs()
    container.started = container.ready = True


def _seconds(text: str) -> float:
    """A duration such as `20s`, `1m30s`; 0 for anything else, as fake nodes take it."""
    parts = _DELAY.findall(text)
    return sum(float(number) * _SECONDS_OF[unit] for number, unit in parts)
