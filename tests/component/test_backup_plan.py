"""Plans: windows that keep the RPO, one rule, copies, selection by tag, and nothing that fails unheard."""

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.alarm import AlarmTopicsArgs
from components.continuity.backup_plan import BackupCopyArgs, BackupPlan, BackupPlanArgs
from tests.recorder import Recording, provider, record

ARGS = BackupPlanArgs(
    plan_name="prod-standard",
    tier="standard",
    vault_name="prod-standard",
    role_arn="arn:aws:iam::111122223333:role/backup",
    retention_days=90,
    alarm_topics=AlarmTopicsArgs("arn:critical", "arn:warning", "arn:info"),
    copies=[BackupCopyArgs("arn:aws:backup:us-west-2:111122223333:backup-vault:prod-standard", 180)],
    application_rpo="24h",
    region_rpo="6h",
)


def recorded(**changes: Any) -> Recording:
    def build() -> None:
        BackupPlan("prod-standard", replace(ARGS, **changes), pulumi.ResourceOptions(provider=provider("us-east-1")))

    return record(build)


def rule_of(recording: Recording) -> dict[str, Any]:
    (rule,) = recording.one("aws:backup/plan:Plan").inputs["rules"]
    return rule


@pytest.mark.parametrize(
    ("changes", "schedule", "start", "completion"),
    [
        ({}, "cron(0 0/3 * * ? *)", 60, 120),
        ({"region_rpo": None}, "cron(0 0/12 * * ? *)", 60, 660),
        # Below three hours no snapshots reach: as fast as they can.
        ({"application_rpo": "5m", "region_rpo": "15m"}, "cron(0 * * * ? *)", 60, 60),
        # An hour is kept by something else; of the others the strictest counts.
        ({"application_rpo": "1h", "zone_rpo": "1h"}, "cron(0 0/3 * * ? *)", 60, 120),
    ],
)
def test_schedule_and_windows_follow_from_the_rpo(
    changes: dict[str, Any], schedule: str, start: int, completion: int
) -> None:
    rule = rule_of(recorded(**changes))
    assert (rule["schedule"], rule["startWindow"], rule["completionWindow"]) == (schedule, start, completion)
    assert rule["scheduleExpressionTimezone"] == "Etc/UTC"


def test_corruption_that_snapshots_are_too_far_apart_for_gets_a_continuous_backup() -> None:
    rule = rule_of(recorded(application_rpo="1h"))
    assert rule["enableContinuousBackup"] is True
    # It goes back no further; copies are snapshots and are kept as long as they are meant to be.
    assert rule["lifecycle"]["deleteAfter"] == 35
    assert [copy["lifecycle"]["deleteAfter"] for copy in rule["copyActions"]] == [180]


def test_snapshots_are_enough_where_they_keep_the_rpo() -> None:
    rule = rule_of(recorded())
    assert rule["enableContinuousBackup"] is False
    assert rule["lifecycle"]["deleteAfter"] == 90


def test_copies_go_to_every_vault_that_is_named() -> None:
    there = BackupCopyArgs("arn:aws:backup:us-east-1:444455556666:backup-vault:copies", 365)
    rule = rule_of(recorded(copies=[*ARGS.copies, there]))
    assert [copy["destinationVaultArn"].split(":")[3:5] for copy in rule["copyActions"]] == [
        ["us-west-2", "111122223333"],
        ["us-east-1", "444455556666"],
    ]


def test_the_plan_takes_what_carries_its_name() -> None:
    inputs = recorded().one("Selection").inputs
    assert inputs["selectionTags"] == [{"type": "STRINGEQUALS", "key": "stanchion:backup", "value": "prod-standard"}]
    # Either of the two would take more.
    assert "resources" not in inputs
    assert "notResources" not in inputs


@pytest.mark.parametrize(
    ("rule", "kind", "detail"),
    [
        ("jobs", "Backup Job State Change", {"backupVaultName": ["prod-standard"]}),
        ("copies", "Copy Job State Change", {"sourceBackupVaultArn": [{"suffix": ":prod-standard"}]}),
    ],
)
def test_what_was_not_done_is_told_with_its_resource(rule: str, kind: str, detail: dict[str, Any]) -> None:
    recording = recorded()
    pattern = json.loads(recording.one("EventRule", f"prod-standard-{rule}").inputs["eventPattern"])
    assert pattern["detail-type"] == [kind]
    assert pattern["detail"] == {"state": ["FAILED", "EXPIRED", "ABORTED"], **detail}
    target = recording.one("EventTarget", f"prod-standard-{rule}").inputs
    assert target["arn"] == "arn:warning"
    assert "docs/runbooks/backup-" in target["inputTransformer"]["inputTemplate"]


def test_silence_for_as_long_as_the_objective_is_told_to_a_person() -> None:
    alarm = recorded().one("MetricAlarm").inputs
    assert (alarm["metricName"], alarm["comparisonOperator"]) == ("NumberOfBackupJobsCompleted", "LessThanThreshold")
    # A plan that takes nothing publishes nothing.
    assert alarm["treatMissingData"] == "breaching"
    assert alarm["period"] * alarm["evaluationPeriods"] == 6 * 3600
    assert alarm["alarmActions"] == ["arn:critical"]


def test_a_tier_that_has_no_data_yet_may_be_silent() -> None:
    assert recorded(watch_for_silence=False).all("MetricAlarm") == []
