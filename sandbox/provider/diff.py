"""What changes between two versions of a resource's inputs, and whether it takes a new resource."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.provider.compare import pairs, same
from sandbox.provider.row import Row
from sandbox.provider.values import UNKNOWN, Properties, has_unknown, is_packed

HIDDEN = frozenset({"__defaults"})


@dataclass
class Difference:
    """The changed properties by path (`rules[0].status`) with add, delete or update; and what makes a new resource."""

    paths: dict[str, str] = field(default_factory=dict)
    replaces: dict[str, str] = field(default_factory=dict)
    delete_first: bool = False


def difference(row: Row, old: Properties, new: Properties, ignored: frozenset[str] = frozenset()) -> Difference:
    """Compares old inputs with new ones.

    Args:
        ignored: top-level properties whose changes the program does not want to see.
    """
    found = Difference()
    for name in sorted((old.keys() | new.keys()) - HIDDEN - ignored):
        before, after = old.get(name), new.get(name)
        if after is None and name in row.sticky:
            continue
        if not has_unknown(before) and not has_unknown(after) and same(row, name, before, after):
            continue
        paths: dict[str, str] = {}
        _walk(row, name, name, before, after, paths)
        found.paths.update(paths)
        for path in paths:
            if name in row.replace or name == "region" or _plain(path) in row.replace:
                found.replaces[path] = name
    named = row.auto_name.name if row.auto_name else ""
    # A name that the program fixes can exist only once, so the old resource has to make room.
    fixed = bool(named) and named not in new.get("__defaults", ()) and old.get(named) == new.get(named)
    found.delete_first = bool(found.replaces) and (row.delete_first or fixed)
    return found


def _plain(path: str) -> str:
    """A path without list positions."""
    return ".".join(part.split("[")[0] for part in path.split("."))


def _walk(row: Row, name: str, path: str, before: Any, after: Any, found: dict[str, str]) -> None:
    if before is None or after is None:
        found[path] = "add" if before is None else "delete"
    elif before is UNKNOWN or after is UNKNOWN or is_packed(after):
        found[path] = "update"
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted(before.keys() | after.keys()):
            one, other = before.get(key), after.get(key)
            if has_unknown(other) or not same(row, f"{name}.{key}", one, other):
                shown = f'{path}["{key}"]' if not key.isidentifier() else f"{path}.{key}"
                _walk(row, f"{name}.{key}", shown, one, other, found)
    elif isinstance(before, list) and isinstance(after, list):
        _walk_list(row, name, path, before, after, found)
    else:
        found[path] = "update"


def _walk_list(row: Row, name: str, path: str, before: list[Any], after: list[Any], found: dict[str, str]) -> None:
    if name in row.sets:
        equal = pairs(row, name, before, after, strict=True)
        lost = [position for position in range(len(before)) if position not in {one for one, _ in equal}]
        won = [position for position in range(len(after)) if position not in {other for _, other in equal}]
        found.update({f"{path}[{position}]": "delete" for position in lost[len(won) :]})
        found.update({f"{path}[{position}]": "update" for position in won[: len(lost)]})
        found.update({f"{path}[{position}]": "add" for position in won[len(lost) :]})
        return
    for position in range(max(len(before), len(after))):
        one = before[position] if position < len(before) else None
        other = after[position] if position < len(after) else None
        if has_unknown(other) or not same(row, name, one, other):
            _walk(row, name, f"{path}[{position}]", one, other, found)
