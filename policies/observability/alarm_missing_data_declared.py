"""An alarm says what silence means."""

from collections.abc import Iterable

from policies.reading.examples import single
from policies.rule import Example, Group, Level, Program, Rule, Severity, Thresholds, Violation
from stanchion.graph import Resource, ResourceGraph, Unsettled

METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def check(program: Program, _: Thresholds) -> Iterable[Violation]:
    """Alarms on metrics that leave it to the default what missing data means."""
    for alarm in program.of_type(METRIC_ALARM):
        setting = alarm.at("treatMissingData")
        if gap := setting.unsettled:
            yield Violation.unsettled(gap, "silence means what it should")
        elif not setting.is_set and not _needs_none(alarm):
            yield Violation.at(
                setting,
                f"Alarm '{alarm.name}' doesn't say what missing data means; by default it goes to INSUFFICIENT_DATA, "
                "where a metric that stops looks like one that is quiet.",
            )


def _needs_none(alarm: Resource) -> bool:
    """Alarms on DynamoDB ignore missing data whatever is said, and PromQL ones have no such setting (API text)."""
    namespace = alarm.at("namespace").text()
    return alarm.at("evaluationCriteria").is_set or (
        not isinstance(namespace, Unsettled) and namespace == "AWS/DynamoDB"
    )


def _alarm(**inputs: object) -> ResourceGraph:
    return single(METRIC_ALARM, "heartbeat", {"namespace": "AWS/Logs", **inputs})


RULE = Rule(
    id="observability-alarm-missing-data-declared",
    group=Group.OBSERVABILITY,
    severity=Severity.LOW,
    level=Level.ADVISORY,
    description="Each alarm says what missing data means: a heartbeat that stops is breaching, an error counter that "
    "is silent is not.",
    remediation="Set treatMissingData to breaching, notBreaching, ignore or missing.",
    source="CloudWatch API: PutMetricAlarm, TreatMissingData",
    check=check,
    passing=(
        Example("a heartbeat that stops is breaching", lambda: _alarm(treatMissingData="breaching")),
        Example("DynamoDB ignores it anyway", lambda: _alarm(namespace="AWS/DynamoDB")),
    ),
    failing=(Example("nothing is said", _alarm, ("heartbeat",)),),
)
