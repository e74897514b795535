"""Serves the two applications of a gateway until it is told to end, and then ends without losing a request."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import uvicorn

from gateway.build import Gateway
from stanchion.serving.gateway_configuration import Limits

# After it is told to end, until it takes no more connections: so long others may not know yet that it is leaving.
LEAVE_SECONDS = 2.0


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs two of them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(
    gateway: Gateway,
    limits: Limits,
    address: tuple[str, int],
    internal: tuple[str, int],
    *,
    leave_seconds: float = LEAVE_SECONDS,
    longest_request: float = 60.0,
    started: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        gateway: that is served.
        limits: of the gateway.
        address: host and port that clients reach.
        internal: host and port that only the cluster reaches.
        leave_seconds: between being told and taking no more connections.
        longest_request: seconds that requests under way get to end.
        started: called once both take requests.
    """
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    public = _server(gateway.public, *address, limits, longest_request)
    inside = _server(gateway.internal, *internal, limits, longest_request)
    tasks = [asyncio.create_task(public.serve()), asyncio.create_task(inside.serve())]
    ending = asyncio.create_task(end.wait())
    while not (public.started and inside.started) and not any(task.done() for task in tasks):
        await asyncio.sleep(0.005)
    if started is not None and public.started and inside.started:
        await started()
    await asyncio.wait((ending, *tasks), return_when=asyncio.FIRST_COMPLETED)
    if not any(task.done() for task in tasks):
        gateway.leaving.set()
        await asyncio.sleep(leave_seconds)
    public.should_exit = True
    await tasks[0]
    # Health and metrics are told until the last request has its answer.
    inside.should_exit = True
    await tasks[1]
    ending.cancel()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.remove_signal_handler(number)


def _server(app: Any, host: str, port: int, limits: Limits, longest_request: float) -> _Server:
    return _Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            http="httptools",
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            # Nothing here asks for the client's address.
            proxy_headers=False,
            server_header=False,
            date_header=False,
            # Connections that say nothing are closed; more of them than this are turned away.
            timeout_keep_alive=round(limits.idle_seconds),
            limit_concurrency=limits.concurrency * 8,
            timeout_graceful_shutdown=round(longest_request),
        )
    )
