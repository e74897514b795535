"""`stanchion`: the commands, and how an error becomes a sentence and an exit code."""

import os
import sys
from importlib.metadata import EntryPoints, PackageNotFoundError, distribution, entry_points

import typer

from stanchion.cli import environment
from stanchion.cli.keys import app as keys
from stanchion.cli.recovery import recovery
from stanchion.cli.route import app as route
from stanchion.cli.state.commands import app as state
from stanchion.cli.tickets import app as tickets
from stanchion.errors import StanchionError

app = typer.Typer(
    name="stanchion",
    help="Manage machine learning in production as one Pulumi program.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
environment.add_commands(app)
app.command()(recovery)
app.add_typer(route, name="route")
app.add_typer(state, name="state")
app.add_typer(keys, name="keys")
app.add_typer(tickets, name="tickets")


def mount_installed(asked: str | None = None) -> None:
    """Mount the commands of installed packages; one that is broken is said to be, and the others work.

    Args:
        asked: the command that is run; another one's package need not be imported for it. All when None.
    """
    own = {info.name for info in (*app.registered_commands, *app.registered_groups)}
    own |= {info.callback.__name__ for info in app.registered_commands if info.callback}
    if asked is not None and asked in own:
        return
    found = _own_commands()
    if asked not in found.names:
        # A name that nobody has is answered with all there are.
        found = entry_points(group="stanchion.commands")
    for command in found.select(name=asked) if asked in found.names else found:
        try:
            loaded = command.load()
            if isinstance(loaded, typer.Typer):
                app.add_typer(loaded, name=command.name)
            else:
                app.command(command.name)(loaded)
        except ImportError as error:
            _print(
                f"[yellow]warning:[/] `stanchion {command.name}` is not there: {_plain(str(error))}; "
                "install requirements/local.txt to have it."
            )


def _own_commands() -> EntryPoints:
    """Those of this package: to look through all that is installed takes a twentieth of a second."""
    try:
        return distribution("stanchion").entry_points.select(group="stanchion.commands")
    except PackageNotFoundError:
        return EntryPoints()


def main() -> None:
    """Run a command; what a user can mend is told in a sentence, with exit code 2 (input) or 1 (a failed run)."""
    # Pydantic would look through all that is installed for plugins, of which nothing here has any.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    mount_installed(next((word for word in sys.argv[1:] if not word.startswith("-")), None))
    try:
        app()
    except StanchionError as error:
        _print(f"[bold red]error:[/] {_plain(str(error))}")
        sys.exit(error.exit_code)


def _print(text: str) -> None:
    # Only what has something to say pays for the import.
    from rich.console import Console

    Console(stderr=True, highlight=False, soft_wrap=True).print(text)


def _plain(text: str) -> str:
    """Text with square brackets that rich leaves alone."""
    return text.replace("[", r"\[")


if __name__ == "__main__":
    main()
