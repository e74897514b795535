"""A batch job by the clock: which job, by whose rights, and what becomes of a submission that fails."""

import json
from dataclasses import replace
from typing import Any

import pulumi

from components.alarm import AlarmTopicsArgs
from components.serving.batch_schedule import BatchSchedule, BatchScheduleArgs
from tests.component.judged import broken_rules
from tests.recorder import ACCOUNT, Recording, provider, record

QUEUE = f"arn:aws:batch:us-west-2:{ACCOUNT}:job-queue/nightly"
JOB = f"arn:aws:batch:us-west-2:{ACCOUNT}:job-definition/nightly:3"
DEAD_LETTER = f"arn:aws:sqs:us-west-2:{ACCOUNT}:dead-letter"
ARGS = BatchScheduleArgs(
    endpoint_name="prod-nightly",
    account_id=ACCOUNT,
    expression="cron(0 3 * * ? *)",
    queue_arn=QUEUE,
    job_definition_arn=JOB,
    workload="nightly",
    tier="standard",
    alarm_topics=AlarmTopicsArgs(critical="arn:critical", warning="arn:warning", info="arn:info"),
    dead_letter_arn=DEAD_LETTER,
)


def recorded(**changes: Any) -> Recording:
    args = replace(ARGS, **changes)
    return record(lambda: BatchSchedule("local", args, pulumi.ResourceOptions(provider=provider("us-west-2"))))


def statements(**changes: Any) -> list[dict[str, Any]]:
    return json.loads(recorded(**changes).one("RolePolicy").inputs["policy"])["Statement"]


def test_it_submits_one_job_that_knows_its_time() -> None:
    schedule = recorded().one("aws:scheduler/schedule:Schedule").inputs
    assert (schedule["scheduleExpression"], schedule["scheduleExpressionTimezone"]) == ("cron(0 3 * * ? *)", "UTC")
    target = schedule["target"]
    assert target["arn"] == "arn:aws:scheduler:::aws-sdk:batch:submitJob"
    assert json.loads(target["input"]) == {
        "JobName": "prod-nightly-scheduled",
        "JobQueue": QUEUE,
        "JobDefinition": JOB,
        "Parameters": {"scheduled": "<aws.scheduler.scheduled-time>"},
    }


def test_it_may_submit_this_job_to_this_queue_and_nothing_else() -> None:
    submit, undelivered = statements()
    assert (submit["Action"], submit["Resource"]) == ("batch:SubmitJob", [QUEUE, JOB])
    assert (undelivered["Action"], undelivered["Resource"]) == ("sqs:SendMessage", DEAD_LETTER)
    (alone,) = statements(dead_letter_arn=None)
    assert alone["Action"] == "batch:SubmitJob"


def test_only_schedules_of_this_account_get_the_role() -> None:
    (trust,) = json.loads(recorded().one("Role").inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_the_first_submission_finds_its_rights() -> None:
    recording = recorded()
    assert recording.one("RolePolicy").urn in recording.one("aws:scheduler/schedule:Schedule").dependencies


def test_a_failed_submission_is_tried_for_a_day_and_kept() -> None:
    target = recorded().one("aws:scheduler/schedule:Schedule").inputs["target"]
    assert target["retryPolicy"] == {"maximumEventAgeInSeconds": 86400, "maximumRetryAttempts": 185}
    assert target["deadLetterConfig"] == {"arn": DEAD_LETTER}
    assert (
        "deadLetterConfig" not in recorded(dead_letter_arn=None).one("aws:scheduler/schedule:Schedule").inputs["target"]
    )


def test_what_was_not_submitted_is_told_by_the_group_of_its_own() -> None:
    recording = recorded()
    group = recording.one("ScheduleGroup")
    schedule = recording.one("aws:scheduler/schedule:Schedule")
    assert group.urn in schedule.property_dependencies["groupName"]
    alarms = {r.inputs["metricName"]: r.inputs for r in recording.all("MetricAlarm")}
    assert set(alarms) == {"TargetErrorCount", "InvocationDroppedCount"}
    assert all(a["dimensions"] == {"ScheduleGroup": schedule.inputs["groupName"]} for a in alarms.values())


def test_it_breaks_no_rule() -> None:
    assert broken_rules(recorded()) == []
