from dataclasses import replace

from sandbox.provider import rows
from sandbox.provider.diff import difference
from sandbox.provider.values import ARCHIVE, SIGNATURE, UNKNOWN

QUEUE = rows.rows_of("sqs")["aws:sqs/queue:Queue"]
LIFECYCLE = rows.rows_of("s3_lifecycle")["aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"]
POLICY = rows.rows_of("s3_protection")["aws:s3/bucketPolicy:BucketPolicy"]


def test_a_changed_value_is_an_update() -> None:
    found = difference(QUEUE, {"delaySeconds": 0}, {"delaySeconds": 5})
    assert found.paths == {"delaySeconds": "update"}
    assert not found.replaces


def test_a_changed_name_or_region_takes_a_new_resource() -> None:
    assert difference(QUEUE, {"name": "a"}, {"name": "b"}).replaces == {"name": "name"}
    assert difference(QUEUE, {"region": "us-east-1"}, {"region": "us-west-2"}).replaces == {"region": "region"}


def test_an_unknown_value_of_such_a_property_does_too() -> None:
    assert difference(POLICY, {"bucket": "a"}, {"bucket": UNKNOWN}).replaces


def test_a_fixed_name_has_to_go_before_it_can_come_again() -> None:
    old, new = {"name": "orders", "fifoQueue": False}, {"name": "orders", "fifoQueue": True}
    assert difference(QUEUE, old, new).delete_first
    automatic = {**new, "__defaults": ["name"]}
    assert not difference(QUEUE, {**old, "__defaults": ["name"]}, automatic).delete_first
    assert difference(replace(QUEUE, delete_first=True), {"name": "a"}, {"name": "b"}).delete_first


def test_sets_and_documents_are_compared_by_meaning() -> None:
    one, two = {"days": 30, "storageClass": "STANDARD_IA"}, {"days": 90, "storageClass": "GLACIER_IR"}
    before, after = {"rules": [{"transitions": [one, two]}]}, {"rules": [{"transitions": [two, one]}]}
    assert not difference(LIFECYCLE, before, after).paths
    assert not difference(POLICY, {"policy": '{"a": 1, "b": 2}'}, {"policy": '{ "b":2, "a":1 }'}).paths


def test_the_path_says_what_changed_inside() -> None:
    before = {"rules": [{"status": "Enabled", "transitions": [{"days": 1}]}], "tags": {"a:b": "1"}}
    after = {"rules": [{"status": "Disabled", "transitions": [{"days": 1}, {"days": 2}]}], "tags": {"a:b": "2"}}
    assert difference(LIFECYCLE, before, after).paths == {
        "rules[0].status": "update",
        "rules[0].transitions[1]": "add",
        'tags["a:b"]': "update",
    }


def test_a_member_that_leaves_a_set_is_a_deletion() -> None:
    before, after = (
        {"rules": [{"transitions": [{"days": 1}, {"days": 2}]}]},
        {"rules": [{"transitions": [{"days": 2}]}]},
    )
    assert difference(LIFECYCLE, before, after).paths == {"rules[0].transitions[0]": "delete"}


def test_taking_a_computed_property_out_of_the_program_changes_nothing() -> None:
    assert not difference(QUEUE, {"policy": "{}"}, {}).paths
    assert difference(QUEUE, {"kmsMasterKeyId": "x"}, {}).paths == {"kmsMasterKeyId": "delete"}


def test_ignored_and_internal_properties_are_passed_over() -> None:
    assert not difference(QUEUE, {"delaySeconds": 0}, {"delaySeconds": 5}, frozenset({"delaySeconds"})).paths
    assert not difference(QUEUE, {"__defaults": ["name"]}, {"__defaults": []}).paths


def test_a_changed_archive_is_one_change() -> None:
    function = rows.rows_of("lambda_")["aws:lambda/function:Function"]
    before = {SIGNATURE: ARCHIVE, "hash": "1", "path": "code.zip"}
    found = difference(function, {"code": before}, {"code": {**before, "hash": "2", "path": "other.zip"}})
    assert found.paths == {"code": "update"}
    assert not found.replaces
