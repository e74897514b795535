import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from sandbox.kubernetes.metrics.usage import Meter
from sandbox.kubernetes.process_node.processes import POD_MARK

BUSY = "while True: pass"
# One that works in a child of its own.
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])"


@pytest.fixture
def pods() -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """An idle pod, a busy one, and one whose child is busy."""
    scripts = {"idle": "import time; time.sleep(600)", "busy": BUSY, "parent": PARENT}
    made = {
        name: subprocess.Popen(
            [sys.executable, "-c", script],
            env={"PATH": os.defpath, POD_MARK: f"test-usage-{name}-{os.getpid()}"},
            start_new_session=True,
        )
        for name, script in scripts.items()
    }
    yield made
    for process in made.values():
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_what_a_pod_uses_is_what_all_of_its_processes_use(pods: dict[str, subprocess.Popen[bytes]]):
    meter = Meter()

    def cores(name: str) -> float:
        usage = meter.of(f"test-usage-{name}-{os.getpid()}")
        return usage.cores if usage else 0.0

    meter.look()
    assert meter.of(f"test-usage-busy-{os.getpid()}") is None, "one look tells nothing"
    deadline = time.monotonic() + 30
    # An interpreter that starts is busy for a moment, too.
    while not (cores("busy") > 0 and cores("idle") < min(cores("busy"), cores("parent"))):
        assert time.monotonic() < deadline
        time.sleep(0.2)
        meter.look()
    idle = meter.of(f"test-usage-idle-{os.getpid()}")
    assert idle is not None
    assert idle.bytes > 2**20
    assert meter.of("another") is None
    pods["busy"].kill()
    pods["busy"].wait()
    meter.look()
    assert meter.of(f"test-usage-busy-{os.getpid()}") is None
