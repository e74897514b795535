"""A log group: a retention CloudWatch takes, the key, and an alarm on silence."""

from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.alarm import AlarmTopicsArgs
from components.observability.log_group import RETENTIONS, LogGroup, LogGroupArgs, allowed_retention
from tests.recorder import Recording, provider, record

KEY = "arn:aws:kms:us-west-2:1:key/mrk-1"
TOPICS = AlarmTopicsArgs(critical="arn:critical", warning="arn:warning", info="arn:info")


def recorded(**changes: Any) -> Recording:
    args = replace(LogGroupArgs(retention_days=90, key_arn=KEY, keep=True, alarm_topics=TOPICS), **changes)
    return record(lambda: LogGroup("local-flow", args, pulumi.ResourceOptions(provider=provider("us-west-2"))))


@pytest.mark.parametrize(("days", "allowed"), [(1, 1), (2, 3), (8, 14), (90, 90), (91, 120), (366, 400), (3653, 3653)])
def test_a_retention_is_rounded_up_never_down(days: int, allowed: int) -> None:
    assert allowed_retention(days) == allowed


def test_every_retention_keeps_at_least_what_was_asked_and_is_one_cloudwatch_takes() -> None:
    found = {days: allowed_retention(days) for days in range(1, RETENTIONS[-1] + 1)}
    assert all(kept >= days for days, kept in found.items())
    assert set(found.values()) == set(RETENTIONS)
    # botocore's model has no enumeration to hold this against; these are the values of the API's text.
    assert list(RETENTIONS) == sorted(RETENTIONS)
    assert len(RETENTIONS) == 22


@pytest.mark.parametrize("days", [0, -1, 3654])
def test_an_impossible_retention_is_refused(days: int) -> None:
    with pytest.raises(ValueError, match=f"{days} days is not possible"):
        allowed_retention(days)


def test_it_is_encrypted_and_forgets() -> None:
    group = recorded(retention_days=91).one("LogGroup", "local-flow-logs")
    assert group.inputs["kmsKeyId"] == KEY
    assert group.inputs["retentionInDays"] == 120


@pytest.mark.parametrize("keep", [True, False])
def test_it_stays_only_where_data_is_kept(keep: bool) -> None:
    group = recorded(keep=keep).one("LogGroup", "local-flow-logs")
    assert (group.protect, group.retain_on_delete) == (keep, keep)


def test_silence_is_an_alarm_where_records_are_expected() -> None:
    alarm = recorded(silent_after="1h", log_group_name="/stanchion/local").one("MetricAlarm").inputs
    assert alarm["period"] == 3600
    assert alarm["treatMissingData"] == "breaching"
    assert alarm["dimensions"] == {"LogGroupName": "/stanchion/local"}
    assert not recorded().all("MetricAlarm")


@pytest.mark.parametrize("silent_after", ["90s", "25h", "0s", "2d"])
def test_a_silence_that_no_alarm_can_watch_is_refused(silent_after: str) -> None:
    with pytest.raises(ValueError, match=f"silent_after '{silent_after}'; allowed"):
        recorded(silent_after=silent_after)
