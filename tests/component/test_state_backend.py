"""Pulumi's own state: both regions hold it, both can decrypt it, and a lock never stands in the engine's way."""

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.continuity.state_backend import StateBackend, StateBackendArgs
from tests.recorder import ACCOUNT, Recorded, Recording, provider, record

EAST, WEST = "us-east-1", "us-west-2"
ARGS = StateBackendArgs(environment="local", account_id=ACCOUNT, primary_region=EAST, standby_region=WEST, keep=True)
# The component that makes it has the same short name.
REPLICA = "aws:kms/replicaKey:ReplicaKey"
# Of the types used here, those that AWS knows no region for.
GLOBAL = {"Role", "RolePolicy"}


def recorded(preview: bool = False, **changes: Any) -> Recording:
    args = replace(ARGS, **changes)
    return record(
        lambda: StateBackend("local-state", args, pulumi.ResourceOptions(provider=provider(EAST))), preview=preview
    )


def by_region(recording: Recording, kind: str) -> dict[str, Recorded]:
    return {r.inputs["region"]: r for r in recording.all(kind)}


def test_both_regions_have_the_key_under_one_alias() -> None:
    recording = recorded()
    assert recording.one("Key").inputs["region"] == EAST
    assert recording.one("Key").inputs["multiRegion"] is True
    assert recording.one(REPLICA).inputs["region"] == WEST
    aliases = by_region(recording, "Alias")
    assert set(aliases) == {EAST, WEST}
    assert {alias.inputs["name"] for alias in aliases.values()} == {"alias/stanchion-local-state"}


def test_each_bucket_is_locked_versioned_and_encrypted_with_the_key_of_its_own_region() -> None:
    recording = recorded()
    for region in (EAST, WEST):
        assert by_region(recording, "Bucket")[region].inputs["objectLockEnabled"] is True
        assert by_region(recording, "BucketVersioning")[region].inputs["versioningConfiguration"]["status"] == "Enabled"
        (rule,) = by_region(recording, "BucketServerSideEncryptionConfiguration")[region].inputs["rules"]
        assert f":kms:{region}:" in rule["applyServerSideEncryptionByDefault"]["kmsMasterKeyId"]


def test_the_lock_is_one_that_a_person_with_permission_can_lift() -> None:
    for lock in recorded(object_lock_days=7).all("BucketObjectLockConfiguration"):
        assert lock.inputs["rule"] == {"defaultRetention": {"mode": "GOVERNANCE", "days": 7.0}}
    assert not recorded(object_lock_days=None).all("BucketObjectLockConfiguration")


def test_nothing_current_expires_so_that_an_idle_stack_keeps_its_checkpoint() -> None:
    for lifecycle in recorded().all("BucketLifecycleConfiguration"):
        (rule,) = lifecycle.inputs["rules"]
        assert "days" not in rule["expiration"]
        assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 365.0}


def test_the_engine_may_overwrite_and_delete_since_only_versions_are_locked() -> None:
    for policy in recorded().all("BucketPolicy"):
        denied = [s for s in json.loads(policy.inputs["policy"])["Statement"] if s["Effect"] == "Deny"]
        unconditional = [s for s in denied if not s.get("Condition")]
        assert not unconditional
        # A put or delete over TLS 1.2 that names no encryption meets none of these conditions.
        assert {key for s in denied for key in s["Condition"]} <= {
            "Bool",
            "NumericLessThan",
            "Null",
            "StringNotEquals",
            "ArnNotEquals",
        }
        for statement in denied:
            if {"StringNotEquals", "ArnNotEquals"} & set(statement["Condition"]):
                assert set(statement["Condition"]["Null"].values()) == {"false"}


def test_state_replicates_both_ways_once_both_buckets_have_versions() -> None:
    recording = recorded()
    configs = by_region(recording, "BucketReplicationConfig")
    assert set(configs) == {EAST, WEST}
    versioning = {r.urn for r in recording.all("BucketVersioning")}
    for config in configs.values():
        assert versioning <= set(config.dependencies)


def test_late_and_failed_replication_is_told_in_both_regions() -> None:
    recording = recorded()
    alarms = [a for a in recording.all("MetricAlarm") if "replication" in a.name]
    assert len(alarms) == 4
    for alarm in alarms:
        (topic,) = alarm.inputs["alarmActions"]
        assert f":sns:{alarm.inputs['region']}:" in topic


def test_every_resource_names_its_region_except_those_that_have_none() -> None:
    recording = recorded()
    custom = [r for r in recording.resources if r.custom and r.kind != "aws"]
    assert {r.kind for r in custom if "region" not in r.inputs} == GLOBAL
    assert {r.inputs["region"] for r in custom if "region" in r.inputs} == {EAST, WEST}


@pytest.mark.parametrize("keep", [True, False])
def test_keys_and_buckets_are_kept_together(keep: bool) -> None:
    recording = recorded(keep=keep)
    for kind in ("Key", REPLICA, "Alias", "Bucket", "BucketVersioning", "BucketPolicy"):
        assert {r.retain_on_delete for r in recording.all(kind)} == {keep}


def test_the_key_lets_in_no_service_beyond_what_the_alarms_need() -> None:
    policy = json.loads(recorded().one("Key").inputs["policy"])
    services = {s["Principal"].get("Service") for s in policy["Statement"]}
    assert services == {None, "cloudwatch.amazonaws.com", "sns.amazonaws.com"}


def test_the_engine_is_told_where_to_read_and_by_which_name_to_decrypt() -> None:
    found: dict[str, Any] = {}

    def build() -> None:
        state = StateBackend("local-state", ARGS, pulumi.ResourceOptions(provider=provider(EAST)))

        def keep(urls: list[str]) -> None:
            found["urls"] = urls

        pulumi.Output.all(state.primary_backend_url, state.standby_backend_url).apply(keep)
        found["provider"] = state.secrets_provider
        found["standby"] = state.standby_secrets_provider

    record(build)
    assert found["urls"] == [
        "s3://local-state-primary-bucket?region=us-east-1",
        "s3://local-state-standby-bucket?region=us-west-2",
    ]
    # No region: the engine writes the name into each checkpoint, and has to decrypt it in either region.
    assert found["provider"] == "awskms://alias/stanchion-local-state"
    assert found["standby"] == "awskms://alias/stanchion-local-state?region=us-west-2"


def test_a_first_preview_works_while_nothing_is_known() -> None:
    assert len(recorded(preview=True).all("BucketReplicationConfig")) == 2
