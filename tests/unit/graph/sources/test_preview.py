"""Previews: what is new, changed, replaced, removed, unchanged, and what a preview leaves out."""

from typing import Any

import pytest

from stanchion.graph import SECRET, ResourceGraph, Unsettled
from stanchion.graph.sources.errors import GraphSourceError
from stanchion.graph.sources.preview import PreviewReader
from stanchion.graph.sources.reading import read_graph
from tests.unit.graph.samples import names, one, path

URN = "urn:pulumi:s::p::aws:s3/bucket:Bucket::lake"
ALL = {
    *("stanchion-test", "east", "west", "shop", "shop-key", "orders", "orders-data", "orders-versions"),
    *("orders-encryption", "orders-lifecycle", "key-copy", "dead", "work", "told", "log"),
}
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"


def state(**more: Any) -> dict[str, Any]:
    return {"urn": URN, "type": "aws:s3/bucket:Bucket", "custom": True, **more}


def step(operation: str, urn: str = URN, **more: Any) -> dict[str, Any]:
    return {"op": operation, "urn": urn, **more}


def graph(*steps: Any, **header: Any) -> ResourceGraph:
    reader = PreviewReader("plan.json")
    for each in steps:
        reader.step(each)
    return reader.graph(header)


def test_the_first_preview_holds_everything_but_the_default_provider():
    found = read_graph(path("preview_first"))
    assert names(found) == ALL | {"gone"}
    assert found.config == {"aws:region": "us-east-1"}
    assert one(found, "told").provider.endswith("pulumi:providers:aws::default_7_51_1")
    assert found.provider_of(one(found, "told")) is None
    assert found.region_of(one(found, "told")) == "us-east-1"
    assert found.region_of(one(found, "key-copy")) == found.region_of(one(found, "work")) == "us-west-2"


def test_in_the_first_preview_relations_are_known_by_edges():
    found = read_graph(path("preview_first"))
    bucket, key = one(found, "orders-data"), one(found, "shop-key")
    assert [part.name for part in found.referring(bucket, "bucket", VERSIONING, ENCRYPTION)] == [
        "orders-versions",
        "orders-encryption",
    ]
    rule = one(found, "orders-encryption").at("rules")[0]["applyServerSideEncryptionByDefault"]
    assert found.reference(rule["kmsMasterKeyId"], "aws:kms/key:Key").one is key
    assert found.reference(one(found, "key-copy").at("primaryKeyArn")).one is key
    assert [above.name for above in found.ancestors(bucket)] == ["orders", "shop", "stanchion-test"]


def test_settings_are_read_with_their_types():
    found = read_graph(path("preview_first"))
    transition = one(found, "orders-lifecycle").at("rules")[0]["transitions"][0]
    assert transition["days"].number(0) == 30
    assert one(found, "dead").at("fifoQueue").flag(True) is False
    assert one(found, "key-copy").protect
    assert one(found, "key-copy").retain_on_delete
    assert found.tags_of(one(found, "orders-data")) == {"team": "shop", "stanchion:workload": "orders"}
    assert not one(found, "shop").custom


def test_a_secret_is_one_wherever_it_stands():
    found = read_graph(path("preview_first"))
    assert one(found, "told").inputs["displayName"] is SECRET
    assert isinstance(one(found, "told").at("displayName").text(), Unsettled)
    assert found.tags_of(one(found, "log")).get("owner") is SECRET


def test_a_changed_program_is_as_it_will_be():
    found = read_graph(path("preview_changed"))
    assert names(found) == ALL | {"new"}
    assert one(found, "orders-lifecycle").at("rules")[0]["transitions"][0]["days"].number(0) == 60
    assert one(found, "told").inputs["name"] == "told-2"
    assert not one(found, "told").at("arn").is_set
    assert found.tags_of(one(found, "new")) == {"queue": "dead-83a7744"}


def test_what_does_not_change_keeps_its_id_and_outputs():
    bucket = one(read_graph(path("preview_changed")), "orders-data")
    assert bucket.outputs["arn"] == f"arn:aws:s3:::{bucket.inputs['bucket']}"
    assert bucket.outputs["id"] == bucket.inputs["bucket"]
    assert bucket.created is not None
    assert bucket.created.year == 2026


def test_steps_of_a_refresh_and_of_a_replacement_are_one_resource():
    found = read_graph(path("preview_refreshed_steps"))
    assert names(found) == {"told", "orders", "new"}
    assert one(found, "told").inputs["name"] == "told-2"
    assert one(found, "orders").inputs["days"] == 60


