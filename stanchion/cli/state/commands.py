"""`stanchion state save | restore | list`."""

from pathlib import Path
from typing import Annotated

import typer

from stanchion.cli.environment import EnvironmentOption, RootOption, StackOption

app = typer.Typer(help="Save and restore Pulumi's own state.", no_args_is_help=True)

BucketOption = Annotated[
    str | None, typer.Option("--bucket", help="Another bucket than that of the stack that holds the state.")
]
RegionOption = Annotated[
    str | None,
    typer.Option("--region", help="Where the bucket lies, if not in the primary region."),
]


@app.command()
def save(
    environment: EnvironmentOption = "local",
    bucket: BucketOption = None,
    region: RegionOption = None,
    root: RootOption = Path(),
) -> None:
    """Put an export of each stack, the environment document and the policy configuration into the backup bucket."""
    from rich.console import Console

    from stanchion.cli.state.save import save as save_archive

    save_archive(environment, root.resolve(), bucket, region, Console())


@app.command()
def restore(
    archive: Annotated[str, typer.Argument(help="The archive's URL, as `save` and `list` write it.")],
    stack: StackOption = None,
    region: RegionOption = None,
    root: RootOption = Path(),
) -> None:
    """Restore the stacks of an archive into an empty backend; a preview has no changes then."""
    from rich.console import Console

    from stanchion.cli.state.restore import restore as restore_archive

    restore_archive(archive, root.resolve(), region, stack, Console())


@app.command("list")
def list_archives(
    environment: EnvironmentOption = "local",
    bucket: BucketOption = None,
    region: RegionOption = None,
    root: RootOption = Path(),
) -> None:
    """Name the archives of an environment, oldest first."""
    from stanchion.cli.state.save import archives

    for url in archives(environment, root.resolve(), bucket, region):
        typer.echo(url)
