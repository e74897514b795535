"""`stanchion check`: the rules over a plan or an export, without the engine."""

import gc
import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stanchion.errors import StanchionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policies.judge import Judged
    from policies.rule import Rule
    from stanchion.graph import ResourceGraph


class Form(StrEnum):
    """How the result is written."""

    TABLE = "table"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"
    MARKDOWN = "markdown"


def check(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            help="`pulumi preview --json --show-sames` or `pulumi stack export` of one or more stacks, `-` for the "
            "standard input."
        ),
    ] = None,
    environment: Annotated[
        str | None, typer.Option("--environment", "-e", help="The document in environments/ that holds the objectives.")
    ] = None,
    configuration: Annotated[
        Path | None, typer.Option("--config", help="Another configuration than policies/configuration.yaml.")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How the result is written.")] = Form.TABLE,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.")] = None,
    group: Annotated[list[str] | None, typer.Option("--group", help="Only rules of this group.")] = None,
    rule: Annotated[list[str] | None, typer.Option("--rule", help="Only this rule.")] = None,
    list_rules: Annotated[bool, typer.Option("--list", help="Name all rules, and check nothing.")] = False,
    root: Annotated[Path, typer.Option("--root", help="The folder with environments/.", show_default=False)] = Path(),
) -> None:
    """Judge a program by the rules of the policy pack; exit 1 when a mandatory one is broken or can't be told."""
    # One program is read and the process ends: looking for cycles would take a fifth of its time.
    gc.disable()
    from policies.registry import all_rules

    rules = _chosen(all_rules(), group, rule)
    if list_rules:
        _print_rules(rules)
        return
    if not files:
        raise StanchionError(
            "nothing to check: give a file made by `pulumi preview --json --show-sames` or `pulumi stack export`."
        )
    from policies.configuration import load_policy_configuration
    from policies.judge import judge
    from policies.judging import settings_and_context
    from policies.rule import Program
    from stanchion.graph.sources.reading import read_graph

    graphs = [read_graph(Path(file)) for file in files]
    graph = graphs[0].merged(*graphs[1:]) if len(graphs) > 1 else graphs[0]
    document = load_policy_configuration(configuration)
    named = environment or next((v for k, v in graph.config.items() if k.endswith("stanchion:environment")), None)
    settings, context = settings_and_context(document, named, graph, root)
    own = frozenset(graph.resources) if context else None
    program = Program(graph.merged(*context) if context else graph, settings, own)
    found = judge(program, document.ruling(), rules)
    _write(form, output, found, graph, rules, files)
    raise typer.Exit(1 if any(judged.fails for judged in found) else 0)


def _chosen(rules: "Sequence[Rule]", groups: list[str] | None, ids: list[str] | None) -> "Sequence[Rule]":
    from policies.rule import Group

    unknown = sorted(set(groups or ()) - set(Group)) + sorted(set(ids or ()) - {rule.id for rule in rules})
    if unknown:
        raise StanchionError(
            f"there is no group or rule '{unknown[0]}'; groups are {', '.join(Group)}, and `stanchion check --list` "
            "names the rules."
        )
    return [rule for rule in rules if (not groups or rule.group.value in groups) and (not ids or rule.id in ids)]


def _print_rules(rules: "Sequence[Rule]") -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console()
    for rule in rules:
        console.print(f"[bold]{rule.id}[/] {rule.level.value}, {rule.severity.value}", highlight=False, soft_wrap=True)
        console.print(
            f"    {escape(rule.description)}\n    [dim]{escape(rule.source)}[/]", highlight=False, soft_wrap=True
        )


def _write(
    form: Form,
    output: Path | None,
    found: "Sequence[Judged]",
    graph: "ResourceGraph",
    rules: "Sequence[Rule]",
    files: list[str],
) -> None:
    text = _text(form, found, graph, rules, files)
    if text is None:
        if output:
            raise StanchionError(
                "--output needs --format json, sarif, junit or markdown; the table is for the terminal."
            )
        from rich.console import Console

        from policies.formats.terminal import print_judged

        print_judged(found, graph, len(rules), Console(highlight=False))
    elif output:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise StanchionError(
                f"{output} can't be written: {error.strerror}; name another file with --output."
            ) from None
    else:
        typer.echo(text, nl=False)


def _text(
    form: Form, found: "Sequence[Judged]", graph: "ResourceGraph", rules: "Sequence[Rule]", files: list[str]
) -> str | None:
    match form:
        case Form.TABLE:
            return None
        case Form.JSON:
            from policies.formats.data import document

            return json.dumps(document(found, graph, len(rules)), indent=2) + "\n"
        case Form.SARIF:
            from policies.formats.sarif import sarif

            return json.dumps(sarif(found, rules, files[0]), indent=2) + "\n"
        case Form.JUNIT:
            from policies.formats.junit import junit

            return junit(found, rules, files[0])
        case Form.MARKDOWN:
            from policies.formats.markdown import markdown

            return markdown(found, graph, len(rules))
