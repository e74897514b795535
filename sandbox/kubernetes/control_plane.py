"""One region's control plane: its programs are children of the process that starts it, and never outlive that."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from sandbox.errors import SandboxFailedError
from sandbox.kubernetes.api import Api
from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.plane_folder import PlaneFolder, Running
from sandbox.kubernetes.programs import FIRST, Flags, Program, programs
from sandbox.processes.marked import alive, last_lines, marked, wait_gone

# Stands in the environment of every program, with the folder as its value: an orphan can be told by it.
MARK = "STANCHION_CONTROL_PLANE"
# On two busy cores; alone it takes a twentieth.
_START_SECONDS = 120
_STOP_SECONDS = 20
_POLL_SECONDS = 0.05
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)

Tell = Callable[[str], None]


@dataclass
class ControlPlane:
    """A control plane that this process runs; only its main thread may start it.

    Args:
        folder: where it keeps what it needs; a folder has one control plane at a time.
        region: names the cluster.
        executables: by name, as `binaries.built` gives them.
        flags: take the place of ours or come on top, by program.
        public_port: where clients reach the API server, when something stands before it.
    """

    folder: PlaneFolder
    region: str
    executables: Mapping[str, Path]
    flags: Flags = field(default_factory=dict)
    public_port: int | None = None
    _children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict, init=False)
    _held: contextlib.ExitStack = field(default_factory=contextlib.ExitStack, init=False)

    def start(self, tell: Tell) -> Running:
        """Start the programs and wait until pods can be created and scheduled.

        Args:
            tell: is given one line for each thing done.

        Raises:
            SandboxError: the folder is in use or can't be written to, or flags name a program there is none of.
            SandboxFailedError: a program ended or did not get ready; the last lines of its log are in the message.
        """
        self._held.enter_context(self.folder.exclusive())
        try:
            return self._start(tell)
        except BaseException:
            self.stop()
            raise

    def wait(self) -> str | None:
        """Wait until a program ends or this process is told to (SIGTERM, SIGINT), which is not said twice.

        Returns:
            A sentence about the program that ended; none when this process was told to end.
        """
        watched = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, watched)
        while True:
            for name, child in self._children.items():
                if child.poll() is not None:
                    return self._ended(name, child)
            if signal.sigwait(watched) != signal.SIGCHLD:
                return None

    def stop(self) -> None:
        """End the programs, the API server and etcd last, and wait until they are gone; the data stays."""
        self.folder.write_running(None)
        first = [self._children[name] for name in FIRST if name in self._children]
        others = [child for child in self._children.values() if child not in first]
        for group in (others, *([child] for child in reversed(first))):
            for child in group:
                child.terminate()
            deadline = time.monotonic() + _STOP_SECONDS
            for child in group:
                try:
                    child.wait(max(0.0, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()
        self._children.clear()
        self._held.close()

    def _start(self, tell: Tell) -> Running:
        self.folder.write_running(None)
        _end_orphans(self.folder)
        ports = self.folder.create(self.region, self.public_port)
        wanted = programs(self.folder, ports, self.region, self.flags)
        begun = time.monotonic()
        for program in wanted[: len(FIRST)]:
            self._launch(program)
        api = Api.from_kubeconfig(self.folder.direct)
        self._until(api.ready, "the API server", begun)
        tell(f"API server of {self.region} at {self.server} ({time.monotonic() - begun:.1f} s)")
        for program in wanted[len(FIRST) :]:
            self._launch(program)
        # The controller manager makes it; no pod is admitted before it.
        self._until(lambda: _has_default_account(api), "the default service account", begun)
        pids = {name: child.pid for name, child in self._children.items()}
        running = Running(self.region, os.getpid(), pids, round(time.monotonic() - begun, 2))
        self.folder.write_running(running)
        tell(f"control plane of {self.region} is ready ({running.ready_seconds:.1f} s)")
        return running

    @property
    def server(self) -> str:
        """Where clients reach the API server."""
        return server_of(self.folder)

    def _launch(self, program: Program) -> None:
        log = self.folder.log_of(program.name)
        with contextlib.suppress(FileNotFoundError):
            log.replace(log.with_suffix(".log.1"))
        with log.open("wb") as output:
            self._children[program.name] = subprocess.Popen(
                [str(self.executables[program.name]), *program.arguments],
                cwd=self.folder.path,
                env=_environment(self.folder),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # A Ctrl-C, or a supervisor that signals a group, reaches this process only: it ends them in order.
                process_group=0,
                preexec_fn=_die_with_parent,
            )

    def _until(self, true: Callable[[], bool], what: str, begun: float) -> None:
        while not true():
            for name, child in self._children.items():
                if child.poll() is not None:
                    raise SandboxFailedError(self._ended(name, child))
            if time.monotonic() - begun > _START_SECONDS:
                name = "kube-controller-manager" if "kube-controller-manager" in self._children else "kube-apiserver"
                raise SandboxFailedError(
                    f"the control plane of {self.region} has no answer of {what} after {_START_SECONDS} s; "
                    f"{self._log(name)}"
                )
            time.sleep(_POLL_SECONDS)

    def _ended(self, name: str, child: subprocess.Popen[bytes]) -> str:
        how = f"exit code {child.returncode}" if child.returncode >= 0 else f"signal {-child.returncode}"
        return f"{name} of {self.region} ended ({how}); {self._log(name)}"

    def _log(self, name: str) -> str:
        log = self.folder.log_of(name)
        return f"the last lines of {log}:\n{last_lines(log.read_text(encoding='utf-8', errors='replace'))}"


@dataclass(frozen=True)
class PlaneStatus:
    """How a control plane is.

    Args:
        server: where clients reach the API server.
        ready: whether it answers.
        running: what was written down when it got ready.
        memory_bytes: resident memory by program.
    """

    server: str
    ready: bool
    running: Running
    memory_bytes: Mapping[str, int]


def status(folder: PlaneFolder) -> PlaneStatus | None:
    """How the control plane of a folder is, asked by any process; none when it does not run."""
    running = folder.read_running()
    if running is None or not marked(MARK, str(folder.path)):
        return None
    memory: dict[str, int] = {}
    for name, pid in running.programs.items():
        with contextlib.suppress(psutil.Error):
            memory[name] = psutil.Process(pid).memory_info().rss
    return PlaneStatus(server_of(folder), Api.from_kubeconfig(folder.direct).ready(), running, memory)


def stop(folder: PlaneFolder) -> bool:
    """End a control plane that another process runs, and wait until nothing is left of it.

    Returns:
        Whether anything had to be ended.
    """
    mine = marked(MARK, str(folder.path))
    runners = _runners(mine)
    for runner in runners:
        with contextlib.suppress(psutil.Error):
            runner.terminate()
    if runners:
        wait_gone([*runners, *mine], 3 * _STOP_SECONDS)
    _end_orphans(folder)
    folder.write_running(None)
    return bool(mine)


def server_of(folder: PlaneFolder) -> str:
    """Where clients reach the API server of a folder."""
    api = Api.from_kubeconfig(folder.kubeconfig)
    return f"https://{api.host}:{api.port}"


def _runners(children: list[psutil.Process]) -> set[psutil.Process]:
    """What started the programs; not what an orphan was given to instead, nor a test that runs one itself."""
    found: set[psutil.Process] = set()
    for child in children:
        with contextlib.suppress(psutil.Error):
            parent = child.parent()
            if parent is not None and alive(parent) and "sandbox.kubernetes" in parent.cmdline():
                found.add(parent)
    return found


def _end_orphans(folder: PlaneFolder) -> None:
    """End what a killed runner left, where the kernel did not."""
    left = marked(MARK, str(folder.path))
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.kill()
    wait_gone(left, _STOP_SECONDS)


def _has_default_account(api: Api) -> bool:
    try:
        return api.get("/api/v1/namespaces/default/serviceaccounts/default") is not None
    except ApiError:
        return False


def _environment(folder: PlaneFolder) -> dict[str, str]:
    """Nothing of the user's shell, but what a supervisor above marks its processes with."""
    kept = {key: value for key, value in os.environ.items() if key in ("LANG", "LC_ALL", "TZ", "STANCHION_SUPERVISED")}
    return {**kept, "PATH": os.defpath, "HOME": str(folder.home), MARK: str(folder.path)}


# Loaded before any fork: the child may not.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    """In a program's process, before the program: the kernel kills it when the thread that started it is gone."""
    if _LIBC is not None:
        _LIBC.prctl(_DIES_WITH_PARENT, signal.SIGKILL)
