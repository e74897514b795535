import pytest

from sandbox.provider import rules
from sandbox.provider.values import UNKNOWN


def test_two_of_a_conflicting_pair() -> None:
    rule = rules.conflicts("a", "b")
    assert [problem.property for problem in rule({"a": 1, "b": 2})] == ["b"]
    assert not rule({"a": 1})
    assert not rule({"a": 1, "b": 2, "__defaults": ["a"]})


@pytest.mark.parametrize(("given", "wrong"), [({}, True), ({"a": 1}, False), ({"a": 1, "b": 1}, True)])
def test_exactly_one(given: dict, wrong: bool) -> None:
    assert bool(rules.exactly_one("a", "b")(given)) is wrong


def test_at_least_one() -> None:
    assert rules.at_least_one("a", "b")({})
    assert not rules.at_least_one("a", "b")({"a": 1, "b": 1})


def test_one_needs_the_other() -> None:
    assert rules.needs("a", "b")({"a": 1})
    assert not rules.needs("a", "b")({"a": 1, "b": UNKNOWN})
    assert not rules.needs("a", "b")({"b": 1})


@pytest.mark.parametrize(
    ("given", "wrong"),
    [({"a": True}, True), ({"a": True, "b": True}, False), ({"a": True, "b": UNKNOWN}, False), ({"a": False}, False)],
)
def test_only_if_the_flag_is_set(given: dict, wrong: bool) -> None:
    assert bool(rules.only_if("a", "b")(given)) is wrong


def test_values_are_found_in_lists_and_named_with_their_place() -> None:
    inputs = {"rules": [{"status": "on"}, {"status": "Enabled"}, {"status": UNKNOWN}, {}]}
    problems = rules.one_of("rules.status", "Enabled", "Disabled")(inputs)
    assert [problem.property for problem in problems] == ["rules[0].status"]


def test_a_range_holds_its_ends() -> None:
    rule = rules.between("a", 7, 30)
    assert not rule({"a": 7}) + rule({"a": 30}) + rule({"a": UNKNOWN}) + rule({})
    assert rule({"a": 6})
    assert rule({"a": 31})


def test_a_pattern_is_for_the_whole_value() -> None:
    rule = rules.matches("name", "[a-z]+", "small letters")
    assert not rule({"name": "abc"})
    assert "small letters" in rule({"name": "abc d"})[0].reason
