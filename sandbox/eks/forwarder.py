"""What stands before an API server, so that a region can be lost from outside while the server keeps its content."""

import asyncio
import contextlib
from dataclasses import dataclass, field

from sandbox.front_door.faults import Effect, Faults
from sandbox.front_door.scope import Scope
from sandbox.ports import LOOPBACK

_CHUNK_BYTES = 256 * 1024
# No service of AWS signs requests to an API server: a fault of one service is not the API server's, one of all is.
_SERVICE = "kubernetes"


@dataclass
class Forwarder:
    """Passes connections on to an API server, or does to them what a fault of their region does to requests.

    `drop` cuts them and every new one; `hang` lets nothing through until it is healed, when they go on; `latency` holds
    back what clients send. `unavailable` cuts too: only the API server could answer under its certificate.

    Args:
        region: whose faults count.
        faults: those in force, of any region.
    """

    region: str
    faults: Faults
    _server: asyncio.Server | None = field(default=None, init=False)
    _open: set[asyncio.StreamWriter] = field(default_factory=set[asyncio.StreamWriter], init=False)
    _changed: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _target: int = field(default=0, init=False)

    async def listen(self, port: int) -> None:
        """Take connections on a port of the loopback address."""
        self._server = await asyncio.start_server(self._connected, LOOPBACK, port)

    def lead_to(self, port: int) -> None:
        """Name the port of the API server; it may have another after a start."""
        self._target = port

    def look(self) -> None:
        """The faults are others now: cut what has to be cut, let go on what was held."""
        if self._loss() in (Effect.DROP, Effect.UNAVAILABLE):
            self._cut()
        self._changed.set()
        self._changed = asyncio.Event()

    async def close(self) -> None:
        """Take no more connections and end those there are."""
        if self._server is not None:
            self._server.close()
        self._cut()
        self._changed.set()

    def _cut(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    def _loss(self) -> Effect | None:
        return self.faults.loss_for(Scope(_SERVICE, self.region))

    async def _passable(self) -> bool:
        """Wait while nothing gets through; returns whether anything may."""
        while self._loss() is Effect.HANG:
            await self._changed.wait()
        return self._loss() is None

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        beyond: asyncio.StreamWriter | None = None
        try:
            if not await self._passable():
                return
            answers, beyond = await asyncio.open_connection(LOOPBACK, self._target)
            self._open.add(beyond)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pass(reader, beyond, held=True))
                both.create_task(self._pass(answers, writer, held=False))
        except* (OSError, asyncio.CancelledError):
            pass
        finally:
            for each in (writer, beyond):
                if each is not None:
                    self._open.discard(each)
                    each.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, held: bool) -> None:
        """Pass on one direction until it ends."""
        while chunk := await reader.read(_CHUNK_BYTES):
            if held and (seconds := self.faults.latency_for(Scope(_SERVICE, self.region))) > 0:
                await asyncio.sleep(seconds)
            if not await self._passable():
                raise ConnectionAbortedError
            writer.write(chunk)
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()
