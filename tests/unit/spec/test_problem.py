from enum import Enum
from typing import Annotated, Literal

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


class Cat(Part):
    kind: Literal["cat", "lynx"]
    lives: int
    twig: Twig = Twig()


class Dog(Part):
    kind: Literal["dog"]
    tricks: list[str] = []


class House(Part):
    best: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None
    all: dict[str, Annotated[Cat | Dog, Field(discriminator="kind")]] = {}
    first: tuple[Leaf, ...] = ()
    sizes: dict[Literal["small", "large"], int] = {}


def told_of_a_house(text: str) -> list[str]:
    root, _ = read_document(text)
    with pytest.raises(ValidationError) as caught:
        House.model_validate(root.plain())
    return [str(problem) for problem in problems_of(caught.value, House, root, "t.yaml")]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "all:\n  a: {lives: 9}",
            "t.yaml:2: all.a.kind: the key is missing, and the other keys depend on it; allowed: cat, lynx, dog; "
            "fix: add `kind: cat`.",
        ),
        (
            "all:\n  a:\n    lives: 9\n    kind: dgo",
            "t.yaml:4: all.a.kind: 'dgo' is not a kind; allowed: cat, lynx, dog; fix: did you mean dog?",
        ),
        (
            "all:\n  a: {kind: dog, lives: 9}",
            "t.yaml:2: all.a.lives: 'lives' belongs to kind: cat or lynx, and this is kind: dog; allowed: kind, "
            "tricks; fix: remove it, or write kind: cat.",
        ),
        (
            "all:\n  a: {kind: dog, trick: []}",
            "t.yaml:2: all.a.trick: 'trick' is not a key here; allowed: kind, tricks; fix: did you mean tricks?",
        ),
        (
            "all:\n  a: {kind: lynx}",
            "t.yaml:2: all.a.lives: the key is missing; allowed: kind, lives must all be there; fix: add `lives: ...`.",
        ),
        # Below the keys that the kind brings, nothing is of a kind any more.
        (
            "all:\n  a: {kind: cat, lives: 9, twig: {sad: long}}",
            "t.yaml:2: all.a.twig.sad: 'sad' is not a key here; allowed: said, one; fix: did you mean said?",
        ),
        (
            "best: {kind: dog, lives: 9}",
            "t.yaml:1: best.lives: 'lives' belongs to kind: cat or lynx, and this is kind: dog; allowed: kind, tricks; "
            "fix: remove it, or write kind: cat.",
        ),
        (
            "all:\n  a: 3",
            "t.yaml:2: all.a: '3' is not a mapping; allowed: keys with values below it; fix: change the value.",
        ),
        (
            "first:\n- {color: red}",
            "t.yaml:2: first[0].color: 'color' is not a key here; allowed: colour, number, words, class; "
            "fix: did you mean colour?",
        ),
        # A key that is wrong is told itself, and not what lies below it.
        (
            "sizes: {smal: 3}",
            "t.yaml:1: sizes.smal: 'smal' is not one of its values; allowed: small, large; fix: did you mean small?",
        ),
    ],
)
def test_mappings_of_several_kinds_are_told_without_pydantics_tags(text: str, sentence: str):
    assert told_of_a_house(text) == [sentence]
