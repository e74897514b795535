from pathlib import Path

import pytest

from stanchion.graph import SECRET, UNKNOWN, GraphBuilder
from stanchion.graph.sources.errors import GraphSourceError
from stanchion.recovery.context import CONTEXT, add_to_context, context_folder, read_context


def test_a_program_comes_back_as_it_was(tmp_path: Path):
    builder = GraphBuilder(region="us-west-2", tags={"stanchion:environment": "prod"})
    key = builder.add("aws:kms/key:Key", "key")
    handle = builder.add(
        "aws:s3/bucket:Bucket",
        "lake",
        {"bucket": "lake", "key": key.ref("arn"), "password": SECRET, "nested": [{"a": 1.5}]},
    )
    graph = builder.graph()
    add_to_context(tmp_path, "prod-foundation", graph)
    (again,) = read_context(tmp_path)
    assert set(again.resources) == set(graph.resources)
    before, after = graph.resources[handle.urn], again.resources[handle.urn]
    assert after.inputs == {"bucket": "lake", "key": UNKNOWN, "password": SECRET, "nested": [{"a": 1.5}]}
    assert again.edges(after) == graph.edges(before) == (key.urn,)
    assert again.reference(after.at("key")).one is again.resources[key.urn]
    assert again.region_of(after) == "us-west-2"
    assert again.tags_of(after) == {"stanchion:environment": "prod"}


def test_no_secret_is_written(tmp_path: Path):
    builder = GraphBuilder()
    builder.add("aws:rds/instance:Instance", "db", {"password": SECRET})
    add_to_context(tmp_path, "prod", builder.graph())
    assert '"password": "[secret]"' in (tmp_path / "prod.json").read_text(encoding="utf-8")


def test_the_stack_at_work_is_left_out_of_its_own_context(tmp_path: Path):
    for stack in ("one", "two"):
        builder = GraphBuilder(stack=stack)
        builder.add("aws:s3/bucket:Bucket", stack)
        add_to_context(tmp_path, stack, builder.graph())
    (other,) = read_context(tmp_path, without="two")
    assert [resource.name for resource in other.of_type("aws:s3/bucket:Bucket")] == ["one"]


def test_what_is_no_program_is_refused(tmp_path: Path):
    (tmp_path / "bad.json").write_text("{}", encoding="utf-8")
    with pytest.raises(GraphSourceError, match=r"bad\.json"):
        read_context(tmp_path)


def test_the_folder_is_named_by_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv(CONTEXT, str(tmp_path))
    assert context_folder() == tmp_path
    monkeypatch.delenv(CONTEXT)
    assert context_folder() is None
