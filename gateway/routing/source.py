"""The routing document in force: asked for again and again, kept on disk, and never given up for a worse one."""

import asyncio
import contextlib
import logging
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from gateway.repeating import Repeating
from stanchion.routing.document import EndpointRoute, RoutingDocument, RoutingError

log = logging.getLogger(__name__)
# Gives the newest document, or None when it is the one given before. May raise anything.
Fetch = Callable[[], bytes | None]
_NO_ROUTE = EndpointRoute()


class RoutingSource:
    """Asks in a thread, so that requests do not wait; a request goes by the document there was when it came in.

    Args:
        fetch: asks for the newest.
        file: where the last good one is kept; a gateway that starts while there is nobody to ask takes it from there.
        environment: of the gateway.
        region: of the gateway.
        poll_seconds: between two questions.
    """

    def __init__(self, fetch: Fetch, file: Path, *, environment: str, region: str, poll_seconds: float) -> None:
        self._fetch, self._file = fetch, file
        self._asking = Repeating(self._ask, lambda: poll_seconds)
        self._environment, self._region = environment, region
        self._document: RoutingDocument | None = None
        # For the metrics: when it was asked and answered last, by the clock that only goes forward.
        self.asked_at: float | None = None
        self.failed = 0

    @property
    def document(self) -> RoutingDocument | None:
        """The one in force; None until there is any."""
        return self._document

    @property
    def epoch(self) -> int:
        """Of the document in force; 0 without one."""
        return self._document.epoch if self._document else 0

    def route(self, endpoint: str) -> EndpointRoute:
        """How an endpoint is served; the first slot and the best rung when nobody said anything of it."""
        if self._document is None:
            return _NO_ROUTE
        return self._document.endpoints.get(endpoint, _NO_ROUTE)

    async def start(self) -> None:
        """Have a document, and go on asking; without any, `document` stays None and the gateway is not ready."""
        with contextlib.suppress(OSError):
            self._take(self._file.read_bytes(), kept=True)
        await self._asking.start()

    async def close(self) -> None:
        """Ask no more."""
        await self._asking.close()

    async def _ask(self) -> None:
        try:
            found = await asyncio.to_thread(self._fetch)
        # Whatever goes wrong with asking, the document there is stays in force.
        except Exception as error:
            self.failed += 1
            log.warning("the routing document can't be asked for: %s", type(error).__name__)
            return
        self.asked_at = time.monotonic()
        if found:
            await asyncio.to_thread(self._take, found, kept=False)

    def _take(self, text: bytes, *, kept: bool) -> None:
        try:
            document = RoutingDocument.read(text, environment=self._environment, region=self._region)
        except RoutingError as error:
            self.failed += 1
            log.error("the routing document %s is left aside: %s", "on disk" if kept else "that came", error)
            return
        if self._document is not None and document.epoch < self._document.epoch:
            log.warning("routing document %d came after %d; it is left aside", document.epoch, self._document.epoch)
            return
        self._document = document
        if not kept:
            _keep(self._file, text)


def _keep(file: Path, text: bytes) -> None:
    """Whole or not at all: the next start must not find half a document."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).replace(file)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        log.warning("the routing document can't be kept in %s: %s", file, error.strerror)
