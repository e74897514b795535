"""Rows of Amazon CloudWatch: alarms on one metric."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Example, Problem, Row, TagCalls
from sandbox.provider.rules import at_least_one, exactly_one, one_of
from sandbox.provider.values import Properties

# Property to member of the request, for what goes over as it is.
MEMBERS = {
    "alarmDescription": "AlarmDescription",
    "namespace": "Namespace",
    "metricName": "MetricName",
    "statistic": "Statistic",
    "extendedStatistic": "ExtendedStatistic",
    "period": "Period",
    "evaluationPeriods": "EvaluationPeriods",
    "datapointsToAlarm": "DatapointsToAlarm",
    "threshold": "Threshold",
    "comparisonOperator": "ComparisonOperator",
    "treatMissingData": "TreatMissingData",
    "unit": "Unit",
    "actionsEnabled": "ActionsEnabled",
    "alarmActions": "AlarmActions",
    "okActions": "OKActions",
    "insufficientDataActions": "InsufficientDataActions",
}
UNSUPPORTED = "the local cloud has alarms on one metric only"
DAY, WEEK = 24 * 3600, 7 * 24 * 3600


def put_alarm(context: Context) -> Properties:
    """Creates the alarm or sets all of it anew, which is how the service updates."""
    request: dict[str, Any] = {member: context.inputs.get(name) for name, member in MEMBERS.items()}
    dimensions = context.inputs.get("dimensions") or {}
    context.call(
        "put_metric_alarm",
        AlarmName=context["name"],
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()] or None,
        **request,
        # The service takes tags with a new alarm and passes over them afterwards.
        Tags=_tags(context) if context.creating else None,
    )
    context.id = context["name"]
    # The answer is empty, and tagging wants the ARN.
    return read_alarm(context) or {"id": context.id}


def _tags(context: Context) -> list[dict[str, str]] | None:
    context.tags_sent = True
    return [{"Key": key, "Value": str(value)} for key, value in (context["tagsAll"] or {}).items()] or None


def read_alarm(context: Context) -> Properties | None:
    """The alarm as properties; dimensions are a map."""
    found = context.call("describe_alarms", AlarmNames=[context.id])["MetricAlarms"]
    if not found:
        return None
    alarm = found[0]
    state: Properties = {"id": alarm["AlarmName"], "name": alarm["AlarmName"], "arn": alarm["AlarmArn"]}
    for name, member in MEMBERS.items():
        # The emulator answers empty texts and lists where AWS leaves the member out.
        if alarm.get(member) not in (None, "", []):
            state[name] = alarm[member]
    dimensions = {entry["Name"]: entry["Value"] for entry in alarm.get("Dimensions", [])}
    if dimensions:
        state["dimensions"] = dimensions
    return state


def delete_alarm(context: Context) -> None:
    """Deletes the alarm."""
    context.call("delete_alarms", AlarmNames=[context.id])


def looks_back(inputs: Mapping[str, Any]) -> list[Problem]:
    """An alarm looks back a day at most, or a week with periods of an hour and more."""
    period, periods = inputs.get("period"), inputs.get("evaluationPeriods")
    if not isinstance(period, int) or not isinstance(periods, int):
        return []
    most = WEEK if period >= 3600 else DAY
    if period not in (10, 20, 30) and (period <= 0 or period % 60):
        return [Problem("period", f"expected 10, 20, 30 or a multiple of 60 seconds, got {period}")]
    if period * periods > most:
        return [
            Problem(
                "evaluationPeriods",
                f"{periods} periods of {period} s are more than the {most} s that an alarm may look back",
            )
        ]
    enough = inputs.get("datapointsToAlarm")
    if isinstance(enough, int) and enough > periods:
        return [Problem("datapointsToAlarm", f"{enough} datapoints can't be among {periods} evaluationPeriods")]
    return []


ROWS = (
    Row(
        type="aws:cloudwatch/metricAlarm:MetricAlarm",
        service="cloudwatch",
        cfn="AWS::CloudWatch::Alarm",
        cfn_names={"okActions": "OKActions"},
        uncheck=frozenset({"dimensions"}),
        create=(put_alarm,),
        read=(read_alarm,),
        update=(put_alarm,),
        delete=(delete_alarm,),
        id=("name",),
        replace=frozenset({"name"}),
        sets=frozenset({"alarmActions", "okActions", "insufficientDataActions"}),
        defaults={"actionsEnabled": True, "treatMissingData": "missing"},
        gone=frozenset({"ResourceNotFound", "ResourceNotFoundException"}),
        auto_name=AutoName("name", 255),
        tags=TagCalls(
            add="tag_resource",
            remove="untag_resource",
            read="list_tags_for_resource",
            target=("ResourceARN", "arn"),
        ),
        unsupported={
            "metricQueries": UNSUPPORTED,
            "thresholdMetricId": UNSUPPORTED,
            "evaluateLowSampleCountPercentiles": "the local cloud's alarms take every datapoint as it is",
            **dict.fromkeys(
                ("evaluationCriteria", "evaluationInterval", "evaluationWindow", "warmUpConfiguration"), UNSUPPORTED
            ),
        },
        rules=(
            at_least_one("metricName"),
            at_least_one("namespace"),
            at_least_one("period"),
            at_least_one("threshold"),
            exactly_one("statistic", "extendedStatistic"),
            looks_back,
            one_of("treatMissingData", "missing", "ignore", "breaching", "notBreaching"),
        ),
        example=Example(
            inputs={
                "namespace": "AWS/SQS",
                "metricName": "ApproximateNumberOfMessagesVisible",
                "dimensions": {"QueueName": "orders"},
                "statistic": "Maximum",
                "period": 300,
                "evaluationPeriods": 1,
                "threshold": 0,
                "comparisonOperator": "GreaterThanThreshold",
                "alarmActions": ["arn:aws:sns:us-east-1:000000000000:page"],
                "tags": {"a": "1", "b": "1"},
            },
            update={
                "threshold": 5,
                "statistic": None,
                "extendedStatistic": "p95",
                "treatMissingData": "breaching",
                "alarmActions": None,
                "okActions": ["arn:aws:sns:us-east-1:000000000000:page"],
                "tags": {"a": "2"},
            },
            replace={"name": "another"},
        ),
    ),
)
