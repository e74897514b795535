"""The data key and its replica: one name, rotation, how long a deletion waits, and the region each policy names."""

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.storage.key import MultiRegionKey, MultiRegionKeyArgs, ReplicaKey, ReplicaKeyArgs
from components.storage.key_policy import SERVICES, key_policy
from tests.recorder import ACCOUNT, Recorded, Recording, provider, record

PRIMARY, STANDBY = "us-east-2", "us-west-2"
PRIMARY_ARN = f"arn:aws:kms:{PRIMARY}:{ACCOUNT}:key/mrk-1"
KEY = MultiRegionKeyArgs(account_id=ACCOUNT, home=PRIMARY, alias="local-data", keep=True)
# The component is called so too.
REPLICA_KEY = "aws:kms/replicaKey:ReplicaKey"
REPLICA = ReplicaKeyArgs(primary_key_arn=PRIMARY_ARN, account_id=ACCOUNT, home=STANDBY, alias="local-data", keep=True)


def primary(**changes: Any) -> Recording:
    args = replace(KEY, **changes)
    return record(lambda: MultiRegionKey("local", args, pulumi.ResourceOptions(provider=provider(PRIMARY))))


def replica(**changes: Any) -> Recording:
    args = replace(REPLICA, **changes)
    return record(lambda: ReplicaKey("local", args, pulumi.ResourceOptions(provider=provider(STANDBY))))


def made(recording: Recording) -> list[Recorded]:
    """Key and alias."""
    found = [r for r in recording.resources if r.type.startswith("aws:kms/")]
    assert len(found) == 2
    return found


def test_the_key_can_be_replicated_and_rotates() -> None:
    key = primary().one("Key").inputs
    assert (key["multiRegion"], key["enableKeyRotation"]) == (True, True)


def test_the_replica_is_of_the_primary_key() -> None:
    assert replica().one(REPLICA_KEY).inputs["primaryKeyArn"] == PRIMARY_ARN


def test_both_have_one_alias_each_for_the_key_of_its_region() -> None:
    for recording in (primary(), replica()):
        alias = recording.one("Alias").inputs
        assert (alias["name"], alias["targetKeyId"]) == ("alias/local-data", "mrk-local-key")


@pytest.mark.parametrize(("keep", "days"), [(True, 30), (False, 7)])
def test_a_deletion_waits_as_long_as_kms_allows_where_data_is_kept(keep: bool, days: int) -> None:
    assert primary(keep=keep).one("Key").inputs["deletionWindowInDays"] == days
    assert replica(keep=keep).one(REPLICA_KEY).inputs["deletionWindowInDays"] == days


@pytest.mark.parametrize("keep", [True, False])
def test_the_alias_is_kept_with_the_key(keep: bool) -> None:
    for recording in (primary(keep=keep), replica(keep=keep)):
        assert {r.retain_on_delete for r in made(recording)} == {keep}


def test_each_policy_names_the_region_its_own_key_lies_in() -> None:
    key = json.loads(primary().one("Key").inputs["policy"])
    copy = json.loads(replica().one(REPLICA_KEY).inputs["policy"])
    assert key == key_policy(ACCOUNT, PRIMARY, tuple(SERVICES))
    assert copy == key_policy(ACCOUNT, STANDBY, tuple(SERVICES))
    assert f"logs.{STANDBY}.amazonaws.com" in json.dumps(copy)
    assert PRIMARY not in json.dumps(copy)


def test_only_the_services_that_are_named_get_in() -> None:
    for policy in (
        primary(services=["sns"]).one("Key").inputs["policy"],
        replica(services=["sns"]).one(REPLICA_KEY).inputs["policy"],
    ):
        assert json.loads(policy) == key_policy(ACCOUNT, PRIMARY, ("sns",))


@pytest.mark.parametrize("build", [primary, replica])
def test_a_service_without_a_statement_is_refused(build: Any) -> None:
    with pytest.raises(ValueError, match="'lambda' has no statement"):
        build(services=["lambda"])


@pytest.mark.parametrize("region", [None, "eu-west-1"])
def test_a_stack_that_spans_regions_names_the_region_of_key_and_alias(region: str | None) -> None:
    for recording in (primary(region=region), replica(region=region)):
        assert {r.inputs.get("region") for r in made(recording)} == {region}
