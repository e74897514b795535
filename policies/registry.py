"""Finds the rules: one module each, in the folder of its group."""

import importlib
import pkgutil
from functools import cache
from pathlib import Path

from policies.rule import Group, Rule


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, by id: each module of a group's folder has one `RULE`."""
    folder = Path(__file__).parent
    found: list[Rule] = [
        importlib.import_module(f"policies.{group.value}.{module.name}").RULE
        for group in Group
        for module in pkgutil.iter_modules([str(folder / group.value)])
    ]
    return tuple(sorted(found, key=lambda rule: rule.id))
