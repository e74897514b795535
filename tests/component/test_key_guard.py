"""The guard of a key: which calls it sees, by whatever name they call the key, and what a person is told."""

import json
import re
from typing import Any

import pulumi
import pytest

from components.alarm import AlarmTopicsArgs
from components.storage.key_guard import KeyGuard, KeyGuardArgs
from tests.recorder import ACCOUNT, Recording, provider, record

REGION = "us-west-2"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/mrk-1234"
ARGS = KeyGuardArgs(
    key_arn=KEY, alarm_topics=AlarmTopicsArgs(critical="arn:critical", warning="arn:warning", info="arn:info")
)


def recorded() -> Recording:
    return record(lambda: KeyGuard("local", ARGS, pulumi.ResourceOptions(provider=provider(REGION))))


def pattern() -> dict[str, Any]:
    return json.loads(recorded().one("EventRule").inputs["eventPattern"])


def test_it_matches_calls_that_name_this_key_by_arn_or_by_id() -> None:
    assert pattern()["detail"]["requestParameters"] == {"keyId": [KEY, "mrk-1234"]}


def test_it_reads_calls_to_kms_as_cloudtrail_reports_them() -> None:
    assert pattern()["source"] == ["aws.kms"]
    assert pattern()["detail-type"] == ["AWS API Call via CloudTrail"]
    assert pattern()["detail"]["eventSource"] == ["kms.amazonaws.com"]


@pytest.mark.parametrize("call", ["DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy"])
def test_it_sees_what_makes_data_unreadable(call: str) -> None:
    assert call in pattern()["detail"]["eventName"]


def test_it_pages_through_the_critical_topic() -> None:
    recording = recorded()
    target = recording.one("EventTarget").inputs
    assert target["arn"] == "arn:critical"
    assert target["rule"] == recording.one("EventRule").name


def test_a_person_is_told_who_did_what_and_where_to_read_on() -> None:
    transformer = recorded().one("EventTarget").inputs["inputTransformer"]
    template = transformer["inputTemplate"]
    assert set(re.findall(r"<(\w+)>", template)) == set(transformer["inputPaths"]) == {"call", "who", "at"}
    # EventBridge takes a template of plain text only as a JSON string.
    assert "docs/runbooks/key-disabled-or-deleted.md" in json.loads(template)
