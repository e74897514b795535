"""From pydantic's errors to problems: sentences with file, line and key."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any, cast, get_args, get_origin

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
    path = [str(part) for part in detail["loc"] if part not in ("", "[key]")]
    # Of a key that is not there, the nearest one above.
    node, _ = root.at(path)
    refusal = _refusal(detail, model, path, node)
    return Problem(file, node.key_line, _dotted(path), str(refusal))


def _refusal(detail: ErrorDetails, model: type[BaseModel], path: Sequence[str], node: Node) -> Refusal:
    kind, context = detail["type"], detail.get("ctx", {})
    if isinstance(own := context.get("error"), Refusal):
        return own
    if kind == "extra_forbidden":
        return _unknown_key(path[-1], _fields(model, path[:-1]))
    if kind == "missing":
        return _missing_key(path[-1], _fields(model, path[:-1]))
    written = shown(node.written)
    if kind in ("enum", "literal_error"):
        allowed = re.findall(r"'([^']*)'", str(context["expected"]))
        return Refusal(
            f"'{written}' is not one of its values", allowed=", ".join(allowed), fix=_nearest(written, allowed)
        )
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


def _unknown_key(key: str, fields: dict[str, FieldInfo]) -> Refusal:
    near = get_close_matches(key, fields, n=1, cutoff=0.6)
    fix = f"did you mean {near[0]}?" if near else "remove it"
    return Refusal(f"'{shown(key)}' is not a key here", allowed=", ".join(fields) or "no keys", fix=fix)


def _missing_key(key: str, fields: dict[str, FieldInfo]) -> Refusal:
    field = fields[key]
    example = f"{key}: {field.examples[0]}" if field.examples else f"{key}: ..."
    needed = [name for name, f in fields.items() if f.is_required()]
    return Refusal("the key is missing", allowed=f"{', '.join(needed)} must all be there", fix=f"add `{example}`")


def _nearest(value: str, allowed: Sequence[str]) -> str:
    near = get_close_matches(value, allowed, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else "write one of these"


def _fields(model: type[BaseModel], path: Sequence[str]) -> dict[str, FieldInfo]:
    """The keys that are known below a path of the document."""
    here: Any = model
    for part in path:
        if _is_model(here):
            fields = cast("type[BaseModel]", here).model_fields
            named = next((f for name, f in fields.items() if part in (name, f.alias)), None)
            here = named.annotation if named else None
        elif get_origin(here) in (dict, list):
            here = get_args(here)[-1]
        elif get_origin(here) is tuple:
            here = get_args(here)[0]
    found = cast("type[BaseModel]", here).model_fields if _is_model(here) else {}
    # Some keys can't be names in Python.
    return {field.alias or name: field for name, field in found.items()}


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _dotted(path: Iterable[str]) -> str:
    """`interface_endpoints.0` is written `interface_endpoints[0]`."""
    return re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", ".".join(map(shown, path)))
