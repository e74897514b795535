"""Whether two values of a property mean the same: sets in another order, JSON documents written differently."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.provider.row import Row
from sandbox.provider.values import is_packed

_EMPTY = (None, "", 0, False)


def same(row: Row, path: str, wanted: Any, cloud: Any, *, strict: bool = True) -> bool:
    """Whether two values of a property mean the same.

    Args:
        path: dotted, without list positions.
        strict: False lets the cloud say more than the program does, as long as it is empty or a declared default.
    """
    if path in row.json and isinstance(wanted, str) and isinstance(cloud, str):
        return same_document(wanted, cloud)
    if is_packed(wanted) and is_packed(cloud):
        # Where files lie says nothing about what is in them.
        return wanted.get("hash") == cloud.get("hash")
    if isinstance(wanted, Mapping) and isinstance(cloud, Mapping):
        return all(
            _same_entry(row, f"{path}.{name}", name, wanted, cloud, strict) for name in wanted.keys() | cloud.keys()
        )
    if isinstance(wanted, list) and isinstance(cloud, list):
        if len(wanted) != len(cloud):
            return False
        if path in row.sets:
            return len(pairs(row, path, wanted, cloud, strict=strict)) == len(wanted)
        return all(same(row, path, one, other, strict=strict) for one, other in zip(wanted, cloud, strict=True))
    if isinstance(wanted, str) != isinstance(cloud, str) and not isinstance(wanted, list | Mapping):
        return _text(wanted) == _text(cloud)
    return wanted == cloud and type(wanted) is type(cloud)


def _same_entry(
    row: Row, path: str, name: str, wanted: Mapping[str, Any], cloud: Mapping[str, Any], strict: bool
) -> bool:
    if name in wanted and name in cloud:
        return same(row, path, wanted[name], cloud[name], strict=strict)
    if strict or path.rpartition(".")[0] in row.choices:
        return False
    if name in cloud:
        return (
            empty(cloud[name])
            or path in row.nested_computed
            or (path in row.nested_defaults and row.nested_defaults[path] == cloud[name])
        )
    return empty(wanted[name]) or path in row.write_only


def empty(value: Any) -> bool:
    """Whether a value says nothing: zero, false, or nothing inside."""
    if isinstance(value, Mapping):
        return all(empty(item) for item in value.values())
    return not value if isinstance(value, list) else any(value is nothing or value == nothing for nothing in _EMPTY)


def pairs(row: Row, path: str, wanted: list[Any], cloud: list[Any], *, strict: bool) -> list[tuple[int, int]]:
    """Positions of the members of two sets that mean the same."""
    left = list(range(len(cloud)))
    found: list[tuple[int, int]] = []
    for position, item in enumerate(wanted):
        match = next((other for other in left if same(row, path, item, cloud[other], strict=strict)), None)
        if match is not None:
            left.remove(match)
            found.append((position, match))
    return found


def reconcile(row: Row, path: str, wanted: Any, cloud: Any) -> Any:
    """The cloud's value, in the program's words wherever the two mean the same."""
    if same(row, path, wanted, cloud, strict=False):
        return wanted
    if isinstance(wanted, Mapping) and isinstance(cloud, Mapping):
        merged = {}
        for name in [*wanted, *(name for name in cloud if name not in wanted)]:
            inner = f"{path}.{name}"
            if name in wanted and name in cloud:
                merged[name] = reconcile(row, inner, wanted[name], cloud[name])
            elif not _same_entry(row, inner, name, wanted, cloud, strict=False):
                if name in cloud:
                    merged[name] = cloud[name]
            elif name in wanted:
                merged[name] = wanted[name]
        return merged
    if isinstance(wanted, list) and isinstance(cloud, list):
        if path in row.sets:
            known = {other: wanted[one] for one, other in pairs(row, path, wanted, cloud, strict=False)}
            return [known.get(position, item) for position, item in enumerate(cloud)]
        return [
            reconcile(row, path, wanted[position], item) if position < len(wanted) else item
            for position, item in enumerate(cloud)
        ]
    return cloud


def completed(row: Row, path: str, value: Any, cloud: Any) -> Any:
    """A value in the program's words, with what the cloud fills in by itself; members of lists stay as they are."""
    if not isinstance(value, Mapping) or not isinstance(cloud, Mapping):
        return value
    merged = {name: completed(row, f"{path}.{name}", item, cloud.get(name)) for name, item in value.items()}
    added = {
        name: item for name, item in cloud.items() if name not in merged and f"{path}.{name}" in row.nested_computed
    }
    return merged | added


def same_document(one: str, other: str) -> bool:
    """Whether two JSON documents mean the same; in policies, order of lists and lists of one do not matter."""
    try:
        first, second = json.loads(one), json.loads(other)
    except ValueError:
        return one == other
    return canonical(first) == canonical(second)


def canonical(document: Any) -> Any:
    """A form of a document in which two with the same meaning are equal."""
    is_policy = isinstance(document, Mapping) and "Statement" in document
    return _canonical(document, is_policy)


def _canonical(value: Any, is_policy: bool) -> Any:
    if isinstance(value, Mapping):
        items = {name: _canonical(item, is_policy) for name, item in value.items()}
        if is_policy and items.get("Principal") == {"AWS": "*"}:
            items["Principal"] = "*"
        if is_policy and "Statement" in items and not isinstance(items["Statement"], list):
            items["Statement"] = [items["Statement"]]
        return items
    if isinstance(value, list):
        members = [_canonical(item, is_policy) for item in value]
        if is_policy and all(isinstance(member, str) for member in members):
            return members[0] if len(members) == 1 else sorted(members)
        return members
    return _text(value)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
