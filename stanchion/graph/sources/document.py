"""Walks a large JSON document key by key, so that of a long list one element is in memory at a time."""

import re
from collections.abc import Generator, Iterator
from json import JSONDecodeError, JSONDecoder
from typing import Any

_SPACE = re.compile(r"[ \t\n\r]*")
_decode = JSONDecoder().raw_decode


def walk(text: str, opened: frozenset[str], streamed: frozenset[str]) -> Iterator[tuple[str, Any]]:
    """The keys of an object with their values, in the order in which they stand.

    Args:
        text: one JSON object.
        opened: dotted keys whose objects are walked too instead of given whole.
        streamed: dotted keys whose lists are given element by element, as `key[]`.

    Raises:
        JSONDecodeError: with the place of the fault.
        RecursionError: it is nested too deeply.
    """
    position = yield from _object(text, _after_space(text, 0), "", opened, streamed)
    position = _after_space(text, position)
    if position != len(text):
        raise JSONDecodeError("Extra data", text, position)


def _object(
    text: str, position: int, prefix: str, opened: frozenset[str], streamed: frozenset[str]
) -> Generator[tuple[str, Any], None, int]:
    position = _expect(text, position, "{")
    if text[position : position + 1] == "}":
        if prefix:
            yield prefix[:-1], {}
        return position + 1
    while True:
        if text[position : position + 1] != '"':
            raise JSONDecodeError("Expecting property name enclosed in double quotes", text, position)
        key, position = _decode(text, position)
        position = _expect(text, _after_space(text, position), ":")
        path = prefix + key
        first = text[position : position + 1]
        if first == "{" and path in opened:
            position = yield from _object(text, position, f"{path}.", opened, streamed)
        elif first == "[" and path in streamed:
            position = yield from _list(text, position, path)
        else:
            value, position = _decode(text, position)
            yield path, value
        position = _after_space(text, position)
        if text[position : position + 1] == "}":
            return position + 1
        position = _expect(text, position, ",")


def _list(text: str, position: int, path: str) -> Generator[tuple[str, Any], None, int]:
    position = _expect(text, position, "[")
    element = f"{path}[]"
    if text[position : position + 1] == "]":
        yield path, []
        return position + 1
    while True:
        value, position = _decode(text, position)
        yield element, value
        position = _after_space(text, position)
        if text[position : position + 1] == "]":
            return position + 1
        position = _expect(text, position, ",")


def _after_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _expect(text: str, position: int, character: str) -> int:
    if text[position : position + 1] != character:
        raise JSONDecodeError(f"Expecting '{character}'", text, position)
    return _after_space(text, position + 1)
