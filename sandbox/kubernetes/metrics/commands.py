"""`python -m sandbox.kubernetes metrics`: serve what pods on process nodes use."""

import argparse
import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.kubernetes import aggregation
from sandbox.kubernetes.api import Api
from sandbox.kubernetes.async_api import AsyncApi
from sandbox.kubernetes.metrics.api_server import GROUP, VERSION, build, tls_for_the_api_server
from sandbox.kubernetes.plane_folder import PlaneFolder
from sandbox.ports import LOOPBACK

_NAMESPACE = "kube-system"
_CERTIFICATE = "metrics"
# As metrics-server's own resolution.
_LOOK_SECONDS = 15.0


def add(commands: Any) -> None:
    """Add it to the others.

    Args:
        commands: subparsers of argparse.
    """
    metrics = commands.add_parser("metrics", help="serve what pods on process nodes use, until told to stop")
    metrics.add_argument("folder", type=Path, help="of the control plane")
    metrics.add_argument("--look-seconds", type=float, default=_LOOK_SECONDS, help="from look to look")
    metrics.set_defaults(do=_metrics)


def _metrics(chosen: argparse.Namespace) -> int:
    asyncio.run(serve(PlaneFolder(chosen.folder.resolve()), chosen.look_seconds, lambda line: print(line, flush=True)))
    return 0


async def serve(folder: PlaneFolder, look_seconds: float, tell: Callable[[str], None]) -> None:
    """Serve until told to stop.

    Args:
        look_seconds: from look to look.
        tell: is given one line for each thing done.

    Raises:
        SandboxError: the control plane never ran.
        ApiError: the API server refused to pass requests on.
    """
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    api = Api.from_kubeconfig(folder.kubeconfig_of("admin"))
    folder.authority.create((_CERTIFICATE,), (LOOPBACK, "localhost"))
    async with AsyncApi(api) as client:
        runner = web.AppRunner(build(client, look_seconds), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            tls = tls_for_the_api_server(folder.authority, _CERTIFICATE)
            await web.TCPSite(runner, LOOPBACK, 0, ssl_context=tls).start()
            port = runner.addresses[0][1]
            aggregation.register(api, GROUP, VERSION, _NAMESPACE, port)
            tell(f"{GROUP} is served at {LOOPBACK}:{port}")
            await told.wait()
        finally:
            await runner.cleanup()
