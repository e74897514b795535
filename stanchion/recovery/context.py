"""The other stacks of an environment, by which a stack is judged together with what it stands on."""

import json
import os
from pathlib import Path

from stanchion.graph import ResourceGraph
from stanchion.graph.sources.reading import read_graph
from stanchion.graph.sources.writing import export_of

# A folder with one `<stack>.json` per stack that comes before the one at work; the policy pack adds its own.
CONTEXT = "STANCHION_CONTEXT"
# The project's folder: the engine starts a pack where the program lies, which Pulumi.yaml may put elsewhere.
ROOT = "STANCHION_ROOT"


def context_folder() -> Path | None:
    """The folder `stanchion preview` and `stanchion up` name; None in a plain `pulumi preview`."""
    named = os.environ.get(CONTEXT)
    return Path(named) if named else None


def read_context(folder: Path, without: str = "") -> tuple[ResourceGraph, ...]:
    """The graphs of a folder, in the order of the stacks' names.

    Args:
        folder: as `context_folder` gives it.
        without: the stack that is at work, whose earlier graph says nothing any more.

    Raises:
        GraphSourceError: a file is not a graph.
    """
    return tuple(read_graph(path) for path in sorted(folder.glob("*.json")) if path.stem != without)


def add_to_context(folder: Path, stack: str, graph: ResourceGraph) -> None:
    """Put a stack's graph where the next ones find it."""
    (folder / f"{stack}.json").write_text(json.dumps(export_of(graph)), encoding="utf-8")
