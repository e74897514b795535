"""The table of docs/policies.md, read from the rules: `python -m policies.reference [--check]`."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from policies.registry import all_rules
from policies.rule import Group, Rule, Threshold
from stanchion.generated import cell, run

FILE = Path(__file__).resolve().parents[1] / "docs" / "policies.md"
COMMAND = "policies.reference"


def body() -> str:
    """Every rule by group, and after each group the thresholds that a configuration may change."""
    rules = all_rules()
    lines = [f"{len(rules)} rules.", ""]
    for group in Group:
        mine = [rule for rule in rules if rule.group is group]
        if mine:
            lines += [f"### {group.value}", "", *_table(mine), *_thresholds(mine)]
    return "\n".join(lines)


def _table(rules: Iterable[Rule]) -> Iterator[str]:
    yield "| rule | level | severity | demands | source |"
    yield "|---|---|---|---|---|"
    for rule in rules:
        demand, source = cell(rule.description), cell(rule.source)
        yield f"| `{rule.id}` | {rule.level.value} | {rule.severity.value} | {demand} | {source} |"
    yield ""


def _thresholds(rules: Iterable[Rule]) -> Iterator[str]:
    found = [(rule, threshold) for rule in rules for threshold in rule.thresholds]
    if found:
        yield "| threshold | default | allowed | |"
        yield "|---|---|---|---|"
        for rule, threshold in found:
            name = f"`{rule.id}`: `{threshold.name}`"
            allowed, about = _allowed(threshold), cell(threshold.description)
            yield f"| {name} | `{_written(threshold.default)}` | {allowed} | {about} |"
        yield ""


def _allowed(threshold: Threshold) -> str:
    if isinstance(threshold.default, bool):
        return "true, false"
    if isinstance(threshold.default, tuple):
        return "a list"
    if isinstance(threshold.default, str):
        return "text"
    low, high = threshold.minimum, threshold.maximum
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    return "a number" if low is None and high is None else f"from {low:g}" if low is not None else f"up to {high:g}"


def _written(value: float | str | bool | tuple[str, ...]) -> str:
    """As a configuration has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(str(item) for item in value)}]"
    return value if isinstance(value, str) else f"{value:g}"


def main(arguments: list[str], file: Path = FILE) -> int:
    """Write the table into the document, or with --check say whether the committed one is stale."""
    return run(arguments, file, "docs/policies.md", body, COMMAND)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
