import json
from typing import Any

import botocore.session
import pytest

from sandbox.provider import rows
from sandbox.provider.check import Surroundings, check, check_configuration
from sandbox.provider.values import UNKNOWN

MODELS = botocore.session.Session().get_service_model
AROUND = Surroundings(region="us-west-2", default_tags={"owner": "me"}, logical="orders", models=MODELS)
QUEUE, TOPIC = "aws:sqs/queue:Queue", "aws:sns/topic:Topic"
BUCKET, ROLE, KEY = "aws:s3/bucket:Bucket", "aws:iam/role:Role", "aws:kms/key:Key"
S3 = "aws:s3/bucket"
LIFECYCLE = f"{S3}LifecycleConfiguration:BucketLifecycleConfiguration"
ENCRYPTION = f"{S3}ServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
REPLICATION = f"{S3}ReplicationConfig:BucketReplicationConfig"
LOCK = f"{S3}ObjectLockConfiguration:BucketObjectLockConfiguration"
TIERING = f"{S3}IntelligentTieringConfiguration:BucketIntelligentTieringConfiguration"
ON = {"status": "Enabled"}
TRUST = '{"Version": "2012-10-17", "Statement": []}'


def checked(token: str, new: dict[str, Any], old: dict[str, Any] | None = None, around: Surroundings = AROUND) -> Any:
    row = rows.find(token)
    assert row is not None
    return check(row, old or {}, new, around)


def replicated(**destination: Any) -> dict[str, Any]:
    rule = {"status": "Enabled", "destination": {"bucket": "arn:aws:s3:::b", **destination}}
    return {"bucket": "a", "role": "arn:aws:iam::000000000000:role/r", "rules": [rule]}


