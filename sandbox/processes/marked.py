"""Processes told from everybody else's by a variable of their environment, and waiting until they are gone."""

import contextlib
import time
from collections.abc import Iterable

import psutil

_POLL_SECONDS = 0.05


def marked(variable: str, value: str) -> list[psutil.Process]:
    """Processes of this user that have the variable with this value in their environment."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(variable) == value and alive(process):
                found.append(process)
    return found


def wait_gone(processes: Iterable[psutil.Process], timeout: float) -> list[psutil.Process]:
    """Wait until the processes are gone; returns those that are still there.

    A dead one whose number nobody has collected yet (an init that is slow, or none, as in some containers) is gone.
    """
    deadline = time.monotonic() + timeout
    left = list(dict.fromkeys(processes))
    while left := [each for each in left if alive(each)]:
        if time.monotonic() > deadline:
            break
        time.sleep(_POLL_SECONDS)
    return left


def alive(process: psutil.Process) -> bool:
    """Whether the process does anything still."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def last_lines(text: str, count: int = 12) -> str:
    """The end of a log, indented, for the message of an error."""
    return "\n".join(f"  {line}" for line in text.strip().splitlines()[-count:]) or "  (nothing)"
