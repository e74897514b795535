"""Reading settings: values, defaults, gaps, and where they stand."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.graph import SECRET, UNKNOWN, Resource, Setting, Unsettled

URN = "urn:pulumi:s::p::aws:backup/plan:Plan::daily"


def setting(value: Any, key: str = "rules") -> Setting:
    return Resource(urn=URN, type="aws:backup/plan:Plan", name="daily", inputs={key: value}).at(key)


def test_a_nested_setting_knows_its_place():
    found = setting([{"lifecycle": {"deleteAfter": 30}}, {}])[0]["lifecycle"]["deleteAfter"]
    assert (found.path, found.value) == ("rules[0].lifecycle.deleteAfter", 30)
    assert found.number(0) == 30


def test_a_list_of_one_is_looked_through():
    found = setting([{"days": 3}])["days"]
    assert (found.value, found.path) == (3, "rules[0].days")


def test_what_is_below_nothing_is_not_set():
    assert not setting(None)["days"]["more"].is_set
    assert not setting([])["days"].is_set
    assert not setting([])[0].is_set
    assert not setting([1])[-1].is_set


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ([{"days": 3}, {"days": 4}], "is a list of 2 where one is expected"),
        ("text", "is 'text', which is not a group of settings"),
        (7, "is 7, which is not a group of settings"),
        (True, "is True, which is not a group of settings"),
    ],
)
def test_what_is_below_another_form_can_t_be_judged_instead_of_being_a_default(value: Any, why: str):
    found = setting(value)["lifecycle"]["days"]
    assert found.is_set
    assert found.number(5) == Unsettled(URN, "rules", why)
    assert found.unsettled == found.text() == found.flag(True) == found.each()


def test_a_text_has_no_elements():
    assert setting("text")[0].unsettled == Unsettled(URN, "rules", "is 'text', which is not a list")


def test_a_long_wrong_value_is_cut():
    assert len(str(setting("x" * 10_000).number(5))) < 250


@pytest.mark.parametrize("gap", [UNKNOWN, SECRET])
def test_what_is_below_a_gap_is_a_gap(gap: Any):
    found = setting(gap)[0]["days"]
    assert found.is_set
    for read in (found.number(5), found.text("x"), found.flag(True), found.each()):
        assert isinstance(read, Unsettled)
        assert (read.urn, read.property) == (URN, "rules[0].days")


def test_a_secret_says_so_and_unknown_says_when_it_is_known():
    assert "secret" in str(setting(SECRET).unsettled)
    assert "deployment" in str(setting(UNKNOWN).unsettled)
    assert setting(3).unsettled is None


def test_defaults_stand_for_what_is_not_set():
    assert setting(None).number(8) == 8
    assert setting(None).text("UTC") == "UTC"
    assert setting(None).flag(True) is True
    assert setting(None).each() == ()


def test_each_gives_elements_with_their_places():
    found = setting([{"a": 1}, {"a": 2}]).each()
    assert not isinstance(found, Unsettled)
    assert [item["a"].path for item in found] == ["rules[0].a", "rules[1].a"]
    alone = setting({"a": 1}).each()
    assert not isinstance(alone, Unsettled)
    assert [item["a"].path for item in alone] == ["rules.a"]


@pytest.mark.parametrize(("value", "number"), [(3, 3.0), (2.5, 2.5), ("60", 60.0), (" 7 ", 7.0), ("-1", -1.0)])
def test_a_number_may_be_written_as_text(value: Any, number: float):
    assert setting(value).number(0) == number


@pytest.mark.parametrize("value", ["soon", True, [1], {}, "nan", "inf", float("nan"), float("inf"), "1e999", 10**400])
def test_what_is_no_number_is_said(value: Any):
    assert "which is not a number" in str(setting(value).number(0))


@pytest.mark.parametrize(("value", "flag"), [(True, True), ("true", True), ("False", False)])
def test_a_flag_may_be_written_as_text(value: Any, flag: bool):
    assert setting(value).flag(not flag) is flag


@pytest.mark.parametrize("value", [1, "yes", [True]])
def test_what_is_no_flag_is_said(value: Any):
    assert "not true or false" in str(setting(value).flag(True))


def test_text_of_numbers_and_booleans_is_the_providers():
    assert setting(True).text() == "true"
    assert setting(3).text() == "3"
    assert "not a text" in str(setting([]).text())


def test_an_input_wins_over_an_output_and_a_gap_does_not():
    def at(inputs: Any, outputs: Any) -> Any:
        return Resource(urn=URN, type="t", name="n", inputs={"k": inputs}, outputs={"k": outputs}).at("k").value

    assert at(1, 2) == 1
    assert at(None, 2) == 2
    assert at(UNKNOWN, 2) == 2
    assert at(UNKNOWN, None) is UNKNOWN
    assert at(UNKNOWN, SECRET) is SECRET
    assert at(SECRET, 2) is SECRET


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from([UNKNOWN, SECRET]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, st.lists(st.text(max_size=4) | st.integers(-2, 3), max_size=4))
def test_whatever_the_program_holds_reading_never_fails(value: Any, keys: list[str | int]):
    found = setting(value)
    for key in keys:
        found = found[key]
    reads = [found.number(1), found.text(), found.flag(False), found.each()]
    if found.unsettled:
        assert reads == [found.unsettled] * 4
