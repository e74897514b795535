"""EKS in this process, with control planes in name only."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator

from aiohttp import web

from sandbox.eks.call import PlaneState
from sandbox.eks.network import Network
from sandbox.eks.records import Records
from sandbox.eks.server import Service, build_app


class NamedPlanes:
    """Control planes that are ready at once and do nothing."""

    def start(self, region: str, cluster: str) -> None:
        pass

    def remove(self, region: str, cluster: str, done: Callable[[], None]) -> None:
        threading.Thread(target=done).start()

    def state(self, region: str, cluster: str) -> PlaneState:
        return PlaneState(f"https://{cluster}.{region}.local", "Y2VydGlmaWNhdGU=", ready=True)


@contextlib.contextmanager
def running_eks(ec2: str) -> Iterator[str]:
    """The address of an EKS that lives as long as the block.

    Args:
        ec2: where it asks for subnets.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> tuple[web.AppRunner, int]:
        runner = web.AppRunner(build_app(Service(Records(), Network(ec2), NamedPlanes()), lambda _: None))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return runner, runner.addresses[0][1]

    runner, port = asyncio.run_coroutine_threadsafe(start(), loop).result()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
