import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.events.encoding import LARGEST_BYTES, EventError, decode, encode
from tests.unit.events.examples import feedback, inference

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(
    features=st.dictionaries(TEXTS, DOCUMENTS, max_size=3),
    groups=st.dictionaries(TEXTS, TEXTS, max_size=3),
    prediction=TEXTS,
    latency=st.floats(0, 1e9),
)
def test_an_inference_is_one_line_that_reads_as_itself(
    features: dict[str, Any], groups: dict[str, str], prediction: str, latency: float
):
    event = inference(features=features, groups=groups, prediction=prediction, latency_ms=latency)
    line = encode(event)
    assert line.index(b"\n") == len(line) - 1
    assert decode(line) == event


@given(comment=TEXTS, score=st.none() | st.floats(-1, 1))
def test_feedback_is_one_line_that_reads_as_itself(comment: str, score: float | None):
    event = feedback(comment=comment, score=score)
    assert decode(encode(event)) == event


def test_maps_are_texts_so_that_every_file_has_the_same_columns():
    document = json.loads(encode(inference(features={"age": [1, 2]}, groups={})))
    assert (document["features"], document["groups"]) == ('{"age":[1,2]}', "")


def test_half_a_character_becomes_a_question_mark():
    assert json.loads(encode(inference(prediction="a\ud800b")))["prediction"] == "a?b"


def test_numbers_that_json_lacks_are_null():
    assert decode(encode(inference(features={"x": [float("nan"), 1.5]}))) == inference(features={"x": [None, 1.5]})
    assert json.loads(encode(inference(latency_ms=float("inf"))))["latency_ms"] is None


def test_a_faster_encoder_writes_the_same_and_what_it_refuses_is_written_all_the_same():
    for event in (
        inference(features={"ä": 1}, latency_ms=1.25),
        feedback(comment="é\n"),
        inference(prediction="\ud800"),
    ):
        assert json.loads(encode(event, orjson.dumps)) == json.loads(encode(event))


def test_an_event_larger_than_a_record_goes_without_its_payload():
    line = encode(inference(prediction="x" * LARGEST_BYTES, features={"a": 1}, sample_weight=10.0))
    assert decode(line) == inference()
    with pytest.raises(ValueError, match="allowed: 1024000"):
        encode(inference(endpoint="x" * LARGEST_BYTES))


def test_fields_of_a_later_version_are_left_aside_and_another_major_version_is_refused():
    document = json.loads(encode(inference()))
    assert decode(json.dumps({**document, "later": 1, "schema_version": "1.7"}).encode()) == inference(
        schema_version="1.7"
    )
    with pytest.raises(EventError, match=r"version 2\.0; allowed: 1\.0"):
        decode(json.dumps({**document, "schema_version": "2.0"}).encode())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "is no event"),
        (b"[]", "kind None; allowed: inference, feedback"),
        (b'{"kind": "inference", "schema_version": "1.0"}', "can't be read"),
        (b'{"kind": "inference", "schema_version": "1.0", "features": "{"}', "can't be read"),
    ],
)
def test_what_is_no_event_is_said_so(line: bytes, said: str):
    with pytest.raises(EventError, match=said):
        decode(line)
