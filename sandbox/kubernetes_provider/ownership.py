"""Who owns which field of an object, as `managedFields` says it, and what becomes of fields that are to be ignored."""

import json
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from sandbox.kubernetes_provider.paths import Path, covers, expand, look, put, take_away
from sandbox.provider.values import Properties


def owned(document: Mapping[str, Any], manager: str | None = None, *, but: str | None = None) -> set[Path]:
    """The paths of an object's fields that a manager owns, with everything above them.

    Args:
        manager: whose; everybody's when not given.
        but: not this one's.
    """
    found: set[Path] = set()
    for entry in look(document, ("metadata", "managedFields")) or ():
        who = entry.get("manager")
        if (manager is None or who == manager) and who != but:
            for path in _paths(entry.get("fieldsV1") or {}, document, ()):
                found.update(path[: depth + 1] for depth in range(len(path)))
    return found


def _paths(fields: Mapping[str, Any], value: Any, path: Path) -> Iterator[Path]:
    """Paths of a field set: `f:name` is a field, `k:{…}` the entry of a list with these keys, `v:…` that value."""
    for key, below in fields.items():
        form, _, rest = key.partition(":")
        if form == "f":
            step: str | int | None = rest
        elif form == "k":
            step = _position(value, json.loads(rest))
        elif form == "v":
            step = _index(value, json.loads(rest))
        else:
            continue  # `.`: the list or mapping itself
        if step is None:
            continue
        yield (*path, step)
        yield from _paths(below, look(value, (step,)), (*path, step))


def _position(value: Any, keys: Mapping[str, Any]) -> int | None:
    for position, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, Mapping) and all(item.get(name) == wanted for name, wanted in keys.items()):
            return position
    return None


def _index(value: Any, wanted: Any) -> int | None:
    return value.index(wanted) if isinstance(value, list) and wanted in value else None


def to_send(wanted: Properties, live: Mapping[str, Any] | None, manager: str, ignored: Iterable[Path]) -> Properties:
    """What is applied of an object when changes of some fields are to be ignored.

    A field that another manager owns and we do not is left out: to send it would be a conflict, or make us its owner.
    One that is ours, alone or with others, is sent as it is in the cluster: left out, it would be taken away. When the
    object is not there, there is nothing to ignore.

    Args:
        wanted: what the program says.
        manager: ours.
        ignored: paths, which may have `*`.
    """
    patterns = list(ignored)
    if live is None or not patterns:
        return wanted
    ours, theirs = owned(live, manager), owned(live, but=manager)
    sent = deepcopy(wanted)
    left_out: set[Path] = set()
    for path in {path for pattern in patterns for path in expand(wanted, pattern)}:
        there = None if look(wanted, path) is None else _counterpart(wanted, live, path)
        if there is None:
            continue
        whole = _owned_part(theirs, there)
        if whole is not None and _owned_part(ours, there) is None:
            left_out.add(path[: len(whole)])
        else:
            put(sent, path, deepcopy(look(live, there)))
    # From the end, so that positions in lists stay what they are.
    for path in sorted(left_out, key=lambda each: [(isinstance(step, int), step) for step in each], reverse=True):
        take_away(sent, path)
    return sent


def _owned_part(fields: set[Path], path: Path) -> Path | None:
    """The field at a path, or the one above it that is owned as a whole, as atomic ones are."""
    if path in fields:
        return path
    above = (path[:depth] for depth in range(1, len(path)))
    return next((each for each in above if each in fields and not _opened(fields, each)), None)


def _opened(fields: set[Path], path: Path) -> bool:
    return any(len(each) > len(path) and covers(path, each) for each in fields)


def _counterpart(wanted: Any, live: Any, path: Path) -> Path | None:
    """The path in the live object: entries of lists that have a name are found by it, others by position."""
    found: Path = ()
    for depth, step in enumerate(path):
        at = look(live, found)
        if isinstance(step, int):
            name = look(wanted, (*path[: depth + 1], "name"))
            position = _position(at, {"name": name}) if name is not None else None
            step = step if position is None and name is None else position
            if step is None:
                return None
        if look(at, (step,)) is None:
            return None
        found = (*found, step)
    return found
