"""What `stanchion recovery` reads: graphs from files and deployed stacks, and the settings they are judged by."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from stanchion.errors import StanchionError
from stanchion.graph import ResourceGraph
from stanchion.graph.sources.reading import read_graph, read_text
from stanchion.recovery.settings import Settings


def graph_of(files: Sequence[str], stacks: Sequence[str], root: Path) -> ResourceGraph:
    """One graph over all that is named.

    Args:
        files: paths, or `-` for the standard input.
        stacks: names of deployed stacks.
        root: the folder that holds Pulumi.yaml.

    Raises:
        StanchionError: a file or a stack can't be read.
    """
    graphs = [read_graph(Path(file)) for file in files] + [_exported(stack, root) for stack in stacks]
    return graphs[0].merged(*graphs[1:]) if len(graphs) > 1 else graphs[0]


def _exported(stack: str, root: Path) -> ResourceGraph:
    """A deployed stack, as the engine exports it; secrets stay encrypted."""
    try:
        run = subprocess.run(
            ["pulumi", "stack", "export", "--stack", stack, "--cwd", str(root)],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise StanchionError(
            "the Pulumi engine is not on PATH; install it, or, for the local cloud, run "
            '`eval "$(stanchion sandbox env)"`.'
        ) from None
    if run.returncode:
        raise StanchionError(f"stack '{stack}' can't be exported: {run.stderr.strip() or run.stdout.strip()}")
    return read_text(run.stdout, f"the export of stack '{stack}'")


def settings_of(graph: ResourceGraph, environment: str | None, configuration: Path | None, root: Path) -> Settings:
    """What the graph is judged by: the named documents, else the environment its own tags or configuration name.

    Raises:
        StanchionError: a document can't be read.
    """
    from stanchion.recovery.configuration import load_configuration, settings_from

    document = load_configuration(configuration) if configuration else None
    if environment or (document and (document.environment or document.tiers)):
        return settings_from(document, environment, root)
    return settings_from(document, environment_of(graph), root, optional=True)


def environment_of(graph: ResourceGraph) -> str | None:
    """The environment a program of ours says it belongs to, by its configuration or its default tags."""
    configured = next((value for key, value in graph.config.items() if key.endswith("stanchion:environment")), None)
    if configured:
        return configured
    for resource in graph:
        tag = graph.tags_of(resource).get("stanchion:environment")
        if isinstance(tag, str):
            return tag
    return None
