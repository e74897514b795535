"""What gateways may do on AWS: what is on the way of a request, and only through the services that need it."""

import json
from typing import Any

import pulumi

from components.serving.gateway_identity import GatewayIdentity, GatewayIdentityArgs
from tests.recorder import ACCOUNT, Recording, provider, record

ARGS = GatewayIdentityArgs(
    cluster_name="prod",
    account_id=ACCOUNT,
    key_arn="arn:key",
    stream_arn="arn:stream",
    key_table_arn="arn:keys",
    quota_table_arn="arn:quotas",
    ticket_table_arn="arn:tickets",
    ticket_queue_arn="arn:queue",
    hash_key_arn="arn:hash",
    routing_arn="arn:routing",
)


def recorded() -> Recording:
    return record(lambda: GatewayIdentity("prod", ARGS, pulumi.ResourceOptions(provider=provider("us-east-1"))))


def statements() -> list[dict[str, Any]]:
    return json.loads(recorded().one("RolePolicy").inputs["policy"])["Statement"]


def test_only_gateways_of_this_cluster_get_the_role() -> None:
    trust = json.loads(recorded().one("Role").inputs["assumeRolePolicy"])["Statement"][0]
    said = trust["Condition"]["StringEquals"]
    assert said["aws:RequestTag/kubernetes-namespace"] == "gateway"
    assert said["aws:RequestTag/kubernetes-service-account"] == "gateway"
    assert said["aws:RequestTag/eks-cluster-name"] == "prod"


def test_it_can_make_and_revoke_no_key() -> None:
    found = {each["Resource"]: each["Action"] for each in statements()}
    assert found["arn:keys"] == "dynamodb:GetItem"
    assert found["arn:hash"] == "secretsmanager:GetSecretValue"
    assert found["arn:stream"] == "firehose:PutRecordBatch"


def test_what_has_no_resource_is_bound_by_its_namespace() -> None:
    (metrics,) = [each for each in statements() if each["Resource"] == "*"]
    assert metrics["Action"] == "cloudwatch:PutMetricData"
    assert metrics["Condition"] == {"StringEquals": {"cloudwatch:namespace": "Stanchion/Gateway"}}


def test_the_key_is_used_through_services_only() -> None:
    (key,) = [each for each in statements() if each["Resource"] == "arn:key"]
    services = key["Condition"]["StringLike"]["kms:ViaService"]
    assert all(each.endswith(".*.amazonaws.com") for each in services)
