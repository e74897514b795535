"""Replication: both ways, with the right key, role and region on each side, and alarms where S3 publishes."""

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.alarm import AlarmTopicsArgs
from components.storage.replication import BucketReplication, BucketReplicationArgs, ReplicatedBucketArgs
from tests.recorder import Recorded, Recording, provider, record


def side(name: str, region: str) -> ReplicatedBucketArgs:
    return ReplicatedBucketArgs(
        name=name,
        arn=f"arn:aws:s3:::{name}",
        region=region,
        alarm_topics=AlarmTopicsArgs(f"arn:critical:{region}", f"arn:warning:{region}", f"arn:info:{region}"),
        key_arn=f"arn:aws:kms:{region}:1:key/mrk-1",
    )


ARGS = BucketReplicationArgs(primary=side("east", "us-east-1"), standby=side("west", "us-west-2"))


def recorded(args: BucketReplicationArgs = ARGS) -> Recording:
    def build() -> None:
        BucketReplication("local-raw", args, pulumi.ResourceOptions(provider=provider("us-east-1")))

    return record(build)


def configs(recording: Recording) -> dict[str, Recorded]:
    return {config.inputs["bucket"]: config for config in recording.all("BucketReplicationConfig")}


def permissions(recording: Recording, rule: str) -> list[dict[str, Any]]:
    policy = recording.one("RolePolicy", f"local-raw-{rule}").inputs["policy"]
    return json.loads(policy)["Statement"]


def allowed(statements: list[dict[str, Any]], action: str) -> dict[str, Any]:
    (found,) = [s for s in statements if action in s["Action"]]
    return found


@pytest.mark.parametrize(
    ("source", "destination", "region", "key_region"),
    [("east", "west", "us-east-1", "us-west-2"), ("west", "east", "us-west-2", "us-east-1")],
)
def test_each_side_replicates_to_the_other_with_the_others_key(
    source: str, destination: str, region: str, key_region: str
) -> None:
    config = configs(recorded())[source]
    assert config.inputs["region"] == region
    (rule,) = config.inputs["rules"]
    assert rule["destination"]["bucket"] == f"arn:aws:s3:::{destination}"
    encryption = rule["destination"]["encryptionConfiguration"]
    assert encryption == {"replicaKmsKeyId": f"arn:aws:kms:{key_region}:1:key/mrk-1"}
    assert rule["sourceSelectionCriteria"] == {
        "replicaModifications": {"status": "Enabled"},
        "sseKmsEncryptedObjects": {"status": "Enabled"},
    }


def test_delete_markers_replicate_under_a_rule_of_the_second_form() -> None:
    for config in configs(recorded()).values():
        (rule,) = config.inputs["rules"]
        assert rule["deleteMarkerReplication"] == {"status": "Enabled"}
        assert rule["filter"] == {}
        assert rule["priority"] == 1


def test_time_control_comes_with_its_metrics() -> None:
    for config in configs(recorded()).values():
        destination = config.inputs["rules"][0]["destination"]
        assert destination["replicationTime"] == {"status": "Enabled", "time": {"minutes": 15}}
        assert destination["metrics"] == {"status": "Enabled", "eventThreshold": {"minutes": 15}}


def test_a_role_reads_one_side_and_writes_the_other() -> None:
    said = permissions(recorded(), "to-standby")
    assert allowed(said, "s3:GetObjectVersionForReplication")["Resource"] == "arn:aws:s3:::east/*"
    assert allowed(said, "s3:ReplicateDelete")["Resource"] == "arn:aws:s3:::west/*"
    assert allowed(said, "kms:Decrypt")["Resource"] == "arn:aws:kms:us-east-1:1:key/mrk-1"
    encrypt = allowed(said, "kms:Encrypt")
    assert encrypt["Resource"] == "arn:aws:kms:us-west-2:1:key/mrk-1"
    # With a bucket key the context is the bucket, without one the object.
    assert encrypt["Condition"]["StringLike"] == {
        "kms:ViaService": "s3.us-west-2.amazonaws.com",
        "kms:EncryptionContext:aws:s3:arn": ["arn:aws:s3:::west", "arn:aws:s3:::west/*"],
    }
    assert not [s for s in said if s["Resource"] == "*" or "s3:*" in s["Action"]]


def test_a_rule_is_put_only_when_its_role_may_do_the_work() -> None:
    recording = recorded()
    for rule, bucket in (("to-standby", "east"), ("to-primary", "west")):
        assert recording.one("RolePolicy", f"local-raw-{rule}").urn in configs(recording)[bucket].dependencies


def test_retention_travels_only_between_locked_buckets() -> None:
    assert "s3:GetObjectRetention" not in json.dumps(permissions(recorded(), "to-standby"))
    said = permissions(recorded(replace(ARGS, object_lock=True)), "to-standby")
    assert allowed(said, "s3:GetObjectRetention")["Resource"] == "arn:aws:s3:::east/*"


def test_buckets_with_s3s_own_key_need_no_kms() -> None:
    args = BucketReplicationArgs(
        primary=replace(ARGS.primary, key_arn=None), standby=replace(ARGS.standby, key_arn=None)
    )
    recording = recorded(args)
    assert "kms:" not in json.dumps(permissions(recording, "to-standby"))
    (rule,) = configs(recording)["east"].inputs["rules"]
    assert "sseKmsEncryptedObjects" not in rule["sourceSelectionCriteria"]
    assert "encryptionConfiguration" not in rule["destination"]


def test_a_key_on_one_side_only_is_refused() -> None:
    with pytest.raises(ValueError, match="a key on one side only"):
        recorded(replace(ARGS, standby=replace(ARGS.standby, key_arn=None)))


@pytest.mark.parametrize(
    ("alarm", "metric", "region", "topic"),
    [
        ("to-standby-late", "ReplicationLatency", "us-west-2", "arn:critical:us-west-2"),
        ("to-primary-late", "ReplicationLatency", "us-east-1", "arn:critical:us-east-1"),
        ("to-standby-failed", "OperationsFailedReplication", "us-east-1", "arn:warning:us-east-1"),
        ("to-primary-failed", "OperationsFailedReplication", "us-west-2", "arn:warning:us-west-2"),
    ],
)
def test_an_alarm_lies_where_its_metric_is_published(alarm: str, metric: str, region: str, topic: str) -> None:
    inputs = recorded().one("MetricAlarm", f"local-raw-{alarm}").inputs
    assert inputs["metricName"] == metric
    assert inputs["region"] == region
    assert inputs["alarmActions"] == [topic]
    source, destination = ("east", "west") if alarm.startswith("to-standby") else ("west", "east")
    rule = alarm.rsplit("-", 1)[0]
    assert inputs["dimensions"] == {"SourceBucket": source, "DestinationBucket": destination, "RuleId": rule}


def test_lag_is_late_beyond_the_time_that_is_controlled() -> None:
    assert recorded().one("MetricAlarm", "local-raw-to-standby-late").inputs["threshold"] == 900


def test_types_without_a_region_get_none() -> None:
    recording = recorded()
    for kind in ("Role", "RolePolicy"):
        assert not [r.name for r in recording.all(kind) if "region" in r.inputs]
