import json
import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.spec import yaml_text
from stanchion.spec.yaml_text import DEEPEST, MOST_VALUES, Duplicate, Node, UnreadableError, read_document
from tests.unit.spec.serving_document import GOOD


def refused(text: str) -> UnreadableError:
    with pytest.raises(UnreadableError) as caught:
        read_document(text)
    assert "; allowed: " in caught.value.message
    assert "; fix: " in caught.value.message
    assert "\n" not in caught.value.message
    return caught.value


keys = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
scalars = st.none() | st.booleans() | st.integers() | st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF))
plain = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=20
)


@given(st.dictionaries(keys, plain, min_size=1))
def test_json_reads_as_what_it_says(data: dict[str, object]):
    # JSON is YAML.
    root, duplicates = read_document(json.dumps(data))
    assert duplicates == []
    assert root.plain() == data


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("1:30", "1:30"),
        ("2026-11-23", "2026-11-23"),
        ("0123", 123),
        ("-5", -5),
        ("0x1f", "0x1f"),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("15m", "15m"),
        ('"5"', "5"),
        ("'true'", "true"),
        ("9" * 5000, float("inf")),
    ],
)
def test_plain_scalars_are_those_of_yaml_1_2(text: str, value: object):
    root, _ = read_document(f"key: {text}")
    assert root.plain() == {"key": value}
    assert type(root.plain()["key"]) is type(value)


def test_every_value_knows_its_line_and_its_keys_line():
    root, _ = read_document("a:\n  b: 1\n  c:\n    - x\n    - y\n")
    for path, key_line, line in ((["a"], 1, 2), (["a", "b"], 2, 2), (["a", "c"], 3, 4), (["a", "c", "1"], 5, 5)):
        node, found = root.at(path)
        assert (node.key_line, node.line, found) == (key_line, line, True)


def test_what_is_not_there_is_at_the_nearest_thing_above():
    root, _ = read_document("a:\n  b: 1\n")
    node, found = root.at(["a", "x", "y"])
    assert (node.key_line, found) == (1, False)


def test_a_key_written_twice_is_kept_once_and_told_with_both_lines():
    root, duplicates = read_document("a: 1\nb:\n  c: 1\n  c: 2\na: 2\na: 3\n")
    assert root.plain() == {"a": 1, "b": {"c": 1}}
    assert duplicates == [Duplicate(("b", "c"), 3, 4), Duplicate(("a",), 1, 5), Duplicate(("a",), 1, 6)]


def test_an_alias_stands_for_its_anchor():
    root, _ = read_document("a: &x {b: 1}\nc: *x\n")
    assert root.plain() == {"a": {"b": 1}, "c": {"b": 1}}
    assert root.at(["c"])[0].key_line == 2


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: [1, 2\nb: 3\n", 2, ("not YAML at column", "on line 1")),
        ("a: b: c\n", 1, ("not YAML at column 5", "mapping values")),
        ("a:\n\t- b\n", 2, ("not YAML at column 1", "cannot start any token")),
        ("a: 'open\n", 2, ("not YAML", "end of stream")),
        ("a: \x07\n", 1, ("U+0007",)),
        ("a: 1\nb: !!python/object/apply:os.system [ls]\n", 2, ("python/object", "remove the tag")),
        ("a: !x 1\n", 1, ("the tag !x",)),
        ("a: *nothing\n", 1, ("*nothing has no &nothing before it",)),
        ("a: &x [*x]\n", 1, ("*x lies inside &x",)),
        ("a: 1\n---\nb: 2\n", 2, ("second document",)),
        ("1: a\n", 1, ("'1' is used as a key", "double quotes")),
        ("? [a]\n: b\n", 1, ("a list, mapping or alias is used as a key",)),
        ("a: 1\n? {b: c}\n: d\n", 2, ("is used as a key",)),
        ("", None, ("empty",)),
        ("# only a comment\n", None, ("empty",)),
        ("---\n", None, ("empty",)),
    ],
)
def test_what_can_not_be_read_is_one_sentence(text: str, line: int | None, words: tuple[str, ...]):
    error = refused(text)
    for word in words:
        assert word in error.message
    assert error.line == line


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "\n".join("  " * i + "a:" for i in range(500))])
def test_deep_nesting_is_refused_without_following_it(text: str):
    assert f"deeper than {DEEPEST} levels" in refused(text).message


def test_the_deepest_that_is_allowed_is_read():
    depth = DEEPEST - 1
    root, _ = read_document("a: " + "[" * (depth - 1) + "1" + "]" * (depth - 1))
    assert root.size == DEEPEST
    assert "deeper" in refused("a: " + "[" * depth + "1" + "]" * depth).message


def test_an_alias_bomb_is_refused_before_it_is_expanded():
    bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 30)
    )
    error = refused(bomb)
    assert f"more than {MOST_VALUES} values" in error.message
    assert error.line == 4


def test_a_mebibyte_of_values_is_refused_in_bounded_time():
    text = "a:\n" + "- 1\n" * 260_000
    start = time.process_time()
    assert f"more than {MOST_VALUES} values" in refused(text).message
    assert time.process_time() - start < 10


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_a_sentence(text: str):
    try:
        root, _ = read_document(text)
    except UnreadableError as error:
        message = error.message
    else:
        message = "; allowed: ; fix: "
        root.plain()
    assert "; allowed: " in message
    assert "; fix: " in message


def places(text: str) -> list[tuple[int, int, str, int]]:
    root, _ = read_document(text)

    def below(node: Node) -> list[tuple[int, int, str, int]]:
        own = (node.line, node.key_line, node.written, node.size)
        return [own, *(found for child in node.children().values() for found in below(child))]

    return below(root)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "a: &one {b: [1, two, 'three']}\nc: *one\n",
        "a:\n- b\n-   c: d\n    e: |\n      lines\n      of text\n",
        '# said first\na: "1"   # and then\n\n\nb: >\n  folded\n',
        "{a: 1,\n b: {c: ~}}",
        "name: \u00e4\u4e2d\U0001f600\n",
    ],
)
def test_the_fast_parser_and_the_other_one_say_the_same(text: str, monkeypatch: pytest.MonkeyPatch):
    assert yaml_text.FAST is not None
    fast, read = places(text), read_document(text)
    monkeypatch.setattr(yaml_text, "FAST", None)
    assert places(text) == fast
    assert read_document(text)[0].plain() == read[0].plain()


@settings(max_examples=20)
@given(st.dictionaries(keys, plain, min_size=1), st.booleans())
def test_both_parsers_read_any_document_alike(data: dict[str, object], flow: bool):
    text = yaml.safe_dump(data, default_flow_style=flow, allow_unicode=True)
    fast = places(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_text, "FAST", None)
        assert places(text) == fast


def test_text_that_is_no_unicode_is_refused_by_the_slow_parser_as_well():
    assert refused("name: \ud800")
