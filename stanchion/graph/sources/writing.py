"""Writes a graph in the form of an export, so that it can be read back: how one stack's program gets to the next."""

from typing import Any, cast

from stanchion.graph.graph import ResourceGraph
from stanchion.graph.resource import Resource
from stanchion.graph.sources.marks import HIDDEN, UNKNOWN_TEXT
from stanchion.graph.values import SECRET, UNKNOWN, Value


def export_of(graph: ResourceGraph) -> dict[str, Any]:
    """A graph as `pulumi stack export` would have it; what is secret stays hidden, what is unknown stays unknown."""
    return {"version": 3, "deployment": {"resources": [_entry(resource) for resource in graph]}}


def _entry(resource: Resource) -> dict[str, Any]:
    return {
        "urn": resource.urn,
        "type": resource.type,
        "custom": resource.custom,
        "inputs": _plain(resource.inputs),
        "outputs": _plain(resource.outputs),
        "parent": resource.parent,
        "provider": f"{resource.provider}::{UNKNOWN_TEXT}" if resource.provider else "",
        "dependencies": list(resource.dependencies),
        "propertyDependencies": {key: list(urns) for key, urns in resource.property_dependencies.items()},
        "protect": resource.protect,
        "retainOnDelete": resource.retain_on_delete,
        **({"created": resource.created.isoformat()} if resource.created else {}),
    }


def _plain(value: Value) -> Any:
    if value is UNKNOWN:
        return UNKNOWN_TEXT
    if value is SECRET:
        return HIDDEN
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[Any]", value)]
    return value
