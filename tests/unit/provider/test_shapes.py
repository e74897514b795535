from typing import Any

import botocore.session

from sandbox.provider.schema import Field, schema_of
from sandbox.provider.shapes import from_response, object_from, to_request

SESSION = botocore.session.Session()


def shape(service: str, operation: str, member: str) -> Any:
    model: Any = SESSION.get_service_model(service).operation_model(operation)
    return model.input_shape.members[member]


def test_names_match_whatever_their_case() -> None:
    rules = [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "k"}}]
    request = to_request({"rules": rules}, shape("s3", "PutBucketEncryption", "ServerSideEncryptionConfiguration"), {})
    assert request == {
        "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"}}]
    }


def test_a_single_object_goes_into_a_list_and_comes_out_of_it() -> None:
    names = {"rule": "Rules"}
    request = to_request(
        {"rule": {"objectOwnership": "ObjectWriter"}},
        shape("s3", "PutBucketOwnershipControls", "OwnershipControls"),
        names,
    )
    assert request == {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    fields = schema_of("aws:s3/bucketOwnershipControls:BucketOwnershipControls").outputs
    assert object_from(request, fields, names)["rule"] == {"objectOwnership": "ObjectWriter"}


def test_maps_become_pairs_and_pairs_become_maps() -> None:
    pairs = to_request({"a": "1"}, shape("s3", "PutBucketTagging", "Tagging").members["TagSet"], {})
    assert pairs == [{"Key": "a", "Value": "1"}]
    assert from_response(pairs, Field("tags", "map"), {}) == {"a": "1"}
    assert from_response([{"TagKey": "a", "TagValue": "1"}], Field("tags", "map"), {}) == {"a": "1"}


def test_values_take_the_type_of_the_shape_and_of_the_property() -> None:
    days = shape("s3", "PutBucketLifecycleConfiguration", "LifecycleConfiguration").members["Rules"].member
    assert to_request({"transitions": [{"days": "30"}]}, days, {}) == {"Transitions": [{"Days": 30}]}
    assert from_response("30", Field("x", "int"), {}) == 30
    assert from_response("true", Field("x", "bool"), {}) is True
    assert from_response(30, Field("x", "str"), {}) == "30"


def test_members_nobody_knows_are_left_out() -> None:
    assert to_request({"nothing": 1}, shape("s3", "PutBucketTagging", "Tagging"), {}) == {}
    assert object_from({"Other": 1}, {"name": Field("name", "str")}, {}) == {}


def test_a_rename_by_path_counts_only_there() -> None:
    names = {"outer.id": "Identifier"}
    fields = {"id": Field("id", "str")}
    assert object_from({"Identifier": "x", "Id": "y"}, fields, names, "outer") == {"id": "x"}
    assert object_from({"Identifier": "x", "Id": "y"}, fields, names) == {"id": "y"}
