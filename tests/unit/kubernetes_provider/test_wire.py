from typing import Any

from google.protobuf.struct_pb2 import Struct

from sandbox.kubernetes_provider.wire import decode, encode
from sandbox.provider.values import OUTPUT, SECRET, SIGNATURE, UNKNOWN, UNKNOWN_MARK


def struct(**fields: Any) -> Struct:
    made = Struct()
    made.update(fields)
    return made


def secret(value: object) -> dict[str, object]:
    return {SIGNATURE: SECRET, "value": value}


def test_secrets_are_known_by_path():
    bag = decode(struct(metadata={"name": "a"}, data=secret({"x": "1"}), spec={"deep": {"token": secret("2")}}))
    assert bag.values == {"metadata": {"name": "a"}, "data": {"x": "1"}, "spec": {"deep": {"token": "2"}}}
    assert bag.secrets == {("data",), ("spec", "deep", "token")}


def test_a_secret_in_a_list_makes_the_whole_list_one():
    bag = decode(struct(spec={"env": [{"name": "A"}, {"name": "B", "value": secret("2")}]}))
    assert bag.secrets == {("spec", "env")}
    again = decode(encode(bag.values, bag.secrets))
    assert (again.values, again.secrets) == (bag.values, bag.secrets)


def test_what_is_marked_is_where_it_was_and_nothing_else():
    sent = encode({"spec": {"a": "1", "b": "2"}}, {("spec", "a")})
    assert sent.fields["spec"].struct_value.fields["a"].struct_value.fields[SIGNATURE].string_value == SECRET
    assert sent.fields["spec"].struct_value.fields["b"].string_value == "2"


def test_unknowns_numbers_and_nulls():
    bag = decode(struct(a=UNKNOWN_MARK, b=3.0, c=1.5, d=None, e=True, f={SIGNATURE: OUTPUT, "secret": True}))
    assert bag.values == {"a": UNKNOWN, "b": 3, "c": 1.5, "e": True, "f": UNKNOWN}
    assert isinstance(bag.values["b"], int)
    assert bag.secrets == {("f",)}
    assert encode({"a": [UNKNOWN]}).fields["a"].list_value.values[0].string_value == UNKNOWN_MARK


def test_names_that_no_sdk_can_spell():
    bag = decode(struct(schema={"x_kubernetes_preserve_unknown_fields": True, "x_other": 1}))
    assert bag.values == {"schema": {"x-kubernetes-preserve-unknown-fields": True, "x_other": 1}}
    spelled = encode(bag.values).fields["schema"].struct_value.fields
    assert set(spelled) == {"x_kubernetes_preserve_unknown_fields", "x_other"}
