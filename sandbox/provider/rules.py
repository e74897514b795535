"""Rules that rows are put together from: what Check looks at beyond types, patterns and ranges.

Every rule passes over unknown values, as the official provider does in a preview.
"""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.provider.row import Problem, Rule
from sandbox.provider.values import UNKNOWN


def conflicts(*names: str) -> Rule:
    """At most one of these properties."""

    def rule(inputs: Mapping[str, Any]) -> list[Problem]:
        given = [name for name in names if name in inputs and name not in inputs.get("__defaults", ())]
        if len(given) < 2:
            return []
        return [Problem(given[1], f'Conflicting configuration arguments: "{given[0]}" conflicts with {given[1]}')]

    return rule


def exactly_one(*names: str) -> Rule:
    """One of these properties and no second one."""

    def rule(inputs: Mapping[str, Any]) -> list[Problem]:
        given = [name for name in names if name in inputs]
        if len(given) == 1:
            return []
        return [Problem(names[0], f"exactly one of {', '.join(names)} is required, {len(given)} were given")]

    return rule


def at_least_one(*names: str) -> Rule:
    """One of these properties or more."""

    def rule(inputs: Mapping[str, Any]) -> list[Problem]:
        if any(name in inputs for name in names):
            return []
        return [Problem(names[0], f"at least one of {', '.join(names)} is required")]

    return rule


def needs(name: str, other: str) -> Rule:
    """The first property makes sense only with the second."""

    def rule(inputs: Mapping[str, Any]) -> list[Problem]:
        if name in inputs and other not in inputs:
            return [Problem(name, f'"{name}" needs "{other}", which is not given')]
        return []

    return rule


def only_if(name: str, flag: str) -> Rule:
    """A true value of the first property makes sense only when the second is true."""

    def rule(inputs: Mapping[str, Any]) -> list[Problem]:
        given = inputs.get(name)
        if given in (None, False, UNKNOWN) or inputs.get(flag) in (True, UNKNOWN):
            return []
        return [Problem(name, f'"{name}" can only be set when "{flag}" is true')]

    return rule


def one_of(path: str, *allowed: str) -> Rule:
    """An enum the packaged schemas do not have; `path` is dotted, lists are walked."""
    return _each(path, lambda value: None if value in allowed else f"expected one of [{', '.join(allowed)}]")


def matches(path: str, pattern: str, meaning: str) -> Rule:
    """A pattern for the whole value, and in words what it means."""
    compiled = re.compile(pattern)
    return _each(path, lambda value: None if compiled.fullmatch(str(value)) else meaning)


def between(path: str, least: float, most: float) -> Rule:
    """A range, both ends in it."""
    return _each(
        path,
        lambda value: (
            None if least <= value <= most else f"expected a value in the range ({least} - {most}), got {value}"
        ),
    )


def _each(path: str, wrong: Any) -> Rule:
    def rule(inputs: Mapping[str, Any]) -> list[Problem]:
        problems = []
        for where, value in found(inputs, path):
            reason = None if value is UNKNOWN else wrong(value)
            if reason is not None:
                problems.append(Problem(where, f"invalid value for {where}: {reason}"))
        return problems

    return rule


def found(value: Any, path: str, where: str = "") -> list[tuple[str, Any]]:
    """The values at a dotted path, with their full paths; every member of a list on the way is walked."""
    if isinstance(value, list):
        return [hit for position, item in enumerate(value) for hit in found(item, path, f"{where}[{position}]")]
    if not path:
        return [(where, value)]
    if not isinstance(value, Mapping):
        return []
    name, _, rest = path.partition(".")
    return found(value[name], rest, f"{where}.{name}" if where else name) if name in value else []
