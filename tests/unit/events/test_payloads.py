import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.events.payloads import (
    HashKey,
    cut,
    features,
    payload,
    prediction,
    sample_weight,
    user_hash,
    without_personal,
)
from stanchion.serving.gateway_configuration import PayloadRules

KEY = HashKey("2026-11", b"k" * 32)
RULES = PayloadRules(sample=1, drop=("email", "Card Number"), hash=("customer",))
SECRET = "s3cret-value-7f1c"
HARMLESS = st.text("abcdef \n\\{}", max_size=8)
SECRETS = st.sampled_from([SECRET, [SECRET], {"any": SECRET}, {"deep": [{"er": SECRET}]}])
RULED = st.sampled_from(["email", "EMAIL", "Email", "card number", "customer", "Customer"])
ENTRIES = st.fixed_dictionaries({}) | st.dictionaries(RULED, SECRETS, min_size=1, max_size=2)
TENSORS = st.builds(
    lambda name, value: {"name": name, "datatype": "BYTES", "shape": [1], "data": [value]}, RULED, SECRETS
)
DOCUMENTS = st.recursive(
    HARMLESS | st.integers() | st.none() | ENTRIES | TENSORS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(HARMLESS, inner, max_size=3)
        | st.builds(lambda base, more: {**base, **more}, st.dictionaries(HARMLESS, inner, max_size=2), ENTRIES)
        # Texts that hold JSON, whole and cut short.
        | inner.map(json.dumps)
        | inner.map(lambda document: "so: " + json.dumps(document))
        | inner.map(lambda document: json.dumps(document)[:-1])
    ),
    max_leaves=10,
)


@given(DOCUMENTS)
def test_no_dropped_or_hashed_value_is_left_at_any_depth(document: Any):
    assert SECRET not in json.dumps(without_personal(document, RULES, KEY))
    assert SECRET not in json.dumps(without_personal(document, RULES, None))


@given(DOCUMENTS)
def test_nor_in_what_gets_into_an_event(document: Any):
    answer = json.dumps(document).encode()
    streamed = b"data: " + answer + b"\n\ndata: [DONE]\n\n"
    for each in (answer, streamed, answer[:-1], b"said: " + answer):
        made = payload({"inputs": [document]}, each, "r", RULES, KEY)
        assert SECRET not in json.dumps(made)


@given(st.recursive(HARMLESS | st.integers(), lambda inner: st.dictionaries(HARMLESS, inner, max_size=3)))
def test_what_no_rule_names_stays_as_it_is(document: Any):
    assert without_personal(document, PayloadRules(drop=("email",)), KEY) == document


def test_a_text_that_holds_json_without_such_a_field_keeps_its_spaces():
    assert without_personal(['{ "a":  1 }'], RULES, KEY) == ['{ "a":  1 }']


def test_the_same_value_has_the_same_hash_under_one_key_only():
    other = HashKey("2026-12", b"j" * 32)
    document = {"customer": "ada", "of": {"customer": "ada"}, "n": [{"customer": 7}]}
    cleaned = without_personal(document, RULES, KEY)
    assert cleaned["customer"] == cleaned["of"]["customer"] == user_hash("ada", KEY)[0] != KEY.hash("7")
    assert user_hash("ada", other) != user_hash("ada", KEY)
    assert user_hash("", KEY) == user_hash("ada", None) == ("", "")
    assert "k" * 32 not in repr(KEY)


def test_a_short_key_is_refused():
    with pytest.raises(ValueError, match="has 3 bytes; allowed: 16 or more"):
        HashKey("weak", b"abc")


def test_the_arguments_of_a_tool_call_are_gone_through():
    call = {"function": {"name": "mail", "arguments": '{"email": "a@b.c", "text": "hi"}'}}
    assert without_personal(call, RULES, KEY) == {"function": {"name": "mail", "arguments": '{"text":"hi"}'}}


def test_a_tensor_is_a_feature_by_its_name():
    request = {
        "inputs": [
            {"name": "age", "shape": [1], "datatype": "FP32", "data": [41.0]},
            {"name": "Email", "shape": [1], "datatype": "BYTES", "data": ["a@b.c"]},
            {"name": "customer", "shape": [1], "datatype": "BYTES", "data": ["ada"]},
        ]
    }
    assert features(request, RULES, KEY) == {"age": [41.0], "customer": KEY.hash(["ada"])}
    assert features({"messages": []}, RULES, KEY) == features(None, RULES, KEY) == {}


@given(st.text(), st.integers(0, 40))
def test_a_text_is_cut_at_a_character(text: str, largest: int):
    short = cut(text, largest)
    assert len(short.encode()) <= largest
    assert text.encode("utf-8", "replace").decode().startswith(short)
    assert len(text.encode("utf-8", "replace")) > largest or short == text.encode("utf-8", "replace").decode()
    # Nothing whole is cut away: another character would be too many.
    if len(short) < len(text):
        assert len(text[: len(short) + 1].encode("utf-8", "replace")) > largest


@given(st.lists(st.tuples(st.text(max_size=5), st.lists(st.floats(0, 1), max_size=5)), max_size=8), st.integers(2, 200))
def test_features_and_predictions_are_never_larger_than_allowed(tensors: list[tuple[str, list[float]]], largest: int):
    rules = PayloadRules(sample=1, largest_bytes=largest)
    document = {"inputs": [{"name": name, "data": data} for name, data in tensors]}
    made = features(document, rules, KEY)
    assert len(json.dumps(made, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")) <= largest
    assert len(prediction(json.dumps(document).encode(), rules, KEY).encode()) <= largest


@given(st.sampled_from([0.01, 0.1, 0.5, 0.9]), st.integers(0, 10))
def test_the_share_of_a_sample_is_as_declared(share: float, salt: int):
    requests = 4000
    weights = [sample_weight(f"{salt}-{number}", share) for number in range(requests)]
    sampled = sum(weight > 0 for weight in weights)
    # Five standard deviations of a binomial: one of a million and more trials is outside.
    assert abs(sampled - requests * share) <= 5 * math.sqrt(requests * share * (1 - share))
    assert {weight for weight in weights if weight} <= {1 / share}


@given(st.text(), st.floats(0.01, 1), st.floats(0.01, 1))
def test_a_smaller_sample_is_part_of_a_larger_one(request_id: str, one: float, other: float):
    small, large = sorted((one, other))
    assert not sample_weight(request_id, small) or sample_weight(request_id, large)
    assert (sample_weight(request_id, 1), sample_weight(request_id, 0)) == (1, 0)


def test_nothing_of_a_request_outside_the_sample_is_kept():
    assert payload({}, b"answer", "r", PayloadRules(sample=0), KEY) == ({}, "", 0.0)


def test_an_answer_that_can_not_be_read_is_kept_only_without_rules():
    assert prediction(b"plain text", PayloadRules(), KEY) == "plain text"
    assert prediction(b"plain text", RULES, KEY) == ""
    assert prediction(b"\xff\x00", PayloadRules(), KEY) == ""
