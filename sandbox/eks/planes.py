"""The control planes of the clusters: processes that are started, watched, started again and ended."""

import asyncio
import base64
import contextlib
import ctypes
import json
import shutil
import signal
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.eks.call import PlaneState
from sandbox.eks.forwarder import Forwarder
from sandbox.eks.kubeconfig import write_kubeconfig
from sandbox.errors import SandboxError
from sandbox.front_door.faults import Fault, Faults
from sandbox.kubernetes import binaries, control_plane, definitions
from sandbox.kubernetes.api import Api
from sandbox.kubernetes.plane_folder import PlaneFolder
from sandbox.kubernetes.pools import NodeGroups, PoolKeeper
from sandbox.ports import free_ports
from sandbox.run_directory import RunDirectory, write_atomically
from stanchion.errors import StanchionError

_POLL_SECONDS = 0.1
# A control plane that ended by itself is started anew, but not for ever.
_STARTS = 3
# One that lasted that long begins to count anew.
_STEADY_SECONDS = 300.0
_RESTART_SECONDS = 1.0
_STOP_SECONDS = 60
# Between two programs of a build nobody holds its lock for an instant.
_LOOKS = 4
_LOOK_SECONDS = 1.0
_LAST_LINES = 12
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)
# Loaded before any fork: the child may not.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Plane:
    """The control plane of one cluster."""

    region: str
    cluster: str
    folder: PlaneFolder
    forwarder: Forwarder
    keeper: PoolKeeper
    process: asyncio.subprocess.Process | None = None
    task: asyncio.Task[None] | None = None
    port: int = 0
    ready: bool = False
    failure: str = ""
    lines: deque[str] = field(default_factory=lambda: deque[str](maxlen=_LAST_LINES))

    @property
    def name(self) -> str:
        """As a context of the kubeconfig has it."""
        return f"{self.cluster}.{self.region}"


