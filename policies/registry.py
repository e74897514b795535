"""Finds the rules: one module each, in the folder of its group."""

import importlib
import pkgutil
from functools import cache
from pathlib import Path

from policies.rule import Group, Rule


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, by id: each module of a group's folder has one `RULE`."""
    found: list[Rule] = []
    for group in Group:
        for module in pkgutil.iter_modules([str(Path(__file__).parent / group.value)]):
            found.append(importlib.import_module(f"policies.{group.value}.{module.name}").RULE)
    return tuple(sorted(found, key=lambda rule: rule.id))
