"""Violations as Markdown, for the comment on a pull request."""

from collections.abc import Sequence

from policies.formats.wording import counts, sentence
from policies.judge import Judged
from stanchion.graph import ResourceGraph


def markdown(found: Sequence[Judged], graph: ResourceGraph, rules: int) -> str:
    """A verdict, and a table of what was found."""
    mandatory, advisory, exempted = counts(found)
    verdict = "❌ broken" if mandatory else "✅ met"
    lines = [
        f"## Policies: {verdict}",
        "",
        f"{len(graph)} resources, {rules} rules: {mandatory} mandatory, {advisory} advisory, {exempted} exempted.",
    ]
    if found:
        lines += ["", "| | rule | resource | what |", "|---|---|---|---|"]
        for judged in found:
            mark = "❌" if judged.fails else "🟡" if judged.exempted_by else "⚠️"
            name = judged.violation.urn.rsplit("::", 1)[-1] or "the program"
            cells = (mark, judged.rule.id, name, sentence(judged))
            lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
