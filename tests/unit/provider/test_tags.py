from typing import Any

import pytest

from sandbox.provider import rows, tags
from sandbox.provider.context import Context
from sandbox.provider.errors import ProviderError
from sandbox.provider.row import TagCalls
from sandbox.provider.values import UNKNOWN
from tests.unit.provider.cloud_stub import StubCloud, refused

BUCKET = rows.rows_of("s3")["aws:s3/bucket:Bucket"]
KEY = rows.rows_of("kms")["aws:kms/key:Key"]


def context(row: Any, wanted: dict[str, str], **answers: Any) -> tuple[Context, StubCloud]:
    cloud = StubCloud(answers)
    return Context(cloud, row, {"bucket": "b", "tagsAll": wanted}, {}, "key-1"), cloud


def test_a_services_tags_are_replaced_as_a_whole_where_it_knows_nothing_else() -> None:
    found, cloud = context(BUCKET, {"a": "2"})
    tags.change(found, {"a": "1", "b": "1"})
    assert cloud.calls == [
        ("us-east-1", "put_bucket_tagging", {"Bucket": "b", "Tagging": {"TagSet": [{"Key": "a", "Value": "2"}]}})
    ]


def test_and_all_of_them_are_taken_when_none_are_wanted() -> None:
    found, cloud = context(BUCKET, {})
    tags.change(found, {"a": "1"})
    assert cloud.operations() == ["delete_bucket_tagging"]


def test_no_tags_may_be_an_error_of_the_service() -> None:
    assert tags.read(context(BUCKET, {}, get_bucket_tagging=refused("NoSuchTagSet"))[0]) == {}
    with pytest.raises(ProviderError):
        tags.read(context(BUCKET, {}, get_bucket_tagging=refused("AccessDenied"))[0])


def test_tags_of_a_create_take_the_services_own_words() -> None:
    found, _ = context(KEY, {"a": "1"})
    assert tags.at_create(found) == {"Tags": [{"TagKey": "a", "TagValue": "1"}]}
    assert found.tags_sent


def test_nothing_is_sent_when_nothing_changes() -> None:
    found, cloud = context(KEY, {"a": "1"})
    tags.change(found, {"a": "1"})
    assert not cloud.calls


def test_services_that_tag_several_at_once_get_a_list_of_one() -> None:
    row = rows.rows_of("lb")["aws:lb/loadBalancer:LoadBalancer"]
    answers = {"describe_tags": {"TagDescriptions": [{"ResourceArn": "key-1", "Tags": [{"Key": "a", "Value": "1"}]}]}}
    found, cloud = context(row, {"a": "2"}, **answers)
    tags.change(found, tags.read(found) or {})
    assert [request["ResourceArns"] for _, _, request in cloud.calls] == [["key-1"], ["key-1"]]


def test_wire_forms() -> None:
    assert tags.wire(TagCalls("a", "b", pair=None), {"a": 1}) == {"a": "1"}
    assert tags.from_wire({"a": "1", "aws:x": "2"}) == {"a": "1"}
    assert tags.from_wire(None) == {}


def test_merging_and_splitting() -> None:
    assert tags.merged({"a": "1", "b": "1"}, {"b": "2"}) == {"a": "1", "b": "2"}
    assert tags.merged({"a": "1"}, UNKNOWN) is UNKNOWN
    assert tags.split({"a": "1", "b": "2"}, None, {"a": "1"}) == {"tagsAll": {"a": "1", "b": "2"}, "tags": {"b": "2"}}
    assert tags.split({"a": "1"}, {"a": "1"}, {"a": "1"})["tags"] == {"a": "1"}, "the program says so itself"
    assert tags.split({"a": "other"}, None, {"a": "1"})["tags"] == {"a": "other"}, "somebody changed a default"


def test_a_service_that_takes_one_key_at_a_time_is_asked_for_each() -> None:
    row = rows.rows_of("appconfig")["aws:appconfig/application:Application"]
    cloud = StubCloud({})
    found = Context(cloud, row, {"tagsAll": {}}, {"arn": "arn:1"}, "1")
    tags.change(found, {"a": "1", "b": "1"})
    assert [request["TagKeys"] for _, _, request in cloud.calls] == [["a"], ["b"]]
