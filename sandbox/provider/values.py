"""Property values between the engine's protobuf form and plain Python, with unknowns and secrets kept apart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeGuard

from google.protobuf.struct_pb2 import Struct

# Marks of the engine's wire format; they are fixed parts of the provider protocol.
UNKNOWN_MARK: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a mark of the protocol, no secret
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"

Properties = dict[str, Any]


class Unknown:
    """A value that is known only after something else has been created; there is one instance, `UNKNOWN`."""

    def __repr__(self) -> str:
        return "<unknown>"

    def __copy__(self) -> "Unknown":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Unknown":
        return self


UNKNOWN: Final = Unknown()


@dataclass
class Bag:
    """Properties and the names of those that hold a secret somewhere inside."""

    values: Properties = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)


def decode(struct: Struct) -> Bag:
    """Plain values of a protobuf struct; whole numbers become ints, nulls are left out."""
    bag = Bag()
    for name, value in struct.fields.items():
        plain, secret = _decode(value)
        if plain is not None:
            bag.values[name] = plain
        if secret:
            bag.secrets.add(name)
    return bag


def _decode(value: Any) -> tuple[Any, bool]:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return (UNKNOWN if value.string_value == UNKNOWN_MARK else value.string_value), False
    if kind == "number_value":
        number = value.number_value
        return (int(number) if number.is_integer() else number), False
    if kind == "bool_value":
        return value.bool_value, False
    if kind == "list_value":
        items = [_decode(item) for item in value.list_value.values]
        return [plain for plain, _ in items], any(secret for _, secret in items)
    if kind == "struct_value":
        return _decode_object(value.struct_value.fields)
    return None, False


def _decode_object(fields: Mapping[str, Any]) -> tuple[Any, bool]:
    mark = fields[SIGNATURE].string_value if SIGNATURE in fields else ""
    if mark == SECRET:
        return _decode(fields["value"])[0], True
    if mark == OUTPUT:
        plain, inner = _decode(fields["value"]) if "value" in fields else (UNKNOWN, False)
        return plain, inner or ("secret" in fields and fields["secret"].bool_value)
    if mark == RESOURCE:
        return _decode(fields["id"]) if "id" in fields else _decode(fields["urn"])
    items = {name: _decode(value) for name, value in fields.items()}
    plain = {name: value for name, (value, _) in items.items() if value is not None}
    return plain, any(secret for _, secret in items.values())


def encode(values: Mapping[str, Any], secrets: Iterable[str] = ()) -> Struct:
    """The protobuf form of properties; those named in `secrets` are marked as secret."""
    hidden = set(secrets)
    struct = Struct()
    struct.update(
        {
            name: {SIGNATURE: SECRET, "value": _encode(value)} if name in hidden else _encode(value)
            for name, value in values.items()
            if value is not None
        }
    )
    return struct


def _encode(value: Any) -> Any:
    if value is UNKNOWN:
        return UNKNOWN_MARK
    if isinstance(value, Mapping):
        return {str(name): _encode(item) for name, item in value.items() if item is not None}
    if isinstance(value, list | tuple | set | frozenset):
        return [_encode(item) for item in value]
    return value


def is_packed(value: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether a value is an asset or an archive."""
    return isinstance(value, Mapping) and value.get(SIGNATURE) in (ASSET, ARCHIVE)


def has_unknown(value: Any) -> bool:
    """Whether a value is unknown or holds an unknown somewhere inside."""
    if value is UNKNOWN:
        return True
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(has_unknown(item) for item in value)
    return False
