"""The clock, stepped second by second and hour by hour."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.clock import schedules
from sandbox.clock.invocation import Occurrence
from sandbox.clock.records import Records
from sandbox.clock.ticking import Clock
from tests.unit.sandbox.clock.schedules import REGION, asked, made
from tests.unit.sandbox.delivery.hurried_time import BEGUN, HurriedTime

OTHER = "us-west-2"


class Watched:
    """A clock whose time a test moves, and what it has done."""

    def __init__(self, records: Records, time: HurriedTime) -> None:
        self.done: list[Occurrence] = []
        self.lost: set[str] = set()
        self.time = time
        self.clock = Clock(records, self._invoke, self._is_lost, time)

    async def _invoke(self, occurrence: Occurrence) -> None:
        self.done.append(occurrence)

    async def _is_lost(self, region: str) -> bool:
        return region in self.lost

    async def pass_(self, seconds: float, step: float = 1.0) -> None:
        """So many seconds, looked at step by step."""
        for _ in range(round(seconds / step)):
            self.time.passed += step
            await self.clock.tick()
        await self.clock.idle()

    @property
    def offsets(self) -> list[float]:
        """When things were due, in seconds since the beginning."""
        return [occurrence.at - BEGUN for occurrence in self.done]


def stepped(test: Callable[[Watched, Records], Awaitable[None]], records: Records | None = None) -> None:
    known = records or Records()

    async def run() -> None:
        await test(Watched(known, HurriedTime()), known)

    asyncio.run(run())


def test_a_rate_is_done_at_once_and_each_minute_after():
    async def test(watched: Watched, records: Records) -> None:
        await watched.pass_(10)
        watched.time.passed += 0.5
        made(records, watched.time.now())
        await watched.pass_(130)
        assert watched.offsets == [10.5, 70.5, 130.5]

    stepped(test)


def test_a_cron_expression_is_done_once_at_its_time():
    async def test(watched: Watched, records: Records) -> None:
        made(records, BEGUN, expression="cron(0 3 * * ? *)")
        await watched.pass_(3 * 86_400, step=54)
        times = [datetime.fromtimestamp(occurrence.at, UTC) for occurrence in watched.done]
        assert [(time.hour, time.minute, time.second) for time in times] == [(3, 0, 0)] * 3
        assert len({time.day for time in times}) == 3

    stepped(test)


# Quarters of seconds, whose sums are exact.
@given(steps=st.lists(st.integers(1, 120).map(lambda quarters: quarters / 4), min_size=1, max_size=60))
@settings(max_examples=50)
def test_however_the_clock_is_looked_at_each_time_is_done_once(steps: list[float]):
    async def test(watched: Watched, records: Records) -> None:
        made(records, BEGUN)
        for step in steps:
            await watched.pass_(step, step)
        assert watched.offsets == [60 * number for number in range(1, int(watched.time.passed // 60) + 1)]

    stepped(test)


def test_what_is_disabled_does_nothing_until_it_is_enabled():
    async def test(watched: Watched, records: Records) -> None:
        made(records, BEGUN, State="DISABLED")
        await watched.pass_(90)
        assert watched.done == []
        schedules.update(records.region(REGION, 0), REGION, "s", asked(), watched.time.now())
        await watched.pass_(60)
        assert watched.offsets == [120]

    stepped(test)


def test_another_target_does_not_move_a_rate_and_another_rate_does():
    async def test(watched: Watched, records: Records) -> None:
        here = records.region(REGION, BEGUN)
        made(records, BEGUN)
        await watched.pass_(30)
        schedules.update(here, REGION, "s", asked(target={"Input": "other"}), watched.time.now())
        await watched.pass_(60)
        assert watched.offsets == [60]
        assert watched.done[0].payload(1) == "other"
        watched.time.passed += 0.5
        schedules.update(here, REGION, "s", asked("rate(2 minutes)"), watched.time.now())
        await watched.pass_(125)
        assert watched.offsets == [60, 90.5, 210.5]

    stepped(test)


def test_what_was_missed_is_not_made_up_for():
    async def test(watched: Watched, records: Records) -> None:
        made(records, BEGUN)
        # As a machine that slept: one look after an hour and a half minute.
        await watched.pass_(3630, step=3630)
        assert watched.offsets == [3600]
        # As a cloud that was down: a clock that begins now.
        later = Watched(records, watched.time)
        await later.pass_(45)
        assert later.offsets == [3660]

    stepped(test)


def test_a_lost_region_does_nothing_and_does_not_stop_the_other_one():
    async def test(watched: Watched, records: Records) -> None:
        made(records, BEGUN)
        made(records, BEGUN, region=OTHER, arn=f"arn:aws:sqs:{OTHER}:000000000000:jobs")
        watched.lost.add(REGION)
        await watched.pass_(125)
        assert [occurrence.region for occurrence in watched.done] == [OTHER, OTHER]
        watched.lost.clear()
        await watched.pass_(60)
        assert [(occurrence.region, occurrence.at - BEGUN) for occurrence in watched.done[2:]] == [
            (REGION, 180),
            (OTHER, 180),
        ]

    stepped(test)


def test_once_is_once_and_is_forgotten_if_it_says_so():
    async def test(watched: Watched, records: Records) -> None:
        at = f"at({datetime.fromtimestamp(BEGUN + 30, UTC):%Y-%m-%dT%H:%M:%S})"
        made(records, BEGUN, name="kept", expression=at)
        made(records, BEGUN, name="forgotten", expression=at, ActionAfterCompletion="DELETE")
        await watched.pass_(300)
        assert watched.offsets == [30, 30]
        assert list(records.region(REGION, 0).schedules) == ["default/kept"]

    stepped(test)


def test_a_target_that_takes_its_time_holds_up_nobody():
    async def run() -> None:
        records, time = Records(), HurriedTime()
        started: list[str] = []
        forever = asyncio.Event()

        async def invoke(occurrence: Occurrence) -> None:
            started.append(occurrence.schedule["Name"])
            await forever.wait()

        async def lost(_: str) -> bool:
            return False

        clock = Clock(records, invoke, lost, time)
        for name in ("a", "b"):
            made(records, BEGUN, name=name)
        time.passed += 60
        await clock.tick()
        await asyncio.sleep(0)
        assert started == ["a", "b"]
        await clock.close()

    asyncio.run(run())


def test_two_runs_of_one_schedule_are_told_apart():
    async def test(watched: Watched, records: Records) -> None:
        made(records, BEGUN)
        await watched.pass_(120)
        first, second = watched.done
        assert first.execution != second.execution

    stepped(test)
