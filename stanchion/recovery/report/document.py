"""The report as data: one JSON document with a version, the same facts as the table and the page."""

import math
from typing import Any

from stanchion.graph import ResourceGraph, Unsettled
from stanchion.recovery.compare import Comparison
from stanchion.recovery.estimate import Estimate, Estimates, Figure, Part
from stanchion.recovery.report.amount import shown
from stanchion.recovery.term import Amount, Term

VERSION = 1


def document(graph: ResourceGraph, estimates: Estimates, comparison: Comparison | None = None) -> dict[str, Any]:
    """The whole report.

    Returns:
        `{"version", "fails", "resources", "estimates": [...], "notes": [...], "comparison": {...} | None}`; amounts are
        `{"seconds": number | None, "state": "known" | "unbounded" | "unknown" | "not assessed", "shown": text}`.
    """
    return {
        "version": VERSION,
        "fails": estimates.fails,
        "resources": len(graph),
        "estimates": [_estimate(found) for found in estimates.estimates],
        "notes": [{"urn": note.urn, "text": note.text} for note in estimates.notes],
        "comparison": None if comparison is None else _comparison(comparison),
    }


def amount_document(amount: Amount | None) -> dict[str, Any]:
    """An amount as data."""
    seconds, state, why = None, "known", None
    if amount is None:
        state = "not assessed"
    elif isinstance(amount, Unsettled):
        state, why = "unknown", str(amount)
    elif math.isinf(amount):
        state = "unbounded"
    else:
        seconds = amount
    return {"seconds": seconds, "state": state, "shown": shown(amount), **({"why": why} if why else {})}


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {
        "workload": estimate.workload,
        "tier": estimate.tier,
        "why_unknown": str(estimate.gap) if estimate.gap else None,
        "disruption": estimate.disruption.value,
        "proof": estimate.proof.value if estimate.proof else None,
        "rto": _figure(estimate.rto),
        "rpo": _figure(estimate.rpo),
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "objective_seconds": figure.objective,
        "estimate": amount_document(figure.amount),
        "verdict": figure.verdict.value,
        "grade": figure.grade.value if figure.grade else None,
        "deciding": _term(figure.deciding) if figure.deciding else None,
        "missing": list(figure.missing),
        "parts": [_part(part) for part in figure.parts],
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "phase": part.phase,
        "name": part.name,
        "urn": part.urn,
        "counts": part.counts,
        "note": part.note,
        "amount": amount_document(part.amount) if part.terms else None,
        "terms": [_term(term) for term in part.terms],
    }


def _term(term: Term) -> dict[str, Any]:
    return {
        "name": term.name,
        "amount": amount_document(term.amount),
        "grade": term.grade.value,
        "source": {"document": term.source.document, "part": term.source.part, "checked": term.source.checked},
        "urn": term.urn,
        "property": term.property,
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "added": list(comparison.added),
        "removed": list(comparison.removed),
        "changes": [
            {
                "workload": change.workload,
                "disruption": change.disruption.value,
                "figure": change.figure,
                "before": amount_document(change.before),
                "after": amount_document(change.after),
                "objective_seconds": change.objective,
                "worse": change.worse,
                "reasons": list(change.reasons),
                "sentence": change.sentence,
            }
            for change in comparison.changes
        ],
    }
