"""Tags by key, wherever a provider keeps them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from stanchion.graph.resource import Resource
from stanchion.graph.values import SECRET, UNKNOWN

DEFAULT_TAGS = "aws:defaultTags"


class Tags(dict[str, Any]):
    """Tags by key; of a resource whose tags are unknown or secret as a whole, every other key is so too."""

    rest: Any = None

    def get(self, key: str, default: Any = None) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The tag, or what stands for all the tags that can't be seen."""
        if key in self:
            return self[key]
        return default if self.rest is None else self.rest


def tags(resource: Resource, provider: Resource | None, config: Mapping[str, str]) -> Tags:
    """A resource's own tags over its provider's default ones, or the labels of a Kubernetes object.

    Args:
        resource: whose tags.
        provider: its provider when the source shows it.
        config: the stack's configuration, which holds the default provider's own tags.
    """
    found = Tags()
    if resource.type.startswith("kubernetes:"):
        metadata = resource.at("metadata")
        for key in ("annotations", "labels"):
            found.update(_pairs(metadata[key].value))
        return found
    if provider is not None:
        defaults = provider.at("defaultTags").value
    else:
        defaults = config.get(DEFAULT_TAGS) if resource.type.startswith("aws:") else None
    found.update(_pairs(_mapping(_parsed(defaults)).get("tags")))
    found.update(_pairs(resource.at("tagsAll").value))
    own = resource.at("tags").value
    found.update(_pairs(own))
    if own is UNKNOWN or own is SECRET:
        found.rest = own
    return found


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from cast("dict[str, Any]", value).items()
    elif isinstance(value, list):
        # Auto Scaling groups, and all of the Cloud Control provider, have a list of keys and values.
        for item in cast("list[Any]", value):
            pair = _mapping(item)
            if isinstance(pair.get("key"), str):
                yield pair["key"], pair.get("value")


def _parsed(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _mapping(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
