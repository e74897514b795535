"""Rows of AWS Backup's types that no emulator has: checked and recorded (sandbox/provider/state_only.py)."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.row import Example, Problem, Row
from sandbox.provider.rows.backup import tag_calls
from sandbox.provider.rules import at_least_one, between, found, matches, one_of

# Of a lock with an end to its changes: how soon that end may come, and how late.
SHORTEST_COOLING_OFF, LONGEST_DAYS = 3, 36500
LONGEST_WINDOW_HOURS, LONGEST_SELECTION_DAYS = 168, 365
ALGORITHMS = ("LATEST_WITHIN_WINDOW", "RANDOM_WITHIN_WINDOW")
CONTROLS = (
    "BACKUP_LAST_RECOVERY_POINT_CREATED",
    "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK",
    "BACKUP_RECOVERY_POINT_ENCRYPTED",
    "BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED",
    "BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK",
    "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN",
    "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK",
    "BACKUP_RESOURCES_PROTECTED_BY_CROSS_ACCOUNT",
    "BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION",
    "RESTORE_TIME_FOR_RESOURCES_MEET_TARGET",
)
_UNDERSCORED = "letters, digits and underscores, a letter first"


def retention_in_order(inputs: Mapping[str, Any]) -> list[Problem]:
    """The least retention is not above the most."""
    least, most = inputs.get("minRetentionDays"), inputs.get("maxRetentionDays")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        return [Problem("minRetentionDays", f"{least} days are more than maxRetentionDays, {most}")]
    return []


def one_tag(inputs: Mapping[str, Any]) -> list[Problem]:
    """A control's scope is one tag at most."""
    return [
        Problem(where, f"a scope takes one tag, not {len(tags)}")
        for where, tags in found(inputs, "controls.scope.tags")
        if isinstance(tags, Mapping) and len(tags) > 1
    ]


def whole_or_listed(inputs: Mapping[str, Any]) -> list[Problem]:
    """A wildcard stands for all resources of the type, and so stands alone."""
    arns = inputs.get("protectedResourceArns")
    if isinstance(arns, list) and "*" in arns and len(arns) > 1:
        return [Problem("protectedResourceArns", "either ARNs or the wildcard, not both")]
    return []


def recorded(token: str, inputs: Mapping[str, Any], **more: Any) -> Row:
    """A row without steps, and inputs that are right."""
    return Row(type=token, service="backup", create=(), read=(), delete=(), example=Example(inputs=inputs), **more)


ROWS = (
    recorded(
        "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
        {"backupVaultName": "lake", "minRetentionDays": 7},
        id=("backupVaultName",),
        replace=frozenset({"backupVaultName", "changeableForDays", "maxRetentionDays", "minRetentionDays"}),
        rules=(
            between("changeableForDays", SHORTEST_COOLING_OFF, LONGEST_DAYS),
            between("minRetentionDays", 1, LONGEST_DAYS),
            between("maxRetentionDays", 1, LONGEST_DAYS),
            retention_in_order,
        ),
    ),
    recorded(
        "aws:backup/vaultPolicy:VaultPolicy",
        {"backupVaultName": "lake", "policy": '{"Version": "2012-10-17", "Statement": []}'},
        id=("backupVaultName",),
        replace=frozenset({"backupVaultName"}),
        json=frozenset({"policy"}),
    ),
    recorded(
        "aws:backup/vaultNotifications:VaultNotifications",
        {
            "backupVaultName": "lake",
            "backupVaultEvents": ["COPY_JOB_FAILED"],
            "snsTopicArn": "arn:aws:sns:us-east-1:000000000000:page",
        },
        id=("backupVaultName",),
        replace=frozenset({"backupVaultName", "backupVaultEvents", "snsTopicArn"}),
        sets=frozenset({"backupVaultEvents"}),
        rules=(matches("snsTopicArn", r"arn:[\w-]+:sns:[\w-]+:\d{12}:.+", "the ARN of a topic"),),
    ),
    recorded(
        "aws:backup/restoreTestingPlan:RestoreTestingPlan",
        {
            "name": "monthly",
            "scheduleExpression": "cron(0 5 1 * ? *)",
            "recoveryPointSelection": {
                "algorithm": "LATEST_WITHIN_WINDOW",
                "includeVaults": ["*"],
                "recoveryPointTypes": ["SNAPSHOT"],
            },
        },
        id=("name",),
        replace=frozenset({"name"}),
        sets=frozenset(
            {
                "recoveryPointSelection.includeVaults",
                "recoveryPointSelection.excludeVaults",
                "recoveryPointSelection.recoveryPointTypes",
            }
        ),
        defaults={"scheduleExpressionTimezone": "Etc/UTC", "startWindowHours": 24},
        # Nothing is tagged; what tags there are together with the provider's is told all the same.
        tags=tag_calls(),
        rules=(
            at_least_one("name"),
            matches("name", r"[a-zA-Z0-9_]{1,50}", "1 to 50 letters, digits and underscores"),
            one_of("recoveryPointSelection.algorithm", *ALGORITHMS),
            one_of("recoveryPointSelection.recoveryPointTypes", "CONTINUOUS", "SNAPSHOT"),
            between("recoveryPointSelection.selectionWindowDays", 1, LONGEST_SELECTION_DAYS),
            between("startWindowHours", 1, LONGEST_WINDOW_HOURS),
        ),
    ),
    recorded(
        "aws:backup/restoreTestingSelection:RestoreTestingSelection",
        {
            "name": "buckets",
            "restoreTestingPlanName": "monthly",
            "protectedResourceType": "S3",
            "protectedResourceArns": ["*"],
            "iamRoleArn": "arn:aws:iam::000000000000:role/restore",
        },
        id=("name", "restoreTestingPlanName"),
        replace=frozenset({"name", "restoreTestingPlanName", "protectedResourceType"}),
        sets=frozenset({"protectedResourceArns"}),
        rules=(
            at_least_one("name"),
            matches("name", r"[a-zA-Z0-9_]{1,50}", "1 to 50 letters, digits and underscores"),
            at_least_one("protectedResourceArns", "protectedResourceConditions"),
            between("validationWindowHours", 0, LONGEST_WINDOW_HOURS),
            whole_or_listed,
        ),
    ),
    recorded(
        "aws:backup/framework:Framework",
        {"name": "critical", "controls": [{"name": "BACKUP_RECOVERY_POINT_ENCRYPTED"}]},
        id=("name",),
        replace=frozenset({"name"}),
        sets=frozenset({"controls", "controls.inputParameters", "controls.scope.complianceResourceTypes"}),
        tags=tag_calls(),
        rules=(
            at_least_one("name"),
            matches("name", r"[a-zA-Z][a-zA-Z0-9_]{0,255}", f"1 to 256 {_UNDERSCORED}"),
            one_of("controls.name", *CONTROLS),
            one_tag,
        ),
    ),
)
