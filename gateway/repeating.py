"""Does something at once, and then again and again beside the requests."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable


class Repeating:
    """One act.

    Args:
        act: what is done; it must not raise.
        pause: seconds until it is done again, asked each time.
    """

    def __init__(self, act: Callable[[], Awaitable[None]], pause: Callable[[], float]) -> None:
        self._act, self._pause = act, pause
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Do it once, and go on in the background."""
        await self._act()
        self._task = asyncio.create_task(self._go_on())

    async def close(self) -> None:
        """Do it no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(self._pause())
            await self._act()
