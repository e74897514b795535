"""The engine over a stub cloud: what a running emulator cannot easily be made to do."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.provider import engine, rows
from sandbox.provider.errors import PartlyCreatedError, ProviderError
from sandbox.provider.row import Call, Example, Row, TagCalls, Wait
from sandbox.provider.values import UNKNOWN
from tests.unit.provider.cloud_stub import StubCloud, refused

ALIAS = rows.rows_of("kms")["aws:kms/alias:Alias"]
ROLE = rows.rows_of("iam")["aws:iam/role:Role"]
BUCKET = rows.rows_of("s3")["aws:s3/bucket:Bucket"]
TOPIC = Row(
    type="aws:sns/topic:Topic",
    service="sns",
    create=(Call("create_topic", only=("name",)),),
    read=(Call("get_topic_attributes", {"TopicArn": "$id"}, fill=False, result="Attributes"),),
    delete=(Call("delete_topic", {"TopicArn": "$id"}, fill=False),),
    id=("arn",),
    names={"arn": "TopicArn", "name": "Name"},
    gone=frozenset({"NotFound"}),
    tags=TagCalls("tag_resource", "untag_resource", "list_tags_for_resource", ("ResourceArn", "$id")),
    example=Example(inputs={}),
)
ARN = "arn:aws:sns:us-east-1:000000000000:t"
FOUND = {"Attributes": {"TopicArn": ARN, "Name": "t", "DisplayName": "d"}}
INPUTS = {"name": "t", "displayName": "d", "region": "us-east-1", "tags": {"a": "1"}, "tagsAll": {"a": "1"}}


def topic_cloud(**answers: Any) -> StubCloud:
    usual = {"create_topic": {"TopicArn": ARN}, "get_topic_attributes": FOUND}
    return StubCloud({**usual, "list_tags_for_resource": {"Tags": [{"Key": "a", "Value": "1"}]}, **answers})


def test_create_gives_the_id_and_the_state_the_cloud_has() -> None:
    cloud = topic_cloud()
    identity, state = engine.create(cloud, TOPIC, INPUTS)
    assert identity == ARN
    assert state == {**INPUTS, "arn": ARN}
    assert cloud.operations() == ["create_topic", "tag_resource", "get_topic_attributes", "list_tags_for_resource"]


def test_a_resource_in_another_region_is_made_there() -> None:
    cloud = topic_cloud()
    engine.create(cloud, TOPIC, {**INPUTS, "region": "us-west-2"})
    assert {region for region, _, _ in cloud.calls} == {"us-west-2"}


def test_nothing_is_recorded_when_the_first_step_is_refused() -> None:
    with pytest.raises(
        ProviderError, match="create_topic for aws:sns/topic:Topic was refused: AccessDenied: no"
    ) as caught:
        engine.create(topic_cloud(create_topic=refused("AccessDenied")), TOPIC, INPUTS)
    assert not isinstance(caught.value, PartlyCreatedError)


def test_what_exists_is_recorded_when_a_later_step_is_refused() -> None:
    with pytest.raises(PartlyCreatedError, match="tag_resource") as caught:
        engine.create(topic_cloud(tag_resource=refused("Throttled")), TOPIC, INPUTS)
    assert caught.value.identity == ARN
    assert caught.value.state["name"] == "t"


def test_a_property_the_cloud_does_not_keep_is_no_silent_loss() -> None:
    with pytest.raises(PartlyCreatedError, match="did not keep signatureVersion"):
        engine.create(topic_cloud(), TOPIC, {**INPUTS, "signatureVersion": 2})


def test_a_step_runs_only_for_what_the_program_says() -> None:
    row = replace(TOPIC, create=(*TOPIC.create, Call("confirm_subscription", only=("policy",))))
    cloud = topic_cloud()
    engine.create(cloud, row, INPUTS)
    assert "confirm_subscription" not in cloud.operations()


def test_waiting_reads_until_the_resource_is_ready() -> None:
    answers = [
        {"Attributes": {**FOUND["Attributes"], "Policy": policy}} for policy in ("creating", "creating", "ready")
    ]
    row = replace(TOPIC, wait=Wait("policy", ("ready",), ("failed",)))
    cloud = topic_cloud(get_topic_attributes=answers)
    assert engine.create(cloud, row, INPUTS)[1]["policy"] == "ready"
    assert cloud.operations().count("get_topic_attributes") == 3


def test_waiting_ends_when_the_resource_has_failed_or_takes_too_long() -> None:
    failed = topic_cloud(get_topic_attributes={"Attributes": {**FOUND["Attributes"], "Policy": "failed"}})
    with pytest.raises(PartlyCreatedError, match="became failed"):
        engine.create(failed, replace(TOPIC, wait=Wait("policy", ("ready",), ("failed",))), INPUTS)
    with pytest.raises(PartlyCreatedError, match="not ready within 0 s"):
        engine.create(topic_cloud(), replace(TOPIC, wait=Wait("policy", ("ready",), seconds=0)), INPUTS)


def test_a_resource_that_is_gone_reads_as_nothing() -> None:
    assert engine.read(topic_cloud(get_topic_attributes=refused("NotFound")), TOPIC, ARN, INPUTS) is None


def test_another_error_of_a_read_is_an_error() -> None:
    with pytest.raises(ProviderError, match="InternalError"):
        engine.read(topic_cloud(get_topic_attributes=refused("InternalError")), TOPIC, ARN, INPUTS)


def test_reading_says_what_somebody_changed() -> None:
    changed = {"Attributes": {**FOUND["Attributes"], "DisplayName": "other"}}
    tags = {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}, {"Key": "aws:x", "Value": "3"}]}
    found = engine.read(topic_cloud(get_topic_attributes=changed, list_tags_for_resource=tags), TOPIC, ARN, INPUTS)
    assert found is not None
    state, inputs = found
    assert inputs["displayName"] == state["displayName"] == "other"
    assert inputs["tags"] == {"a": "1", "b": "2"}
    assert inputs["tagsAll"] == {"a": "1", "b": "2"}


def test_a_tag_that_only_repeats_a_default_is_not_the_resources_own() -> None:
    cloud = StubCloud(topic_cloud().answers, default_tags={"a": "1"})
    found = engine.read(cloud, TOPIC, ARN, {name: value for name, value in INPUTS.items() if name != "tags"})
    assert found is not None
    assert "tags" not in found[1]


def test_a_property_that_somebody_took_away_leaves_the_inputs() -> None:
    gone = {"Attributes": {"TopicArn": ARN, "Name": "t"}}
    found = engine.read(topic_cloud(get_topic_attributes=gone), TOPIC, ARN, INPUTS)
    assert found is not None
    assert "displayName" not in found[1]


def test_an_update_changes_tags_by_what_came_and_went() -> None:
    cloud = topic_cloud(list_tags_for_resource={"Tags": [{"Key": "b", "Value": "2"}]})
    engine.update(cloud, TOPIC, ARN, INPUTS, {**INPUTS, "tagsAll": {"b": "2"}}, dict(INPUTS))
    requests = {operation: request for _, operation, request in cloud.calls}
    assert requests["untag_resource"]["TagKeys"] == ["a"]
    assert requests["tag_resource"]["Tags"] == [{"Key": "b", "Value": "2"}]


def test_an_update_that_fails_half_way_keeps_the_id() -> None:
    cloud = topic_cloud(untag_resource=refused("Throttled"))
    with pytest.raises(PartlyCreatedError, match="untag_resource") as caught:
        engine.update(cloud, TOPIC, ARN, INPUTS, {**INPUTS, "tagsAll": {}}, dict(INPUTS))
    assert caught.value.identity == ARN


def test_deleting_what_is_gone_is_fine() -> None:
    engine.delete(topic_cloud(delete_topic=refused("NotFound")), TOPIC, ARN, INPUTS, {})


def test_deleting_waits_until_it_is_gone() -> None:
    cloud = topic_cloud(get_topic_attributes=[FOUND, FOUND, refused("NotFound")])
    engine.delete(cloud, replace(TOPIC, wait_gone=True), ARN, INPUTS, {})
    assert cloud.operations().count("get_topic_attributes") == 3


def test_a_name_taken_by_our_own_interrupted_create_is_taken_over() -> None:
    alias = {"AliasName": "alias/a", "AliasArn": "arn:aws:kms:us-east-1:000000000000:alias/a", "TargetKeyId": "k"}
    answers = {"create_alias": refused("AlreadyExistsException"), "list_aliases": {"Aliases": [alias]}}
    inputs = {"name": "alias/a", "targetKeyId": "k", "region": "us-east-1"}
    assert engine.create(StubCloud(answers), ALIAS, inputs)[0] == "alias/a"


def test_a_name_that_somebody_else_has_is_not_taken_over() -> None:
    alias = {"AliasName": "alias/a", "AliasArn": "arn:aws:kms:us-east-1:000000000000:alias/a", "TargetKeyId": "other"}
    cloud = StubCloud({"create_alias": refused("AlreadyExistsException"), "list_aliases": {"Aliases": [alias]}})
    with pytest.raises(ProviderError, match="not made by this stack"):
        engine.create(cloud, ALIAS, {"name": "alias/a", "targetKeyId": "k", "region": "us-east-1"})
    assert "update_alias" not in cloud.operations()


def test_with_our_tags_it_is_ours_and_what_differs_is_changed() -> None:
    document = {"Version": "2012-10-17", "Statement": []}
    answer = {
        "Role": {
            "Arn": "arn:aws:iam::000000000000:role/r",
            "RoleName": "r",
            "RoleId": "AROA",
            "CreateDate": datetime(2026, 1, 1, tzinfo=UTC),
            "AssumeRolePolicyDocument": document,
            "Description": "new",
            "Tags": [{"Key": "stack", "Value": "mine"}],
        }
    }
    older = {"Role": {**answer["Role"], "Description": "old"}}
    cloud = StubCloud({"create_role": refused("EntityAlreadyExists"), "get_role": [older, answer]})
    inputs = {
        "name": "r",
        "path": "/",
        "description": "new",
        "maxSessionDuration": 3600,
        "forceDetachPolicies": False,
        "assumeRolePolicy": '{"Version": "2012-10-17", "Statement": []}',
        "tagsAll": {"stack": "mine"},
    }
    assert engine.create(cloud, ROLE, inputs)[0] == "r"
    assert "update_role" in cloud.operations()
    with pytest.raises(ProviderError, match="not made by this stack"):
        engine.create(
            StubCloud({"create_role": refused("EntityAlreadyExists"), "get_role": older}),
            ROLE,
            {**inputs, "tagsAll": {"stack": "another"}},
        )


def test_an_import_takes_the_id_apart() -> None:
    policy = rows.rows_of("iam")["aws:iam/rolePolicy:RolePolicy"]
    assert engine.from_identity(policy, "r:p") == {"role": "r", "name": "p"}
    with pytest.raises(ProviderError, match="<role>:<name>"):
        engine.from_identity(policy, "r")


def test_a_preview_of_a_create_knows_the_inputs_and_nothing_of_the_cloud() -> None:
    state = engine.planned(TOPIC, {"name": "t"})
    assert state["name"] == "t"
    assert state["arn"] is UNKNOWN
    assert "displayName" not in state


def test_a_preview_of_an_update_keeps_what_the_cloud_has_said() -> None:
    assert engine.planned(TOPIC, {"name": "t"}, {"name": "t", "arn": ARN})["arn"] == ARN


def test_a_bucket_that_is_not_empty_is_kept_with_a_sentence() -> None:
    cloud = StubCloud({"delete_bucket": refused("BucketNotEmpty")})
    with pytest.raises(ProviderError, match=r"is not empty.*forceDestroy"):
        engine.delete(cloud, BUCKET, "raw", {"bucket": "raw", "forceDestroy": False}, {})
    assert "delete_objects" not in cloud.operations()


def test_force_destroy_takes_versions_and_markers_along() -> None:
    page = {
        "Versions": [{"Key": "a", "VersionId": "1"}, {"Key": "a", "VersionId": "2"}],
        "DeleteMarkers": [{"Key": "a", "VersionId": "3"}],
    }
    cloud = StubCloud({"list_object_versions": page})
    engine.delete(cloud, BUCKET, "raw", {"bucket": "raw", "forceDestroy": True}, {})
    deleted = next(request for _, operation, request in cloud.calls if operation == "delete_objects")
    assert [entry["VersionId"] for entry in deleted["Delete"]["Objects"]] == ["1", "2", "3"]
    assert cloud.operations()[-1] == "delete_bucket"


def test_an_object_that_cannot_be_deleted_is_named() -> None:
    refusal = {"Errors": [{"Key": "a", "Code": "AccessDenied", "Message": "locked"}]}
    cloud = StubCloud(
        {"list_object_versions": {"Versions": [{"Key": "a", "VersionId": "1"}]}, "delete_objects": refusal}
    )
    with pytest.raises(ProviderError, match="a in raw could not be deleted: AccessDenied: locked"):
        engine.delete(cloud, BUCKET, "raw", {"bucket": "raw", "forceDestroy": True}, {})


def test_outside_us_east_1_the_region_is_named_to_s3() -> None:
    cloud = StubCloud({})
    engine.create(cloud, BUCKET, {"bucket": "raw", "region": "us-west-2", "forceDestroy": False})
    request = next(request for _, operation, request in cloud.calls if operation == "create_bucket")
    assert request["CreateBucketConfiguration"] == {"LocationConstraint": "us-west-2"}


TAKEN = {
    "create_bucket": refused("BucketAlreadyOwnedByYou"),
    "get_object_lock_configuration": refused("ObjectLockConfigurationNotFoundError"),
}
WANTED = {"bucket": "raw", "region": "us-east-1", "forceDestroy": False, "tags": {"a": "1"}, "tagsAll": {"a": "1"}}


def test_an_empty_untagged_bucket_of_the_name_is_our_interrupted_create() -> None:
    tags = [refused("NoSuchTagSet"), {"TagSet": [{"Key": "a", "Value": "1"}]}]
    cloud = StubCloud({**TAKEN, "get_bucket_tagging": tags})
    assert engine.create(cloud, BUCKET, WANTED)[0] == "raw"
    assert "put_bucket_tagging" in cloud.operations()


@pytest.mark.parametrize(
    "other",
    [
        {"list_object_versions": {"Versions": [{"Key": "a"}]}, "get_bucket_tagging": refused("NoSuchTagSet")},
        {"get_bucket_tagging": {"TagSet": [{"Key": "stack", "Value": "another"}]}},
    ],
)
def test_a_bucket_with_objects_or_others_tags_is_not(other: dict[str, Any]) -> None:
    cloud = StubCloud({**TAKEN, **other})
    with pytest.raises(ProviderError, match="not made by this stack"):
        engine.create(cloud, BUCKET, WANTED)
    assert "put_bucket_tagging" not in cloud.operations()


def test_nobody_waits_once_the_engine_has_cancelled() -> None:
    cloud = topic_cloud()
    cloud.cancelled.set()
    with pytest.raises(PartlyCreatedError, match="cancelled"):
        engine.create(cloud, replace(TOPIC, wait=Wait("policy", ("ready",))), INPUTS)
