"""The secret with the key of hashes: no value in the program, and the same one in both regions."""

import pulumi

from components.serving.hash_keys import HashKeys, HashKeysArgs, hash_key_statements
from tests.recorder import Recording, provider, record


def recorded(*, keep: bool = False) -> Recording:
    args = HashKeysArgs("prod", "arn:key", keep, "us-west-2", "arn:other-key", "arn:alias")
    return record(lambda: HashKeys("prod", args, pulumi.ResourceOptions(provider=provider("us-east-1"))))


def test_the_program_knows_no_value() -> None:
    assert [each.kind for each in recorded().resources if each.type.startswith("aws:")] == ["Secret"]


def test_the_other_region_has_a_replica_under_its_own_key() -> None:
    secret = recorded().one("Secret").inputs
    assert secret["name"] == "prod-event-hash-key"
    assert secret["replicas"] == [{"region": "us-west-2", "kmsKeyId": "arn:other-key"}]
    assert secret["tags"]["stanchion:replica-key"] == "arn:alias"


def test_a_kept_one_can_be_had_back() -> None:
    assert recorded(keep=True).one("Secret").inputs["recoveryWindowInDays"] == 7
    assert recorded().one("Secret").inputs["recoveryWindowInDays"] == 0


def test_the_function_may_read_and_write_this_secret_alone() -> None:
    first, second = hash_key_statements("arn:secret", "arn:key")
    assert first["Resource"] == "arn:secret"
    assert (second["Resource"], second["Condition"]) == (
        "arn:key",
        {"StringLike": {"kms:ViaService": "secretsmanager.*.amazonaws.com"}},
    )
