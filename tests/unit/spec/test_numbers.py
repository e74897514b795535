"""Whole numbers within bounds."""

from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from stanchion.spec.numbers import Between
from stanchion.spec.refusal import Refusal

BETWEEN = Between(2, 10, "attempts")


@given(st.integers())
def test_exactly_what_lies_between_is_taken(number: int):
    if 2 <= number <= 10:
        assert BETWEEN.check(number) == number
        return
    with pytest.raises(Refusal, match="2 to 10 attempts") as caught:
        BETWEEN.check(number)
    assert ("too few" if number < 2 else "too many") in str(caught.value)
    assert f"write {2 if number < 2 else 10}," in str(caught.value)


@pytest.mark.parametrize(
    ("value", "words"),
    [("3", "not a whole number"), (3.0, "not a whole number"), (True, "not a whole number"), (None, "it has no value")],
)
def test_what_is_no_whole_number_is_refused(value: object, words: str):
    with pytest.raises(Refusal, match=words):
        BETWEEN.check(value)


def test_the_schema_has_the_same_bounds():
    adapter: TypeAdapter[int] = TypeAdapter(Annotated[int, BETWEEN])
    assert adapter.json_schema() == {"type": "integer", "minimum": 2, "maximum": 10}
