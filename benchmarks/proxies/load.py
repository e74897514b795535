"""Puts load on an address, with less work than what it measures: the request is made once and sent as bytes.

`load.py PORT CONNECTIONS SECONDS REQUEST_FILE` prints a JSON object: seconds of each request, and how many a second.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import cast


class Client(asyncio.Protocol):
    """One connection that asks again as soon as it has its answer."""

    def __init__(self, request: bytes, end: float, done: asyncio.Future[None]) -> None:
        self.request, self.end, self.done = request, end, done
        self.seconds: list[float] = []
        self.buffer, self.missing = b"", -1
        self.sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.ask()

    def ask(self) -> None:
        self.sent = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.missing < 0:
            head, found, rest = self.buffer.partition(b"\r\n\r\n")
            if not found:
                return
            if not head.startswith(b"HTTP/1.1 200"):
                self.done.set_exception(RuntimeError(f"no answer: {self.buffer[:300]!r}"))
                self.transport.close()
                return
            lower = head.lower()
            if b"transfer-encoding: chunked" in lower:
                self.missing = 0 if rest.endswith(b"0\r\n\r\n") else -1
                if self.missing < 0:
                    return
            else:
                length = int(lower.split(b"content-length: ")[1].split(b"\r\n")[0])
                self.missing = length - len(rest)
        else:
            self.missing -= len(data)
        if self.missing > 0:
            return
        self.buffer, self.missing = b"", -1
        now = time.perf_counter()
        self.seconds.append(now - self.sent)
        if now >= self.end:
            self.transport.close()
            self.done.set_result(None)
        else:
            self.ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the connection was closed"))


async def load(port: int, connections: int, seconds: float, request: bytes) -> list[float]:
    """Seconds of each request of all connections."""
    loop = asyncio.get_running_loop()
    end = time.perf_counter() + seconds
    clients: list[Client] = []
    for _ in range(connections):
        client = Client(request, end, loop.create_future())
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)
        clients.append(client)
    await asyncio.gather(*(client.done for client in clients))
    return [each for client in clients for each in client.seconds]


if __name__ == "__main__":
    port, connections, wanted, file = sys.argv[1:]
    begun = time.perf_counter()
    found = asyncio.run(load(int(port), int(connections), float(wanted), Path(file).read_bytes()))
    print(json.dumps({"seconds": found, "per_second": len(found) / (time.perf_counter() - begun)}))
