"""Violations as SARIF 2.1.0, which code hosts show beside the change.

A Pulumi program has no line for a resource, so that the place is its URN as a logical location; the file that was read
stands as the artifact, since hosts show only results that have one.
"""

from collections.abc import Sequence
from typing import Any

from policies.judge import Judged
from policies.rule import Level, Rule, Severity

_LEVELS = {Level.MANDATORY: "error", Level.ADVISORY: "warning", Level.DISABLED: "none"}
# Code hosts sort by this number (0 to 10).
_SECURITY = {Severity.LOW: "3.0", Severity.MEDIUM: "5.0", Severity.HIGH: "7.5", Severity.CRITICAL: "9.5"}


def sarif(found: Sequence[Judged], rules: Sequence[Rule], source: str) -> dict[str, Any]:
    """One run with all rules and results.

    Args:
        found: the violations.
        rules: that were run.
        source: the file that was read, as it was named.
    """
    order = {rule.id: number for number, rule in enumerate(rules)}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {"name": "stanchion", "version": _version(), "rules": [_rule(rule) for rule in rules]}
                },
                "results": [_result(judged, order[judged.rule.id], source) for judged in found],
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.description},
        "fullDescription": {"text": f"{rule.description} Source: {rule.source}."},
        "help": {"text": rule.remediation},
        "defaultConfiguration": {"level": _LEVELS[rule.level]},
        "properties": {"tags": [rule.group.value], "security-severity": _SECURITY[rule.severity]},
    }


def _result(judged: Judged, index: int, source: str) -> dict[str, Any]:
    violation = judged.violation
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": source}, "region": {"startLine": 1}}}
    if violation.urn:
        name = violation.urn.rsplit("::", 1)[-1]
        full = f"{violation.urn}#{violation.property}" if violation.property else violation.urn
        location["logicalLocations"] = [{"name": name, "fullyQualifiedName": full, "kind": "resource"}]
    result: dict[str, Any] = {
        "ruleId": judged.rule.id,
        "ruleIndex": index,
        "level": _LEVELS[judged.level],
        "message": {"text": violation.message},
        "locations": [location],
    }
    if judged.exempted_by:
        reason = f"{judged.exempted_by.reason} ({judged.exempted_by.owner}, until {judged.exempted_by.expires})"
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": reason}]
    return result


def _version() -> str:
    from importlib.metadata import version

    return version("stanchion")
