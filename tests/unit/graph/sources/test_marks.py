"""Pulumi's marks inside of values."""

import math
from typing import Any

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime import rpc

from stanchion.graph import SECRET, UNKNOWN
from stanchion.graph.sources import marks
from stanchion.graph.sources.marks import SIGNATURE, from_json, from_struct


def struct_of(value: dict[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(value)
    return struct


def both(value: Any) -> Any:
    """A value read from JSON and from a message, which have to agree."""
    plain = from_json({"value": value}).get("value")
    assert from_struct(struct_of({"value": value})).get("value") == plain
    assert from_struct({"value": value}).get("value") == plain
    return plain


def test_the_marks_are_those_of_the_sdk():
    assert rpc.UNKNOWN == marks.UNKNOWN_TEXT
    assert rpc._special_sig_key == SIGNATURE
    assert rpc._special_secret_sig == marks.SECRET_MARK
    assert rpc._special_asset_sig == marks.ASSET_MARK
    assert rpc._special_archive_sig == marks.ARCHIVE_MARK
    assert rpc._special_resource_sig == marks.REFERENCE_MARK
    assert rpc._special_output_value_sig == marks.OUTPUT_MARK


@pytest.mark.parametrize("text", sorted(marks.UNKNOWN_TEXTS))
def test_the_unknown_of_every_type_is_unknown_at_any_depth(text: str):
    assert both(text) is UNKNOWN
    assert both([{"a": [text]}]) == [{"a": [UNKNOWN]}]


@pytest.mark.parametrize(
    "value",
    [
        "[secret]",
        {SIGNATURE: marks.SECRET_MARK, "value": "correct-horse"},
        {SIGNATURE: marks.SECRET_MARK, "ciphertext": "v1:x"},
        {SIGNATURE: marks.SECRET_MARK, "plaintext": '"correct-horse"'},
        {SIGNATURE: marks.SECRET_MARK, "value": marks.UNKNOWN_TEXT},
        {SIGNATURE: marks.OUTPUT_MARK, "value": "correct-horse", "secret": True},
    ],
)
def test_nothing_of_a_secret_is_left(value: Any):
    assert both(value) is SECRET
    assert both({"list": [{"deep": value}, 1]}) == {"list": [{"deep": SECRET}, 1]}


def test_properties_that_are_secret_as_a_whole_leave_nothing():
    assert from_struct(struct_of({SIGNATURE: marks.SECRET_MARK, "value": {"a": "b"}})) == {}
    assert from_struct({SIGNATURE: marks.SECRET_MARK, "value": {"a": "b"}}) == {}


def test_an_output_is_its_value_or_unknown():
    assert both({SIGNATURE: marks.OUTPUT_MARK, "value": {"a": [1]}, "dependencies": ["urn"]}) == {"a": [1]}
    assert both({SIGNATURE: marks.OUTPUT_MARK, "dependencies": ["urn"]}) is UNKNOWN


def test_a_reference_is_the_id_of_a_resource_or_the_urn_of_a_component():
    reference = {SIGNATURE: marks.REFERENCE_MARK, "urn": "urn:x", "packageVersion": "1"}
    assert both(reference) == "urn:x"
    assert both({**reference, "id": "i-1"}) == "i-1"
    assert both({**reference, "id": ""}) is UNKNOWN
    assert both({**reference, "id": marks.UNKNOWN_TEXT}) is UNKNOWN
    assert both({**reference, "id": {"V": "i-2"}}) == "i-2"
    assert both({**reference, "id": {"V": {}}}) is UNKNOWN


def test_of_an_asset_the_place_is_kept_and_the_text_is_not():
    assert both({SIGNATURE: marks.ASSET_MARK, "text": "print('token')", "hash": "h"}) == {}
    assert both({SIGNATURE: marks.ASSET_MARK, "path": "./main.py", "hash": "h"}) == {"path": "./main.py"}
    archive = {SIGNATURE: marks.ARCHIVE_MARK, "assets": {"a.py": {SIGNATURE: marks.ASSET_MARK, "uri": "https://x"}}}
    assert both(archive) == {"assets": {"a.py": {"uri": "https://x"}}}


def test_bytes_are_their_base64_and_floats_what_they_are():
    assert both({SIGNATURE: marks.BYTES_MARK, "value": "/w=="}) == "/w=="
    assert both({SIGNATURE: marks.FLOAT_MARK, "value": "7ff0000000000000"}) == math.inf
    assert both({SIGNATURE: marks.FLOAT_MARK, "value": "what"}) is UNKNOWN


def test_a_mark_only_a_newer_engine_knows_is_unknown():
    assert both({SIGNATURE: "0123", "value": "x"}) is UNKNOWN
    assert both({SIGNATURE: ["odd"], "value": "x"}) is UNKNOWN


def test_what_the_engine_keeps_for_itself_and_null_are_left_out():
    assert both({"__defaults": ["a"], "a": None, "b": [None], "_c": 1}) == {"b": [None], "_c": 1}


def test_numbers_of_a_message_read_as_those_of_json():
    found = from_struct(struct_of({"days": 30, "share": 0.5, "big": 1e300}))
    assert (found["days"], type(found["days"])) == (30, int)
    assert (found["share"], type(found["share"])) == (0.5, float)


PLAIN = st.recursive(
    st.booleans() | st.integers(-(2**50), 2**50) | st.text("abc é☃", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc_", max_size=3).filter(lambda key: not key.startswith("__")), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(PLAIN)
def test_values_without_marks_stay_as_they_are(value: Any):
    assert both(value) == value
