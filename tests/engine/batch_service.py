"""The local cloud's Batch by itself, for tests that need no other of its processes."""

import contextlib
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

from sandbox.ports import free_ports
from sandbox.processes.programs import MARK
from tests.engine.provider_cloud import PATIENCE


@contextlib.contextmanager
def running_batch(cloud: str) -> Iterator[str]:
    """The address of a Batch that lives as long as the block.

    Args:
        cloud: the address that its jobs are led to.
    """
    (port,) = free_ports([0])
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        variables = {
            MARK: folder,
            "STANCHION_BATCH_PORT": str(port),
            "STANCHION_FRONT_DOOR_PORT": str(urlsplit(cloud).port),
        }
        process = subprocess.Popen([sys.executable, "-m", "sandbox.batch", "serve"], env=variables)
        try:
            wait_for(process, url)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_for(process: subprocess.Popen[bytes], url: str) -> None:
    """Wait until a service of ours answers."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"{url}/_stanchion/status", timeout=1):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{process.args} did not start") from error
            time.sleep(0.1)
