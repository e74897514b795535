"""The report on a terminal: the table, the whole bill of materials, and what changed."""

import re

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from stanchion.graph import ResourceGraph
from stanchion.recovery.compare import Comparison
from stanchion.recovery.estimate import Estimates, Figure, Part, Verdict
from stanchion.recovery.report.amount import shown
from stanchion.recovery.report.notes import said_once
from stanchion.recovery.report.rows import NOTHING, Row, rows
from stanchion.recovery.term import Term

_STYLES = {
    Verdict.MET: "green",
    Verdict.BROKEN: "bold red",
    Verdict.UNKNOWN: "bold magenta",
    Verdict.NOT_ASSESSED: "dim",
    Verdict.NO_OBJECTIVE: "dim",
}


# In fewer columns than these, what decides stands below the table instead of in it.
_WIDE = 130
# Blanks between two columns.
_BETWEEN = 2
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def print_table(estimates: Estimates, console: Console) -> None:
    """One row an objective; on a narrow terminal what decides those that are not met comes after it.

    Where the columns themselves have no room, each workload stands above its rows: nothing is cut off.
    """
    found = list(rows(estimates))
    if not found:
        console.print(NOTHING, soft_wrap=True)
    else:
        wide = console.width >= _WIDE
        if wide or _width(found) <= console.width:
            console.print(_table(found, wide))
        else:
            _print_by_workload(found, console)
        if not wide:
            _print_deciders(found, console)
    for note in said_once(estimates.notes):
        console.print(f"[yellow]note:[/] {_plain(note)}", soft_wrap=True)


_HEADINGS = ("disruption", "", "objective", "estimate", "grade", "verdict")


def _cells(row: Row) -> tuple[str, ...]:
    """A row without its workload and what decides it."""
    return row.disruption, row.figure, row.objective, row.estimate, row.grade, row.verdict.value


def _widths(found: list[Row]) -> list[int]:
    return [max(len(cell) for cell in column) for column in zip(_HEADINGS, *map(_cells, found), strict=True)]


def _width(found: list[Row]) -> int:
    """Columns that a table with the workloads in it takes."""
    workload = max(len(f"{row.workload} ({row.tier})") for row in found)
    return workload + sum(_widths(found)) + len(_HEADINGS) * _BETWEEN


def _table(found: list[Row], wide: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("workload", overflow="fold", min_width=8)
    for heading in _HEADINGS:
        table.add_column(heading, no_wrap=True)
    if wide:
        table.add_column("decided by", overflow="fold")
    before: Row | None = None
    for row in found:
        workload = f"{_plain(row.workload)} [dim]({_plain(row.tier)})[/]"
        same = before is not None and before.workload == row.workload
        decided_by = (_plain(row.decided_by),) if wide else ()
        table.add_row("" if same else workload, *_styled(row, before), *decided_by)
        before = row
    return table


def _styled(row: Row, before: Row | None) -> tuple[str, ...]:
    """Cells as they are shown; a disruption is named once."""
    disruption, *others, verdict = _cells(row)
    same = before is not None and (before.workload, before.disruption) == (row.workload, row.disruption)
    return "" if same else disruption, *others, f"[{_STYLES[row.verdict]}]{verdict}[/]"


def _print_by_workload(found: list[Row], console: Console) -> None:
    widths = _widths(found)
    for name in dict.fromkeys(row.workload for row in found):
        mine = [row for row in found if row.workload == name]
        console.print(f"[bold]{_plain(name)}[/] [dim]({_plain(mine[0].tier)})[/]", soft_wrap=True)
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading, width in zip(_HEADINGS, widths, strict=True):
            table.add_column(heading, no_wrap=True, min_width=width)
        before: Row | None = None
        for row in mine:
            table.add_row(*_styled(row, before))
            before = row
        console.print(table)


def _print_deciders(found: list[Row], console: Console) -> None:
    """Each reason once, with the figures it decides."""
    figures: dict[tuple[str, str], list[str]] = {}
    for row in found:
        if row.verdict.fails or row.verdict is Verdict.NOT_ASSESSED:
            figures.setdefault((row.workload, row.decided_by), []).append(f"{row.figure} {row.disruption}")
    if figures:
        console.print()
    for (workload, reason), decided in figures.items():
        console.print(f"[bold]{_plain(workload)}[/] {', '.join(decided)}: {_plain(reason)}", soft_wrap=True)


def _plain(text: str) -> str:
    """A text from a program as it is: no markup of ours in it, and nothing that steers a terminal."""
    return escape(_CONTROL.sub(lambda found: repr(found[0])[1:-1], text))


def print_why(graph: ResourceGraph, estimates: Estimates, console: Console) -> None:
    """Every term of every figure, with its setting and its source."""
    for found in estimates.estimates:
        for name, figure in (("RTO", found.rto), ("RPO", found.rpo)):
            if not figure.parts and not figure.missing:
                continue
            tree = Tree(
                f"[bold]{_plain(found.workload)}[/] {name} {found.disruption.value}: {shown(figure.amount)} "
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
        tree.add(f"[dim]not assessed: {_plain(sentence)}[/]")


def _part(part: Part) -> str:
    text = f"{part.phase}: {_plain(part.name)}"
    if part.note:
        return f"[dim]{text}; {_plain(part.note)}[/]"
    return f"[bold]{text}: {shown(part.amount)}[/]" if part.counts else f"{text}: {shown(part.amount)}"


def _term(graph: ResourceGraph, term: Term) -> str:
    resource = graph.resources.get(term.urn)
    where = (
        f" [cyan]{_plain(resource.label)}{_plain(' ' + term.property if term.property else '')}[/]" if resource else ""
    )
    return f"{_plain(term.name)}: {shown(term.amount)} ({term.grade.value}){where} [dim]{_plain(str(term.source))}[/]"


def print_comparison(comparison: Comparison, console: Console) -> None:
    """What changes, worst first in red."""
    for change in comparison.changes:
        style = "red" if change.worse else "green"
        console.print(f"[{style}]{_plain(change.workload)}: {_plain(change.sentence)}[/]", soft_wrap=True)
    for name in comparison.added:
        console.print(f"new workload: {_plain(name)}")
    for name in comparison.removed:
        console.print(f"[red]workload gone: {_plain(name)}[/]")
    if not (comparison.changes or comparison.added or comparison.removed):
        console.print("recovery does not change")
