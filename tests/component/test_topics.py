"""Topics: who may publish, what keeps the undelivered, and that a broken topic is told of by another one."""

import json
from typing import Any

import pulumi
import pytest

from components.observability.topics import Topics, TopicsArgs
from tests.recorder import ACCOUNT, Recorded, Recording, provider, record

KEY = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/mrk-1"
SEVERITIES = ("critical", "warning", "info")


def recorded(region: str | None = None) -> Recording:
    args = TopicsArgs(account_id=ACCOUNT, key_arn=KEY, region=region)
    return record(lambda: Topics("local", args, pulumi.ResourceOptions(provider=provider("us-west-2"))))


def statements(policy: Recorded) -> dict[str, dict[str, Any]]:
    return {statement["Sid"]: statement for statement in json.loads(policy.inputs["policy"])["Statement"]}


def arn(recording: Recording, severity: str) -> str:
    return recording.one("TopicPolicy", f"local-{severity}").inputs["arn"]


def test_everything_is_encrypted_with_the_regions_key() -> None:
    recording = recorded()
    assert {r.name for r in recording.all("Topic")} == {f"local-{severity}" for severity in SEVERITIES}
    assert {r.inputs["kmsMasterKeyId"] for r in recording.all("Topic") + recording.all("Queue")} == {KEY}


@pytest.mark.parametrize("severity", SEVERITIES)
def test_only_alarms_of_this_account_and_rules_publish_and_only_over_tls(severity: str) -> None:
    recording = recorded()
    said = statements(recording.one("TopicPolicy", f"local-{severity}"))
    assert set(said) == {"AlarmsOfThisAccount", "Rules", "Backups", "RefusePlainHttp"}
    assert said["AlarmsOfThisAccount"]["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert said["AlarmsOfThisAccount"]["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:*:cloudwatch:*:{ACCOUNT}:alarm:*"},
    }
    assert said["RefusePlainHttp"]["Effect"] == "Deny"
    assert {statement["Resource"] for statement in said.values()} == {arn(recording, severity)}


@pytest.mark.parametrize("severity", SEVERITIES)
def test_what_was_said_stays_in_an_inbox_for_fourteen_days(severity: str) -> None:
    recording = recorded()
    queue = recording.one("Queue", f"local-{severity}-inbox")
    assert queue.inputs["messageRetentionSeconds"] == 14 * 86400
    subscription = recording.one("TopicSubscription", f"local-{severity}-inbox")
    assert subscription.inputs["topic"] == arn(recording, severity)
    assert "dead-letter" in json.loads(subscription.inputs["redrivePolicy"])["deadLetterTargetArn"]


def test_an_inbox_takes_messages_of_its_own_topic_only() -> None:
    recording = recorded()
    said = statements(recording.one("QueuePolicy", "local-critical-inbox"))
    assert said["ItsTopic"]["Condition"] == {"ArnEquals": {"aws:SourceArn": arn(recording, "critical")}}
    assert said["RefusePlainHttp"]["Effect"] == "Deny"


def test_a_subscription_waits_until_its_queue_and_the_dead_letter_queue_take_messages() -> None:
    recording = recorded()
    subscription = recording.one("TopicSubscription", "local-info-inbox")
    for queue in ("info-inbox", "dead-letter"):
        assert recording.one("QueuePolicy", f"local-{queue}").urn in subscription.dependencies


def test_the_dead_letter_queue_takes_what_topics_and_rules_of_this_account_could_not_deliver() -> None:
    recording = recorded()
    said = statements(recording.one("QueuePolicy", "local-dead-letter"))
    topics = [arn(recording, severity) for severity in SEVERITIES]
    assert said["Undelivered"]["Condition"] == {"ArnEquals": {"aws:SourceArn": topics}}
    assert said["UndeliveredEvents"]["Condition"] == {"ArnLike": {"aws:SourceArn": f"arn:*:events:*:{ACCOUNT}:rule/*"}}


@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_topic_that_cannot_deliver_is_told_of_by_another_one(severity: str) -> None:
    recording = recorded()
    alarm = recording.one("MetricAlarm", f"local-{severity}-undelivered").inputs
    assert alarm["metricName"] == "NumberOfNotificationsFailed"
    assert alarm["alarmActions"] != [arn(recording, severity)]
    assert alarm["dimensions"] == {"TopicName": f"local-{severity}"}


def test_dead_letters_page_at_once_and_again_before_they_are_gone() -> None:
    recording = recorded()
    for name, metric, threshold in (
        ("dead-letters", "ApproximateNumberOfMessagesVisible", 0),
        ("dead-letters-unread", "ApproximateAgeOfOldestMessage", 4 * 86400),
    ):
        alarm = recording.one("MetricAlarm", f"local-{name}").inputs
        assert (alarm["metricName"], alarm["threshold"]) == (metric, threshold)
        assert alarm["alarmActions"] == [arn(recording, "critical")]
        assert alarm["dimensions"] == {"QueueName": "local-dead-letter"}


@pytest.mark.parametrize("region", [None, "eu-west-1"])
def test_a_region_is_named_on_everything_or_on_nothing(region: str | None) -> None:
    recording = recorded(region)
    assert {r.inputs.get("region") for r in recording.resources if r.custom and r.kind != "aws"} == {region}
