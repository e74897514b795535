"""Opening files: what each is, and what is said of one that can't be read."""

import contextlib
import io
import json
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.errors import StanchionError
from stanchion.graph.sources.reading import GraphSourceError, read_graph, read_text
from tests.unit.graph.samples import names, path, sample, text


def refusal(content: Any) -> str:
    with pytest.raises(GraphSourceError) as refused:
        read_text(content if isinstance(content, str) else json.dumps(content), "plan.json")
    assert str(refused.value).startswith("plan.json ")
    return str(refused.value)


def test_a_refusal_is_an_error_of_the_users_input():
    assert issubclass(GraphSourceError, StanchionError)
    assert GraphSourceError("x").exit_code == 2


@pytest.mark.parametrize("name", ["preview_first", "preview_changed", "export"])
def test_each_source_is_recognised(name: str):
    assert "orders-data" in names(read_graph(path(name)))


def test_the_standard_input_is_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(path("export").read_bytes())))
    assert "orders-data" in names(read_graph(Path("-")))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(GraphSourceError, match="the standard input is empty"):
        read_graph(Path("-"))


def test_a_file_of_another_shell_is_read(tmp_path: Path):
    file = tmp_path / "plan.json"
    file.write_text(text("preview_first").replace("\n", "\r\n"), encoding="utf-16")
    assert "orders-data" in names(read_graph(file))


def test_fields_of_a_newer_engine_do_no_harm():
    preview = sample("preview_first")
    preview |= {"newThing": {"deep": [1]}, "policies": []}
    for step in preview["steps"]:
        step["newThing"] = [1]
        step["newState"] |= {"newThing": {"a": None}, "hooks": {"x": []}}
    there = read_text(text("preview_first"), "x")
    here = read_text(json.dumps(preview), "x")
    assert list(here.resources) == list(there.resources)
    assert all(here.resources[urn].inputs == there.resources[urn].inputs for urn in there.resources)


def test_the_order_of_keys_and_steps_does_not_matter():
    preview = sample("preview_changed")
    turned = dict(reversed([*preview.items()])) | {"steps": preview["steps"][::-1]}
    turned = dict(reversed([*turned.items()]))
    there, here = read_text(json.dumps(preview), "x"), read_text(json.dumps(turned), "x")
    assert list(here.resources) == list(there.resources)
    assert all(here.resources[urn].outputs == there.resources[urn].outputs for urn in there.resources)


def test_a_file_that_is_not_there_or_a_folder_is_said(tmp_path: Path):
    with pytest.raises(GraphSourceError, match=r"there is no file .*plan\.json.*pulumi preview --json --show-sames"):
        read_graph(tmp_path / "plan.json")
    with pytest.raises(GraphSourceError, match="it is a folder"):
        read_graph(tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("   \n", "is empty"),
        ("{}", "an empty object, as of a preview that failed before its first step"),
        ('{"x.resources[]": 1}', "an object of `x`"),
        ('{"a": 1, "b": 2}', "an object of `a`, `b`"),
        ("[]", "a JSON list"),
        ('"text"', "is not JSON: line 1 begins with"),
        ({"format_version": "1.2", "terraform_version": "1.9", "resource_changes": []}, "Terraform"),
        ({"version": 4, "terraform_version": "1.9", "resources": []}, "Terraform"),
        ({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}, "CloudFormation"),
        ('{"sequence": 0, "timestamp": 1, "preludeEvent": {}}\n{"sequence": 1}', "a stream of engine events"),
        ('{"steps": []}\nerror: update failed', "line 2, with 'error: update failed'"),
        ('{"steps": [}', "is not JSON: Expecting value at line 1, column 12"),
        ('{"steps": ["a', "is cut short"),
        ('{"steps": [', "ends in the middle, in line 1"),
        ('{"steps": ' + "[" * 200_000, "nested too deeply"),
        ('{"duration": ' + "1" * 5000 + "}", "a value that can't be read"),
    ],
)
def test_every_other_file_is_refused_with_what_it_is_and_how_to_make_one(content: Any, said: str):
    sentence = refusal(content)
    assert said in sentence
    assert "pulumi stack export" in sentence


def test_a_saved_plan_is_called_one():
    with pytest.raises(GraphSourceError, match="an update plan as `pulumi preview --save-plan` writes it"):
        read_graph(path("saved_plan"))


def test_a_list_that_is_no_list_of_steps_is_no_program():
    assert len(read_text('{"steps": null, "changeSummary": {}}', "x")) == 0


@given(st.integers(0, 17_000))
def test_a_preview_cut_anywhere_is_refused(end: int):
    whole = text("preview_first")
    with pytest.raises(GraphSourceError):
        read_text(whole[: min(end, len(whole) - 3)], "plan.json")


@given(st.integers(0, 21_000), st.text(max_size=3))
def test_a_changed_character_never_crashes(position: int, other: str):
    whole = text("export")
    # Another exception than a refusal fails the test.
    with contextlib.suppress(GraphSourceError):
        read_text(whole[:position] + other + whole[position + 1 :], "export.json")


@given(st.text(max_size=40))
def test_any_text_is_refused_with_a_sentence(content: str):
    with pytest.raises(GraphSourceError):
        read_text(content, "plan.json")


def synthetic(count: int) -> str:
    """An export of this many resources, each as large as those of real programs."""
    entries = [entry for entry in sample("export")["deployment"]["resources"] if "aws:" in entry["type"]]
    resources: list[str] = []
    for number in range(count):
        entry = json.dumps(entries[number % len(entries)], indent=4)
        resources.append(entry.replace("orders", f"orders-{number}").replace('::told"', f'::told-{number}"'))
    return '{"version": 3, "deployment": {"resources": [' + ",\n".join(resources) + "]}}"


def test_five_thousand_resources_are_read_in_time():
    document = synthetic(5000)
    began = time.perf_counter()
    graph = read_text(document, "export.json")
    assert graph.of_type("aws:s3/bucket:Bucket")
    assert not graph.named("lake")
    # 0.35 s on two cores; a limit that only a scan per resource would break.
    assert time.perf_counter() - began < 3


def test_a_large_export_takes_little_more_memory_than_its_text():
    document = synthetic(1500)
    tracemalloc.start()
    graph = read_text(document, "export.json")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(graph) > 500
    assert peak < 1.5 * len(document)
