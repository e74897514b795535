"""The executables that go on PATH: the engine's own, and the launcher of our language host."""

import shlex
import sys
from pathlib import Path

from sandbox.run_directory import CHECKOUT, write_atomically

PULUMI = "pulumi"
HOST = "pulumi-language-python"
OUR_HOST = "stanchion-language-python"
PROGRAM_RUNNER = "pulumi-language-python-exec"
_MARK = "# stanchion: Python language host of the local cloud"


def link(place: Path, target: Path) -> None:
    """Make `place` a symbolic link to `target`, whatever was there."""
    if place.is_symlink() and place.readlink() == target:
        return
    new = place.with_name(f".{place.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(place)


def write_host(place: Path) -> None:
    """The host beside a built engine, the same for every checkout: it runs what lies beside the link it was called by.

    The engine warns of every host on PATH that is not, links resolved, the one beside itself.
    """
    write_script(place, f'{_MARK}\nexec "${{0%/*}}/{OUR_HOST}" "$@"\n')


def write_our_host(place: Path) -> None:
    """An executable that runs this checkout's language host with this interpreter.

    The file itself is run, not a module: the start of a preview waits for it, and the package's imports cost time.
    """
    host = CHECKOUT / "sandbox" / "engine" / "language_host.py"
    runner = shlex.quote(str(place.parent / PROGRAM_RUNNER))
    start = f"exec {shlex.quote(sys.executable)} {shlex.quote(str(host))}"
    write_script(place, f'STANCHION_PROGRAM_RUNNER={runner}\nexport STANCHION_PROGRAM_RUNNER\n{start} "$@"\n')


def write_script(place: Path, body: str) -> None:
    """Write an executable shell script."""
    if place.is_symlink():
        place.unlink()
    write_atomically(place, f"#!/bin/sh\n{body}", mode=0o755)


def is_our_host(place: Path) -> bool:
    """Whether the language host is one of ours: it belongs to a checkout, and must not be used by another."""
    with place.open("rb") as file:
        return _MARK.encode() in file.read(512)
