"""The report as Markdown, for the comment on a pull request."""

from collections.abc import Iterator

from stanchion.graph import ResourceGraph
from stanchion.recovery.compare import Comparison
from stanchion.recovery.estimate import Estimate, Estimates, Verdict
from stanchion.recovery.report.amount import shown
from stanchion.recovery.report.notes import said_once
from stanchion.recovery.report.rows import NOTHING, rows

_MARKS = {
    Verdict.MET: "✅ met",
    Verdict.BROKEN: "❌ broken",
    Verdict.UNKNOWN: "❓ unknown",
    Verdict.NOT_ASSESSED: "⬜ not assessed",
    Verdict.NO_OBJECTIVE: "no objective",
}


def markdown(estimates: Estimates, comparison: Comparison | None = None, graph: ResourceGraph | None = None) -> str:
    """A table of all figures, what changed before it, and what should be known after it.

    Args:
        estimates: what to write.
        comparison: what changed, or None.
        graph: the program, to write every term with its setting and its source as well; None to leave them out.
    """
    lines = ["## Recovery", ""]
    if comparison is not None:
        lines += [*_changes(comparison), ""]
    found = list(rows(estimates))
    if not found:
        lines.append(f"{NOTHING[0].upper()}{NOTHING[1:]}.")
    else:
        lines += [
            "| workload | tier | disruption | | objective | estimate | grade | decided by | verdict |",
            "|---|---|---|---|---|---|---|---|---|",
        ]
    for row in found:
        cells = (
            *(row.workload, row.tier, row.disruption, row.figure, row.objective, row.estimate, row.grade),
            *(row.decided_by, _MARKS[row.verdict]),
        )
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    if estimates.notes:
        lines += ["", *(f"- {_cell(note)}" for note in said_once(estimates.notes))]
    if graph is not None:
        lines += [line for estimate in estimates.estimates for line in _why(graph, estimate)]
    return "\n".join(lines) + "\n"


def _why(graph: ResourceGraph, estimate: Estimate) -> Iterator[str]:
    for name, figure in (("RTO", estimate.rto), ("RPO", estimate.rpo)):
        if not figure.parts and not figure.missing:
            continue
        yield ""
        title = f"{name} {estimate.disruption.value} of {estimate.workload}: {shown(figure.amount)}"
        yield f"<details><summary>{_cell(title)}</summary>"
        yield ""
        for part in figure.parts:
            aside = part.note or shown(part.amount)
            yield f"- {'**' if part.counts else ''}{_cell(f'{part.phase}: {part.name}: {aside}')}" + (
                "**" if part.counts else ""
            )
            for term in part.terms:
                resource = graph.resources.get(term.urn)
                where = f", {resource.label} {term.property}".rstrip() if resource else ""
                yield f"  - {_cell(f'{term.name}: {shown(term.amount)} ({term.grade.value}){where}; {term.source}')}"
        yield from (f"- not assessed: {_cell(sentence)}" for sentence in figure.missing)
        yield ""
        yield "</details>"


def _changes(comparison: Comparison) -> list[str]:
    lines = [
        f"- {'⚠️ ' if change.worse else ''}{_cell(change.workload)}: {_cell(change.sentence)}"
        for change in comparison.changes
    ]
    lines += [f"- new workload: {_cell(name)}" for name in comparison.added]
    lines += [f"- ⚠️ workload gone: {_cell(name)}" for name in comparison.removed]
    return lines or ["Recovery does not change."]


def _cell(text: str) -> str:
    return " ".join(text.splitlines()).replace("|", "\\|").replace("<", "&lt;")
