"""Container repositories and their replication: names, immutability, lifecycle, and what is told of failures."""

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.alarm import AlarmTopicsArgs
from components.delivery.registry import ContainerRegistry, ContainerRegistryArgs
from components.delivery.registry_replication import RegistryReplication, RegistryReplicationArgs
from tests.recorder import ACCOUNT, Recording, provider, record

KEY = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/mrk-1"
ARGS = ContainerRegistryArgs(
    environment="local",
    repositories=["gateway", "models"],
    key_arn=KEY,
    keep=True,
    alarm_topics=AlarmTopicsArgs(critical="arn:critical", warning="arn:warning", info="arn:info"),
    dead_letter_arn="arn:dead",
)


def recorded(**changes: Any) -> Recording:
    args = replace(ARGS, **changes)
    return record(lambda: ContainerRegistry("local", args, pulumi.ResourceOptions(provider=provider("us-west-2"))))


def replicated() -> Recording:
    args = RegistryReplicationArgs(
        environment="local", account_id=ACCOUNT, primary_region="us-east-1", standby_region="us-west-2"
    )
    options = pulumi.ResourceOptions
    return record(lambda: RegistryReplication("local-images", args, options(provider=provider("us-east-1"))))


def lifecycle(recording: Recording) -> dict[str, dict[str, Any]]:
    policy = json.loads(recording.one("LifecyclePolicy", "local-gateway").inputs["policy"])
    return {rule["selection"]["tagStatus"]: rule for rule in policy["rules"]}


def pattern(rule: str) -> dict[str, Any]:
    return json.loads(recorded().one("EventRule", f"local-{rule}").inputs["eventPattern"])


def test_repositories_have_the_name_that_replication_looks_for() -> None:
    names = {r.inputs["name"] for r in recorded().all("Repository")}
    assert names == {"local/gateway", "local/models"}
    (rule,) = replicated().one("ReplicationConfiguration").inputs["replicationConfiguration"]["rules"]
    (prefix,) = rule["repositoryFilters"]
    assert all(name.startswith(prefix["filter"]) for name in names)


def test_a_tag_cannot_be_moved_and_every_push_is_scanned_and_encrypted() -> None:
    for repository in recorded().all("Repository"):
        assert repository.inputs["imageTagMutability"] == "IMMUTABLE"
        assert repository.inputs["imageScanningConfiguration"] == {"scanOnPush": True}
        assert repository.inputs["encryptionConfigurations"] == [{"encryptionType": "KMS", "kmsKey": KEY}]


@pytest.mark.parametrize("keep", [True, False])
def test_images_stay_with_their_lifecycle_only_where_data_is_kept(keep: bool) -> None:
    recording = recorded(keep=keep)
    for kind in ("Repository", "LifecyclePolicy"):
        assert {r.retain_on_delete for r in recording.all(kind)} == {keep}
    assert {r.inputs["forceDelete"] for r in recording.all("Repository")} == {not keep}


def test_a_rollback_finds_its_image_among_the_newest_tagged() -> None:
    rules = lifecycle(recorded(keep_tagged=40, untagged_days=3))
    assert rules["tagged"]["selection"] == {
        "tagStatus": "tagged",
        "tagPatternList": ["*"],
        "countType": "imageCountMoreThan",
        "countNumber": 40,
    }
    assert rules["untagged"]["selection"]["countNumber"] == 3
    assert lifecycle(recorded())["tagged"]["selection"]["countNumber"] >= 100


def test_critical_findings_failed_scans_and_failed_replication_of_our_images_only_are_matched() -> None:
    for rule in ("critical-findings", "scan-failed", "replication-failed"):
        assert pattern(rule)["source"] == ["aws.ecr"]
        assert pattern(rule)["detail"]["repository-name"] == [{"prefix": "local/"}]
    assert pattern("critical-findings")["detail"]["finding-severity-counts"] == {"CRITICAL": [{"numeric": [">", 0]}]}
    assert pattern("scan-failed")["detail"]["scan-status"] == ["FAILED"]
    assert pattern("replication-failed")["detail-type"] == ["ECR Replication Action"]
    assert pattern("replication-failed")["detail"]["result"] == [{"anything-but": "SUCCESS"}]


def test_what_is_matched_is_a_warning_and_is_kept_if_it_cannot_be_told() -> None:
    targets = recorded().all("EventTarget")
    assert len(targets) == 3
    assert {t.inputs["arn"] for t in targets} == {"arn:warning"}
    assert {t.inputs["deadLetterConfig"]["arn"] for t in targets} == {"arn:dead"}
    assert all("deadLetterConfig" not in t.inputs for t in recorded(dead_letter_arn=None).all("EventTarget"))


def test_a_rule_that_cannot_reach_the_warning_topic_is_told_of_by_another() -> None:
    alarms = recorded().all("MetricAlarm")
    assert len(alarms) == 3
    assert {tuple(a.inputs["alarmActions"]) for a in alarms} == {("arn:critical",)}
    assert {a.inputs["metricName"] for a in alarms} == {"FailedInvocations"}


def test_images_go_from_the_primary_region_to_the_standby() -> None:
    configuration = replicated().one("ReplicationConfiguration").inputs
    assert configuration["region"] == "us-east-1"
    (rule,) = configuration["replicationConfiguration"]["rules"]
    assert rule["destinations"] == [{"region": "us-west-2", "registryId": ACCOUNT}]
    assert rule["repositoryFilters"] == [{"filter": "local/", "filterType": "PREFIX_MATCH"}]
