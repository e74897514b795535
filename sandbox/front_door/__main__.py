"""Start the front door; its ports come from the environment, which the local cloud's supervisor sets."""

import os

from aiohttp import web

from sandbox.front_door.routes import Backend
from sandbox.front_door.server import build_front_door
from sandbox.ports import LOOPBACK


def main() -> None:
    """Serve until told to stop."""
    backends = {
        Backend.MINISTACK: f"http://{LOOPBACK}:{os.environ['STANCHION_MINISTACK_PORT']}",
        Backend.MOTO: f"http://{LOOPBACK}:{os.environ['STANCHION_MOTO_PORT']}",
        Backend.EKS: f"http://{LOOPBACK}:{os.environ['STANCHION_EKS_PORT']}",
        Backend.BATCH: f"http://{LOOPBACK}:{os.environ['STANCHION_BATCH_PORT']}",
        Backend.CLOCK: f"http://{LOOPBACK}:{os.environ['STANCHION_CLOCK_PORT']}",
    }
    web.run_app(
        build_front_door(backends),
        host=LOOPBACK,
        port=int(os.environ["STANCHION_FRONT_DOOR_PORT"]),
        access_log=None,
        print=lambda *_: None,
        shutdown_timeout=1.0,
    )


if __name__ == "__main__":
    main()
