"""One resource as Pulumi's state has it; a preview shows it in the same form."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from sys import intern
from typing import Any, cast

from stanchion.graph.graph import PROVIDER_PREFIX
from stanchion.graph.resource import Resource
from stanchion.graph.sources.errors import GraphSourceError
from stanchion.graph.sources.marks import UNKNOWN_TEXTS, from_json
from stanchion.graph.values import UNKNOWN, Value


def resource_of(
    entry: Mapping[str, Any], place: str, more_outputs: Mapping[str, Value] | None = None, id_: object = None
) -> Resource:
    """A resource of a state.

    Args:
        entry: as the state's JSON has it.
        place: where it stands, for errors: "resource 12 of `deployment.resources`".
        more_outputs: what is known of its outputs from elsewhere; its own win.
        id_: its id, if known from elsewhere.

    Raises:
        GraphSourceError: it has no URN, or its properties are no mapping.
    """
    urn = entry.get("urn")
    if not isinstance(urn, str) or not urn:
        raise GraphSourceError(f"{place} has no `urn`; every resource of a program has one.")
    type_ = entry.get("type")
    inputs = properties_of(entry, "inputs", place)
    outputs = {**(more_outputs or {}), **properties_of(entry, "outputs", place)}
    made_up: list[str] = []
    for key, value in outputs.items():
        known = inputs.get(key)
        if value is UNKNOWN:
            made_up.append(key)
        elif known is not None and known == value and type(known) is type(value):
            # Most of what a resource was given comes back from the cloud: keep it once.
            outputs[key] = known
    for key in made_up:
        # What the program leaves open, and the cloud will make up, is not set; what it sets is among the inputs.
        del outputs[key]
    identity = entry.get("id") or id_
    if isinstance(identity, str) and identity and identity not in UNKNOWN_TEXTS:
        outputs.setdefault("id", identity)
    if not isinstance(type_, str):
        type_ = type_of(urn)
    if type_.startswith(PROVIDER_PREFIX):
        inputs, outputs = provider_inputs(inputs), provider_inputs(outputs)
    return Resource(
        urn=intern(urn),
        type=intern(type_),
        name=name_of(urn),
        inputs=inputs,
        outputs=outputs,
        parent=_text(entry.get("parent")),
        provider=provider_urn(_text(entry.get("provider"))),
        custom=entry.get("custom") is not False,
        dependencies=urns(entry.get("dependencies")),
        property_dependencies=property_urns(entry.get("propertyDependencies")),
        protect=entry.get("protect") is True,
        retain_on_delete=entry.get("retainOnDelete") is True,
        created=_moment(entry.get("created")),
    )


def properties_of(entry: Mapping[str, Any], key: str, place: str) -> dict[str, Value]:
    """The inputs or outputs of an entry, without Pulumi's marks.

    Raises:
        GraphSourceError: there are some, and they are no mapping.
    """
    found = entry.get(key)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise GraphSourceError(
            f"`{key}` of {place} is {_kind(cast('object', found))}; it has to be an object of properties by name."
        )
    plain = from_json(cast("dict[str, Any]", found))
    return cast("dict[str, Value]", plain) if isinstance(plain, dict) else {}


def name_of(urn: str) -> str:
    """The logical name in a URN; it may hold `::` itself."""
    return urn.split("::", 3)[-1]


def type_of(urn: str) -> str:
    """The type in a URN, without those of its parents."""
    parts = urn.split("::", 3)
    return parts[2].rsplit("$", 1)[-1] if len(parts) > 3 else ""


def provider_urn(reference: str) -> str:
    """The URN of a provider reference `<urn>::<id>`."""
    return intern(reference.rsplit("::", 1)[0]) if reference.count("::") > 3 else reference


def provider_inputs(properties: Mapping[str, Value]) -> dict[str, Value]:
    """Properties of a provider resource, of which the engine keeps everything but text as JSON text."""
    return {key: _from_text(value) for key, value in properties.items()}


def _from_text(value: Value) -> Value:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return from_json(json.loads(value))
        except (ValueError, RecursionError):
            return value
    return value


def without_unknown(value: Value) -> Value:
    """A value without unknown keys at any depth; an unknown element of a list stays."""
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {key: without_unknown(item) for key, item in items if item is not UNKNOWN}
    if isinstance(value, list):
        return [without_unknown(item) for item in cast("list[Any]", value)]
    return value


def urns(found: Any) -> tuple[str, ...]:
    """URNs of a list, whatever else is in it left out."""
    if not isinstance(found, Iterable) or isinstance(found, str):
        return ()
    return tuple(intern(urn) for urn in cast("Iterable[Any]", found) if isinstance(urn, str))


def property_urns(found: Any) -> dict[str, tuple[str, ...]]:
    """URNs by property, without properties that depend on nothing."""
    if not isinstance(found, dict):
        return {}
    return {
        intern(key): depends
        for key, value in cast("dict[str, Any]", found).items()
        if value and (depends := urns(value))
    }


def _text(value: Any) -> str:
    return intern(value) if isinstance(value, str) else ""


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _kind(value: object) -> str:
    match value:
        case list():
            return "a list"
        case str():
            return "a text"
        case bool():
            return "true or false"
        case _:
            return "a number"