REFUSED = [
    # One line a case: the type, its inputs, the property in trouble, a part of the sentence about it.
    (QUEUE, {"contentBasedDeduplication": True}, "contentBasedDeduplication", "fifoQueue"),
    (TOPIC, {"contentBasedDeduplication": True}, "contentBasedDeduplication", "fifoTopic"),
    (QUEUE, {"name": "orders", "fifoQueue": True}, "name", ".fifo"),
    (TOPIC, {"name": "orders", "fifoTopic": True}, "name", ".fifo"),
    (QUEUE, {"name": "orders.fifo"}, "name", ".fifo"),
    (TOPIC, {"name": "my topic"}, "name", "letters"),
    (QUEUE, {"name": "my queue"}, "name", "letters"),
    (QUEUE, {"name": "a" * 81}, "name", "80"),
    (QUEUE, {"visibilityTimeoutSeconds": 43201}, "visibilityTimeoutSeconds", "(0 - 43200)"),
    (QUEUE, {"delaySeconds": 901}, "delaySeconds", "(0 - 900)"),
    (QUEUE, {"messageRetentionSeconds": 59}, "messageRetentionSeconds", "(60 - 1209600)"),
    (QUEUE, {"maxMessageSize": 0}, "maxMessageSize", "(1024 - "),
    (QUEUE, {"kmsMasterKeyId": "k", "sqsManagedSseEnabled": True}, "sqsManagedSseEnabled", "onflicting"),
    (QUEUE, {"policy": "{"}, "policy", "invalid JSON"),
    (QUEUE, {"redrivePolicy": '{"maxReceiveCount": 3}'}, "redrivePolicy", "deadLetterTargetArn"),
    (QUEUE, {"deduplicationScope": "messagegroup"}, "deduplicationScope", "messageGroup"),
    (QUEUE, {"delaySeconds": "soon"}, "delaySeconds", "expected a number"),
    (QUEUE, {"fifoQueue": "perhaps"}, "fifoQueue", "true or false"),
    (QUEUE, {"visibilityTimeout": 30}, "visibilityTimeout", 'did you mean "visibilityTimeoutSeconds"'),
    (BUCKET, {"bucket": "one", "bucketPrefix": "two"}, "bucketPrefix", "onflicting"),
    (BUCKET, {"bucket": "ab"}, "bucket", "(3 - 63)"),
    (BUCKET, {"tags": "x"}, "tags", "expected a map"),
    (BUCKET, {"versioning": {"enabled": True}}, "versioning", "BucketVersioning"),
    (BUCKET, {"tags": {"": "x"}}, 'tags[""]', "128"),
    (BUCKET, {"tags": {str(number): "x" for number in range(51)}}, "tags", "at most 50"),
    (ROLE, {}, "assumeRolePolicy", "required"),
    (ROLE, {"assumeRolePolicy": "not json"}, "assumeRolePolicy", "invalid JSON"),
    (ROLE, {"assumeRolePolicy": TRUST, "region": "us-east-1"}, "region", "unknown key"),
    (ROLE, {"assumeRolePolicy": TRUST, "maxSessionDuration": 60}, "maxSessionDuration", "(3600 - 43200)"),
    (ROLE, {"assumeRolePolicy": TRUST, "name": "a/b"}, "name", "match"),
    (ROLE, {"assumeRolePolicy": TRUST, "name": "x" * 65}, "name", "64"),
    (ROLE, {"assumeRolePolicy": TRUST, "managedPolicyArns": ["x"]}, "managedPolicyArns", "RolePolicyAttachment"),
    (KEY, {"deletionWindowInDays": 3}, "deletionWindowInDays", "(7 - 30)"),
    (KEY, {"keyUsage": "encrypt"}, "keyUsage", "ENCRYPT_DECRYPT"),
    (KEY, {"rotationPeriodInDays": 100}, "rotationPeriodInDays", "enableKeyRotation"),
    ("aws:kms/alias:Alias", {"name": "key", "targetKeyId": "k"}, "name", "alias/"),
    ("aws:kms/alias:Alias", {"name": "alias/aws/s3", "targetKeyId": "k"}, "name", "belongs to AWS"),
    ("aws:kms/replicaKey:ReplicaKey", {"primaryKeyArn": "k"}, "primaryKeyArn", "multi-region"),
    (ENCRYPTION, {"bucket": "b", "rules": [{"applyServerSideEncryptionByDefault": {}}]},
     "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm", "required"),
    (ENCRYPTION, {"bucket": "b", "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AWS:KMS"}}]},
     "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm", "aws:kms"),
    (ENCRYPTION, {"bucket": "b", "rules": [{"bucketKeyOn": True}]},
     "rules[0].bucketKeyOn", 'did you mean "bucketKeyEnabled"'),
    (LIFECYCLE, {"bucket": "b", "rules": [{"id": "a", "status": "on"}]}, "rules[0].status", "Enabled"),
    (LIFECYCLE, {"bucket": "b", "rules": [{"id": "a", "status": "Enabled", "transitions": [{"storageClass": "COLD"}]}]},
     "rules[0].transitions[0].storageClass", "GLACIER"),
    (LIFECYCLE,
     {"bucket": "b", "rules": [{"id": "a", "status": "Enabled", "filter": {"prefix": "a", "objectSizeLessThan": 1}}]},
     "rules[0].filter", '"and"'),
    (LOCK, {"bucket": "b", "rule": {"defaultRetention": {"mode": "GOVERNANCE"}}}, "rule.defaultRetention", "days"),
    (LOCK, {"bucket": "b", "rule": {"defaultRetention": {"mode": "governance", "days": 1}}},
     "rule.defaultRetention.mode", "GOVERNANCE"),
    (REPLICATION, replicated(replicationTime={"status": "Enabled", "time": {"minutes": 10}}, metrics=ON),
     "rules[0].destination.replicationTime.time.minutes", "15"),
    (REPLICATION, replicated(replicationTime={"status": "Enabled", "time": {"minutes": 15}}),
     "rules[0].destination", "metrics"),
    (TIERING, {"bucket": "b", "name": "n", "tierings": [{"accessTier": "COLD", "days": 90}]},
     "tierings[0].accessTier", "ARCHIVE_ACCESS"),
    ("aws:sns/topicSubscription:TopicSubscription", {"topic": "t", "protocol": "SQS", "endpoint": "e"},
     "protocol", "sqs"),
    ("aws:sns/topicSubscription:TopicSubscription", {"topic": "t", "protocol": "firehose", "endpoint": "e"},
     "subscriptionRoleArn", "firehose"),
    ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", {"role": "r", "policyArn": "p"}, "policyArn", "ARN"),
]  # fmt: skip


@pytest.mark.parametrize(("token", "inputs", "path", "part"), REFUSED)
def test_what_the_official_provider_refuses_is_refused(
    token: str, inputs: dict[str, Any], path: str, part: str
) -> None:
    _, problems = checked(token, inputs)
    found = {problem.property: problem.reason for problem in problems}
    assert path in found, found
    assert part in found[path]


