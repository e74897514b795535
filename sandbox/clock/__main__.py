"""Serve EventBridge Scheduler and follow its schedules.

Ports and folder come from the environment, which the local cloud's supervisor sets. STANCHION_CLOCK_SPEED, for tests of
the clock itself, lets so many seconds pass in one; whoever sets it sees the times that payloads carry run ahead.
"""

import asyncio
import os
from pathlib import Path

from aiohttp import web

from sandbox.clock.invocation import Invoker
from sandbox.clock.records import Records
from sandbox.clock.server import build_app
from sandbox.clock.ticking import Clock
from sandbox.delivery.attempts import SystemTime
from sandbox.delivery.clients import Clients
from sandbox.errors import SandboxError
from sandbox.front_door.control import Control
from sandbox.front_door.faults import Faults
from sandbox.front_door.scope import Scope
from sandbox.ports import LOOPBACK
from sandbox.processes.programs import MARK
from sandbox.run_directory import RunDirectory

SPEED_VARIABLE = "STANCHION_CLOCK_SPEED"


async def application() -> web.Application:
    """The service with what it had at its last stop."""
    state = RunDirectory(Path(os.environ[MARK])).cloud_state
    state.mkdir(parents=True, exist_ok=True)
    port = int(os.environ["STANCHION_FRONT_DOOR_PORT"])
    time_ = SystemTime(float(os.environ.get(SPEED_VARIABLE, "1")))
    records = Records(state / "scheduler.json")
    invoker = Invoker(Clients(f"http://{LOOPBACK}:{port}"), time_)

    async def lost(region: str) -> bool:
        return await asyncio.to_thread(is_lost, Control(port), region)

    return build_app(records, Clock(records, invoker.invoke, lost, time_), time_)


def is_lost(control: Control, region: str) -> bool:
    """Whether nobody reaches EventBridge Scheduler in a region; without a front door nobody reaches anything."""
    faults = Faults()
    try:
        for fault in control.faults():
            faults.add(fault)
    except SandboxError:
        return True
    return faults.loss_for(Scope("scheduler", region)) is not None


def main() -> None:
    """Serve until told to stop."""
    web.run_app(
        application(),
        host=LOOPBACK,
        port=int(os.environ["STANCHION_CLOCK_PORT"]),
        access_log=None,
        print=lambda *_: None,
        shutdown_timeout=1.0,
    )


if __name__ == "__main__":
    main()
