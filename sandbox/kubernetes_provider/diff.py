"""What changes between two versions of an object's inputs, and whether it takes a new object."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.kubernetes_provider import changes, immutable, naming
from sandbox.kubernetes_provider.cluster import Cluster
from sandbox.kubernetes_provider.errors import RefusedError
from sandbox.kubernetes_provider.paths import Path, covers, look, parse
from sandbox.provider.values import UNKNOWN, Properties, has_unknown


@dataclass
class Difference:
    """The changed properties by path, with add, delete or update, and those that take a new object."""

    paths: dict[Path, str] = field(default_factory=dict)
    replaces: set[Path] = field(default_factory=set)
    delete_first: bool = False


@dataclass(frozen=True)
class Asked:
    """How to ask the server about a change.

    Args:
        manager: the object's field manager.
        secrets: paths whose values no error says.
        ignored: paths whose changes the program does not want to see.
        config_maps, secret_data: as `immutable.fields_of` has them.
        asking: whether the server is asked at all.
    """

    cluster: Cluster
    manager: str
    secrets: Iterable[Path] = ()
    ignored: tuple[Path, ...] = ()
    config_maps: bool = False
    secret_data: bool = False
    asking: bool = True


def difference(old: Properties, new: Properties, asked: Asked) -> Difference:
    """Compares old inputs with new ones, and asks the server when they differ.

    What the server would make no change of is none: `1000m` instead of `1`, a default that is written out. What it
    would refuse as immutable takes a new object. Everything else that it has to say, the preview of the update says.
    """
    found = Difference()
    _walk((), old, new, found.paths)
    found.paths = {
        path: how for path, how in found.paths.items() if not any(covers(each, path) for each in asked.ignored)
    }
    if not found.paths:
        return found
    fixed = immutable.fields_of(new, config_maps=asked.config_maps, secrets=asked.secret_data)
    found.replaces = {path for path in found.paths if _takes_new(fixed, path, old, new)}
    if asked.asking and not found.replaces and not has_unknown(new):
        try:
            if changes.would_change(asked.cluster, new, asked.manager, asked.secrets, asked.ignored) is False:
                return Difference()
        except RefusedError as error:
            if changes.is_immutable(error):
                found.replaces = _named_by(error, found.paths) or set(found.paths)
    same_name = look(old, ("metadata", "name")) == look(new, ("metadata", "name"))
    same_place = look(old, ("metadata", "namespace")) == look(new, ("metadata", "namespace"))
    # A name that the program fixes can exist only once, so the old object has to make room.
    found.delete_first = bool(found.replaces) and same_name and same_place and not naming.is_automatic(new)
    return found


def _takes_new(fixed: list[Path], path: Path, old: Properties, new: Properties) -> bool:
    if immutable.takes_new(fixed, path, new):
        return True
    # A whole part that came or went: what is fixed may lie in it.
    part = look(new, path) if look(new, path) is not None else look(old, path)
    return any(covers(path, each) and look(part, each[len(path) :]) is not None for each in fixed)


def _named_by(error: RefusedError, paths: Iterable[Path]) -> set[Path]:
    """The changed paths that the fields of a refusal are about."""
    named: list[Path] = []
    for text in error.fields:
        try:
            named.append(parse(text.removeprefix(".")))
        except ValueError:
            continue
    return {path for path in paths if any(covers(each, path) or covers(path, each) for each in named)}


def _walk(path: Path, before: Any, after: Any, found: dict[Path, str]) -> None:
    if before is UNKNOWN or after is UNKNOWN:
        found[path] = "add" if before is None else "update"
    elif before is None or after is None:
        if before is not None or after is not None:
            found[path] = "add" if before is None else "delete"
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted(before.keys() | after.keys()):
            _walk((*path, name), before.get(name), after.get(name), found)
    elif isinstance(before, list) and isinstance(after, list):
        for position in range(max(len(before), len(after))):
            one = before[position] if position < len(before) else None
            other = after[position] if position < len(after) else None
            _walk((*path, position), one, other, found)
    elif before != after or isinstance(before, bool) != isinstance(after, bool):
        found[path] = "update"
