"""Vaults: encrypted, locked as meant and no further, closed to deletion, and heard when a backup is missing."""

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.alarm import AlarmTopicsArgs
from components.continuity.backup_vault import BackupVault, BackupVaultArgs
from stanchion.spec import VaultLock
from tests.recorder import Recording, provider, record

ARGS = BackupVaultArgs(
    vault_name="prod-critical",
    tier="critical",
    key_arn="arn:key",
    keep=True,
    minimum_retention_days=7,
    alarm_topics=AlarmTopicsArgs("arn:critical", "arn:warning", "arn:info"),
)


def recorded(**changes: Any) -> Recording:
    def build() -> None:
        BackupVault("prod-backups", replace(ARGS, **changes), pulumi.ResourceOptions(provider=provider("us-east-1")))

    return record(build)


def test_a_vault_has_the_regions_key_a_fixed_name_and_its_tier() -> None:
    inputs = recorded().one("Vault").inputs
    assert (inputs["name"], inputs["kmsKeyArn"], inputs["forceDestroy"]) == ("prod-critical", "arn:key", False)
    assert inputs["tags"]["stanchion:tier"] == "critical"


def test_the_lock_is_governance_unless_a_cooling_off_time_is_said() -> None:
    inputs = recorded().one("VaultLockConfiguration").inputs
    assert inputs["minRetentionDays"] == 7
    # Its presence alone makes the lock final.
    assert "changeableForDays" not in inputs
    final = recorded(lock=VaultLock.COMPLIANCE, cooling_off_days=14).one("VaultLockConfiguration").inputs
    assert final["changeableForDays"] == 14


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"lock": VaultLock.COMPLIANCE}, "nobody can lift it"),
        ({"lock": VaultLock.COMPLIANCE, "cooling_off_days": 2}, "3 days or more"),
        ({"cooling_off_days": 14}, "makes its lock final"),
        ({"lock": VaultLock.COMPLIANCE, "cooling_off_days": 3, "keep": False}, "could not be removed with the stack"),
        ({"minimum_retention_days": 0}, "would hold nothing"),
    ],
)
def test_locks_that_nobody_meant_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        recorded(**changes)


def test_nobody_deletes_a_backup_or_shortens_its_life() -> None:
    (said,) = json.loads(recorded().one("VaultPolicy").inputs["policy"])["Statement"]
    assert (said["Effect"], said["Principal"], said["Resource"]) == ("Deny", "*", "*")
    assert set(said["Action"]) == {"backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"}
    assert "Condition" not in said


def test_only_those_who_are_named_may() -> None:
    role = "arn:aws:iam::111122223333:role/break-glass"
    (said,) = json.loads(recorded(deleters=[role]).one("VaultPolicy").inputs["policy"])["Statement"]
    assert said["Condition"] == {"ArnNotLike": {"aws:PrincipalArn": [role]}}


def test_notifications_are_of_events_that_are_still_sent_and_of_failures_only() -> None:
    inputs = recorded().one("VaultNotifications").inputs
    assert inputs["snsTopicArn"] == "arn:warning"
    events = set(inputs["backupVaultEvents"])
    assert "COPY_JOB_FAILED" in events
    assert not events & {"BACKUP_JOB_FAILED", "BACKUP_JOB_EXPIRED", "BACKUP_JOB_COMPLETED"}


def test_jobs_that_fail_never_begin_or_are_stopped_are_told() -> None:
    metrics = {alarm.inputs["metricName"]: alarm.inputs for alarm in recorded().all("MetricAlarm")}
    assert set(metrics) == {
        "NumberOfBackupJobsFailed",
        "NumberOfBackupJobsExpired",
        "NumberOfBackupJobsAborted",
    }
    for inputs in metrics.values():
        assert inputs["dimensions"] == {"BackupVaultName": "prod-critical"}
        assert inputs["tags"]["stanchion:signal"] == "backup"
        # Published only when there is something to count.
        assert inputs["treatMissingData"] == "notBreaching"


def test_what_may_go_is_emptied_and_goes_with_the_stack() -> None:
    assert recorded(keep=False).one("Vault").inputs["forceDestroy"] is True
