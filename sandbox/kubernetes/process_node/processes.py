"""One process of a pod: its own session, dead with the node, and nothing of it left when it ends."""

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from sandbox.errors import SandboxError
from sandbox.kubernetes.process_node.logs import Log
from sandbox.kubernetes.process_node.reaper import kill_marked

# Stand in the environment of every process of a pod: which node runs it, which pod it is of, and which start of which
# container, so that those that outlived their parent can be told.
NODE_MARK = "STANCHION_PROCESS_NODE"
POD_MARK = "STANCHION_POD_UID"
_START_MARK = "STANCHION_POD_START"
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)
_CHUNK = 65536
# As a shell and containerd say it.
_NOT_FOUND, _NOT_RUNNABLE, _SIGNALLED = 127, 126, 128
# Loaded before any fork: the child may not.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def refuse_other_systems() -> None:
    """Say what process nodes need.

    Raises:
        SandboxError: this is not Linux.
    """
    if sys.platform != "linux":
        raise SandboxError(
            f"process nodes need Linux (a loopback network for each pod, processes that die with their node); "
            f"this is {sys.platform}. Pods run in name only here."
        )


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Args:
        code: 128 and the signal's number when a signal ended it.
    """

    code: int
    started: datetime
    finished: datetime
    message: str = ""

    @property
    def signal(self) -> int:
        """What ended it; 0 when it ended by itself."""
        return self.code - _SIGNALLED if self.code > _SIGNALLED else 0


@dataclass
class Process:
    """A process that runs, or has ended.

    Args:
        mark: tells it and what it started from all others.
        log: has what it writes.
        ended: done when the first process is gone and nothing it started is left.
    """

    child: subprocess.Popen[bytes]
    started: datetime
    mark: str
    log: Log
    ended: "asyncio.Future[Ended]" = field(repr=False)
    _handle: int = field(default=-1, repr=False)

    @classmethod
    def start(
        cls, command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Log, mark: str
    ) -> "Process":
        """Start a process; only the main thread may, since the kernel ties the child to it.

        Args:
            environment: all of it.
            folder: where it works.
            log: what it writes goes there.
            mark: no two starts have the same.

        Raises:
            FileNotFoundError: there is no such program.
            OSError: it can't be run.
        """
        child = subprocess.Popen(
            list(command),
            cwd=folder,
            env={**environment, _START_MARK: mark},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        loop = asyncio.get_running_loop()
        made = cls(child, datetime.now(UTC), mark, log, loop.create_future())
        made._handle = os.pidfd_open(child.pid)
        loop.add_reader(made._handle, made._on_end)
        made._copy_output()
        return made

    def terminate(self) -> None:
        """Ask the first process to end, as a kubelet does: what it started is its business."""
        if not self.ended.done():
            with contextlib.suppress(ProcessLookupError):
                self.child.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and what it started, at once."""
        if not self.ended.done():
            self._kill_group()

    def _on_end(self) -> None:
        """The first process has ended: as in a container, nothing else of it goes on."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._handle)
        os.close(self._handle)
        # Before its number is given back: until then no other process can have it.
        self._kill_group()
        status = self.child.wait()
        # What left the session, too.
        kill_marked(f"{_START_MARK}={self.mark}".encode())
        # What it wrote last, before anybody hears of its end.
        while self._read():
            pass
        code = status if status >= 0 else _SIGNALLED - status
        if not self.ended.done():
            self.ended.set_result(Ended(code, self.started, datetime.now(UTC)))

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.child.pid, signal.SIGKILL)

    def _copy_output(self) -> None:
        output = self._output().fileno()
        os.set_blocking(output, False)
        asyncio.get_running_loop().add_reader(output, self._read)

    def _read(self) -> bool:
        """Copy what there is; whether there was any."""
        stream = self._output()
        if stream.closed:
            return False
        try:
            content = os.read(stream.fileno(), _CHUNK)
        except BlockingIOError:
            return False
        if content:
            self.log.write(content)
            return True
        asyncio.get_running_loop().remove_reader(stream.fileno())
        stream.close()
        return False

    def _output(self) -> IO[bytes]:
        assert self.child.stdout is not None  # noqa: S101  for the type checker
        return self.child.stdout


def never_started(command: Sequence[str], error: OSError) -> Ended:
    """What a process that could not be started ended with."""
    now = datetime.now(UTC)
    code = _NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_RUNNABLE
    return Ended(code, now, now, f"{command[0]} can't be run: {error.strerror}")


def _die_with_parent() -> None:
    """In the child, before the program: the kernel kills it when the thread that started it is gone."""
    if _LIBC is not None:
        _LIBC.prctl(_DIES_WITH_PARENT, signal.SIGKILL)
