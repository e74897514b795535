"""One invocation of a target: its payload, its attempts, and the dead-letter queue when they were in vain."""

import asyncio
import json
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.clock.records import Document
from sandbox.delivery import targets, universal
from sandbox.delivery.attempts import Outcome, Retries, Time, attempt
from sandbox.delivery.clients import Clients
from sandbox.delivery.errors import NotDeliveredError
from sandbox.delivery.metrics import count
from sandbox.processes.programs import ACCOUNT


@dataclass(frozen=True)
class Occurrence:
    """A schedule that is due.

    Args:
        region: of the schedule.
        schedule: as it was then.
        at: when it was due, in seconds since 1970.
        execution: tells this occurrence from all others; its attempts share it.
    """

    region: str
    schedule: Document
    at: float
    execution: str

    @classmethod
    def of(cls, region: str, schedule: Document, at: float) -> "Occurrence":
        """The occurrence of a schedule at a time."""
        return cls(region, schedule, at, uuid.uuid4().hex[:16])

    @property
    def time(self) -> str:
        """When it was due, as payloads say it."""
        return datetime.fromtimestamp(self.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def payload(self, number: int) -> str:
        """What the target gets at an attempt.

        EventBridge Scheduler user guide, context attributes; without an input a templated target is told a
        notification (API reference, Target).

        Args:
            number: of the attempt, from 1.
        """
        text: str | None = self.schedule["Target"].get("Input")
        if text is None:
            return "{}" if universal.is_universal(self.schedule["Target"]["Arn"]) else self._notification()
        values = {
            "schedule-arn": self.schedule["Arn"],
            "scheduled-time": self.time,
            "execution-id": self.execution,
            "attempt-number": str(number),
        }
        for name, value in values.items():
            text = text.replace(f"<aws.scheduler.{name}>", value)
        return text

    def _notification(self) -> str:
        event: dict[str, Any] = {
            "version": "0",
            "id": self.execution,
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": ACCOUNT,
            "time": self.time,
            "region": self.region,
            "resources": [self.schedule["Arn"]],
            "detail": "{}",
        }
        return json.dumps(event)


def send(clients: Clients, region: str, target: Document, payload: str) -> None:
    """One attempt at a target of either kind.

    Raises:
        NotDeliveredError: it was not taken.
    """
    if universal.is_universal(target["Arn"]):
        universal.call(clients, region, target["Arn"], payload)
    else:
        targets.deliver(clients, region, target, payload)


class Invoker:
    """Invokes targets.

    Args:
        clients: lead through the front door.
        time_: in which is tried again.
        deliver: one attempt; `send`, but in tests.
    """

    def __init__(
        self, clients: Clients, time_: Time, deliver: Callable[[Clients, str, Document, str], None] = send
    ) -> None:
        self._clients = clients
        self._time = time_
        self._deliver = deliver

    async def invoke(self, occurrence: Occurrence) -> None:
        """Invoke a target until it takes it; what it never takes goes to the schedule's dead-letter queue."""
        target, region = occurrence.schedule["Target"], occurrence.region

        async def once(number: int) -> None:
            try:
                await asyncio.to_thread(self._deliver, self._clients, region, target, occurrence.payload(number))
            except NotDeliveredError:
                await self._count("TargetErrorCount", occurrence)
                raise

        outcome = await attempt(once, Retries.of(target.get("RetryPolicy")), self._time)
        if outcome.error is not None:
            await self._give_up(occurrence, outcome, outcome.error)

    async def _count(self, metric: str, occurrence: Occurrence) -> None:
        dimensions = {"ScheduleGroup": occurrence.schedule["GroupName"]}
        await asyncio.to_thread(count, self._clients, occurrence.region, "AWS/Scheduler", metric, dimensions)

    async def _give_up(self, occurrence: Occurrence, outcome: Outcome, error: NotDeliveredError) -> None:
        target, arn = occurrence.schedule["Target"], occurrence.schedule["Arn"]
        _say(f"{arn} of {occurrence.time} was given up after {outcome.retries + 1} attempts: {error}")
        await self._count("InvocationDroppedCount", occurrence)
        queue = (target.get("DeadLetterConfig") or {}).get("Arn")
        if not queue:
            return
        # EventBridge Scheduler user guide, dead-letter queues.
        attributes = {
            "SCHEDULE_ARN": arn,
            "SCHEDULED_TIME": occurrence.time,
            "TARGET_ARN": target["Arn"],
            "EXECUTION_ID": occurrence.execution,
            "ERROR_CODE": error.code,
            "ERROR_MESSAGE": str(error),
            "RETRY_ATTEMPTS": str(outcome.retries),
            "EXHAUSTED_RETRY_CONDITION": outcome.exhausted or "",
            "IS_PAYLOAD_TRUNCATED": "false",
        }
        payload = occurrence.payload(outcome.retries + 1)
        try:
            await asyncio.to_thread(targets.to_queue, self._clients, occurrence.region, queue, payload, attributes)
        except NotDeliveredError as lost:
            _say(f"{arn} of {occurrence.time} is lost: its dead-letter queue {queue} did not take it: {lost}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
