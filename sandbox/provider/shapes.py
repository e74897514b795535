"""Properties to and from botocore's shapes: members are matched by name, upper and lower case aside.

`names` says what the match cannot know: a property's name, or its dotted path when the name means different things at
different depths, to the member's name (`{"rule": "Rules", "destination.account": "Account"}`).
"""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.schema import Field
from sandbox.provider.values import UNKNOWN

Names = Mapping[str, str]


def member_of(path: str, members: Mapping[str, Any], names: Names) -> str | None:
    """The member of a shape that a property belongs to, or None when the shape has none."""
    name = path.rpartition(".")[2]
    renamed = names.get(path, names.get(name))
    if renamed is not None:
        return renamed if renamed in members else None
    folded = name.lower()
    return next((member for member in members if member.lower() == folded), None)


def to_request(value: Any, shape: Any, names: Names, path: str = "") -> Any:
    """The request form of a property's value, or of a whole object of properties."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, Mapping):
        request: dict[str, Any] = {}
        for name, item in value.items():
            inner = f"{path}.{name}" if path else name
            member = member_of(inner, shape.members, names)
            if member is not None and item is not None and item is not UNKNOWN:
                request[member] = to_request(item, shape.members[member], names, inner)
        return request
    if kind == "list":
        if isinstance(value, Mapping) and _is_pairs(shape):
            return [dict(zip(_pair(shape), entry, strict=True)) for entry in value.items()]
        items = value if isinstance(value, list | tuple) else [value]
        return [to_request(item, shape.member, names, path) for item in items]
    if kind == "map" and isinstance(value, Mapping):
        return {str(key): to_request(item, shape.value, names, path) for key, item in value.items()}
    return _scalar(value, kind)


def _scalar(value: Any, kind: str) -> Any:
    if kind in ("integer", "long") and not isinstance(value, bool):
        return int(value)
    if kind in ("float", "double"):
        return float(value)
    if kind == "boolean":
        return value if isinstance(value, bool) else str(value).lower() == "true"
    if kind == "string":
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value


def _is_pairs(shape: Any) -> bool:
    member = shape.member
    return (
        member.type_name == "structure"
        and len(member.members) == 2
        and any(name.lower() in ("value", "tagvalue") for name in member.members)
    )


def _pair(shape: Any) -> tuple[str, str]:
    value = next(name for name in shape.member.members if name.lower() in ("value", "tagvalue"))
    return next(name for name in shape.member.members if name != value), value


def from_response(value: Any, field: Field, names: Names, path: str = "") -> Any:
    """The property's form of a value in an answer; None when there is nothing."""
    if value is None:
        return None
    if field.kind == "object":
        if isinstance(value, list):
            value = value[0] if value else None
        return object_from(value, field.fields(), names, path) if isinstance(value, Mapping) else None
    if field.kind == "list":
        if field.item is None or not isinstance(value, list | tuple):
            return None
        return [from_response(item, field.item, names, path) for item in value]
    if field.kind == "map":
        return _map(value)
    return _plain(value, field.kind)


def object_from(answer: Mapping[str, Any], fields: Mapping[str, Field], names: Names, path: str = "") -> dict[str, Any]:
    """The properties named in `fields` that an answer has."""
    found: dict[str, Any] = {}
    for name, field in fields.items():
        inner = f"{path}.{name}" if path else name
        member = member_of(inner, answer, names)
        value = None if member is None else from_response(answer[member], field, names, inner)
        if value is not None:
            found[name] = value
    return found


def _map(value: Any) -> dict[str, Any] | None:
    if isinstance(value, Mapping):
        return dict(value)
    if not isinstance(value, list):
        return None
    pairs: dict[str, Any] = {}
    for entry in value:
        folded = {name.lower(): item for name, item in entry.items()}
        pairs[str(folded.get("key", folded.get("tagkey", folded.get("name"))))] = folded.get(
            "value", folded.get("tagvalue")
        )
    return pairs


def _plain(value: Any, kind: str) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if kind == "bool":
        return value if isinstance(value, bool) else str(value).lower() == "true"
    if kind in ("int", "float") and isinstance(value, str):
        number = float(value)
        return int(number) if number.is_integer() else number
    if kind == "str":
        if isinstance(value, bytes):
            return value.decode()
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value
