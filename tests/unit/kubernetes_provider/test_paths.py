import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.kubernetes_provider.paths import covers, expand, look, parse, put, take_away, written

STEPS = st.lists(st.one_of(st.text(min_size=1, max_size=8), st.integers(0, 20)), min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("spec.replicas", ("spec", "replicas")),
        ("spec.ports[0].port", ("spec", "ports", 0, "port")),
        ("spec.containers[*].image", ("spec", "containers", "*", "image")),
        ('metadata.labels["stanchion.dev/version"]', ("metadata", "labels", "stanchion.dev/version")),
        (r'a["b\"c"]', ("a", 'b"c')),
    ],
)
def test_a_path_as_ignore_changes_has_it(text: str, path: tuple[str | int, ...]):
    assert parse(text) == path


@pytest.mark.parametrize("text", ["a[", 'a["b', "a..b", "a[-1]"])
def test_what_is_no_path(text: str):
    with pytest.raises(ValueError, match="is no path of a property"):
        parse(text)


@given(STEPS)
def test_what_is_written_is_read_again(steps: list[str | int]):
    path = tuple(step for step in steps if step != "*" and "\\" not in str(step) and "\n" not in str(step))
    assert parse(written(path)) == path or not path


def test_a_pattern_covers_what_lies_below_it():
    assert covers(("spec",), ("spec", "replicas"))
    assert covers(("spec", "*", "image"), ("spec", 3, "image"))
    assert not covers(("spec", "replicas"), ("spec",))
    assert not covers(("status",), ("spec",))


def test_a_pattern_stands_for_what_is_there():
    value = {"list": [{"a": 1}, {"a": 2}], "map": {"x": 1}}
    assert expand(value, ("list", "*", "a")) == [("list", 0, "a"), ("list", 1, "a")]
    assert expand(value, ("map", "*")) == [("map", "x")]
    assert expand(value, ("none", "*", "a")) == []


def test_look_and_put():
    value = {"list": [{"a": 1}]}
    assert look(value, ("list", 0, "a")) == 1
    assert look(value, ("list", 1, "a")) is look(value, ("list", "a")) is look(value, ("none",)) is None
    assert put(value, ("new", "deep"), 2)
    assert put(value, ("list", 0, "b"), 3)
    assert value == {"list": [{"a": 1, "b": 3}], "new": {"deep": 2}}
    assert not put(value, ("list", 1), 4), "an entry that is not there is not made"
    assert not put(value, ("list", 0, "a", "b"), 4)


def test_what_is_taken_away_takes_empty_mappings_along():
    value = {"metadata": {"labels": {"a": "1"}, "name": "x"}, "list": [{"a": {"b": 1}}, 2]}
    take_away(value, ("metadata", "labels", "a"))
    take_away(value, ("list", 0, "a", "b"))
    take_away(value, ("list", 1))
    take_away(value, ("not", "there"))
    assert value == {"metadata": {"name": "x"}, "list": [{}]}
