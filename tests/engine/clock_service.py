"""A clock by itself, in which time goes faster than the machine's."""

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from urllib.parse import urlsplit

from sandbox.clock.__main__ import SPEED_VARIABLE
from sandbox.ports import free_ports
from sandbox.processes.programs import MARK
from tests.engine.batch_service import wait_for


@contextlib.contextmanager
def running_clock(cloud: str, speed: float) -> Iterator[str]:
    """The address of an EventBridge Scheduler that lives as long as the block.

    Args:
        cloud: the address that its targets are invoked through.
        speed: how many seconds pass for it in one.
    """
    (port,) = free_ports([0])
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        variables = {
            MARK: folder,
            "STANCHION_CLOCK_PORT": str(port),
            "STANCHION_FRONT_DOOR_PORT": str(urlsplit(cloud).port),
            SPEED_VARIABLE: str(speed),
        }
        process = subprocess.Popen([sys.executable, "-m", "sandbox.clock"], env=variables)
        try:
            wait_for(process, url)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=20)
