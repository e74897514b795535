"""What a schema says against an object: unknown fields, wrong types, missing ones, each with its path."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.kubernetes_provider.paths import Path
from sandbox.provider.values import UNKNOWN

Schema = Mapping[str, Any]

_SHOWN = 60
_INT_OR_STRING = "x-kubernetes-int-or-string"
_OPEN = "x-kubernetes-preserve-unknown-fields"
_EMBEDDED = ("apiVersion", "kind", "metadata")


@dataclass(frozen=True)
class Problem:
    """What is wrong at a path; `reason` is a sentence that may show the value, `value_free` one that does not."""

    path: Path
    reason: str
    value_free: str = "its value is not allowed"


def validate(value: Any, schema: Schema, definitions: Mapping[str, Schema], path: Path = ()) -> Iterator[Problem]:
    """Everything that is wrong with a value; what is not known yet is right.

    Args:
        definitions: what `$ref` leads to, by the last part of the reference.
    """
    schema = _resolved(schema, definitions)
    if value is UNKNOWN:
        return
    wrong = _wrong_type(value, schema)
    if wrong is not None:
        yield Problem(path, f"{_shown(value)} is {_type_of(value)}; {wrong} is wanted", f"{wrong} is wanted")
        return
    yield from _restrictions(value, schema, path)
    if isinstance(value, Mapping):
        yield from _fields(value, schema, definitions, path)
    elif isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for position, item in enumerate(value):
            yield from validate(item, schema["items"], definitions, (*path, position))
        yield from _twice(value, schema, path)


def _twice(value: list[Any], schema: Schema, path: Path) -> Iterator[Problem]:
    """Entries of a list that is a map by some of their fields, such as the containers of a pod by name."""
    names = schema.get("x-kubernetes-list-map-keys") or ()
    seen: set[tuple[Any, ...]] = set()
    for position, item in enumerate(value if names else ()):
        keys = tuple(item.get(name) for name in names) if isinstance(item, Mapping) else ()
        # A key that is left out has a default that the schema may not say.
        if not keys or any(each is None or not isinstance(each, str | int) for each in keys):
            continue
        if keys in seen:
            said = " and ".join(f"{name} {key}" for name, key in zip(names, keys, strict=True))
            yield Problem((*path, position), f"there is an entry with {said} already", "there is such an entry already")
        seen.add(keys)


def _resolved(schema: Schema, definitions: Mapping[str, Schema]) -> Schema:
    while "$ref" in schema:
        schema = definitions.get(str(schema["$ref"]).rpartition("/")[2], {})
    return schema


def _types(schema: Schema) -> set[str]:
    """The names of the types a schema takes; empty when it takes all."""
    if schema.get(_INT_OR_STRING):
        return {"integer", "string"}
    found: set[str] = set()
    for each in [schema, *schema.get("oneOf", ())]:
        said = each.get("type", ())
        found.update([said] if isinstance(said, str) else said)
    if schema.get("nullable"):
        found.add("null")
    return found


def _wrong_type(value: Any, schema: Schema) -> str | None:
    types = _types(schema)
    found = _type_of(value)
    taken = not types or found in types or (found == "integer" and "number" in types)
    return None if taken else " or ".join(sorted(types - {"null"}))


def _type_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def _restrictions(value: Any, schema: Schema, path: Path) -> Iterator[Problem]:
    allowed = schema.get("enum")
    if allowed and value not in allowed and value is not None:
        names = ", ".join(str(each) for each in allowed)
        yield Problem(path, f"{_shown(value)} is not allowed; allowed: {names}", f"allowed: {names}")
    if isinstance(value, str):
        pattern = schema.get("pattern")
        if pattern and not _matches(pattern, value):
            yield Problem(path, f"{_shown(value)} does not match {pattern}", f"it does not match {pattern}")
        yield from _limits(len(value), schema, path, "Length", "characters")
    elif isinstance(value, list):
        yield from _limits(len(value), schema, path, "Items", "entries")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        least, most = schema.get("minimum"), schema.get("maximum")
        if least is not None and value < least:
            yield Problem(path, f"{value} is under {least}", f"it is under {least}")
        if most is not None and value > most:
            yield Problem(path, f"{value} is over {most}", f"it is over {most}")


def _limits(size: int, schema: Schema, path: Path, what: str, unit: str) -> Iterator[Problem]:
    least, most = schema.get(f"min{what}"), schema.get(f"max{what}")
    if least is not None and size < least:
        yield Problem(path, f"{size} {unit} are under {least}", f"under {least} {unit}")
    if most is not None and size > most:
        yield Problem(path, f"{size} {unit} are over {most}", f"over {most} {unit}")


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        # Go's expressions have forms that Python's lack.
        return True


def _fields(
    value: Mapping[str, Any], schema: Schema, definitions: Mapping[str, Schema], path: Path
) -> Iterator[Problem]:
    known: Mapping[str, Schema] = schema.get("properties") or {}
    rest = schema.get("additionalProperties")
    closed = rest is False or (rest is None and bool(known) and not schema.get(_OPEN))
    for name, item in value.items():
        if name in known:
            yield from validate(item, known[name], definitions, (*path, name))
        elif isinstance(rest, Mapping):
            yield from validate(item, rest, definitions, (*path, name))
        elif closed and not (schema.get("x-kubernetes-embedded-resource") and name in _EMBEDDED):
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"allowed: {', '.join(sorted(known))}"
            yield Problem((*path, name), f"there is no such field; {hint}", f"there is no such field; {hint}")
    for name in schema.get("required", ()):
        if name not in value:
            yield Problem((*path, name), "is missing", "is missing")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
