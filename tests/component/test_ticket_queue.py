"""The queue of tickets: its name, who is let in, and when somebody is told."""

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.alarm import AlarmTopicsArgs
from components.serving.ticket_queue import TicketQueue, TicketQueueArgs
from tests.component.judged import broken_rules
from tests.recorder import ACCOUNT, Recording, provider, record

KEY = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/mrk-local"
ARGS = TicketQueueArgs(
    environment="local",
    key_arn=KEY,
    alarm_topics=AlarmTopicsArgs(critical="arn:critical", warning="arn:warning", info="arn:info"),
)


def recorded(**changes: Any) -> Recording:
    args = replace(ARGS, **changes)
    return record(lambda: TicketQueue("tickets", args, pulumi.ResourceOptions(provider=provider("us-west-2"))))


def test_the_queue_has_the_name_that_people_and_gateways_look_for() -> None:
    names = {r.name: r.inputs["name"] for r in recorded().all("aws:sqs/queue:Queue")}
    assert names == {"tickets-queue": "local-tickets", "tickets-dead-letter": "local-tickets-dead-letter"}


def test_messages_are_kept_as_long_as_can_be_and_encrypted() -> None:
    for queue in recorded().all("aws:sqs/queue:Queue"):
        assert queue.inputs["messageRetentionSeconds"] == 14 * 86400
        assert queue.inputs["kmsMasterKeyId"] == KEY


def test_what_nobody_takes_goes_to_the_dead_letters_of_this_queue_alone() -> None:
    recording = recorded()
    queue, dead = recording.one("Queue", "tickets-queue"), recording.one("Queue", "tickets-dead-letter")
    redrive = json.loads(queue.inputs["redrivePolicy"])
    assert redrive["maxReceiveCount"] == 10
    assert dead.urn in queue.property_dependencies["redrivePolicy"]
    allowed = recording.one("RedriveAllowPolicy")
    assert json.loads(allowed.inputs["redriveAllowPolicy"])["redrivePermission"] == "byQueue"
    assert {queue.urn, dead.urn} <= set(allowed.dependencies)


def test_policies_let_nobody_in_and_refuse_plain_http() -> None:
    policies = recorded().all("QueuePolicy")
    assert len(policies) == 2
    for policy in policies:
        (statement,) = json.loads(policy.inputs["policy"])["Statement"]
        assert statement["Effect"] == "Deny"
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_ticket_that_waits_too_long_pages_somebody() -> None:
    alarm = recorded(answer_within="4h").one("MetricAlarm", "tickets-waiting").inputs
    assert (alarm["metricName"], alarm["threshold"]) == ("ApproximateAgeOfOldestMessage", 4 * 3600)
    assert alarm["dimensions"] == {"QueueName": "local-tickets"}
    assert alarm["alarmActions"] == ["arn:critical"]


def test_anything_in_the_dead_letters_is_told() -> None:
    alarm = recorded().one("MetricAlarm", "tickets-dead-letters").inputs
    assert (alarm["metricName"], alarm["threshold"]) == ("ApproximateNumberOfMessagesVisible", 0)
    assert alarm["dimensions"] == {"QueueName": "local-tickets-dead-letter"}


@pytest.mark.parametrize("wait", ["0s", "90s", "14d", "400d"])
def test_a_time_that_no_alarm_can_tell_is_refused(wait: str) -> None:
    with pytest.raises(ValueError, match=f"answer_within '{wait}'"):
        recorded(answer_within=wait)


def test_it_breaks_no_rule() -> None:
    assert broken_rules(recorded()) == []
