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

Files = Annotated[
    list[str] | None,
    typer.Argument(
        help="`pulumi preview --json --show-sames` or `pulumi stack export` of one or more stacks, which are judged as "
        "one program; `-` for the standard input."
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
        list[str] | None,
        typer.Option(
            "--stack", "-s", help="A deployed stack, read by `pulumi stack export`; judged together with the files."
        ),
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
    form = _form(as_json, as_markdown, as_html)
    if output and form is Form.TABLE:
        raise StanchionError("--output needs one of --json, --markdown, --html; the table is for the terminal.")
    if not files and not stack:
        raise StanchionError(
            "nothing to read: give a file made by `pulumi preview --json --show-sames` or `pulumi stack export`, or a "
            "stack with --stack NAME."
        )
    if [*(files or ()), *(compare or ())].count("-") > 1:
        raise StanchionError("the standard input (`-`) can be read once only; give the other program as a file.")
    from stanchion.cli.recovery_input import Input
    from stanchion.cli.recovery_output import deliver, show
    from stanchion.recovery.compare import compare as compared
    from stanchion.recovery.estimate import estimate

    given = Input(environment, configuration, root)
    graph = given.graph(files or (), stack or ())
    settings = given.settings(graph)
    estimates = estimate(graph, settings)
    comparison = None
    if compare:
        before = given.graph(compare, ())
        comparison = compared((before, estimate(before, settings)), (graph, estimates))
    if not settings.tiers:
        typer.echo("note: no objectives are known; give them with --environment or --config.", err=True)
    if form is Form.TABLE:
        show(graph, estimates, comparison, why)
    else:
        deliver(_text(form, graph, estimates, comparison, why), output)
    raise typer.Exit(1 if estimates.fails else 0)


def _form(as_json: bool, as_markdown: bool, as_html: bool) -> Form:
    chosen = [form for form, wanted in zip(tuple(Form)[1:], (as_json, as_markdown, as_html), strict=True) if wanted]
    if len(chosen) > 1:
        raise StanchionError(f"--{chosen[0]} and --{chosen[1]} exclude each other; give one of them.")
    return chosen[0] if chosen else Form.TABLE


def _text(
    form: Form, graph: "ResourceGraph", estimates: "Estimates", comparison: "Comparison | None", why: bool
) -> str:
    """The report in a form that is a text; JSON and the page hold every term in any case."""
    match form:
        case Form.JSON:
            from stanchion.recovery.report.document import document

            # Without indents the encoder in C does it, four times as fast.
            return json.dumps(document(graph, estimates, comparison)) + "\n"
        case Form.MARKDOWN:
            from stanchion.recovery.report.markdown import markdown

            return markdown(estimates, comparison, graph if why else None)
        case _:
            from stanchion.recovery.report.page import page

            return page(graph, estimates, comparison, "Recovery")
