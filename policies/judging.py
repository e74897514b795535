"""What a program is judged by: settings from the configuration and the environment, and the stacks beside it."""

from pathlib import Path

from policies.configuration import PolicyConfiguration
from stanchion.graph import ResourceGraph
from stanchion.graph.sources.reading import read_graph
from stanchion.recovery.configuration import settings_from
from stanchion.recovery.context import context_folder, read_context
from stanchion.recovery.settings import Settings


def settings_and_context(
    configuration: PolicyConfiguration,
    environment: str | None,
    graph: ResourceGraph,
    root: Path,
    *,
    without: str = "",
) -> tuple[Settings, tuple[ResourceGraph, ...]]:
    """Settings and the programs of other stacks.

    Args:
        configuration: of the pack.
        environment: named on the command line or in the stack's configuration; the program's own tags say it else.
        graph: the program.
        root: the folder that holds environments/.
        without: the stack that is judged, which is no context of itself.

    Raises:
        StanchionError: a document, a program or the evidence can't be read.
    """
    named = environment or configuration.environment
    # What a tag says may be about documents that lie elsewhere; what is named has to be there.
    settings = settings_from(configuration, named or _tagged(graph), root, optional=named is None)
    context = tuple(read_graph(root / path) for path in configuration.context)
    if folder := context_folder():
        context += read_context(folder, without)
    return settings, context


def _tagged(graph: ResourceGraph) -> str | None:
    """The environment a program of ours says it belongs to by its default tags."""
    for resource in graph:
        tag = graph.tags_of(resource).get("stanchion:environment")
        if isinstance(tag, str):
            return tag
    return None