@pytest.mark.parametrize("operation", ["delete", "discard", "delete-replaced", "discard-replaced"])
def test_what_goes_is_left_out(operation: str):
    assert names(graph(step(operation, oldState=state()))) == set()


def test_what_a_refresh_finds_and_the_program_drops_is_left_out():
    refreshed = step("refresh", oldState=state(), newState=state())
    assert names(graph(refreshed, step("delete", oldState=state()))) == set()
    assert names(graph(refreshed)) == {"lake"}
    assert names(graph(refreshed, step("create-replacement", newState=state()), step("delete", oldState=state()))) == {
        "lake"
    }


@pytest.mark.parametrize("operation", ["read", "read-replacement", "import", "create-replacement", "replace", "new-op"])
def test_every_other_step_with_a_new_state_is_a_resource(operation: str):
    assert names(graph(step(operation, newState=state(external=True)))) == {"lake"}


def test_the_new_one_of_a_replacement_wins_in_any_order():
    new, old = state(inputs={"bucket": "new"}), state(inputs={"bucket": "old"})
    steps = [
        step("create-replacement", oldState=old, newState=new),
        step("replace", oldState=old, newState=new),
        step("delete-replaced", oldState=old),
    ]
    for order in (steps, steps[::-1]):
        assert one(graph(*order), "lake").inputs == {"bucket": "new"}


def test_an_update_keeps_what_the_cloud_made_and_no_setting_of_before():
    old = state(
        id="lake",
        inputs={"bucket": "lake", "days": 5, "tags": {"a": "b"}},
        outputs={
            **{"bucket": "lake", "days": 5, "arn": "arn:lake", "acl": "private", "size": 1},
            **{"tags": {"a": "b"}, "tagsAll": {"a": "b"}},
        },
    )
    new = state(inputs={"bucket": "lake", "size": 2})
    found = one(graph(step("update", oldState=old, newState=new, diffReasons=["acl"])), "lake")
    assert found.outputs == {"arn": "arn:lake", "id": "lake"}
    assert not found.at("days").is_set
    assert found.at("size").number(0) == 2


def test_a_preview_that_leaves_out_what_does_not_change_is_refused():
    with pytest.raises(GraphSourceError) as refusal:
        read_graph(path("preview_without_unchanged"))
    assert "leaves out 11 unchanged resources" in str(refusal.value)
    assert "pulumi preview --json --show-sames" in str(refusal.value)


def test_one_left_out_is_named_in_the_singular():
    with pytest.raises(GraphSourceError, match="leaves out 1 unchanged resource, so"):
        graph(step("create", newState=state()), changeSummary={"create": 1, "same": 1})


def test_a_refresh_shows_what_does_not_change():
    refreshed = step("refresh", oldState=state(), newState=state())
    assert names(graph(refreshed, changeSummary={"same": 1})) == {"lake"}


@pytest.mark.parametrize("summary", [None, [], {"same": "many"}, {"same": None}, {}])
def test_an_odd_summary_counts_nothing(summary: Any):
    assert names(graph(step("create", newState=state()), changeSummary=summary)) == {"lake"}


def test_a_preview_that_failed_is_refused_with_its_reason():
    with pytest.raises(GraphSourceError) as refusal:
        read_graph(path("preview_failed"))
    assert "failed" in str(refusal.value)
    assert "Program failed with an unhandled exception: RuntimeError: no" in str(refusal.value)
    assert "Traceback" not in str(refusal.value)


def test_a_preview_that_a_policy_refused_is_whole_and_read():
    assert names(read_graph(path("preview_refused_by_a_policy"))) == {"stanchion-test2", "east", "west"}


def test_warnings_and_what_is_no_diagnostic_do_no_harm():
    diagnostics = [{"severity": "warning", "message": "old"}, {"severity": "info"}, 5, None]
    assert names(graph(step("create", newState=state()), diagnostics=diagnostics)) == {"lake"}
    assert names(graph(diagnostics="none")) == set()


def test_an_error_without_a_message_is_one():
    with pytest.raises(GraphSourceError, match="failed"):
        graph(diagnostics=[{"severity": "error"}])


@pytest.mark.parametrize("wrong", [None, 5, "x", [], {}, {"op": "create"}, {"op": "create", "urn": 5}])
def test_a_step_of_a_wrong_form_is_refused_with_its_number(wrong: Any):
    with pytest.raises(GraphSourceError, match=r"step 2 of plan\.json"):
        graph(step("create", newState=state()), wrong)


def test_a_step_without_a_new_state_makes_nothing():
    assert names(graph(step("create"), step("same", newState=None), step("extend-parameterize", newState=5))) == set()
