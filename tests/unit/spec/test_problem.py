from enum import Enum

import pytest
from pydantic import Field, ValidationError

from stanchion.spec.part import Part
from stanchion.spec.problem import problems_of
from stanchion.spec.yaml_text import read_document


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Twig(Part):
    said: str = Field(default="", min_length=3)
    one: str = Field(default="", min_length=1)


class Leaf(Part):
    colour: Colour = Colour.RED
    number: int = 0
    words: list[str] = []
    twig: Twig = Field(default=Twig(), alias="class")


class Tree(Part):
    leaf: Leaf
    named: dict[str, Leaf] = {}
    leaves: list[Leaf] = []


def told(text: str) -> list[str]:
    root, _ = read_document(text)
    with pytest.raises(ValidationError) as caught:
        Tree.model_validate(root.plain())
    return [str(problem) for problem in problems_of(caught.value, Tree, root, "t.yaml")]


@pytest.mark.parametrize(
    ("text", "beginning", "words"),
    [
        ("leaf: {color: red}", "t.yaml:1: leaf.color: 'color' is not a key here", "mean colour?"),
        ("leaf: {}\nnamed:\n  a: {numbr: 1}", "t.yaml:3: named.a.numbr: 'numbr' is not a key", "mean number?"),
        ("leaf: {colour: rad}", "t.yaml:1: leaf.colour: 'rad'", "allowed: red, blue; fix: did you mean red?"),
        ("leaf: {colour: 7}", "t.yaml:1: leaf.colour: '7'", "fix: write one of these."),
        ("leaf:\n  words:\n  - a\n  - 5", "t.yaml:4: leaf.words[1]: 5 without quotes is a number", 'write "5"'),
        ("leaf:", "t.yaml:1: leaf: it has no value", "keys with values below it"),
        ("leaf: 5", "t.yaml:1: leaf: '5' is not a mapping", "keys with values below it"),
        ("leaf: {}\nnamed: []", "t.yaml:2: named: 'a list' is not a mapping", "keys with values"),
        ("named: {}", "t.yaml:1: leaf: the key is missing; allowed: leaf must", "add `leaf: ...`"),
        ("leaf: {class: {said: no}}", "t.yaml:1: leaf.class.said: 'no' is too short", "3 characters or more"),
        ("leaf: {class: {one: ''}}", "t.yaml:1: leaf.class.one: '' is too short", "a text that is not empty"),
        # A key that has another name in Python is told as people write it.
        ("leaf: {clas: {}}", "t.yaml:1: leaf.clas: 'clas' is not a key here; allowed: colour, number", "mean class?"),
        ("leaf: {class: {sad: long}}", "t.yaml:1: leaf.class.sad: 'sad' is not a key here", "mean said?"),
        ("leaf: {number: many}", "t.yaml:1: leaf.number: 'many' is ", "the schema"),
    ],
)
def test_pydantics_errors_become_sentences(text: str, beginning: str, words: str):
    (sentence,) = told(text)
    assert sentence.startswith(beginning)
    assert words in sentence


def test_a_missing_key_is_placed_where_it_would_have_to_be_added():
    (sentence,) = told("named: {}\n")
    assert sentence.startswith("t.yaml:1: leaf:")


def test_keys_of_models_in_lists_are_known():
    (sentence,) = told("leaf: {}\nleaves:\n- {colour: red}\n- {color: red}\n")
    assert sentence.startswith(
        "t.yaml:4: leaves[1].color: 'color' is not a key here; allowed: colour, number, words, class"
    )
