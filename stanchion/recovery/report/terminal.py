"""The report on a terminal: the table, the whole bill of materials, and what changed."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from stanchion.graph import ResourceGraph
from stanchion.recovery.compare import Comparison
from stanchion.recovery.estimate import Estimates, Figure, Part, Verdict
from stanchion.recovery.report.amount import shown
from stanchion.recovery.report.rows import rows
from stanchion.recovery.term import Term

_STYLES = {
    Verdict.MET: "green",
    Verdict.BROKEN: "bold red",
    Verdict.UNKNOWN: "bold magenta",
    Verdict.NOT_ASSESSED: "dim",
    Verdict.NO_OBJECTIVE: "dim",
}


def print_table(estimates: Estimates, console: Console) -> None:
    """One row an objective."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("workload", "disruption", "", "objective", "estimate", "grade", "verdict", "decided by"):
        table.add_column(heading, overflow="fold")
    before: tuple[str, str] = ("", "")
    for row in rows(estimates):
        workload = f"{row.workload} [dim]({escape(row.tier)})[/]"
        same = before == (row.workload, row.disruption)
        table.add_row(
            "" if before[0] == row.workload else workload,
            "" if same else row.disruption,
            row.figure,
            row.objective,
            row.estimate,
            row.grade,
            f"[{_STYLES[row.verdict]}]{row.verdict.value}[/]",
            escape(row.decided_by),
        )
        before = (row.workload, row.disruption)
    console.print(table)
    for note in estimates.notes:
        console.print(f"[yellow]note:[/] {escape(note.text)}", soft_wrap=True)


def print_why(graph: ResourceGraph, estimates: Estimates, console: Console) -> None:
    """Every term of every figure, with its setting and its source."""
    for found in estimates.estimates:
        for name, figure in (("RTO", found.rto), ("RPO", found.rpo)):
            if not figure.parts and not figure.missing:
                continue
            tree = Tree(
                f"[bold]{escape(found.workload)}[/] {name} {found.disruption.value}: {shown(figure.amount)} "
                f"[{_STYLES[figure.verdict]}]{figure.verdict.value}[/]"
                + ("" if figure.objective is None else f" [dim](objective {shown(figure.objective)})[/]")
            )
            _branches(graph, figure, tree)
            console.print(tree, soft_wrap=True)


def _branches(graph: ResourceGraph, figure: Figure, tree: Tree) -> None:
    for part in figure.parts:
        branch = tree.add(_part(part))
        for term in part.terms:
            branch.add(_term(graph, term))
    for sentence in figure.missing:
        tree.add(f"[dim]not assessed: {escape(sentence)}[/]")


def _part(part: Part) -> str:
    text = f"{part.phase}: {escape(part.name)}"
    if part.note:
        return f"[dim]{text}; {escape(part.note)}[/]"
    return f"[bold]{text}: {shown(part.amount)}[/]" if part.counts else f"{text}: {shown(part.amount)}"


def _term(graph: ResourceGraph, term: Term) -> str:
    resource = graph.resources.get(term.urn)
    where = (
        f" [cyan]{escape(resource.label)}{escape(' ' + term.property if term.property else '')}[/]" if resource else ""
    )
    return f"{escape(term.name)}: {shown(term.amount)} ({term.grade.value}){where} [dim]{escape(str(term.source))}[/]"


def print_comparison(comparison: Comparison, console: Console) -> None:
    """What changes, worst first in red."""
    for change in comparison.changes:
        style = "red" if change.worse else "green"
        console.print(f"[{style}]{escape(change.workload)}: {escape(change.sentence)}[/]", soft_wrap=True)
    for name in comparison.added:
        console.print(f"new workload: {escape(name)}")
    for name in comparison.removed:
        console.print(f"[red]workload gone: {escape(name)}[/]")
    if not (comparison.changes or comparison.added or comparison.removed):
        console.print("recovery does not change")
