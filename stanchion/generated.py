"""A part of a document that is written from the code, between two marks; a test holds that it is current."""

import sys
from collections.abc import Callable
from pathlib import Path

from stanchion.errors import StanchionError


class MarksError(StanchionError):
    """A document without the marks between which it is written."""


def marked(document: str, body: str, command: str) -> str:
    """The document with the body between its marks.

    Args:
        document: its text now.
        body: what belongs between the marks.
        command: the Python module that writes it, which the marks name.

    Raises:
        MarksError: a mark is missing, or there twice.
    """
    begin, end = f"<!-- written by `python -m {command}`: begin -->", f"<!-- written by `python -m {command}`: end -->"
    for mark in (begin, end):
        if document.count(mark) != 1:
            raise MarksError(f"the mark {mark} has to be in the document once; put it back where the tables belong.")
    before, rest = document.split(begin)
    if end not in rest:
        raise MarksError(f"the mark {end} comes before its begin; put it after the tables.")
    return f"{before}{begin}\n\n{body.strip()}\n\n{end}{rest.split(end)[1]}"


def cell(text: str) -> str:
    """Text that can stand in a cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def run(arguments: list[str], file: Path, name: str, body: Callable[[], str], command: str) -> int:
    """Write the part, or with --check say whether the committed one is stale.

    Args:
        arguments: of the command line: nothing, or `--check`.
        file: the document.
        name: how messages call it: its path in the project.
        body: makes what belongs between the marks.
        command: the Python module that was run.

    Returns:
        The exit code: 1 for a stale document, 2 for wrong input.
    """
    if arguments not in ([], ["--check"]):
        print(f"error: '{' '.join(arguments)}' is not an argument; allowed: nothing, or --check.", file=sys.stderr)
        return 2
    try:
        now = file.read_text(encoding="utf-8")
        written = marked(now, body(), command)
    except OSError as error:
        print(f"error: {name} can't be read: {error.strerror}.", file=sys.stderr)
        return 2
    except MarksError as error:
        print(f"error: {name}: {error}", file=sys.stderr)
        return error.exit_code
    if not arguments:
        file.write_text(written, encoding="utf-8")
    elif written != now:
        print(f"error: {name} is stale; fix: run `python -m {command}` and commit it.", file=sys.stderr)
        return 1
    return 0
