"""Logs are forgotten in time."""

from collections.abc import Iterable

from policies.reading.examples import single
from policies.rule import Example, Group, Program, Rule, Severity, Threshold, Thresholds, Violation
from stanchion.graph import UNKNOWN, Resource, ResourceGraph, Unsettled

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
_DEMAND = "the logs are kept long enough and not for ever"


def check(program: Program, thresholds: Thresholds) -> Iterable[Violation]:
    """Log groups without retention, or with one outside of the bounds."""
    for group in program.of_type(LOG_GROUP):
        # The retention of this class is fixed (provider documentation of LogGroup).
        if group.at("logGroupClass").value != "DELIVERY":
            yield from _judge(group, thresholds["minimumDays"], thresholds["maximumDays"])


def _judge(group: Resource, least: float, most: float) -> Iterable[Violation]:
    setting = group.at("retentionInDays")
    days = setting.number(0)
    if isinstance(days, Unsettled):
        yield Violation.unsettled(days, _DEMAND)
    elif days == 0:
        yield Violation.at(
            setting, f"Log group '{group.name}' has no retention, so its logs are kept, and paid for, for ever."
        )
    elif not least <= days <= most:
        yield Violation.at(
            setting, f"Log group '{group.name}' keeps logs for {days:g} days; allowed are {least:g} to {most:g}."
        )


def _group(inputs: dict[str, object]) -> ResourceGraph:
    return single(LOG_GROUP, "gateway", inputs)


RULE = Rule(
    id="storage-log-retention",
    group=Group.STORAGE,
    severity=Severity.MEDIUM,
    description="Each log group says how long it keeps its records: the default is for ever.",
    remediation="Set retentionInDays; what has to be kept for years is cheaper in a bucket.",
    source="CloudWatch Logs API: PutRetentionPolicy; provider documentation: LogGroup, retentionInDays",
    check=check,
    thresholds=(
        Threshold("minimumDays", 1.0, "Least days (CloudWatch Logs takes 1 at least).", minimum=1.0, maximum=3653.0),
        Threshold(
            "maximumDays", 3653.0, "Most days (CloudWatch Logs takes 3653 at most).", minimum=1.0, maximum=3653.0
        ),
    ),
    passing=(Example("90 days", lambda: _group({"retentionInDays": 90})),),
    failing=(
        Example("no retention", lambda: _group({}), ("gateway",)),
        Example("0 means for ever", lambda: _group({"retentionInDays": 0}), ("gateway",)),
        Example("nobody knows yet", lambda: _group({"retentionInDays": UNKNOWN}), ("gateway",)),
    ),
)
