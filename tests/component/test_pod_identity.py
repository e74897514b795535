"""The identity of a model server: one model's keys, for one service account of one cluster."""

import json
from typing import Any

import pulumi
import pytest

from components.serving.pod_identity import PodIdentity, PodIdentityArgs
from tests.recorder import ACCOUNT, Recording, provider, record

BUCKET = "arn:aws:s3:::prod-artifacts"
KEY = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/mrk-1"


def recorded(prefix: str = "models/support-llm") -> Recording:
    args = PodIdentityArgs("prod", ACCOUNT, "support", "full", BUCKET, prefix, KEY, "support-assistant", "critical")
    return record(lambda: PodIdentity("local", args, pulumi.ResourceOptions(provider=provider("us-west-2"))))


def statements() -> list[dict[str, Any]]:
    return json.loads(recorded().one("RolePolicy").inputs["policy"])["Statement"]


def test_it_reads_its_own_model_and_nothing_beside() -> None:
    by_action = {s["Action"] if isinstance(s["Action"], str) else s["Action"][0]: s for s in statements()}
    assert set(by_action) == {"s3:GetObject", "s3:ListBucket", "kms:Decrypt"}
    assert by_action["s3:GetObject"]["Resource"] == f"{BUCKET}/models/support-llm/*"
    assert by_action["s3:ListBucket"]["Resource"] == BUCKET
    assert by_action["s3:ListBucket"]["Condition"] == {"StringLike": {"s3:prefix": "models/support-llm/*"}}


def test_the_key_is_used_through_s3_only() -> None:
    (key,) = [s for s in statements() if s["Resource"] == KEY]
    assert key["Action"] == ["kms:Decrypt"]
    assert key["Condition"] == {"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}}


def test_no_other_pod_gets_the_role() -> None:
    (trust,) = json.loads(recorded().one("Role").inputs["assumeRolePolicy"])["Statement"]
    said = trust["Condition"]["StringEquals"]
    assert said["aws:SourceAccount"] == ACCOUNT
    assert {key.rpartition("/")[2]: value for key, value in said.items() if "/" in key} == {
        "eks-cluster-name": "prod",
        "kubernetes-namespace": "support",
        "kubernetes-service-account": "full",
    }


def test_the_association_comes_when_the_role_can_read() -> None:
    recording = recorded()
    association = recording.one("PodIdentityAssociation")
    assert recording.one("RolePolicy").urn in association.dependencies
    assert (association.inputs["namespace"], association.inputs["serviceAccount"]) == ("support", "full")
    assert association.inputs["clusterName"] == "prod"


def test_it_belongs_to_its_workload() -> None:
    for kind in ("Role", "PodIdentityAssociation"):
        tags = recorded().one(kind).inputs["tags"]
        assert tags == {"stanchion:workload": "support-assistant", "stanchion:tier": "critical"}


@pytest.mark.parametrize("prefix", ["", "/models", "models/", "models/*", "mod?ls", "${aws:username}"])
def test_a_prefix_that_reaches_further_than_one_model_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="allowed: the keys of one model"):
        recorded(prefix)
