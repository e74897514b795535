"""`stanchion recovery`: RTO and RPO of a plan, an export or a deployed stack."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stanchion.errors import StanchionError

if TYPE_CHECKING:
    from stanchion.graph import ResourceGraph
    from stanchion.recovery.compare import Comparison
    from stanchion.recovery.estimate import Estimates
    from stanchion.recovery.settings import Settings

Files = Annotated[
    list[str] | None,
    typer.Argument(
        help="`pulumi preview --json` or `pulumi stack export` of one or more stacks, `-` for the standard input."
    ),
]


class Form(StrEnum):
    """How the report is written."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


def recovery(
    files: Files = None,
    stack: Annotated[
        list[str] | None, typer.Option("--stack", "-s", help="A deployed stack, read by `pulumi stack export`.")
    ] = None,
    environment: Annotated[
        str | None,
        typer.Option("--environment", "-e", help="The document in environments/ that holds the objectives."),
    ] = None,
    configuration: Annotated[
        Path | None, typer.Option("--config", help="Objectives and mapping for a program that is not Stanchion's.")
    ] = None,
    why: Annotated[bool, typer.Option("--why", help="Every term, its setting and its source.")] = False,
    compare: Annotated[
        list[str] | None, typer.Option("--compare", help="The program as it was; says what changes, and why.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Write Markdown.")] = False,
    as_html: Annotated[bool, typer.Option("--html", help="Write one HTML page.")] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.")] = None,
    root: Annotated[
        Path, typer.Option("--root", help="The folder that holds environments/.", show_default=False)
    ] = Path(),
) -> None:
    """Say what RTO and RPO the settings give, per workload and disruption; exit 1 when one is broken or unknown."""
    from stanchion.cli.recovery_input import graph_of, settings_of
    from stanchion.recovery.compare import compare as compared
    from stanchion.recovery.estimate import estimate

    form = _form(as_json, as_markdown, as_html)
    if not files and not stack:
        raise StanchionError(
            "nothing to read: give a file made by `pulumi preview --json` or `pulumi stack export`, or a stack with "
            "--stack NAME."
        )
    graph = graph_of(files or (), stack or (), root)
    settings = settings_of(graph, environment, configuration, root)
    estimates = estimate(graph, settings)
    comparison = None
    if compare:
        before = graph_of(compare, (), root)
        comparison = compared((before, estimate(before, settings)), (graph, estimates))
    text = _report(form, graph, estimates, comparison, settings, why)
    if text is not None:
        if output:
            output.write_text(text, encoding="utf-8")
        else:
            typer.echo(text, nl=False)
    elif output:
        raise StanchionError("--output needs one of --json, --markdown, --html; the table is for the terminal.")
    raise typer.Exit(1 if estimates.fails else 0)


def _form(as_json: bool, as_markdown: bool, as_html: bool) -> Form:
    chosen = [form for form, wanted in zip(tuple(Form)[1:], (as_json, as_markdown, as_html), strict=True) if wanted]
    if len(chosen) > 1:
        raise StanchionError(f"--{chosen[0]} and --{chosen[1]} exclude each other; give one of them.")
    return chosen[0] if chosen else Form.TABLE


def _report(
    form: Form,
    graph: "ResourceGraph",
    estimates: "Estimates",
    comparison: "Comparison | None",
    settings: "Settings",
    why: bool,
) -> str | None:
    """The text of the report, or None when it was printed to the terminal."""
    match form:
        case Form.JSON:
            from stanchion.recovery.report.document import document

            return json.dumps(document(graph, estimates, comparison), indent=2) + "\n"
        case Form.MARKDOWN:
            from stanchion.recovery.report.markdown import markdown

            return markdown(estimates, comparison)
        case Form.HTML:
            from stanchion.recovery.report.page import page

            return page(graph, estimates, comparison, "Recovery")
        case Form.TABLE:
            from rich.console import Console

            from stanchion.recovery.report.terminal import print_comparison, print_table, print_why

            console = Console(highlight=False)
            if not settings.tiers:
                console.print("[yellow]note:[/] no objectives are known; give them with --environment or --config")
            if comparison is not None:
                print_comparison(comparison, console)
            print_why(graph, estimates, console) if why else print_table(estimates, console)
            return None
