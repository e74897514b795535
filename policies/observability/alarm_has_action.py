"""An alarm tells somebody, or something acts on it."""

import re
from collections.abc import Iterable

from policies.reading.examples import single
from policies.reading.listed import names_somebody
from policies.rule import Example, Group, Program, Rule, Severity, Thresholds, Violation
from stanchion.graph import GraphBuilder, Resource, ResourceGraph, Unsettled

METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE_ALARM = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
# What reads an alarm's state, so that the alarm needs no action of its own.
_READERS = (
    COMPOSITE_ALARM,
    "aws:route53/healthCheck:HealthCheck",
    "aws:sagemaker/endpoint:Endpoint",
    "aws:ecs/service:Service",
    "aws:autoscaling/group:Group",
    "aws:codedeploy/deploymentGroup:DeploymentGroup",
    "aws:appconfig/environment:Environment",
    "aws:fis/experimentTemplate:ExperimentTemplate",
)
_IN_RULE = re.compile(r"(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*[\"']?([^\"')]+?)[\"']?\s*\)")


def check(program: Program, _: Thresholds) -> Iterable[Violation]:
    """Alarms without action that nothing reads, and alarms whose actions are turned off."""
    named = _named_in_rules(program)
    for alarm in program.of_type(METRIC_ALARM, COMPOSITE_ALARM):
        if _is_read(program, alarm, named):
            continue
        yield from _judge(program, alarm)


def _named_in_rules(program: Program) -> frozenset[str]:
    names: set[str] = set()
    for composite in program.graph.of_type(COMPOSITE_ALARM):
        rule = composite.at("alarmRule").value
        if isinstance(rule, str):
            names.update(_IN_RULE.findall(rule))
    for check_ in program.graph.of_type("aws:route53/healthCheck:HealthCheck"):
        name = check_.at("cloudwatchAlarmName").value
        if isinstance(name, str):
            names.add(name)
    return frozenset(names)


def _is_read(program: Program, alarm: Resource, named: frozenset[str]) -> bool:
    names = {alarm.at(key).value for key in ("name", "alarmName", "arn") if isinstance(alarm.at(key).value, str)}
    return bool(names & named) or bool(program.graph.referrers(alarm, *_READERS))


def _judge(program: Program, alarm: Resource) -> Iterable[Violation]:
    enabled = alarm.at("actionsEnabled").flag(True)
    acts = names_somebody(program.graph, alarm.at("alarmActions"))
    for answer in (enabled, acts):
        if isinstance(answer, Unsettled):
            yield Violation.unsettled(answer, "anybody hears of it")
            return
    if not acts:
        yield Violation.at(
            alarm.at("alarmActions"),
            f"Alarm '{alarm.name}' has no alarm action and nothing reads its state, so nobody hears of it.",
        )
    elif not enabled:
        yield Violation.at(alarm.at("actionsEnabled"), f"The actions of alarm '{alarm.name}' are turned off.")


def _alarm(**inputs: object) -> ResourceGraph:
    builder = GraphBuilder()
    topic = builder.add("aws:sns/topic:Topic", "critical", {})
    builder.add(METRIC_ALARM, "errors", {"alarmActions": [topic.ref("arn")], **inputs})
    return builder.graph()


def _composite(rule: str) -> ResourceGraph:
    builder = GraphBuilder()
    builder.add(METRIC_ALARM, "errors", {"name": "errors"})
    builder.add(COMPOSITE_ALARM, "all", {"alarmRule": rule, "alarmActions": ["arn:aws:sns:us-east-1:111122223333:ops"]})
    return builder.graph()


RULE = Rule(
    id="observability-alarm-has-action",
    group=Group.OBSERVABILITY,
    severity=Severity.MEDIUM,
    description="Each alarm has an action that is turned on, or something that acts reads its state.",
    remediation="Set alarmActions to a topic that somebody reads, and leave actionsEnabled at true.",
    source="CloudWatch API: PutMetricAlarm, AlarmActions and ActionsEnabled",
    check=check,
    passing=(
        Example("it tells a topic", _alarm),
        Example("a composite alarm reads it", lambda: _composite("ALARM(errors) AND NOT ALARM(maintenance)")),
    ),
    failing=(
        Example("it tells nobody", lambda: single(METRIC_ALARM, "errors", {}), ("errors",)),
        Example("its actions are off", lambda: _alarm(actionsEnabled=False), ("errors",)),
        Example("a composite alarm reads another one", lambda: _composite('ALARM("other errors")'), ("errors",)),
    ),
)
