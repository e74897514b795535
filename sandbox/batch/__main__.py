"""Serve Batch, or take away the host of a job.

Without arguments it serves; ports and folder come from the environment, which the local cloud's supervisor sets.
`python -m sandbox.batch interrupt JOB [--grace SECONDS]` plays a spot instance that is taken back under a running job.
"""

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path

from aiohttp import web

from sandbox.batch.host import Host
from sandbox.batch.records import Records
from sandbox.batch.runner import STOP_SECONDS, Runner
from sandbox.batch.server import CONTROL_PREFIX, Service, build_app
from sandbox.delivery.attempts import SystemTime
from sandbox.delivery.clients import Clients
from sandbox.delivery.rules import Bus
from sandbox.errors import SandboxError
from sandbox.ports import LOOPBACK
from sandbox.processes.programs import MARK
from sandbox.run_directory import RunDirectory

# The service is on this machine: no proxy of the user's has a say in it.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


async def application() -> web.Application:
    """The service with what it had at its last stop."""
    state = RunDirectory(Path(os.environ[MARK])).cloud_state
    state.mkdir(parents=True, exist_ok=True)
    records = Records(state / "batch.json")
    endpoint = f"http://{LOOPBACK}:{os.environ['STANCHION_FRONT_DOOR_PORT']}"
    bus = Bus(Clients(endpoint), SystemTime())
    app = build_app(Service(records, Runner(records, Host(endpoint, state / "batch"), bus.put)))
    app.cleanup_ctx.append(bus.running)
    return app


def serve() -> None:
    """Serve until told to stop."""
    web.run_app(
        application(),
        host=LOOPBACK,
        port=int(os.environ["STANCHION_BATCH_PORT"]),
        access_log=None,
        print=lambda *_: None,
        shutdown_timeout=1.0,
    )


def interrupt(job: str, grace: float, root: Path | None = None) -> str:
    """Take away the host of a running job; returns the instance's id.

    Args:
        job: its id.
        grace: seconds between asking its process to end and ending it.
        root: the run directory; see `RunDirectory.resolve`.

    Raises:
        SandboxError: the local cloud does not run, or the job does not.
    """
    ports = RunDirectory.resolve(root).read_ports()
    if ports is None or not ports.batch:
        raise SandboxError("the local cloud is not running; start it with `make up` or `stanchion sandbox start`.")
    request = urllib.request.Request(
        f"http://{LOOPBACK}:{ports.batch}{CONTROL_PREFIX}interrupt",
        data=json.dumps({"job": job, "grace": grace}).encode(),
        method="POST",
    )
    try:
        with _OPENER.open(request, timeout=10) as answer:
            return json.load(answer)["instance"]
    except urllib.error.HTTPError as error:
        raise SandboxError(json.load(error)["message"]) from None
    except (OSError, ValueError) as error:
        raise SandboxError(f"Batch of the local cloud does not answer ({error}); start it with `make up`.") from None


def main(arguments: list[str]) -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.batch")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("serve", help="serve the API and run jobs")
    lost = commands.add_parser("interrupt", help="take away the host of a running job")
    lost.add_argument("job", help="the job's id")
    lost.add_argument("--grace", type=float, default=STOP_SECONDS, help="seconds until its process is killed")
    said = parser.parse_args(arguments)
    if said.command != "interrupt":
        serve()
        return 0
    try:
        print(f"took {interrupt(said.job, said.grace)} away from job {said.job}")
    except SandboxError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