@pytest.mark.parametrize("token", sorted(rows.all_rows()))
def test_the_example_of_every_row_is_let_through_while_its_needs_are_unknown(token: str) -> None:
    row = rows.all_rows()[token]
    inputs = {name: UNKNOWN if "Ref(" in repr(value) else value for name, value in row.example.inputs.items()}
    assert checked(token, inputs)[1] == []


def test_even_the_official_one_lets_an_uppercase_bucket_name_through() -> None:
    assert checked(BUCKET, {"bucket": "UPPER"})[1] == []


def test_a_problem_never_says_a_secret_value() -> None:
    _, problems = checked(QUEUE, {"delaySeconds": "hunter2", "policy": "hunter2", "fifoQueue": "hunter2"})
    assert problems
    assert not any("hunter2" in problem.reason for problem in problems)


def test_defaults_are_filled_as_the_official_provider_fills_them() -> None:
    inputs, problems = checked(QUEUE, {})
    assert not problems
    expected = {"visibilityTimeoutSeconds": 30, "messageRetentionSeconds": 345600, "maxMessageSize": 262144}
    assert inputs.items() >= expected.items()


def test_region_is_filled_where_the_type_has_one_and_nowhere_else() -> None:
    assert checked(QUEUE, {})[0]["region"] == "us-west-2"
    assert checked(QUEUE, {"region": "eu-west-1"})[0]["region"] == "eu-west-1"
    assert "region" not in checked(ROLE, {"assumeRolePolicy": TRUST})[0]


def test_an_automatic_name_is_made_once_and_kept() -> None:
    first, _ = checked(QUEUE, {})
    assert first["name"].startswith("orders-")
    assert "name" in first["__defaults"]
    assert checked(QUEUE, {"delaySeconds": 1}, first)[0]["name"] == first["name"]
    assert checked(QUEUE, {"name": "mine"}, first)[0]["name"] == "mine"
    fixed, _ = checked(QUEUE, {"name": "mine"})
    assert checked(QUEUE, {}, fixed)[0]["name"] != "mine", "a name that was given is not an automatic one"


def test_the_engines_own_naming_counts() -> None:
    proposed = Surroundings(region="us-east-1", logical="orders", proposed="orders-x")
    assert checked(QUEUE, {}, around=proposed)[0]["name"] == "orders-x"
    assert checked(QUEUE, {"fifoQueue": True}, around=proposed)[0]["name"] == "orders-x.fifo"
    disabled = Surroundings(region="us-east-1", logical="orders", automatic=False)
    assert "name" not in checked(QUEUE, {}, around=disabled)[0]


def test_default_tags_lie_under_the_resources_own() -> None:
    inputs, _ = checked(QUEUE, {"tags": {"owner": "you", "a": "1"}})
    assert inputs["tags"] == {"owner": "you", "a": "1"}
    assert inputs["tagsAll"] == {"owner": "you", "a": "1"}
    assert checked(QUEUE, {})[0]["tagsAll"] == {"owner": "me"}
    assert checked(QUEUE, {"tags": UNKNOWN})[0]["tagsAll"] is UNKNOWN


def test_values_are_read_as_the_type_the_property_has() -> None:
    inputs, problems = checked(QUEUE, {"delaySeconds": "5", "name": 12345, "fifoQueue": "false"})
    assert not problems
    assert (inputs["delaySeconds"], inputs["name"], inputs["fifoQueue"]) == (5, "12345", False)


def test_a_document_given_as_an_object_becomes_text() -> None:
    inputs, problems = checked(ROLE, {"assumeRolePolicy": {"Version": "2012-10-17", "Statement": []}})
    assert not problems
    assert json.loads(inputs["assumeRolePolicy"])["Statement"] == []


def test_unknown_values_are_let_through() -> None:
    inputs, problems = checked(QUEUE, {"kmsMasterKeyId": UNKNOWN, "policy": UNKNOWN, "delaySeconds": UNKNOWN})
    assert not problems
    assert inputs["kmsMasterKeyId"] is UNKNOWN


def test_the_providers_configuration_is_checked() -> None:
    assert check_configuration({"region": "us-east-1", "allowedAccountIds": ["1"]}) == []
    assert "us-eest" in check_configuration({"region": "us-eest"})[0].reason
    assert check_configuration({"region": "moon", "skipRegionValidation": True}) == []
    assert "region" in check_configuration({"regoin": "us-east-1"})[0].reason
    assert "does not support" in check_configuration({"assumeRoles": [{"roleArn": "x"}]})[0].reason
