"""Start EKS; ports and folders come from the environment, which the local cloud's supervisor sets."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from sandbox.eks.clusters import finish_deletion
from sandbox.eks.network import Network
from sandbox.eks.planes import Planes
from sandbox.eks.records import Records
from sandbox.eks.server import Service, build_app
from sandbox.errors import SandboxError
from sandbox.front_door.control import Control
from sandbox.front_door.faults import Fault
from sandbox.kubernetes.pools import NodeGroups
from sandbox.ports import LOOPBACK
from sandbox.processes.programs import MARK
from sandbox.run_directory import RunDirectory


async def application() -> web.Application:
    """The whole service, with the control planes of the clusters there are on their way up."""
    directory = RunDirectory(Path(os.environ[MARK]))
    records = Records(directory.cloud_state / "eks.json")

    def node_groups(region: str, cluster: str) -> NodeGroups:
        with records.lock:
            found = records.regions.get(region, {}).get(cluster)
            return [dict(group) for group in found.node_groups.values()] if found else []

    planes = Planes(directory, node_groups)
    network = Network(f"http://{LOOPBACK}:{os.environ['STANCHION_MINISTACK_PORT']}")
    app = build_app(Service(records, network, planes), planes.set_faults)

    async def running(_: web.Application) -> AsyncIterator[None]:
        planes.set_faults(await asyncio.to_thread(_faults_in_force))
        planes.write_kubeconfig()
        for region, name, record in records.all():
            if record.cluster["status"] == "DELETING":
                finish_deletion(records, network, planes, region, name)
            else:
                planes.start(region, name)
        yield
        await planes.close()

    app.cleanup_ctx.append(running)
    return app


def _faults_in_force() -> list[Fault]:
    """What the front door has when it runs already; it tells of all later ones by itself."""
    try:
        return Control(int(os.environ["STANCHION_FRONT_DOOR_PORT"])).faults()
    except SandboxError:
        return []


def main() -> None:
    """Serve until told to stop."""
    web.run_app(
        application(),
        host=LOOPBACK,
        port=int(os.environ["STANCHION_EKS_PORT"]),
        access_log=None,
        print=lambda *_: None,
        shutdown_timeout=1.0,
    )


if __name__ == "__main__":
    main()
