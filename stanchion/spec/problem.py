"""From pydantic's errors to problems: sentences with file, line and key."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from stanchion.spec.errors import Problem
from stanchion.spec.refusal import Refusal, shown
from stanchion.spec.yaml_text import Node

_MEANT = {
    "bool_type": ("neither true nor false", "true, false"),
    "list_type": ("not a list", "a list, such as [one, two]"),
    "dict_type": ("not a mapping", "keys with values below it"),
    "model_type": ("not a mapping", "keys with values below it"),
    "model_attributes_type": ("not a mapping", "keys with values below it"),
    "string_type": ("not text", "text"),
}


def problems_of(error: ValidationError, model: type[BaseModel], root: Node, file: str) -> list[Problem]:
    """One problem for each of pydantic's errors.

    Args:
        model: what the document was read as.
        root: the document, for lines and for values as they were written.
    """
    return [_problem(detail, model, root, file) for detail in error.errors(include_url=False)]


def _problem(detail: ErrorDetails, model: type[BaseModel], root: Node, file: str) -> Problem:
    place = _place(model, [str(part) for part in detail["loc"] if part not in ("", "[key]")])
    # Of a key that is not there, the nearest one above.
    node, _ = root.at(place.path)
    refusal = _refusal(detail, place, node)
    if detail["type"].startswith("union_tag_"):
        path = (*place.path, _discriminator(detail))
        node, _ = root.at(path)
        return Problem(file, node.key_line, _dotted(path), str(refusal))
    return Problem(file, node.key_line, _dotted(place.path), str(refusal))


def _refusal(detail: ErrorDetails, place: "_Place", node: Node) -> Refusal:
    kind, context = detail["type"], detail.get("ctx", {})
    if isinstance(own := context.get("error"), Refusal):
        return own
    if kind == "extra_forbidden":
        return _unknown_key(place)
    if kind == "missing":
        return _missing_key(place)
    written = shown(place.path[-1] if "[key]" in detail["loc"] else node.written)
    if kind in ("enum", "literal_error"):
        return _other_value(written, str(context["expected"]))
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _unknown_kind(detail, place, node)
    if kind == "string_type" and node.is_number:
        return Refusal(f"{written} without quotes is a number to YAML", allowed="text", fix=f'write "{written}"')
    if kind == "string_too_short":
        least = context["min_length"]
        allowed = "a text that is not empty" if least == 1 else f"{least} characters or more"
        return Refusal(f"'{written}' is too short", allowed=allowed, fix="say more")
    what, allowed = _MEANT.get(kind, (detail["msg"], "what the schema beside the document says"))
    if node.is_empty:
        return Refusal("it has no value", allowed=allowed, fix="give it a value, or remove the key to take the default")
    return Refusal(f"'{written}' is {what}", allowed=allowed, fix="change the value")


def _other_value(written: str, expected: str) -> Refusal:
    allowed = re.findall(r"'([^']*)'", expected)
    return Refusal(f"'{written}' is not one of its values", allowed=", ".join(allowed), fix=_nearest(written, allowed))


def _unknown_kind(detail: ErrorDetails, place: "_Place", node: Node) -> Refusal:
    """A mapping whose other keys depend on one, and that one is not there or has no value that is known."""
    key = _discriminator(detail)
    tags = [tag for model in place.inside for tag in _tags(model, key)]
    if detail["type"] == "union_tag_not_found":
        return Refusal(
            "the key is missing, and the other keys depend on it",
            allowed=", ".join(tags),
            fix=f"add `{key}: {tags[0]}`",
        )
    value, _ = node.at([key])
    what = f"'{shown(value.written)}' is not a {key}"
    return Refusal(what, allowed=", ".join(tags), fix=_nearest(value.written, tags))


def _discriminator(detail: ErrorDetails) -> str:
    return str(detail.get("ctx", {})["discriminator"]).strip("'")


def _unknown_key(place: "_Place") -> Refusal:
    key, fields = place.path[-1], place.fields
    allowed = ", ".join(fields) or "no keys"
    if place.tag and (tags := place.tags_with(key)):
        name, tag = place.tag
        what = f"'{shown(key)}' belongs to {name}: {' or '.join(tags)}, and this is {name}: {tag}"
        return Refusal(what, allowed=allowed, fix=f"remove it, or write {name}: {tags[0]}")
    near = get_close_matches(key, fields, n=1, cutoff=0.6)
    fix = f"did you mean {near[0]}?" if near else "remove it"
    return Refusal(f"'{shown(key)}' is not a key here", allowed=allowed, fix=fix)


def _missing_key(place: "_Place") -> Refusal:
    key, fields = place.path[-1], place.fields
    field = fields[key]
    example = f"{key}: {field.examples[0]}" if field.examples else f"{key}: ..."
    needed = [name for name, f in fields.items() if f.is_required()]
    return Refusal("the key is missing", allowed=f"{', '.join(needed)} must all be there", fix=f"add `{example}`")


def _nearest(value: str, allowed: Sequence[str]) -> str:
    near = get_close_matches(value, allowed, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else "write one of these"


@dataclass(frozen=True)
class _Place:
    """Where pydantic means.

    Args:
        path: the keys as they are written.
        above: what the mapping that holds the last key may be read as.
        beside: what it may have been read as before one key of it said which.
        inside: what the value itself may be read as.
        tag: that key and its value.
    """

    path: tuple[str, ...]
    above: tuple[Any, ...]
    beside: tuple[Any, ...]
    inside: tuple[Any, ...]
    tag: tuple[str, str] | None

    @property
    def fields(self) -> dict[str, FieldInfo]:
        """The keys that are known beside the last one. Some can't be names in Python."""
        return {name: field for model in self.above for name, field in _fields(model).items()}

    def tags_with(self, key: str) -> list[str]:
        """The values of the tag with which a key is known."""
        assert self.tag is not None  # noqa: S101 - asked only then
        return [tag for model in self.beside if key in _fields(model) for tag in _tags(model, self.tag[0])]


