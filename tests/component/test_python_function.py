"""A function: what it may do, what starts it, and who is told when it fails or nobody starts it."""

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.alarm import AlarmTopicsArgs
from components.functions.python_function import PythonFunction, PythonFunctionArgs
from components.functions.schedule import every_seconds
from tests.recorder import ACCOUNT, Recording, provider, record

STREAM = f"arn:aws:dynamodb:us-west-2:{ACCOUNT}:table/intents/stream/2026"
ARGS = PythonFunctionArgs(
    function_name="prod-routing-writer",
    function="routing_writer",
    description="Writes.",
    archive="routing_writer.zip",
    runtime="python3.13",
    architecture="arm64",
    account_id=ACCOUNT,
    key_arn="arn:key",
    keep=False,
    alarm_topics=AlarmTopicsArgs("arn:critical", "arn:warning", "arn:info"),
    runbook="routing-writer",
    variables={"A": "b"},
    layer_arns=["arn:layer:1"],
)


def recorded(**changes: Any) -> Recording:
    args = replace(ARGS, **changes)
    return record(lambda: PythonFunction("prod", args, pulumi.ResourceOptions(provider=provider("us-west-2"))))


def statements(recording: Recording, name: str) -> list[dict[str, Any]]:
    found = next(each for each in recording.all("RolePolicy") if each.name == name)
    return json.loads(found.inputs["policy"])["Statement"]


def test_its_handler_lies_where_the_archive_has_it() -> None:
    function = recorded().one("Function").inputs
    assert function["handler"] == "functions.routing_writer.handler.handler"
    assert (function["runtime"], function["architectures"], function["layers"]) == (
        "python3.13",
        ["arm64"],
        ["arn:layer:1"],
    )
    assert function["loggingConfig"]["logGroup"] == "/stanchion/functions/prod-routing-writer"


def test_it_may_write_its_log_and_what_its_policy_says() -> None:
    own = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "dynamodb:Scan", "Resource": "arn:t"}]}
    recording = recorded(policy=json.dumps(own))
    assert statements(recording, "prod-do") == own["Statement"]
    actions = [each["Action"] for each in statements(recording, "prod-run")]
    assert actions == [["logs:CreateLogStream", "logs:PutLogEvents"], "kms:Decrypt"]
    assert [each.name for each in recorded().all("RolePolicy")] == ["prod-run"]


def test_a_clock_starts_this_function_and_no_other() -> None:
    recording = recorded(schedule="rate(1 minute)")
    clock = recording.one("Schedule").inputs
    function = recording.known[recording.one("Function").urn]["arn"]
    assert clock["scheduleExpression"] == "rate(1 minute)"
    assert clock["target"]["arn"] == function
    (start,) = statements(recording, "prod-start")
    assert (start["Action"], start["Resource"]) == ("lambda:InvokeFunction", function)
    silent = next(each for each in recording.all("MetricAlarm") if each.name == "prod-silent").inputs
    assert (silent["metricName"], silent["treatMissingData"], silent["period"]) == ("Invocations", "breaching", 60)


def test_nobody_is_told_of_silence_where_nothing_has_to_start_it() -> None:
    assert {each.name for each in recorded().all("MetricAlarm")} == {"prod-failing", "prod-throttled"}


def test_a_function_of_each_night_pages_nobody_by_day() -> None:
    alarms = {each.name for each in recorded(schedule="cron(0 3 * * ? *)").all("MetricAlarm")}
    assert alarms == {"prod-failing", "prod-throttled"}


def test_changes_of_a_table_start_it() -> None:
    recording = recorded(stream_arn=STREAM)
    mapping = recording.one("EventSourceMapping").inputs
    assert mapping["eventSourceArn"] == STREAM
    read = statements(recording, "prod-run")[2:]
    assert [each["Resource"] for each in read] == [STREAM, STREAM.replace("2026", "*")]
    assert "prod-late" in {each.name for each in recording.all("MetricAlarm")}


def test_a_failed_run_is_not_tried_again() -> None:
    """The next one of the clock does what it would have done."""
    assert recorded().one("FunctionEventInvokeConfig").inputs["maximumRetryAttempts"] == 0


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [("rate(1 minute)", 60), ("rate(10 minutes)", 600), ("rate(2 hours)", 7200), ("cron(0 3 * * ? *)", 86400)],
)
def test_how_often_a_schedule_starts_something(expression: str, seconds: int) -> None:
    assert every_seconds(expression) == seconds


def test_a_run_that_lambda_would_not_let_end_is_refused() -> None:
    with pytest.raises(ValueError, match="has timeout_seconds 901; allowed: 1 to 900"):
        recorded(timeout_seconds=901)
