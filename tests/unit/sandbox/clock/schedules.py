"""Schedules, for the tests of the clock."""

from typing import Any

from sandbox.clock import schedules
from sandbox.clock.records import Document, Records
from sandbox.delivery.universal import PREFIX

REGION = "us-east-1"
QUEUE = f"arn:aws:sqs:{REGION}:000000000000:jobs"
SUBMIT = PREFIX + "batch:submitJob"


def asked(expression: str = "rate(1 minute)", arn: str = QUEUE, **more: Any) -> Document:
    """What CreateSchedule is asked for; `target` holds more of the target."""
    target = {"Arn": arn, "RoleArn": "arn:aws:iam::000000000000:role/r", **more.pop("target", {})}
    return {
        "ScheduleExpression": expression,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": target,
        **more,
    }


def made(records: Records, now: float, name: str = "s", region: str = REGION, **more: Any) -> Document:
    """A schedule that was made at a time."""
    here = records.region(region, now)
    schedules.create(here, region, name, asked(**more), now)
    return schedules.found(here, name, "default")
