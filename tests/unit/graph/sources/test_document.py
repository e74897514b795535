"""Walking a document gives what reading it whole gives."""

import json
from json import JSONDecodeError
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.graph.sources.document import walk

OPENED = frozenset({"deployment", "checkpoint", "checkpoint.latest"})
STREAMED = frozenset({"steps", "deployment.resources"})


def walked(text: str) -> list[tuple[str, Any]]:
    return list(walk(text, OPENED, STREAMED))


def test_objects_are_opened_and_lists_come_element_by_element():
    text = json.dumps({"version": 3, "deployment": {"manifest": {"a": 1}, "resources": [{"urn": "a"}, {"urn": "b"}]}})
    assert walked(text) == [
        ("version", 3),
        ("deployment.manifest", {"a": 1}),
        ("deployment.resources[]", {"urn": "a"}),
        ("deployment.resources[]", {"urn": "b"}),
    ]


def test_what_is_empty_is_given_all_the_same():
    assert walked("{}") == []
    assert walked('{"steps": [ ], "deployment": { }}') == [("steps", []), ("deployment", {})]


def test_other_values_at_known_keys_are_given_whole():
    assert walked('{"steps": null, "deployment": [1], "checkpoint": {"latest": 5}}') == [
        ("steps", None),
        ("deployment", [1]),
        ("checkpoint.latest", 5),
    ]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('{"a": 1,\n "b": tru}', 2, 7),
        ('{"steps": [\n{"a": }]}', 2, 7),
        ('{"steps": [1 2]}', 1, 14),
        ('{"a" 1}', 1, 6),
        ("{a: 1}", 1, 2),
        ('{"a": 1,}', 1, 9),
        ('{"a": 1}\n{"b": 2}', 2, 1),
        ("[]", 1, 1),
        ("", 1, 1),
    ],
)
def test_a_fault_has_its_place(text: str, line: int, column: int):
    with pytest.raises(JSONDecodeError) as fault:
        walked(text)
    assert (fault.value.lineno, fault.value.colno) == (line, column)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('ab"\\ü', max_size=4), inner, max_size=3),
    max_leaves=6,
)
DOCUMENTS = st.fixed_dictionaries({}, optional={"steps": st.lists(JSON, max_size=3), "other": JSON, "deployment": JSON})


@settings(max_examples=60)
@given(DOCUMENTS, st.sampled_from([None, 1, "\t"]), st.sampled_from(["", " ", "\r\n"]))
def test_any_document_is_the_same_walked_and_whole(document: dict[str, Any], indent: Any, around: str):
    found: dict[str, Any] = {}
    for path, value in walked(around + json.dumps(document, indent=indent) + around):
        if path.endswith("[]"):
            found.setdefault(path[:-2], []).append(value)
        elif path.startswith("deployment."):
            found.setdefault("deployment", {})[path.removeprefix("deployment.")] = value
        else:
            found[path] = value
    assert found == document


@given(DOCUMENTS, st.data())
def test_a_document_cut_anywhere_is_a_fault(document: dict[str, Any], data: st.DataObject):
    text = json.dumps(document)
    with pytest.raises(JSONDecodeError):
        walked(text[: data.draw(st.integers(0, len(text) - 1))])
