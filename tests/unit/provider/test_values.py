from google.protobuf.struct_pb2 import Struct

from sandbox.provider.values import (
    OUTPUT,
    RESOURCE,
    SECRET,
    SIGNATURE,
    UNKNOWN,
    UNKNOWN_MARK,
    decode,
    encode,
    has_unknown,
)


def struct(values: dict) -> Struct:
    found = Struct()
    found.update(values)
    return found


def test_whole_numbers_come_back_as_ints_and_fractions_stay() -> None:
    found = decode(struct({"days": 30.0, "nested": [{"share": 0.5}]})).values
    assert found == {"days": 30, "nested": [{"share": 0.5}]}
    assert isinstance(found["days"], int)


def test_unknown_values_survive_both_ways() -> None:
    values = {"a": UNKNOWN, "b": ["x", UNKNOWN]}
    assert decode(encode(values)).values == values
    assert encode(values).fields["a"].string_value == UNKNOWN_MARK


def test_a_secret_deep_inside_marks_the_whole_property() -> None:
    bag = decode(struct({"plain": 1, "outer": {"inner": [{SIGNATURE: SECRET, "value": "hush"}]}}))
    assert bag.values["outer"] == {"inner": ["hush"]}
    assert bag.secrets == {"outer"}


def test_a_secret_property_is_marked_on_the_way_out() -> None:
    assert (
        encode({"password": "hush"}, {"password"}).fields["password"].struct_value.fields[SIGNATURE].string_value
        == SECRET
    )


def test_outputs_and_references_are_unwrapped() -> None:
    bag = decode(
        struct(
            {
                "waiting": {SIGNATURE: OUTPUT},
                "hidden": {SIGNATURE: OUTPUT, "value": "x", "secret": True},
                "other": {SIGNATURE: RESOURCE, "urn": "urn:x", "id": "vpc-1"},
            }
        )
    )
    assert bag.values == {"waiting": UNKNOWN, "hidden": "x", "other": "vpc-1"}
    assert bag.secrets == {"hidden"}


def test_nulls_are_left_out() -> None:
    assert decode(struct({"a": None, "b": {"c": None, "d": 1}})).values == {"b": {"d": 1}}
    assert dict(encode({"a": None, "b": 1}).fields).keys() == {"b"}


def test_unknown_is_found_at_any_depth() -> None:
    assert has_unknown({"a": [{"b": UNKNOWN}]})
    assert not has_unknown({"a": [{"b": 1}]})
