"""Programs that work for a control plane without being part of it: children of this process, dead with it."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sandbox.errors import SandboxFailedError
from sandbox.kubernetes.plane_folder import PlaneFolder
from sandbox.processes.marked import last_lines

# Stands in the environment of every such program, with the control plane's folder as its value.
MARK = "STANCHION_PLANE_ADD_ON"
_STOP_SECONDS = 10
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)
# Loaded before any fork: the child may not.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Children:
    """The programs of one add-on; only the main thread may start them, since the kernel ties them to it."""

    folder: PlaneFolder
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict, init=False)

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a program; what it writes is in the control plane's logs under its name.

        Args:
            environment: besides the least that a program needs.
        """
        log = self.folder.log_of(name)
        with contextlib.suppress(FileNotFoundError):
            log.replace(log.with_suffix(".log.1"))
        kept = {key: value for key, value in os.environ.items() if key in ("LANG", "LC_ALL", "TZ")}
        with log.open("wb") as output:
            self._running[name] = subprocess.Popen(
                list(command),
                cwd=self.folder.path,
                env={
                    **kept,
                    "PATH": os.defpath,
                    "HOME": str(self.folder.home),
                    MARK: str(self.folder.path),
                    **environment,
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
                preexec_fn=_die_with_parent,
            )

    def check(self) -> None:
        """See that all run.

        Raises:
            SandboxFailedError: one has ended; the last lines of its log are in the message.
        """
        for name, child in self._running.items():
            if child.poll() is not None:
                log = self.folder.log_of(name)
                text = log.read_text(encoding="utf-8", errors="replace")
                how = f"exit code {child.returncode}" if child.returncode >= 0 else f"signal {-child.returncode}"
                raise SandboxFailedError(f"{name} ended ({how}); the last lines of {log}:\n{last_lines(text)}")

    def stop(self) -> None:
        """End them and wait until they are gone."""
        for child in self._running.values():
            child.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for child in self._running.values():
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._running.clear()

    def pids(self) -> dict[str, int]:
        """Process ids by name."""
        return {name: child.pid for name, child in self._running.items()}


def _die_with_parent() -> None:
    """In the child, before the program: the kernel kills it when the thread that started it is gone."""
    if _LIBC is not None:
        _LIBC.prctl(_DIES_WITH_PARENT, signal.SIGKILL)
