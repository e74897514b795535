"""Requests to the API server over connections that are kept: most of a small request is the TLS handshake."""

import contextlib
import http.client
import json
import queue
import time
from dataclasses import dataclass, field
from typing import Any

from sandbox.kubernetes.api import Api

_SECONDS = 30
_IDLE_SECONDS = 20  # shorter than any server or proxy keeps an idle connection


@dataclass
class _Pool:
    idle: "queue.LifoQueue[tuple[float, http.client.HTTPSConnection]]" = field(default_factory=queue.LifoQueue)

    def take(self) -> http.client.HTTPSConnection | None:
        """A connection that is open and was used a short while ago."""
        with contextlib.suppress(queue.Empty):
            while True:
                since, connection = self.idle.get_nowait()
                if time.monotonic() - since < _IDLE_SECONDS:
                    return connection
                connection.close()
        return None

    def give(self, connection: http.client.HTTPSConnection) -> None:
        self.idle.put((time.monotonic(), connection))


@dataclass(frozen=True)
class KeptApi(Api):
    """The API server as `Api` has it, for many threads that ask it often."""

    _pool: _Pool = field(default_factory=_Pool, repr=False, compare=False)

    def _send(self, method: str, target: str, body: dict[str, Any] | None, kind: str) -> tuple[int, bytes]:
        kept = self._pool.take()
        if kept is not None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                # The server may have closed it meanwhile. No request of ours does harm when it arrives twice.
                return self._exchange(kept, method, target, body, kind)
        made = http.client.HTTPSConnection(self.host, self.port, timeout=_SECONDS, context=self.tls)
        return self._exchange(made, method, target, body, kind)

    def _exchange(
        self, connection: http.client.HTTPSConnection, method: str, target: str, body: dict[str, Any] | None, kind: str
    ) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = kind
        try:
            connection.request(method, target, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            found = answer.status, answer.read()
        except BaseException:
            connection.close()
            raise
        if answer.will_close:
            connection.close()
        else:
            self._pool.give(connection)
        return found
