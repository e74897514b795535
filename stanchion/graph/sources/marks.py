"""Values as Pulumi writes them: unknown, secret, assets and references are marked inside of ordinary JSON.

The marks are those of the engine (sdk/go/common/resource/sig and sdk/go/common/resource/plugin/rpc.go of
github.com/pulumi/pulumi v3.259.0, read 2026-11-23); `[secret]` is what its preview writes for a secret
(pkg/backend/display/json.go, same version, and seen).
"""

import struct
from sys import intern
from typing import Any, Final, cast

from stanchion.graph.values import SECRET, UNKNOWN, Value

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET_MARK: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - says that something is secret
ASSET_MARK: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE_MARK: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
REFERENCE_MARK: Final = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT_MARK: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
BYTES_MARK: Final = "803fd3297a5875dc03ca845dda5d2a98"
FLOAT_MARK: Final = "8ad145fe-0d11-4827-bfd7-1abcbf086f5c"

UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
# One for each type a property may have: text, bool, number, array, asset, archive, object.
UNKNOWN_TEXTS: Final = frozenset(
    {
        UNKNOWN_TEXT,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
HIDDEN: Final = "[secret]"
_MARKED_TEXTS: Final[dict[str, Value]] = {HIDDEN: SECRET} | dict.fromkeys(UNKNOWN_TEXTS, UNKNOWN)


def from_json(value: Any) -> Value:
    """A value without its marks.

    What the engine keeps for itself (names with two underscores in front) and what is null is left out. The content
    of a secret is not looked at.
    """
    # Exact types, since JSON has no others and this is called for every value of a large file.
    kind = type(value)  # pyright: ignore[reportUnknownVariableType]
    if kind is dict:
        return _mapping(value)
    if kind is list:
        return [from_json(item) for item in value]
    return _MARKED_TEXTS.get(value, value) if kind is str else value


def _mapping(value: dict[str, Any]) -> Value:
    if SIGNATURE in value:
        return _special(value)
    plain: dict[str, Value] = {}
    for key, item in value.items():
        kind = type(item)  # pyright: ignore[reportUnknownVariableType]
        if kind is str:
            item = _MARKED_TEXTS.get(item, item)
        elif kind is dict:
            item = _mapping(item)
        elif kind is list:
            item = [from_json(each) for each in item]
        elif item is None:
            continue
        if key[:2] != "__":
            plain[intern(key)] = item
    return plain


def _special(value: dict[str, Any]) -> Value:
    match value[SIGNATURE]:
        case mark if mark in (ASSET_MARK, ARCHIVE_MARK):
            # Where it comes from is kept; its text may be long and is nothing a graph asks for.
            return {key: from_json(value[key]) for key in ("path", "uri", "assets") if value.get(key)}
        case mark if mark == REFERENCE_MARK:
            return _reference(value)
        case mark if mark == OUTPUT_MARK:
            if value.get("secret") is True:
                return SECRET
            return from_json(value["value"]) if "value" in value else UNKNOWN
        case mark if mark == BYTES_MARK:
            return value.get("value")
        case mark if mark == FLOAT_MARK:
            return _float(value.get("value"))
        case mark if mark == SECRET_MARK:
            return SECRET
        case _:
            # A kind that only a newer engine knows: something is there, and it can't be judged.
            return UNKNOWN


def _reference(value: dict[str, Any]) -> Value:
    identity = value.get("id")
    if isinstance(identity, dict):
        # One version of the engine wrote the value's own structure here.
        inner = cast("dict[str, Any]", identity).get("V")
        identity = "" if isinstance(inner, dict) else inner
    if identity is None:
        return value.get("urn")
    return UNKNOWN if identity == "" else from_json(identity)


def _float(hexadecimal: Any) -> Value:
    try:
        return struct.unpack(">d", bytes.fromhex(hexadecimal))[0]
    except (struct.error, TypeError, ValueError):
        return UNKNOWN


def from_struct(properties: Any) -> dict[str, Value]:
    """The properties of a `google.protobuf.Struct`, without importing protobuf.

    Args:
        properties: a Struct, or a mapping as its JSON form gives one.
    """
    plain = from_json(_loose(properties)) if isinstance(properties, dict) else _fields(properties.fields)
    return cast("dict[str, Value]", plain) if isinstance(plain, dict) else {}


def _fields(fields: Any) -> Value:
    if SIGNATURE in fields:
        if fields[SIGNATURE].string_value == SECRET_MARK:
            return SECRET
        return _special({key: _raw(value) for key, value in fields.items()})
    plain: dict[str, Value] = {}
    for key, value in fields.items():
        if key[:2] != "__":
            item = _field(value)
            if item is not None:
                plain[intern(key)] = item
    return plain


def _field(value: Any) -> Value:
    match value.WhichOneof("kind"):
        case "string_value":
            text = value.string_value
            return _MARKED_TEXTS.get(text, text)
        case "struct_value":
            return _fields(value.struct_value.fields)
        case "list_value":
            return [_field(item) for item in value.list_value.values]
        case "number_value":
            return _number(value.number_value)
        case "bool_value":
            return value.bool_value
        case _:
            return None


def _raw(value: Any) -> Any:
    """A value with its marks, as JSON has it."""
    match value.WhichOneof("kind"):
        case "struct_value":
            return {key: _raw(item) for key, item in value.struct_value.fields.items()}
        case "list_value":
            return [_raw(item) for item in value.list_value.values]
        case kind:
            return _field(value) if kind == "number_value" else getattr(value, kind) if kind else None


def _loose(value: Any) -> Any:
    if type(value) is float:
        return _number(value)
    if isinstance(value, dict):
        return {key: _loose(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_loose(item) for item in cast("list[Any]", value)]
    return value


def _number(value: float) -> int | float:
    # A Struct knows floats only; 60 days should not read 60.0 in one source and 60 in another.
    return int(value) if value.is_integer() else value
