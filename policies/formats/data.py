"""Violations as JSON."""

from collections.abc import Sequence
from typing import Any

from policies.formats.wording import counts
from policies.judge import Judged
from stanchion.graph import ResourceGraph

VERSION = 1


def document(found: Sequence[Judged], graph: ResourceGraph, rules: int) -> dict[str, Any]:
    """`{"version", "fails", "resources", "rules", "mandatory", "advisory", "exempted", "violations": [...]}`."""
    mandatory, advisory, exempted = counts(found)
    return {
        "version": VERSION,
        "fails": mandatory > 0,
        "resources": len(graph),
        "rules": rules,
        "mandatory": mandatory,
        "advisory": advisory,
        "exempted": exempted,
        "violations": [_violation(judged) for judged in found],
    }


def _violation(judged: Judged) -> dict[str, Any]:
    exemption = judged.exempted_by
    return {
        "rule": judged.rule.id,
        "group": judged.rule.group.value,
        "severity": judged.rule.severity.value,
        "level": judged.level.value,
        "message": judged.violation.message,
        "urn": judged.violation.urn,
        "property": judged.violation.property,
        "unknown": judged.violation.unknown,
        "remediation": judged.rule.remediation,
        "exemption": None
        if exemption is None
        else {"owner": exemption.owner, "reason": exemption.reason, "expires": exemption.expires.isoformat()},
    }
