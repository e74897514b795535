"""Violations on a terminal, by rule."""

from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.markup import escape

from policies.formats.wording import counts, sentence
from policies.judge import Judged
from stanchion.graph import ResourceGraph


def print_judged(found: Sequence[Judged], graph: ResourceGraph, rules: int, console: Console) -> None:
    """Print every violation under its rule, and a closing line.

    Args:
        found: in the order of their rules.
        graph: for the number of resources.
        rules: how many rules were run.
        console: where to.
    """
    for rule, group in groupby(found, key=lambda judged: judged.rule):
        violations = list(group)
        failing = any(judged.fails for judged in violations)
        mark = "[red]✗[/]" if failing else "[yellow]![/]"
        console.print(f"{mark} [bold]{rule.id}[/] [dim]{violations[0].level.value}, {rule.severity.value}[/]")
        for judged in violations:
            style = "" if judged.exempted_by is None else "[dim]"
            console.print(f"    {style}{escape(sentence(judged))}{'[/]' if style else ''}", soft_wrap=True)
        console.print(f"    [dim]{escape(rule.remediation)}[/]", soft_wrap=True)
    failing, advisory, exempted = counts(found)
    what = f"{failing} mandatory, {advisory} advisory, {exempted} exempted violations"
    console.print(f"{len(graph)} resources, {rules} rules: {what}")
