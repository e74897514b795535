"""Schedules as clients ask for them and see them."""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.clock import expressions, groups
from sandbox.clock.errors import ScheduleError, absent, taken
from sandbox.clock.pages import page
from sandbox.clock.records import DEFAULT_GROUP, Document, Region, arn, key_of
from sandbox.delivery.attempts import LEAST_SECONDS, MOST_RETRIES, MOST_SECONDS
from sandbox.delivery.targets import TARGETS, Arn
from sandbox.delivery.universal import is_universal, operation_of

_NAME = re.compile(r"[0-9a-zA-Z_.-]{1,64}")
_UTC = ("UTC", "Etc/UTC", "GMT", "Etc/GMT")
# What would change when or how a schedule is done, and does not here.
_UNSUPPORTED = ("StartDate", "EndDate")
_STATES = ("ENABLED", "DISABLED")
_SUMMARY = ("Arn", "Name", "GroupName", "State", "CreationDate", "LastModificationDate")


def create(here: Region, region: str, name: str, asked: Document, now: float) -> Document:
    """CreateSchedule."""
    group = asked.get("GroupName", DEFAULT_GROUP)
    groups.found(here, group)
    key = key_of(group, name)
    if key in here.schedules:
        raise taken(f"Schedule {name} in group {group}")
    here.schedules[key] = _checked(region, group, name, asked, now) | {"CreationDate": now}
    here.begun[key] = now
    return {"ScheduleArn": here.schedules[key]["Arn"]}


def update(here: Region, region: str, name: str, asked: Document, now: float) -> Document:
    """UpdateSchedule: all of it anew; what is not said is as if it had never been."""
    old = found(here, name, asked.get("GroupName", DEFAULT_GROUP))
    group = old["GroupName"]
    schedule = _checked(region, group, name, asked, now) | {"CreationDate": old["CreationDate"]}
    key = key_of(group, name)
    here.schedules[key] = schedule
    if schedule["ScheduleExpression"] != old["ScheduleExpression"]:
        here.begun[key] = now
    return {"ScheduleArn": schedule["Arn"]}


def found(here: Region, name: str, group: str) -> Document:
    """GetSchedule.

    Raises:
        ScheduleError: there is none.
    """
    schedule = here.schedules.get(key_of(group, name))
    if schedule is None:
        raise absent(f"Schedule {name} in group {group}")
    return schedule


def delete(here: Region, name: str, group: str) -> Document:
    """DeleteSchedule."""
    found(here, name, group)
    del here.schedules[key_of(group, name)], here.begun[key_of(group, name)]
    return {}


def listed(here: Region, query: Mapping[str, str]) -> Document:
    """ListSchedules: by group, by state, by the beginning of the name."""
    wanted = {"GroupName": query.get("ScheduleGroup"), "State": query.get("State")}
    every = [
        {**{name: one[name] for name in _SUMMARY}, "Target": {"Arn": one["Target"]["Arn"]}}
        for _, one in sorted(here.schedules.items())
        if one["Name"].startswith(query.get("NamePrefix", ""))
        and all(value is None or one[name] == value for name, value in wanted.items())
    ]
    return page("Schedules", every, query)


def _checked(region: str, group: str, name: str, asked: Document, now: float) -> Document:
    """The schedule that is asked for.

    Raises:
        ScheduleError: it can't be, or could not be done here.
    """
    refused = next((member for member in _UNSUPPORTED if asked.get(member) is not None), None)
    if refused:
        raise ScheduleError(f"the local cloud's schedules begin at once and have no end; '{refused}' is not supported.")
    if not _NAME.fullmatch(name):
        raise ScheduleError(f"a schedule is called '{name}'; allowed: up to 64 letters, digits and . _ -")
    for member in ("ScheduleExpression", "FlexibleTimeWindow", "Target"):
        if not asked.get(member):
            raise ScheduleError(f"schedule {name} has no {member}.")
    try:
        expressions.parse(asked["ScheduleExpression"])
    except ValueError as error:
        raise ScheduleError(str(error)) from error
    zone, state = asked.get("ScheduleExpressionTimezone", "UTC"), asked.get("State", "ENABLED")
    if zone not in _UTC:
        raise ScheduleError(f"schedule {name} is in {zone}; allowed on the local cloud: UTC.")
    if state not in _STATES:
        raise ScheduleError(f"schedule {name} has state {state}; allowed: {', '.join(_STATES)}.")
    schedule: Document = {
        "Arn": arn(region, "schedule", f"{group}/{name}"),
        "Name": name,
        "GroupName": group,
        "ScheduleExpression": asked["ScheduleExpression"],
        "ScheduleExpressionTimezone": zone,
        "FlexibleTimeWindow": asked["FlexibleTimeWindow"],
        "Target": _target(region, name, asked["Target"]),
        "State": state,
        "ActionAfterCompletion": asked.get("ActionAfterCompletion", "NONE"),
        "LastModificationDate": now,
    }
    return schedule | {member: asked[member] for member in ("Description", "KmsKeyArn") if member in asked}


def _target(region: str, name: str, target: Mapping[str, Any]) -> Document:
    """The target, with the retry policy that it has when it says none."""
    try:
        if is_universal(reference := target.get("Arn", "")):
            operation_of(reference)
        elif (parts := Arn.of(reference)).service not in TARGETS or parts.region != region:
            raise ValueError(
                f"the target is {reference}; allowed on the local cloud: {', '.join(sorted(TARGETS))} of {region}, "
                "and arn:aws:scheduler:::aws-sdk:<service>:<action>."
            )
    except ValueError as error:
        raise ScheduleError(f"schedule {name}: {error}") from error
    if not target.get("RoleArn"):
        raise ScheduleError(f"schedule {name} has a target without a RoleArn.")
    policy = {
        "MaximumEventAgeInSeconds": MOST_SECONDS,
        "MaximumRetryAttempts": MOST_RETRIES,
        **(target.get("RetryPolicy") or {}),
    }
    bounds = {"MaximumEventAgeInSeconds": (LEAST_SECONDS, MOST_SECONDS), "MaximumRetryAttempts": (0, MOST_RETRIES)}
    for member, (least, most) in bounds.items():
        if not least <= policy[member] <= most:
            raise ScheduleError(f"schedule {name} has {member} {policy[member]}; allowed: {least} to {most}.")
    return {**target, "RetryPolicy": policy}
