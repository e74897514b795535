"""How a setting reads: `startWindow` of rule `hourly` in plan `lake`."""

import re
from typing import Any, cast

from stanchion.graph import Resource, Setting

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_NAMES = ("ruleName", "name", "id", "key", "region", "regionName")


def _steps(path: str) -> list[tuple[str | None, str | None]]:
    return [(match[1], match[2]) for match in _STEP.finditer(path)]


def setting_at(resource: Resource, path: str) -> Setting:
    """The setting at a path such as `rules[0].startWindow`; not set where the path leads nowhere."""
    steps = _steps(path)
    if not steps or steps[0][0] is None:
        return Setting(resource, path, None)
    setting = resource.at(steps[0][0])
    for key, index in steps[1:]:
        setting = setting[int(index)] if index is not None else setting[key or ""]
    return setting


def place(resource: Resource, path: str) -> tuple[str, str]:
    """The last key of a path, and where it stands.

    Returns:
        `("startWindow", "rule `hourly` in plan `lake`")`; list elements are called by their name where they have one.
    """
    owner = f"{_words(resource.kind)} `{resource.name}`"
    steps = _steps(path)
    keys = [key for key, _ in steps if key is not None]
    if not keys:
        return "", owner
    element = ""
    for number, (_, index) in enumerate(steps):
        if index is None:
            continue
        prefix = _written(steps[: number + 1])
        name = _name(setting_at(resource, prefix).value)
        list_key = steps[number - 1][0] or "item"
        element = f"{_singular(list_key)} `{name or index}` in "
    return keys[-1], f"{element}{owner}"


def _written(steps: list[tuple[str | None, str | None]]) -> str:
    text = ""
    for key, index in steps:
        text += f"[{index}]" if index is not None else f"{'.' if text else ''}{key}"
    return text


def _name(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    fields = cast("dict[str, Any]", value)
    return next((str(fields[key]) for key in _NAMES if isinstance(fields.get(key), str)), "")


def _singular(key: str) -> str:
    return key[:-3] + "y" if key.endswith("ies") else key.removesuffix("s")


def _words(kind: str) -> str:
    """`ReplicationGroup` as `replication group`."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", kind).lower()
