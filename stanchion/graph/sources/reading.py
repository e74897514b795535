"""Opens a file and finds out what it is: a preview, an export, a checkpoint, or something else with a name."""

import os
import sys
from json import JSONDecodeError
from pathlib import Path
from typing import Any

from stanchion.graph.graph import ResourceGraph
from stanchion.graph.sources.document import walk
from stanchion.graph.sources.errors import HOW, GraphSourceError
from stanchion.graph.sources.export import StateReader
from stanchion.graph.sources.foreign import foreign_object, foreign_text
from stanchion.graph.sources.preview import PreviewReader
from stanchion.graph.sources.text import decoded

__all__ = ["GraphSourceError", "read_graph", "read_text"]

_OPENED = frozenset({"deployment", "checkpoint", "checkpoint.latest"})
_STREAMED = frozenset({"steps", "deployment.resources", "checkpoint.latest.resources"})
_OF_A_PREVIEW = frozenset({"steps", "changeSummary", "diagnostics", "duration"})


def read_graph(path: Path) -> ResourceGraph:
    """The graph of a file.

    Args:
        path: made by `pulumi preview --json --show-sames` or `pulumi stack export`, or a checkpoint of a state
            backend; `-` is the standard input.

    Raises:
        GraphSourceError: it can't be opened, or is none of them, or not a whole one.
    """
    if str(path) == "-":
        return read_text(decoded(sys.stdin.buffer.read(), "the standard input"), "the standard input")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise GraphSourceError(f"there is no file {path}. {HOW}") from None
    except OSError as error:
        reason = "it is a folder" if os.path.isdir(path) else error.strerror or str(error)  # noqa: PTH112 - never raises
        raise GraphSourceError(f"{path} can't be read: {reason}. {HOW}") from None
    text = decoded(data, str(path))
    # Of a file of 100 MB the bytes are not needed beside the text.
    del data
    return read_text(text, str(path))


def read_text(text: str, name: str) -> ResourceGraph:
    """The graph of a text.

    Args:
        text: what such a file holds.
        name: of the source, for errors.

    Raises:
        GraphSourceError: as `read_graph`.
    """
    if text.startswith("\ufeff"):
        text = text[1:]
    if found := foreign_text(text):
        raise GraphSourceError(f"{name} {found}. {HOW}")
    preview = PreviewReader(name)
    state = {root: StateReader(name, root) for root in ("deployment", "checkpoint.latest")}
    takes = {"steps[]": preview.step} | {f"{root}.resources[]": reader.resource for root, reader in state.items()}
    header: dict[str, Any] = {}
    try:
        for path, value in walk(text, _OPENED, _STREAMED):
            if take := takes.get(path):
                take(value)
                header[path] = None
            else:
                header[path] = value
    except JSONDecodeError as error:
        raise GraphSourceError(f"{name} {_fault(error, text, header)}. {HOW}") from None
    except RecursionError:
        raise GraphSourceError(f"{name} is nested too deeply to be a preview or a state. {HOW}") from None
    except ValueError as error:
        raise GraphSourceError(f"{name} holds a value that can't be read ({error}). {HOW}") from None
    keys = {path.split(".", 1)[0].removesuffix("[]") for path in header}
    if "deployment" in keys:
        return state["deployment"].graph(header)
    if "checkpoint" in keys:
        return state["checkpoint.latest"].graph(header)
    if foreign := foreign_object(keys):
        raise GraphSourceError(f"{name} is {foreign}. {HOW}")
    if keys & _OF_A_PREVIEW:
        return preview.graph(header)
    if not keys:
        raise GraphSourceError(
            f"{name} is an empty object, as of a preview that failed before its first step; the reason is on its "
            f"standard error. {HOW}"
        )
    shown = ", ".join(f"`{key[:30]}`" for key in sorted(keys)[:5])
    raise GraphSourceError(
        f"{name} is neither a preview nor a state of Pulumi: it is an object of {shown}, and a "
        f"preview has `steps`, an export `deployment`. {HOW}"
    )


def _fault(error: JSONDecodeError, text: str, header: dict[str, Any]) -> str:
    """What is wrong with a JSON text, as the end of a sentence that begins with the file's name."""
    if error.msg == "Extra data":
        if foreign := foreign_object({path.split(".", 1)[0] for path in header}):
            return f"is {foreign}"
        line = text[error.pos :].split("\n", 1)[0].strip()
        return (
            f"goes on after the end of the document, in line {error.lineno}, with {line[:60]!r}; keep only what the "
            "command writes to its standard output"
        )
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return f"ends in the middle, in line {error.lineno}: it is cut short"
    return f"is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
