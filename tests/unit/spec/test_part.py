from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from stanchion.spec.part import Broken, Part
from stanchion.spec.refusal import Refusal


class Inner(Part):
    a: int = 0
    b: int = 0

    def rules(self) -> Iterator[Broken]:
        for key in ("a", "b"):
            if getattr(self, key) < 0:
                yield key, Refusal(f"{key} is negative", allowed="0 or more", fix="write 0")
        if self.a > 9:
            yield "deep.er", Refusal("far below", allowed="-", fix="-")


class Outer(Part):
    x: Inner
    y: Inner
    z: int


def test_all_broken_rules_of_all_parts_are_said_at_once_with_their_places():
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate({"x": {"a": -1, "b": -1}, "y": {"a": 10}, "z": "no number"})
    assert [error["loc"] for error in caught.value.errors()] == [
        ("x", "a"),
        ("x", "b"),
        ("y", "deep", "er"),
        ("z",),
    ]


def test_a_part_is_closed_and_frozen():
    with pytest.raises(ValidationError, match="extra_forbidden"):
        Inner.model_validate({"c": 1})
    with pytest.raises(ValidationError, match="frozen"):
        Inner().a = 1  # pyright: ignore[reportAttributeAccessIssue]
