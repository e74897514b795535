"""Exports and checkpoints: what is deployed, and what is on its way out."""

import json
from typing import Any

import pytest

from stanchion.graph import SECRET, ResourceGraph
from stanchion.graph.sources.errors import GraphSourceError
from stanchion.graph.sources.reading import read_graph, read_text
from tests.unit.graph.samples import names, one, path, sample

URN = "urn:pulumi:s::p::aws:s3/bucket:Bucket::lake"


def exported(*resources: Any, version: Any = 3, **more: Any) -> ResourceGraph:
    return read_text(json.dumps({"version": version, "deployment": {"resources": resources, **more}}), "export.json")


def resource(**more: Any) -> dict[str, Any]:
    return {"urn": URN, "type": "aws:s3/bucket:Bucket", "custom": True, **more}


def test_an_export_holds_everything_with_ids_and_the_default_provider():
    found = read_graph(path("export"))
    assert {"default_7_51_1", "orders-data", "told", "gone"} < names(found)
    bucket = one(found, "orders-data")
    assert bucket.outputs["id"] == bucket.inputs["bucket"]
    assert bucket.created is not None
    assert bucket.created.isoformat() == "2026-11-23T06:07:14.235723+00:00"
    assert found.provider_of(one(found, "told")) is one(found, "default_7_51_1")
    assert found.region_of(one(found, "told")) == "us-east-1"


def test_in_an_export_relations_are_known_by_value():
    found = read_graph(path("export"))
    work = json.loads(one(found, "work").at("redrivePolicy").value)
    assert [named.name for named in found.named(work["deadLetterTargetArn"])] == ["dead"]
    bucket = one(found, "orders-data")
    assert [named.name for named in found.named(bucket.inputs["bucket"])] == ["orders-data"]
    assert found.reference(one(found, "orders-versions").at("bucket")).one is bucket


def test_nothing_of_a_secret_is_left_in_the_graph():
    found = read_graph(path("export"))
    assert one(found, "stanchion-test").outputs["password"] is SECRET
    assert one(found, "told").at("displayName").value is SECRET
    assert "sealed" in path("export").read_text(encoding="utf-8")
    assert "sealed" not in repr(list(found))


def test_a_checkpoint_is_read_like_an_export_and_says_its_configuration():
    export = sample("export")
    checkpoint = {
        "version": 3,
        "checkpoint": {
            "stack": "organization/stanchion/test",
            "config": {"aws:region": "us-east-1", "app:token": {"secure": "v1:x"}},
            "latest": export["deployment"],
        },
    }
    found = read_text(json.dumps(checkpoint), "test.json")
    there = read_graph(path("export"))
    assert set(found.resources) == set(there.resources)
    assert found.config == {"aws:region": "us-east-1"}


@pytest.mark.parametrize("state", [{}, {"resources": []}, {"manifest": {}}, None])
def test_a_stack_without_resources_is_an_empty_graph(state: Any):
    assert len(read_text(json.dumps({"version": 3, "deployment": state}), "x")) == 0
    assert len(read_text(json.dumps({"version": 3, "checkpoint": {"stack": "s", "latest": state}}), "x")) == 0


@pytest.mark.parametrize("mark", ["delete", "pendingReplacement"])
def test_what_is_on_its_way_out_is_left_out(mark: str):
    assert names(exported(resource(**{mark: True}))) == set()
    replaced = exported(resource(id="new"), resource(id="old", delete=True))
    assert one(replaced, "lake").outputs["id"] == "new"
    assert one(exported(resource(id="old", delete=True), resource(id="new")), "lake").outputs["id"] == "new"


def test_what_an_interrupted_update_was_deleting_is_left_out():
    deleting = {"type": "deleting", "resource": resource(id="i")}
    assert names(exported(resource(id="i"), pending_operations=[deleting])) == set()
    assert names(exported(resource(id="new"), pending_operations=[deleting])) == {"lake"}


def test_what_an_interrupted_update_was_making_is_left_out():
    pending = [{"type": "creating", "resource": resource()}, {"type": "updating", "resource": resource(id="i")}, 5, {}]
    assert names(exported(pending_operations=pending)) == set()
    assert names(exported(resource(id="i"), pending_operations=pending)) == {"lake"}
    assert names(exported(resource(id="i"), pending_operations=[{"type": "deleting"}])) == {"lake"}


def test_what_the_program_only_reads_is_kept():
    assert names(exported(resource(external=True, id="i"))) == {"lake"}


def test_of_two_with_one_urn_there_is_one():
    assert len(exported(resource(id="a"), resource(id="b"))) == 1


@pytest.mark.parametrize("version", [3, 4])
def test_versions_of_current_engines_are_read(version: int):
    assert len(exported(resource(), version=version, features=["somethingNew"], snippets=[{}])) == 1


@pytest.mark.parametrize("version", [1, 2, 5, "3", None])
def test_other_versions_are_refused_by_number(version: Any):
    with pytest.raises(GraphSourceError, match=f"version {version!r}; versions 3 and 4 are read"):
        exported(resource(), version=version)


@pytest.mark.parametrize("wrong", [None, 5, "x", []])
def test_a_resource_of_a_wrong_form_is_refused_with_its_number(wrong: Any):
    with pytest.raises(GraphSourceError, match=r"resource 2 of `deployment.resources` in export\.json"):
        exported(resource(), wrong)
