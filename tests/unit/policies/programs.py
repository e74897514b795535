"""Programs and rules for the tests of the pack's engine."""

from collections.abc import Iterable
from datetime import date

from policies.exemption import Exemption
from policies.rule import Example, Group, Level, Program, Rule, Severity, Threshold, Thresholds, Violation
from stanchion.graph import GraphBuilder, ResourceGraph
from stanchion.recovery.settings import Settings

LOG = "aws:cloudwatch/logGroup:LogGroup"


def logs(**days: object) -> ResourceGraph:
    builder = GraphBuilder()
    for name, value in days.items():
        builder.add(LOG, name, {"retentionInDays": value})
    return builder.graph()


def program(**days: object) -> Program:
    return Program(logs(**days), Settings())


def too_short(program: Program, thresholds: Thresholds) -> Iterable[Violation]:
    for group in program.of_type(LOG):
        days = group.at("retentionInDays")
        if isinstance(days.value, int) and days.value < thresholds["minimumDays"]:
            yield Violation.at(days, f"'{group.name}' keeps {days.value} days")


def breaks(program: Program, thresholds: Thresholds) -> Iterable[Violation]:
    raise RuntimeError("boom")


def rule(check=too_short, id: str = "storage-short", level: Level = Level.MANDATORY) -> Rule:
    return Rule(
        id=id,
        group=Group.STORAGE,
        severity=Severity.HIGH,
        description="Logs are kept.",
        remediation="Keep them longer.",
        source="these tests",
        check=check,
        passing=(Example("kept", lambda: logs(a=90)),),
        failing=(Example("not kept", lambda: logs(a=1), ("a",)),),
        level=level,
        thresholds=(Threshold("minimumDays", 30, "How long.", minimum=1, maximum=3650),),
    )


def exemption(resource: str = "a*", expires: str = "2099-01-01", of: str = "storage-short") -> Exemption:
    return Exemption(of, resource, "kept for the audit", "data", date.fromisoformat(expires))
