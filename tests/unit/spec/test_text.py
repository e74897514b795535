from typing import Annotated

import pytest
from pydantic import TypeAdapter, ValidationError

from stanchion.spec.refusal import Refusal
from stanchion.spec.text import Form, distinct, some

FORM = Form("^[a-z]{2}$", "two small letters", "write ab")


def test_the_whole_text_must_match():
    assert FORM.check("ab") == "ab"
    for value in ("abc", "ab\n", "", "AB"):
        with pytest.raises(Refusal, match="two small letters"):
            FORM.check(value)


def test_the_schema_carries_the_pattern_and_the_model_uses_it():
    adapter = TypeAdapter(Annotated[str, FORM])
    assert adapter.json_schema() == {"type": "string", "pattern": "^[a-z]{2}$"}
    with pytest.raises(ValidationError):
        adapter.validate_python("abc")
    with pytest.raises(ValidationError, match="valid string"):
        adapter.validate_python(12)


def test_a_list_says_everything_once():
    assert distinct("name")(["a", "b"]) == ["a", "b"]
    with pytest.raises(Refusal, match="name 'b' is listed twice"):
        distinct("name")(["a", "b", "b"])


def test_a_list_that_must_say_something_says_it_once():
    check = some("role", "[deploy]")
    assert check(["a", "b"]) == ["a", "b"]
    with pytest.raises(Refusal, match=r"it names no role; allowed: at least one role; fix: write \[deploy\]\."):
        check([])
    with pytest.raises(Refusal, match="role 'b' is listed twice"):
        check(["b", "b"])
