"""Where a report goes: the terminal, the standard output, or a file that is whole or not there."""

import io
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from stanchion.errors import StanchionError

if TYPE_CHECKING:
    from stanchion.graph import ResourceGraph
    from stanchion.recovery.compare import Comparison
    from stanchion.recovery.estimate import Estimates

# A name in a program may hold half a character, and a terminal may know few; a report shows its code then.
_WHAT_CAN_T_BE_WRITTEN = "backslashreplace"


def show(graph: "ResourceGraph", estimates: "Estimates", comparison: "Comparison | None", why: bool) -> None:
    """Print the report for people."""
    from rich.console import Console

    from stanchion.recovery.report.terminal import print_comparison, print_table, print_why

    _prepare()
    console = Console(highlight=False)
    if comparison is not None:
        print_comparison(comparison, console)
    if why:
        print_why(graph, estimates, console)
    else:
        print_table(estimates, console)


def deliver(text: str, output: Path | None) -> None:
    """Write a report to a file, or to the standard output.

    Args:
        text: all of it.
        output: the file, which is replaced only when the new one is complete; None for the standard output.

    Raises:
        StanchionError: the file can't be written.
    """
    if output is None:
        _prepare()
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    data = text.encode("utf-8", _WHAT_CAN_T_BE_WRITTEN)
    try:
        _write(output, data)
    except OSError as error:
        # `Path.is_dir` raises for a name that is too long.
        why = "it is a folder" if os.path.isdir(output) else error.strerror or str(error)  # noqa: PTH112
        raise StanchionError(f"{output} can't be written: {why}; name another file with --output.") from None


def _write(output: Path, data: bytes) -> None:
    output = output.resolve()
    if output.exists() and not output.is_file():
        # A pipe or a device can't be replaced.
        output.write_bytes(data)
        return
    descriptor, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name[:50]}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(name).chmod(_mode(output))
        Path(name).replace(output)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _mode(output: Path) -> int:
    """The permissions of the file that is replaced, or of a new one."""
    if output.exists():
        return output.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _prepare() -> None:
    stream: object = sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=_WHAT_CAN_T_BE_WRITTEN)