class Planes:
    """All control planes of one local cloud; lives in an event loop, and is asked from any thread.

    Args:
        directory: they lie in its folder `kubernetes`.
        node_groups: gives the node groups of a cluster, by region and name.
    """

    def __init__(self, directory: RunDirectory, node_groups: Callable[[str, str], NodeGroups]) -> None:
        self._directory = directory
        self._node_groups = node_groups
        self._loop = asyncio.get_running_loop()
        self._planes: dict[tuple[str, str], Plane] = {}
        self._faults = Faults()
        self._removals: set[asyncio.Task[None]] = set()

    def start(self, region: str, cluster: str) -> None:
        """Start one in the background."""
        self._loop.call_soon_threadsafe(self._keep, self._plane(region, cluster))

    def remove(self, region: str, cluster: str, done: Callable[[], None]) -> None:
        """End one and remove what it kept, in the background; `done` is called at the end."""
        self._loop.call_soon_threadsafe(self._remove, self._plane(region, cluster), done)

    def state(self, region: str, cluster: str) -> PlaneState:
        """How one is."""
        plane = self._planes.get((region, cluster))
        if plane is None:
            return PlaneState(failure="its control plane is not there")
        try:
            endpoint = control_plane.server_of(plane.folder)
            authority = base64.b64encode(plane.folder.authority.certificate.read_bytes()).decode()
        except (OSError, StanchionError):
            return PlaneState(failure=plane.failure)
        return PlaneState(endpoint, authority, plane.ready, plane.failure)

    def set_faults(self, faults: list[Fault]) -> None:
        """Put these faults in force, and no others."""
        self._faults.heal()
        for fault in faults:
            self._faults.add(fault)
        for plane in self._planes.values():
            plane.forwarder.look()

    def write_kubeconfig(self) -> None:
        """Write down how clients reach those that were ever ready."""
        ready = {plane.name: plane.folder for plane in self._planes.values() if plane.folder.kubeconfig.is_file()}
        write_kubeconfig(self._directory.kubeconfig, ready)

    async def close(self) -> None:
        """End all of them; their content stays."""
        await asyncio.gather(*(self._end(plane) for plane in self._planes.values()))

    def _plane(self, region: str, cluster: str) -> Plane:
        """The one there is, or a new one that does not run yet."""
        known = self._planes.get((region, cluster))
        if known is None:
            folder = PlaneFolder(self._directory.planes / region / cluster)
            keeper = PoolKeeper(folder, region, lambda: self._node_groups(region, cluster))
            known = Plane(region, cluster, folder, Forwarder(region, self._faults), keeper)
            self._planes[region, cluster] = known
        return known

    def _keep(self, plane: Plane) -> None:
        plane.task = self._loop.create_task(self._watch(plane))

    def _remove(self, plane: Plane, done: Callable[[], None]) -> None:
        async def remove() -> None:
            await self._end(plane)
            await asyncio.to_thread(shutil.rmtree, plane.folder.path, ignore_errors=True)
            with contextlib.suppress(OSError):
                plane.folder.path.parent.rmdir()
            self._planes.pop((plane.region, plane.cluster), None)
            self.write_kubeconfig()
            await asyncio.to_thread(done)

        plane.ready = False
        removal = self._loop.create_task(remove())
        # Held: a loop keeps no task alive by itself.
        self._removals.add(removal)
        removal.add_done_callback(self._removals.discard)

    async def _watch(self, plane: Plane) -> None:
        """Start it, and start it again when it ends by itself."""
        attempts = 0
        while attempts < _STARTS:
            begun = self._loop.time()
            try:
                await self._until_built()
                await self._run(plane)
            except (StanchionError, OSError) as error:
                plane.failure = str(error)
            plane.ready = False
            await asyncio.to_thread(plane.keeper.stop)
            attempts = 1 if self._loop.time() - begun > _STEADY_SECONDS else attempts + 1
            print(f"{plane.name}: {plane.failure} (attempt {attempts} of {_STARTS})", flush=True)
            await asyncio.sleep(_RESTART_SECONDS)

    async def _until_built(self) -> None:
        """Wait as long as somebody builds the programs.

        Raises:
            SandboxError: they are not built, and nobody is at it.
        """
        looks, needed = 0, (*binaries.SCHEMAS, *binaries.CONTROL_PLANE)
        while binaries.missing(needed):
            looks = 0 if binaries.building() else looks + 1
            if looks == _LOOKS:
                binaries.built(needed)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _run(self, plane: Plane) -> None:
        """One life of a control plane, from its start to its end."""
        # What a killed host left would hold the folder.
        await asyncio.to_thread(control_plane.stop, plane.folder)
        if not plane.port:
            plane.port = _public_port(plane.folder)
            await plane.forwarder.listen(plane.port)
        process = plane.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "sandbox.kubernetes", "run", str(plane.folder.path)),
            *("--region", plane.region, "--public-port", str(plane.port)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            # A supervisor that signals a group reaches this process only: process nodes end before their API server.
            process_group=0,
            preexec_fn=_die_with_parent,
        )
        reading = asyncio.create_task(_read(plane, process.stdout or asyncio.StreamReader()))
        try:
            if await self._until_ready(plane, process):
                await asyncio.to_thread(definitions.apply, Api.from_kubeconfig(plane.folder.direct))
                plane.keeper.start()
                plane.ready, plane.failure = True, ""
                self.write_kubeconfig()
            await process.wait()
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()
            await reading
        raise SandboxError("\n".join(plane.lines) or f"its control plane ended (exit code {process.returncode})")

    async def _until_ready(self, plane: Plane, process: asyncio.subprocess.Process) -> bool:
        while process.returncode is None:
            running = plane.folder.read_running()
            if running is not None and running.runner == process.pid:
                ports = plane.folder.read_ports()
                plane.forwarder.lead_to(ports.api if ports else 0)
                return True
            await asyncio.sleep(_POLL_SECONDS)
        return False

    async def _end(self, plane: Plane) -> None:
        plane.ready = False
        await asyncio.to_thread(plane.keeper.stop)
        if plane.task is not None:
            plane.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait_for(plane.task, _STOP_SECONDS)
        await plane.forwarder.close()


async def _read(plane: Plane, output: asyncio.StreamReader) -> None:
    """Pass on what the control plane says, and remember the end of it."""
    async for line in output:
        text = line.decode(errors="replace").rstrip()
        plane.lines.append(text)
        print(f"{plane.name}: {text}", flush=True)


def _public_port(folder: PlaneFolder) -> int:
    """The port that clients have; the same as last time, when it is free."""
    file = folder.path / "public-port.json"
    folder.path.mkdir(parents=True, exist_ok=True, mode=0o700)
    last = 0
    with contextlib.suppress(OSError, ValueError):
        last = int(json.loads(file.read_text(encoding="utf-8")))
    (port,) = free_ports([last])
    write_atomically(file, json.dumps(port))
    return port


def _die_with_parent() -> None:
    """In the child, before its program: it is told to end when this process is gone, and ends its own in order."""
    if _LIBC is not None:
        _LIBC.prctl(_DIES_WITH_PARENT, signal.SIGTERM)
