"""An event as one line of JSON, which is how it travels and how it lies in the table.

Maps are JSON texts in a column of type string: what is in them differs from event to event, and a reader that takes
columns from the data would give them another type in each file.
"""

import json
import math
from collections.abc import Callable
from dataclasses import fields, replace
from operator import attrgetter
from typing import Any, cast

from stanchion.errors import StanchionError
from stanchion.events.feedback import FeedbackEvent
from stanchion.events.inference import SCHEMA_VERSION, InferenceEvent

Event = InferenceEvent | FeedbackEvent
Dumps = Callable[[dict[str, Any]], bytes]
# What Firehose takes as one record, before base64 (Firehose API reference, Record).
LARGEST_BYTES = 1_000 * 1024
# Fields that hold a map.
TEXTS = frozenset({"features", "groups"})
_KINDS: dict[str, type[Event]] = {"inference": InferenceEvent, "feedback": FeedbackEvent}
_NAMES = {kind: tuple(each.name for each in fields(kind)) for kind in _KINDS.values()}
_VALUES = {kind: attrgetter(*names) for kind, names in _NAMES.items()}
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":"))


class EventError(StanchionError):
    """A line that is no event."""


def dumps(document: Any) -> bytes:
    """JSON of a document; numbers that JSON does not have become null, and halves of characters question marks."""
    # Half of a surrogate pair is what JSON can spell and UTF-8 can't.
    return text_of(document).encode("utf-8", "replace")


def encode(event: Event, dumps: Dumps = dumps) -> bytes:
    """One line with its end; without its payload when it would be larger than Firehose takes.

    Args:
        event: any.
        dumps: a faster one, which may refuse what this module's takes.

    Raises:
        TypeError: something in it is nothing of JSON's.
        ValueError: it is too large without its payload as well.
    """
    line = _line(event, dumps)
    if len(line) > LARGEST_BYTES and isinstance(event, InferenceEvent):
        line = _line(replace(event, features={}, prediction="", sample_weight=0.0), dumps)
    if len(line) > LARGEST_BYTES:
        raise ValueError(f"the event {event.event_id} has {len(line)} bytes; allowed: {LARGEST_BYTES}.")
    return line


def decode(line: bytes) -> Event:
    """The event of a line; fields that a later version added are left aside.

    Raises:
        EventError: it is none, or one of another major version.
    """
    try:
        document: Any = json.loads(line)
    except ValueError as error:
        raise EventError(f"a line of {len(line)} bytes is no event: {error}.") from None
    known = cast("dict[str, Any]", document) if isinstance(document, dict) else {}
    kind = _KINDS.get(str(known.get("kind")))
    if kind is None:
        raise EventError(f"a line is of kind {known.get('kind')!r}; allowed: {', '.join(_KINDS)}.")
    version = str(known.get("schema_version"))
    if version.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
        raise EventError(f"an event has version {version}; allowed: {SCHEMA_VERSION} and others of its first number.")
    values = {name: known[name] for name in _NAMES[kind] if name in known}
    try:
        for name in TEXTS & values.keys():
            values[name] = json.loads(values[name]) if values[name] else {}
        return kind(**values)
    except (TypeError, ValueError) as error:
        raise EventError(f"an event of kind {known['kind']} can't be read: {error}.") from None


def text_of(document: Any) -> str:
    """JSON text of a document; numbers that JSON does not have become null."""
    try:
        return _ENCODER.encode(document)
    except ValueError:
        return _ENCODER.encode(_finite(document))


def _line(event: Event, fast: Dumps) -> bytes:
    kind = type(event)
    values: dict[str, Any] = dict(zip(_NAMES[kind], _VALUES[kind](event), strict=True))
    if "features" in values:
        for name in TEXTS:
            values[name] = text_of(values[name]) if values[name] else ""
    try:
        return fast(values) + b"\n"
    except (TypeError, ValueError):
        return dumps(values) + b"\n"


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in cast("dict[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in cast("list[Any]", value)]
    return value
