"""The programs of control planes built beside other work, by a process of its own at the lowest priority."""

import ctypes
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.errors import SandboxFailedError
from sandbox.kubernetes.binaries import CONTROL_PLANE, SCHEMAS, missing

_LAST_LINES = 12
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)
# Loaded before any fork: the child may not.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None

Tell = Callable[[str], None]


@dataclass
class BackgroundBuild:
    """A build that was started; ends with the process that started it."""

    _process: "subprocess.Popen[str]" = field(repr=False)

    @classmethod
    def start(cls) -> "BackgroundBuild | None":
        """Begin to build what is missing; None when nothing is."""
        # Definitions first: they take seconds, and are not there at all on a machine that can't reach the modules.
        names = missing((*SCHEMAS, *CONTROL_PLANE))
        if not names:
            return None
        return cls(
            subprocess.Popen(
                [sys.executable, "-m", "sandbox.kubernetes", "build", *names],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                preexec_fn=_die_with_parent,
            )
        )

    def wait(self, tell: Tell) -> None:
        """Wait for its end.

        Args:
            tell: is given what it says, what it said before first.

        Raises:
            SandboxFailedError: the build failed; its last lines are in the message.
        """
        last: deque[str] = deque(maxlen=_LAST_LINES)
        for line in self._process.stdout or ():
            last.append(line.rstrip())
            tell(line.rstrip())
        if self._process.wait():
            said = "\n".join(last)
            raise SandboxFailedError(f"the programs of the clusters' control planes were not built:\n{said}")

    def stop(self) -> None:
        """End it, when it still runs; what was built is kept."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait()


def _die_with_parent() -> None:
    """In the child, before its program: it is told to end when this process is gone."""
    if _LIBC is not None:
        _LIBC.prctl(_DIES_WITH_PARENT, signal.SIGTERM)
