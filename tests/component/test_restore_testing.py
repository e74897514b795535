"""Restore tests: as often as drills, the newest backup of everything in the vault, and failures are told."""

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.alarm import AlarmTopicsArgs
from components.continuity.restore_testing import RestoreTesting, RestoreTestingArgs
from tests.recorder import Recording, provider, record

ARGS = RestoreTestingArgs(
    test_name="prod_critical",
    tier="critical",
    vault_arn="arn:vault",
    role_arn="arn:aws:iam::111122223333:role/restore",
    drill_every="90d",
    alarm_topics=AlarmTopicsArgs("arn:critical", "arn:warning", "arn:info"),
)


def recorded(**changes: Any) -> Recording:
    def build() -> None:
        RestoreTesting("prod", replace(ARGS, **changes), pulumi.ResourceOptions(provider=provider("us-east-1")))

    return record(build)


@pytest.mark.parametrize(
    ("drill_every", "schedule"),
    [("90d", "cron(0 5 1 1/2 ? *)"), ("30d", "cron(0 5 ? * SUN *)"), ("1d", "cron(0 5 * * ? *)")],
)
def test_never_rarer_than_drills(drill_every: str, schedule: str) -> None:
    assert recorded(drill_every=drill_every).one("RestoreTestingPlan").inputs["scheduleExpression"] == schedule


def test_the_newest_backup_of_the_tiers_own_vault() -> None:
    selected = recorded().one("RestoreTestingPlan").inputs["recoveryPointSelection"]
    assert (selected["algorithm"], selected["includeVaults"]) == ("LATEST_WITHIN_WINDOW", ["arn:vault"])
    assert set(selected["recoveryPointTypes"]) == {"CONTINUOUS", "SNAPSHOT"}


def test_each_kind_of_resource_is_restored_and_left_for_a_look() -> None:
    selections = recorded(resource_types=["S3", "DynamoDB"], kept_for="24h").all("RestoreTestingSelection")
    assert {s.inputs["name"]: s.inputs["protectedResourceType"] for s in selections} == {
        "prod_critical_s3": "S3",
        "prod_critical_dynamodb": "DynamoDB",
    }
    assert {s.inputs["validationWindowHours"] for s in selections} == {24}
    assert {tuple(s.inputs["protectedResourceArns"]) for s in selections} == {("*",)}


def test_a_failed_test_is_told() -> None:
    recording = recorded()
    pattern = json.loads(recording.one("EventRule").inputs["eventPattern"])
    assert pattern["detail-type"] == ["Restore Job State Change"]
    assert pattern["detail"]["restoreTestingPlanArn"] == [{"wildcard": "*:restore-testing-plan:prod_critical-*"}]
    assert recording.one("EventTarget").inputs["arn"] == "arn:warning"
