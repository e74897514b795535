"""Looks at the time each second, and begins what is due."""

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable

from sandbox.clock.expressions import parse
from sandbox.clock.invocation import Occurrence
from sandbox.clock.records import Document, Records
from sandbox.delivery.attempts import Time

PERIOD_SECONDS = 1.0
# AWS invokes within the minute that a schedule says (EventBridge Scheduler user guide, schedule types). What is later,
# since nobody looked at the time or the machine slept, is missed, and nobody makes up for it.
LATE_SECONDS = 60.0


class Clock:
    """The schedules of all regions as time passes; used from one event loop only.

    Args:
        records: what schedules there are.
        invoke: does what is due.
        lost: whether a region is lost at the front door: nothing of it is due then.
        time_: that passes.
    """

    def __init__(
        self,
        records: Records,
        invoke: Callable[[Occurrence], Awaitable[None]],
        lost: Callable[[str], Awaitable[bool]],
        time_: Time,
    ) -> None:
        self._records = records
        self._invoke = invoke
        self._lost = lost
        self._time = time_
        self._seen = time_.now()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await self._time.sleep(PERIOD_SECONDS)
            await self.tick()

    async def tick(self) -> None:
        """Begin what was due since the last tick."""
        now = self._time.now()
        since, self._seen = max(self._seen, now - LATE_SECONDS), now
        due: dict[str, list[tuple[Document, float]]] = {}
        for region, schedule, begun in self._records.schedules():
            if schedule["State"] != "ENABLED":
                continue
            # A schedule may have been made since the last look, at the very moment that its rate counts from.
            at = parse(schedule["ScheduleExpression"]).after(since, begun)
            if at is not None and at <= now:
                due.setdefault(region, []).append((schedule, at))
        for region, found in due.items():
            if await self._lost(region):
                _say(f"{region} is lost: {len(found)} of its schedules did nothing at their time")
                continue
            for schedule, at in found:
                self._begin(region, schedule, at)

    def _begin(self, region: str, schedule: Document, at: float) -> None:
        task = asyncio.get_running_loop().create_task(self._do(Occurrence.of(region, dict(schedule), at)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        last = schedule["ScheduleExpression"].lstrip().startswith("at(")
        if last and schedule["ActionAfterCompletion"] == "DELETE":
            self._records.remove(region, schedule)

    async def _do(self, occurrence: Occurrence) -> None:
        await self._invoke(occurrence)

    async def idle(self) -> None:
        """Return when nothing that was begun is under way."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Give up what is under way: a stop of the local cloud is not a time to deliver."""
        for task in self._tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*self._tasks, return_exceptions=True)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
