"""`preview`, `up` and `destroy` of the stacks of an environment."""

from pathlib import Path
from typing import Annotated

import typer

EnvironmentOption = Annotated[
    str, typer.Option("--environment", "-e", envvar="STANCHION_ENVIRONMENT", help="The document in environments/.")
]
StackOption = Annotated[
    list[str] | None, typer.Option("--stack", "-s", help="Only this stack; may be given more than once.")
]
RootOption = Annotated[Path, typer.Option("--root", help="The folder that holds Pulumi.yaml.", show_default=False)]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
RefreshOption = Annotated[bool, typer.Option("--refresh", help="Ask the cloud first what changed outside of Pulumi.")]


def add_commands(app: typer.Typer) -> None:
    """Mount the commands."""
    app.command()(preview)
    app.command()(up)
    app.command()(destroy)
    app.command()(validate)


def preview(
    environment: EnvironmentOption = "local",
    stack: StackOption = None,
    root: RootOption = Path(),
    refresh: RefreshOption = False,
) -> None:
    """Show what `up` would change, in dependency order; a consumer sees its producer's planned outputs."""
    from rich.console import Console

    from stanchion.cli.run import preview_environment

    preview_environment(environment, root=root, only=stack, refresh=refresh, console=Console())


def up(
    environment: EnvironmentOption = "local",
    stack: StackOption = None,
    root: RootOption = Path(),
    yes: YesOption = False,
    refresh: RefreshOption = False,
) -> None:
    """Bring the stacks of an environment up, in dependency order."""
    from rich.console import Console

    from stanchion.cli.run import policy_pack, preview_environment, up_environment

    console = Console()
    # An update is judged before it begins: the engine asks a pack only when the resources are there.
    if not yes or policy_pack(root):
        preview_environment(environment, root=root, only=stack, refresh=refresh, console=console)
    if not yes:
        typer.confirm("Do you want to perform these changes?", abort=True)
    up_environment(environment, root=root, only=stack, refresh=refresh, console=console)


def destroy(
    environment: EnvironmentOption = "local",
    stack: StackOption = None,
    root: RootOption = Path(),
    yes: YesOption = False,
) -> None:
    """Destroy the stacks of an environment, consumers first; with `retention: keep` the data stays in the cloud."""
    from rich.console import Console

    from stanchion.cli.run import destroy_environment

    if not yes:
        which = ", ".join(stack) if stack else "every stack"
        typer.confirm(f"Destroy {which} of environment '{environment}'?", abort=True)
    destroy_environment(environment, root=root, only=stack, console=Console())


def validate(environment: EnvironmentOption = "local", root: RootOption = Path()) -> None:
    """Check the environment document and its stacks, and show the order; nothing is deployed."""
    from rich.console import Console

    from stanchion.layers import stacks_of
    from stanchion.spec import load_environment

    console = Console()
    spec = load_environment(environment, root)
    for stack in stacks_of(spec, root):
        console.print(f"{stack.name}: {', '.join(stack.layers)}")
    for remark in spec.remarks():
        console.print(f"[yellow]note:[/] {remark}", soft_wrap=True)
    console.print(f"environment '{environment}' is well formed")
