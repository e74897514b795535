from typing import Any

import pytest

from sandbox.kubernetes_provider.validate import validate
from sandbox.provider.values import UNKNOWN

SCHEMA = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 5},
        "size": {"type": "integer", "minimum": 1, "maximum": 9},
        "share": {"type": "number"},
        "kind": {"type": ["string", "null"], "enum": ["a", "b"]},
        "port": {"x-kubernetes-int-or-string": True},
        "amount": {"oneOf": [{"type": ["string", "null"]}, {"type": ["number", "null"]}]},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "parts": {"type": "array", "minItems": 1, "items": {"$ref": "/here#/$defs/part"}},
        "open": {
            "type": "object",
            "properties": {"a": {"type": "string"}},
            "x-kubernetes-preserve-unknown-fields": True,
        },
        "map": {"x-kubernetes-list-map-keys": ["name", "port"], "items": {"type": "object"}},
        "inner": {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {"spec": {}}},
    },
}
DEFINITIONS = {"part": {"type": "object", "additionalProperties": False, "properties": {"a": {"type": "boolean"}}}}


def said(value: Any) -> dict[str, str]:
    found = validate({"name": "ok", **value}, SCHEMA, DEFINITIONS)
    return {".".join(map(str, each.path)): each.reason for each in found}


@pytest.mark.parametrize(
    "value",
    [
        {"size": 9, "share": 1, "kind": "b", "port": 80, "amount": 0.5},
        {"port": "http", "amount": "500m", "share": 0.5},
        {"labels": {"any": "thing"}, "parts": [{"a": True}], "open": {"b": 1}},
        {"map": [{"name": "a", "port": 1}, {"name": "a", "port": 2}, {"name": "a"}, {"name": "a"}, {"name": UNKNOWN}]},
        {"inner": {"kind": "X", "apiVersion": "v1", "metadata": {}, "spec": 1}},
        {"size": UNKNOWN, "parts": UNKNOWN, "labels": {"a": UNKNOWN}, "name": UNKNOWN},
    ],
)
def test_what_is_right(value: dict[str, Any]):
    assert not said(value)


@pytest.mark.parametrize(
    ("value", "path", "reason"),
    [
        ({"nome": 1}, "nome", "there is no such field; did you mean name?"),
        ({"parts": [{"b": 1}]}, "parts.0.b", "there is no such field; allowed: a"),
        ({"name": None}, "name", "null; string is wanted"),
        ({"size": "3"}, "size", "'3' is string; integer is wanted"),
        ({"size": True}, "size", "True is boolean; integer is wanted"),
        ({"size": 1.5}, "size", "1.5 is number; integer is wanted"),
        ({"size": 10}, "size", "10 is over 9"),
        ({"size": 0}, "size", "0 is under 1"),
        ({"name": "A"}, "name", "'A' does not match ^[a-z]+$"),
        ({"name": "abcdef"}, "name", "6 characters are over 5"),
        ({"parts": []}, "parts", "0 entries are under 1"),
        ({"kind": "c"}, "kind", "'c' is not allowed; allowed: a, b"),
        ({"port": 1.5}, "port", "integer or string is wanted"),
        ({"labels": {"a": 1}}, "labels.a", "1 is integer; string is wanted"),
        (
            {"map": [{"name": "a", "port": 1}, {"name": "a", "port": 1}]},
            "map.1",
            "there is an entry with name a and port 1 already",
        ),
        ({"open": {"a": 1}}, "open.a", "string is wanted"),
    ],
)
def test_what_is_wrong_is_said_with_its_path(value: dict[str, Any], path: str, reason: str):
    found = said(value)
    assert set(found) == {path}
    assert reason in found[path]


def test_what_is_missing():
    assert [each.path for each in validate({}, SCHEMA, DEFINITIONS)] == [("name",)]


def test_a_sentence_without_the_value():
    (problem,) = validate({"name": "SECRT"}, SCHEMA, DEFINITIONS)
    assert "SECRT" in problem.reason
    assert "SECRT" not in problem.value_free


def test_a_pattern_that_python_can_not_read_forbids_nothing():
    assert not list(validate("a", {"type": "string", "pattern": r"\p{L}(?P<"}, {}))
