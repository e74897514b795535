"""Objects between the engine's protobuf form and plain Python; which parts are secret is known by path."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.struct_pb2 import Struct

from sandbox.kubernetes_provider.paths import Path
from sandbox.provider.values import OUTPUT, RESOURCE, SECRET, SIGNATURE, UNKNOWN, UNKNOWN_MARK, Properties

# Names that the SDKs can't spell, as the official provider writes them into the state.
_OBJECT_NAMES = {
    f"x_kubernetes_{rest}": f"x-kubernetes-{rest.replace('_', '-')}"
    for rest in (
        *("embedded_resource", "int_or_string", "list_map_keys", "list_type", "map_type"),
        *("preserve_unknown_fields", "validations"),
    )
}
_WIRE_NAMES = {name: spelled for spelled, name in _OBJECT_NAMES.items()}


@dataclass
class Bag:
    """An object and the paths in it that are secret; a secret in a list makes the whole list one."""

    values: Properties = field(default_factory=dict)
    secrets: set[Path] = field(default_factory=set)


def decode(struct: Struct) -> Bag:
    """The plain form of a protobuf struct; whole numbers become ints, nulls are left out."""
    bag = Bag()
    bag.values = _fields(struct.fields, (), bag.secrets)
    return bag


def encode(values: Mapping[str, Any], secrets: Iterable[Path] = ()) -> Struct:
    """The protobuf form of an object; what lies at one of the paths is marked as secret."""
    struct = Struct()
    struct.update(_encode(values, (), frozenset(secrets)))
    return struct


def _fields(fields: Mapping[str, Any], path: Path, secrets: set[Path]) -> Properties:
    found: Properties = {}
    for spelled, value in fields.items():
        name = _OBJECT_NAMES.get(spelled, spelled)
        plain = _decode(value, (*path, name), secrets)
        if plain is not None:
            found[name] = plain
    return found


def _decode(value: Any, path: Path, secrets: set[Path]) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value == UNKNOWN_MARK else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [_decode(item, (*path, position), secrets) for position, item in enumerate(value.list_value.values)]
    if kind == "struct_value":
        return _decode_marked(value.struct_value.fields, path, secrets)
    return None


def _decode_marked(fields: Mapping[str, Any], path: Path, secrets: set[Path]) -> Any:
    mark = fields[SIGNATURE].string_value if SIGNATURE in fields else ""
    if mark == SECRET or (mark == OUTPUT and "secret" in fields and fields["secret"].bool_value):
        secrets.add(_outside_lists(path))
    if mark in (SECRET, OUTPUT):
        return _decode(fields["value"], path, secrets) if "value" in fields else UNKNOWN
    if mark == RESOURCE:
        return _decode(fields["id" if "id" in fields else "urn"], path, secrets)
    return _fields(fields, path, secrets)


def _outside_lists(path: Path) -> Path:
    """Positions in lists are not stable: the server may sort."""
    for depth, step in enumerate(path):
        if isinstance(step, int):
            return path[:depth]
    return path


def _encode(value: Any, path: Path, secrets: frozenset[Path]) -> Any:
    if isinstance(value, Mapping):
        plain: Any = {
            _WIRE_NAMES.get(name, str(name)): _encode(item, (*path, name), secrets)
            for name, item in value.items()
            if item is not None
        }
    elif isinstance(value, list | tuple):
        # Within a list nothing is marked by itself: see `Bag`.
        plain = [_encode(item, (), frozenset()) for item in value]
    else:
        plain = UNKNOWN_MARK if value is UNKNOWN else value
    return {SIGNATURE: SECRET, "value": plain} if path in secrets else plain
