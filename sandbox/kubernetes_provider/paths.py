"""Paths in an object: as the engine and people write them, and what lies there."""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

# Names of fields and positions in lists.
Path = tuple[str | int, ...]

_STEP = re.compile(r"""\.?(?:([^.\[\]"]+)|\[(\d+|\*)\]|\["((?:[^"\\]|\\.)*)"\])""")
EVERY = "*"


def parse(text: str) -> Path:
    """A path as `ignoreChanges` has it: `spec.template.metadata.labels["example.com/a"]`, `spec.ports[0]`; `*` is all.

    Raises:
        ValueError: it is not one.
    """
    found: list[str | int] = []
    at = 0
    while at < len(text):
        step = _STEP.match(text, at)
        if step is None:
            raise ValueError(f"'{text}' is no path of a property")
        name, position, quoted = step.groups()
        if position is not None:
            found.append(EVERY if position == "*" else int(position))
        else:
            found.append(name if name is not None else re.sub(r"\\(.)", r"\1", quoted))
        at = step.end()
    return tuple(found)


def written(path: Path) -> str:
    """A path as the engine writes it."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.search(r'[.\[\]"]', step):
            text += '["' + step.replace('"', '\\"') + '"]'
        else:
            text += f".{step}" if text else step
    return text


def covers(pattern: Path, path: Path) -> bool:
    """Whether a path lies at or below another one."""
    return len(path) >= len(pattern) and all(
        one in (EVERY, other) for one, other in zip(pattern, path[: len(pattern)], strict=True)
    )


def look(value: Any, path: Path) -> Any:
    """What lies at a path; None when nothing does."""
    for step in path:
        if not _has(value, step):
            return None
        value = value[step]
    return value


def put(value: Any, path: Path, new: Any) -> bool:
    """Put something at a path; mappings on the way are made, list entries are not.

    Returns:
        Whether the way was there.
    """
    for depth, step in enumerate(path[:-1]):
        if isinstance(value, MutableMapping) and step not in value and isinstance(path[depth + 1], str):
            value[step] = {}
        value = look(value, (step,))
    if not isinstance(value, MutableMapping) and not _has(value, path[-1]):
        return False
    value[path[-1]] = new
    return True


def _has(value: Any, step: str | int) -> bool:
    if isinstance(value, Mapping):
        return step in value
    return isinstance(value, list) and isinstance(step, int) and step < len(value)


def take_away(value: Any, path: Path) -> None:
    """Take away what lies at a path, and mappings above it that become empty by that."""
    for depth in range(len(path) - 1, -1, -1):
        holder, step = look(value, path[:depth]), path[depth]
        if isinstance(holder, MutableMapping):
            holder.pop(step, None)
            if holder:
                return
        else:
            if depth == len(path) - 1 and isinstance(holder, list) and isinstance(step, int) and step < len(holder):
                del holder[step]
            return


def expand(value: Any, pattern: Path) -> list[Path]:
    """The paths that a pattern with `*` stands for in an object."""
    found: list[Path] = [()]
    for step in pattern:
        if step != EVERY:
            found = [(*path, step) for path in found]
            continue
        wider: list[Path] = []
        for path in found:
            at = look(value, path)
            keys = range(len(at)) if isinstance(at, list) else list(at) if isinstance(at, Mapping) else ()
            wider.extend((*path, key) for key in keys)
        found = wider
    return found
