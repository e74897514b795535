"""What AWS Backup refuses is refused before anything is made, and what the provider fills in is filled in."""

from typing import Any

import pytest

from sandbox.provider import rows
from sandbox.provider.check import Surroundings, check

PLAN = "aws:backup/plan:Plan"
LOCK = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
SELECTION = "aws:backup/selection:Selection"
TESTING = "aws:backup/restoreTestingPlan:RestoreTestingPlan"
FRAMEWORK = "aws:backup/framework:Framework"
ENCRYPTED = "BACKUP_RECOVERY_POINT_ENCRYPTED"


def checked(token: str, inputs: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    row = rows.find(token)
    assert row is not None
    filled, found = check(row, {}, inputs, Surroundings("us-east-1", logical="thing", seed=b"seed"))
    return filled, {problem.property: problem.reason for problem in found}


def plan(**rule: Any) -> dict[str, Any]:
    return {"rules": [{"ruleName": "hourly", "targetVaultName": "lake", **rule}]}


def test_windows_that_nobody_says_are_the_providers_and_not_the_apis() -> None:
    filled, found = checked(PLAN, plan(schedule="cron(0 * * * ? *)"))
    assert found == {}
    (rule,) = filled["rules"]
    assert (rule["startWindow"], rule["completionWindow"], rule["scheduleExpressionTimezone"]) == (60, 180, "Etc/UTC")


def test_windows_that_are_said_stay() -> None:
    filled, found = checked(PLAN, plan(startWindow=90, completionWindow=600))
    assert found == {}
    assert (filled["rules"][0]["startWindow"], filled["rules"][0]["completionWindow"]) == (90, 600)


@pytest.mark.parametrize(
    ("inputs", "where"),
    [
        (plan(startWindow=30), "rules[0].startWindow"),
        (plan(completionWindow=59), "rules[0].completionWindow"),
        (plan(ruleName="every hour"), "rules[0].ruleName"),
        (plan(enableContinuousBackup=True), "rules[0].lifecycle.deleteAfter"),
        (plan(enableContinuousBackup=True, lifecycle={"deleteAfter": 36}), "rules[0].lifecycle.deleteAfter"),
        (plan(lifecycle={"coldStorageAfter": 30, "deleteAfter": 100}), "rules[0].lifecycle.deleteAfter"),
        ({"rules": [*plan()["rules"], *plan()["rules"]]}, "rules"),
    ],
)
def test_plans_that_are_refused(inputs: dict[str, Any], where: str) -> None:
    assert set(checked(PLAN, inputs)[1]) == {where}


@pytest.mark.parametrize(
    ("token", "inputs", "where"),
    [
        (LOCK, {"backupVaultName": "lake", "changeableForDays": 2}, "changeableForDays"),
        (LOCK, {"backupVaultName": "lake", "minRetentionDays": 9, "maxRetentionDays": 8}, "minRetentionDays"),
        (SELECTION, {"planId": "1", "iamRoleArn": "arn:aws:iam::000000000000:role/backup"}, "selectionTags"),
        (
            TESTING,
            {
                "name": "with-dashes",
                "scheduleExpression": "cron(0 5 1 * ? *)",
                "recoveryPointSelection": {
                    "algorithm": "LATEST_WITHIN_WINDOW",
                    "includeVaults": ["*"],
                    "recoveryPointTypes": ["SNAPSHOT"],
                },
            },
            "name",
        ),
        (FRAMEWORK, {"name": "all", "controls": [{"name": "BACKUPS_ARE_FINE"}]}, "controls[0].name"),
        (
            FRAMEWORK,
            {"name": "all", "controls": [{"name": ENCRYPTED, "scope": {"tags": {"a": "1", "b": "2"}}}]},
            "controls[0].scope.tags",
        ),
    ],
)
def test_what_else_is_refused(token: str, inputs: dict[str, Any], where: str) -> None:
    assert where in checked(token, inputs)[1]
