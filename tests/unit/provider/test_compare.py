import json
from dataclasses import replace

import pytest

from sandbox.provider import rows
from sandbox.provider.compare import completed, empty, reconcile, same, same_document
from sandbox.provider.row import Example, Row
from sandbox.provider.values import ARCHIVE, SIGNATURE

ROW = Row(
    type="aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    service="s3",
    create=(),
    read=(),
    delete=(),
    sets=frozenset({"rules.transitions"}),
    json=frozenset({"policy"}),
    nested_defaults={"rules.size": 128},
    nested_computed=frozenset({"rules.id"}),
    write_only=frozenset({"rules.token"}),
    choices=frozenset({"rules.action"}),
    example=Example(inputs={}),
)
ONE, TWO = {"days": 30, "class": "IA"}, {"days": 90, "class": "IR"}


def test_a_set_in_another_order_is_the_same() -> None:
    assert same(ROW, "rules", [{"transitions": [ONE, TWO]}], [{"transitions": [TWO, ONE]}])
    assert not same(ROW, "rules", [{"transitions": [ONE, ONE]}], [{"transitions": [ONE, TWO]}])


def test_a_list_in_another_order_is_not() -> None:
    assert not same(ROW, "rules", [{"a": 1}, {"a": 2}], [{"a": 2}, {"a": 1}])


def test_numbers_and_texts_that_say_the_same_are_the_same() -> None:
    assert same(ROW, "x", 30, "30")
    assert same(ROW, "x", True, "true")
    assert not same(ROW, "x", True, 1)


def test_only_strictly_more_from_the_cloud_is_a_change() -> None:
    wanted, cloud = [{"a": 1}], [{"a": 1, "prefix": "", "id": "made-up", "size": 128}]
    assert same(ROW, "rules", wanted, cloud, strict=False)
    assert not same(ROW, "rules", wanted, cloud)


def test_what_the_cloud_has_and_the_program_does_not_is_drift() -> None:
    assert not same(ROW, "rules", [{"a": 1}], [{"a": 1, "expiration": {"days": 1}}], strict=False)


def test_another_choice_is_drift_though_nothing_is_in_it() -> None:
    wanted = [{"action": {"block": {}}}]
    assert same(ROW, "rules", wanted, [{"action": {"block": {}}}], strict=False)
    assert not same(ROW, "rules", wanted, [{"action": {"count": {}}}], strict=False)
    assert reconcile(ROW, "rules", wanted, [{"action": {"count": {}}}]) == [{"action": {"count": {}}}]


def test_what_the_cloud_cannot_give_back_is_no_drift() -> None:
    assert same(ROW, "rules", [{"a": 1, "token": "x"}], [{"a": 1}], strict=False)


def test_reconciling_keeps_the_programs_words_where_they_mean_the_same() -> None:
    wanted = [{"transitions": [ONE, TWO], "days": "7"}]
    assert reconcile(ROW, "rules", wanted, [{"transitions": [TWO, ONE], "days": 7, "prefix": ""}]) == wanted
    drifted = reconcile(ROW, "rules", wanted, [{"transitions": [TWO, ONE], "days": 8}])
    assert drifted == [{"transitions": [ONE, TWO], "days": 8}]


def test_reconciling_shows_what_somebody_added_and_took_away() -> None:
    assert reconcile(ROW, "tags", {"a": "1"}, {"b": "2"}) == {"b": "2"}
    assert reconcile(ROW, "rules", [{"a": 1}], [{"a": 1}, {"a": 2}]) == [{"a": 1}, {"a": 2}]


POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["s3:Get*", "s3:Put*"], "Resource": ["a"]}],
}


@pytest.mark.parametrize(
    "other",
    [
        json.dumps(POLICY, indent=4, sort_keys=True),
        json.dumps({**POLICY, "Statement": POLICY["Statement"][0]}),
        json.dumps({**POLICY, "Statement": [{**POLICY["Statement"][0], "Principal": "*"}]}),
        json.dumps({**POLICY, "Statement": [{**POLICY["Statement"][0], "Action": ["s3:Put*", "s3:Get*"]}]}),
        json.dumps({**POLICY, "Statement": [{**POLICY["Statement"][0], "Resource": "a"}]}),
    ],
)
def test_a_policy_written_differently_is_the_same(other: str) -> None:
    assert same_document(json.dumps(POLICY), other)


def test_a_policy_with_another_action_is_another() -> None:
    other = {**POLICY, "Statement": [{**POLICY["Statement"][0], "Action": ["s3:Get*"]}]}
    assert not same_document(json.dumps(POLICY), json.dumps(other))


def test_lists_of_other_documents_keep_their_order() -> None:
    assert not same_document('{"steps": ["a", "b"]}', '{"steps": ["b", "a"]}')
    assert same_document('{"maxReceiveCount": "5"}', '{"maxReceiveCount": 5}')
    assert not same_document("no json", '"no json"')


def test_empty_reaches_inside() -> None:
    assert all(empty(value) for value in (None, "", 0, False, [], {}, {"a": {"b": ""}}))
    assert not any(empty(value) for value in (1, "x", True, ["", ""], {"a": 1}))


def test_every_rows_sets_and_documents_are_of_its_own_type() -> None:
    for row in rows.all_rows().values():
        assert same(row, "tags", {"a": "1"}, {"a": "1"})


def test_what_the_cloud_fills_in_is_read_beside_what_the_program_says() -> None:
    row = replace(ROW, nested_computed=frozenset({"vpc.group", "vpc.dns.server"}))
    wanted = {"subnets": ["b", "a"], "dns": {"on": True}}
    cloud = {"subnets": ["a", "b"], "group": "sg-1", "other": 1, "dns": {"on": True, "server": "10.0.0.2", "ttl": 5}}
    assert completed(row, "vpc", wanted, cloud) == {
        "subnets": ["b", "a"],
        "dns": {"on": True, "server": "10.0.0.2"},
        "group": "sg-1",
    }
    assert completed(row, "vpc", "text", cloud) == "text"
    assert completed(row, "vpc", wanted, None) == wanted


def test_archives_are_the_same_when_what_is_in_them_is() -> None:
    one = {SIGNATURE: ARCHIVE, "hash": "1", "path": "/here/code.zip"}
    assert same(ROW, "code", one, {**one, "path": "/there/code.zip"})
    assert not same(ROW, "code", one, {**one, "hash": "2"})
