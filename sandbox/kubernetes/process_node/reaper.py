"""Ends what a killed process node left: waits until its input ends, then kills every process with the node's mark.

The kernel kills a pod's first process with the node; what that one had started is found by its environment. A program
of its own, with nothing but the standard library, because it must live when the node is killed.
"""

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

_SECONDS = 5.0


def main(mark: str) -> None:
    """Wait for the end of the node, then leave nothing of it.

    Args:
        mark: `NAME=VALUE` of its processes' environment.
    """
    # Neither Ctrl-C nor a supervisor that stops a group may end it before the node.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    deadline = time.monotonic() + _SECONDS
    # More than once: one that is being killed may have forked just before.
    while kill_marked(mark.encode()) and time.monotonic() < deadline:
        time.sleep(0.005)


def kill_marked(mark: bytes) -> int:
    """Kill all processes of this user with the mark, but this one.

    Returns:
        How many there were.
    """
    count = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            # A process that is dead already has no environment.
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                os.kill(int(entry.name), signal.SIGKILL)
                count += 1
    return count


if __name__ == "__main__":
    main(sys.argv[1])
