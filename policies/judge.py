"""Runs the rules over a program: the same for the engine and for `stanchion check`."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from policies.exemption import Exemption, expired, unused
from policies.registry import all_rules
from policies.rule import Level, Program, Rule, Violation


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """What a configuration says of one rule; None and empty leave the rule as it is."""

    level: Level | None = None
    thresholds: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Judged:
    """One violation, at the level of its rule; `exempted_by` says why it is let pass."""

    rule: Rule
    level: Level
    violation: Violation
    exempted_by: Exemption | None = None

    @property
    def fails(self) -> bool:
        """Whether a deployment stops here."""
        return self.level is Level.MANDATORY and self.exempted_by is None


@dataclass(frozen=True, slots=True)
class Ruling:
    """How rules are set for a program: by a configuration, by the engine's own on top, or not at all."""

    rules: Mapping[str, RuleSettings] = field(default_factory=dict[str, RuleSettings])
    exemptions: tuple[Exemption, ...] = ()

    def level(self, rule: Rule) -> Level:
        """What a violation of a rule does."""
        settings = self.rules.get(rule.id)
        return settings.level if settings and settings.level else rule.level

    def thresholds(self, rule: Rule) -> dict[str, Any]:
        """The thresholds of a rule, with what is configured in place of the defaults."""
        settings = self.rules.get(rule.id)
        return {**rule.defaults(), **(settings.thresholds if settings else {})}


def judge(program: Program, ruling: Ruling | None = None, rules: Sequence[Rule] | None = None) -> tuple[Judged, ...]:
    """Every violation of every rule that is not disabled.

    Args:
        program: what is judged.
        ruling: how rules are set; their defaults when None.
        rules: all registered ones when None.

    Returns:
        In the order of rules, resources and messages, so that two runs can be compared. A rule that fails itself is a
        violation of that rule: what was not judged is not well.
    """
    ruling = ruling or Ruling()
    rules = all_rules() if rules is None else rules
    found: list[Judged] = []
    used: set[Exemption] = set()
    for rule in rules:
        level = ruling.level(rule)
        if level is Level.DISABLED:
            continue
        for violation in sorted(_violations(rule, program, ruling), key=lambda v: (v.urn, v.property, v.message)):
            exemption = next((e for e in ruling.exemptions if e.covers(rule.id, violation.urn)), None)
            if exemption:
                used.add(exemption)
            let_pass = exemption if exemption and not exemption.is_expired() else None
            found.append(Judged(rule, level, violation, let_pass))
    by_id = {rule.id: rule for rule in rules}
    for exemption in ruling.exemptions:
        rule = by_id.get(exemption.rule)
        if rule is None:
            continue
        if exemption.is_expired():
            found.append(Judged(rule, Level.MANDATORY, expired(exemption)))
        elif exemption not in used:
            found.append(Judged(rule, Level.ADVISORY, unused(exemption)))
    return tuple(found)


def _violations(rule: Rule, program: Program, ruling: Ruling) -> Iterator[Violation]:
    try:
        yield from rule.check(program, ruling.thresholds(rule))
    except Exception as error:
        yield Violation(
            f"the rule itself failed ({type(error).__name__}: {error}), so the program is not judged by it; "
            "report it with the program, and set the rule to advisory until it is mended.",
            unknown=True,
        )


def timed(program: Program, rules: Sequence[Rule] | None = None) -> dict[str, float]:
    """Seconds each rule takes, for finding slow ones; the first one pays for the estimates."""
    taken: dict[str, float] = {}
    for rule in all_rules() if rules is None else rules:
        begun = time.perf_counter()
        list(rule.check(program, rule.defaults()))
        taken[rule.id] = time.perf_counter() - begun
    return taken