def _place(model: type[BaseModel], loc: Sequence[str]) -> _Place:
    """Follow pydantic's place through the models; it has the tag of a union between the keys, and people don't."""
    path: list[str] = []
    above: tuple[Any, ...] = ()
    beside: tuple[Any, ...] = ()
    inside, discriminator = _read_as(model)
    tag: tuple[str, str] | None = None
    for part in loc:
        tagged = tuple(each for each in inside if discriminator and part in _tags(each, discriminator))
        if discriminator and tagged:
            beside, inside, tag = inside, tagged, (discriminator, part)
            continue
        path.append(part)
        above = inside
        if not any(_tagged_by(tag, each) for each in above):
            beside, tag = (), None
        inside, discriminator = _below(above, part)
    return _Place(tuple(path), above, beside, inside, tag)


def _tagged_by(tag: tuple[str, str] | None, model: Any) -> bool:
    return tag is not None and tag[1] in _tags(model, tag[0])


def _read_as(kind: Any) -> tuple[tuple[Any, ...], str | None]:
    """What a value may be, without what is said about it, and the key that says which of several it is."""
    if get_origin(kind) is Annotated:
        inner, *about = get_args(kind)
        known = [each.discriminator for each in about if isinstance(each, FieldInfo)]
        found, discriminator = _read_as(inner)
        return found, next((each for each in known if isinstance(each, str)), discriminator)
    if get_origin(kind) in (Union, UnionType):
        members = [_read_as(member) for member in get_args(kind)]
        discriminator = next((each for _, each in members if each), None)
        return tuple(each for found, _ in members for each in found), discriminator
    return (() if kind is NoneType else (kind,)), None


def _below(kinds: Sequence[Any], part: str) -> tuple[tuple[Any, ...], str | None]:
    """What may lie under a key, or at a place of a list."""
    for kind in kinds:
        origin = get_origin(kind)
        if origin in (dict, list):
            return _read_as(get_args(kind)[-1])
        if origin is tuple:
            return _read_as(get_args(kind)[0])
        for name, field in _fields(kind).items():
            if part == name:
                return _read_as(Annotated[field.annotation, field])
    return (), None


def _fields(kind: Any) -> dict[str, FieldInfo]:
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return {}
    return {field.alias or name: field for name, field in kind.model_fields.items()}


def _tags(kind: Any, discriminator: str) -> list[str]:
    field = _fields(kind).get(discriminator)
    return [] if field is None else [str(value) for value in get_args(field.annotation)]


def _dotted(path: Iterable[str]) -> str:
    """`interface_endpoints.0` is written `interface_endpoints[0]`."""
    return re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", ".".join(map(shown, path)))
