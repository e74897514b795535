"""The guard of a key: which calls it sees, by whatever name they call the key, and who is told what, and how."""

import json
import re
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.alarm import AlarmTopicsArgs
from components.storage.key_guard import KeyGuard, KeyGuardArgs
from tests.recorder import ACCOUNT, Recording, provider, record

HERE, OTHER = "us-west-2", "us-east-2"
BUS = f"arn:aws:events:{OTHER}:{ACCOUNT}:event-bus/default"
ARGS = KeyGuardArgs(
    key_arn=f"arn:aws:kms:{HERE}:{ACCOUNT}:key/mrk-1234",
    alarm_topics=AlarmTopicsArgs(critical="arn:critical", warning="arn:warning", info="arn:info"),
    other_region=OTHER,
)
# The rule on calls in the key's own region, and the one on what the other region's guard sends on.
RULES = {"local-rule": HERE, "local-other": OTHER}


def recorded(**changes: Any) -> Recording:
    args = replace(ARGS, **changes)
    return record(lambda: KeyGuard("local", args, pulumi.ResourceOptions(provider=provider(HERE))))


def pattern(rule: str) -> dict[str, Any]:
    return json.loads(recorded().one("EventRule", rule).inputs["eventPattern"])


def statement(document: str) -> dict[str, Any]:
    (only,) = json.loads(document)["Statement"]
    return only


@pytest.mark.parametrize(("rule", "region"), RULES.items())
def test_a_rule_matches_calls_of_one_region_that_name_the_key_by_arn_or_by_id(rule: str, region: str) -> None:
    assert (pattern(rule)["region"], pattern(rule)["account"]) == ([region], [ACCOUNT])
    assert pattern(rule)["detail"]["requestParameters"] == {
        "keyId": [f"arn:aws:kms:{region}:{ACCOUNT}:key/mrk-1234", "mrk-1234"]
    }


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_reads_calls_to_kms_as_cloudtrail_reports_them(rule: str) -> None:
    assert pattern(rule)["source"] == ["aws.kms"]
    assert pattern(rule)["detail-type"] == ["AWS API Call via CloudTrail"]
    assert pattern(rule)["detail"]["eventSource"] == ["kms.amazonaws.com"]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("call", ["DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy"])
def test_a_rule_sees_what_makes_data_unreadable(rule: str, call: str) -> None:
    assert call in pattern(rule)["detail"]["eventName"]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_pages_through_the_critical_topic(rule: str) -> None:
    targets = [t.inputs for t in recorded().all("EventTarget") if t.inputs["rule"] == rule]
    assert "arn:critical" in [target["arn"] for target in targets]


def test_the_other_region_is_told_since_topics_here_are_encrypted_with_the_lost_key() -> None:
    assert recorded().one("EventTarget", "local-relay").inputs["arn"] == BUS


def test_the_event_is_sent_on_whole_since_the_other_regions_rule_reads_it() -> None:
    assert not {"input", "inputPath", "inputTransformer"} & set(recorded().one("EventTarget", "local-relay").inputs)


def test_only_calls_of_the_own_region_are_sent_on_or_they_would_go_back_and_forth() -> None:
    (relay,) = [t.inputs for t in recorded().all("EventTarget") if t.inputs["arn"] == BUS]
    assert pattern(relay["rule"])["region"] == [HERE]


def test_sending_on_takes_a_role_of_this_rule_that_can_do_nothing_else() -> None:
    recording = recorded()
    role, permission = recording.one("Role"), recording.one("RolePolicy")
    relay = recording.one("EventTarget", "local-relay")
    assert relay.inputs["roleArn"].endswith(f"role/{role.name}")
    assert permission.urn in relay.dependencies
    trust = statement(role.inputs["assumeRolePolicy"])
    assert (trust["Principal"], trust["Action"]) == ({"Service": "events.amazonaws.com"}, "sts:AssumeRole")
    assert trust["Condition"]["ArnEquals"]["aws:SourceArn"].endswith("/local-rule")
    assert statement(permission.inputs["policy"]) == {"Effect": "Allow", "Action": "events:PutEvents", "Resource": BUS}


def test_a_key_of_one_region_is_watched_there_only() -> None:
    recording = recorded(other_region=None)
    assert recording.one("EventTarget").inputs["arn"] == "arn:critical"
    assert recording.one("EventRule").name == "local-rule"
    assert not recording.all("Role")


def test_bus_and_key_are_in_the_partition_of_the_key() -> None:
    recording = recorded(key_arn=f"arn:aws-us-gov:kms:us-gov-west-1:{ACCOUNT}:key/mrk-1", other_region="us-gov-east-1")
    bus = f"arn:aws-us-gov:events:us-gov-east-1:{ACCOUNT}:event-bus/default"
    assert recording.one("EventTarget", "local-relay").inputs["arn"] == bus


@pytest.mark.parametrize("rule", RULES)
def test_a_page_that_could_not_be_sent_is_an_alarm(rule: str) -> None:
    (alarm,) = [a.inputs for a in recorded().all("MetricAlarm") if a.inputs["dimensions"] == {"RuleName": rule}]
    assert (alarm["namespace"], alarm["metricName"]) == ("AWS/Events", "FailedInvocations")
    assert (alarm["comparisonOperator"], alarm["threshold"]) == ("GreaterThanThreshold", 0)


@pytest.mark.parametrize("target", ["local-target", "local-other"])
def test_a_person_is_told_who_did_what_where_and_where_to_read_on(target: str) -> None:
    transformer = recorded().one("EventTarget", target).inputs["inputTransformer"]
    template = transformer["inputTemplate"]
    assert set(re.findall(r"<(\w+)>", template)) == set(transformer["inputPaths"]) == {"call", "who", "at", "region"}
    # EventBridge takes a template of plain text only as a JSON string.
    assert "docs/runbooks/key-disabled-or-deleted.md" in json.loads(template)
