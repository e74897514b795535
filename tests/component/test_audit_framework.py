"""Audit frameworks: what a tier promises, as controls on what carries its tag."""

from dataclasses import replace
from typing import Any

import pulumi

from components.continuity.audit_framework import AuditFramework, AuditFrameworkArgs
from tests.recorder import provider, record

ARGS = AuditFrameworkArgs(
    framework_name="prod_standard",
    tier="standard",
    plan_name="prod-standard",
    every_hours=3,
    newest_within_hours=6,
    retention_days=35,
    minimum_retention_days=7,
    restore_within="90m",
    copies_to_region="us-west-2",
)


def controls(**changes: Any) -> dict[str, dict[str, Any]]:
    def build() -> None:
        AuditFramework("prod", replace(ARGS, **changes), pulumi.ResourceOptions(provider=provider("us-east-1")))

    return {control["name"]: control for control in record(build).one("Framework").inputs["controls"]}


def parameters(control: dict[str, Any]) -> dict[str, str]:
    return {parameter["name"]: parameter["value"] for parameter in control.get("inputParameters", [])}


def test_promises_are_parameters() -> None:
    found = controls()
    assert parameters(found["BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK"]) == {
        "requiredFrequencyUnit": "hours",
        "requiredFrequencyValue": "3",
        "requiredRetentionDays": "35",
    }
    assert parameters(found["BACKUP_LAST_RECOVERY_POINT_CREATED"])["recoveryPointAgeValue"] == "6"
    assert parameters(found["BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK"]) == {"minRetentionDays": "7"}
    assert parameters(found["BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION"]) == {"crossRegionList": "us-west-2"}
    assert parameters(found["RESTORE_TIME_FOR_RESOURCES_MEET_TARGET"]) == {"maxRestoreTime": "90"}


def test_controls_look_at_what_the_plan_takes() -> None:
    for name, control in controls().items():
        if name != "BACKUP_RECOVERY_POINT_ENCRYPTED":
            assert control["scope"]["tags"] == {"stanchion:backup": "prod-standard"}


def test_copies_to_another_account_are_checked_where_there_is_one() -> None:
    name = "BACKUP_RESOURCES_PROTECTED_BY_CROSS_ACCOUNT"
    assert name not in controls()
    assert parameters(controls(copies_to_account="444455556666")[name]) == {"crossAccountList": "444455556666"}
