"""The report as Markdown, for the comment on a pull request."""

from stanchion.recovery.compare import Comparison
from stanchion.recovery.estimate import Estimates, Verdict
from stanchion.recovery.report.rows import rows

_MARKS = {
    Verdict.MET: "✅ met",
    Verdict.BROKEN: "❌ broken",
    Verdict.UNKNOWN: "❓ unknown",
    Verdict.NOT_ASSESSED: "⬜ not assessed",
    Verdict.NO_OBJECTIVE: "no objective",
}


def markdown(estimates: Estimates, comparison: Comparison | None = None) -> str:
    """A table of all figures, what changed before it, and what should be known after it."""
    lines = ["## Recovery", ""]
    if comparison is not None:
        lines += [*_changes(comparison), ""]
    lines += [
        "| workload | tier | disruption | | objective | estimate | grade | decided by | verdict |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows(estimates):
        cells = (
            *(row.workload, row.tier, row.disruption, row.figure, row.objective, row.estimate, row.grade),
            *(row.decided_by, _MARKS[row.verdict]),
        )
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    if estimates.notes:
        lines += ["", *(f"- {_cell(note.text)}" for note in estimates.notes)]
    return "\n".join(lines) + "\n"


def _changes(comparison: Comparison) -> list[str]:
    lines = [f"- {'⚠️ ' if change.worse else ''}{change.workload}: {change.sentence}" for change in comparison.changes]
    lines += [f"- new workload: {name}" for name in comparison.added]
    lines += [f"- ⚠️ workload gone: {name}" for name in comparison.removed]
    return lines or ["Recovery does not change."]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
