"""What `stanchion recovery` reads: graphs from files and deployed stacks, and the settings they are judged by."""

import subprocess
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from stanchion.errors import StanchionError
from stanchion.graph import ResourceGraph
from stanchion.graph.sources.reading import read_graph, read_text
from stanchion.recovery.configuration import RecoveryConfiguration, load_configuration, settings_from
from stanchion.recovery.settings import Settings


class Input:
    """What the options name.

    Args:
        environment: the document in environments/ that holds the objectives.
        configuration: the file of `--config`.
        root: the folder that holds Pulumi.yaml and environments/.
    """

    def __init__(self, environment: str | None, configuration: Path | None, root: Path) -> None:
        self._environment = environment
        self._path = configuration
        self._root = root

    @cached_property
    def _configuration(self) -> RecoveryConfiguration | None:
        return load_configuration(self._path) if self._path else None

    def graph(self, files: Sequence[str], stacks: Sequence[str]) -> ResourceGraph:
        """One graph over all that is named, and over what the configuration says belongs to it.

        Args:
            files: paths, or `-` for the standard input; where two hold one resource, the first one's counts.
            stacks: names of deployed stacks; they come after the files.

        Raises:
            StanchionError: a file or a stack can't be read.
        """
        context = self._configuration.context if self._configuration else ()
        graphs = [read_graph(Path(file)) for file in files]
        graphs += [_exported(stack, self._root) for stack in stacks]
        graphs += [read_graph(self._root / path) for path in context]
        return graphs[0].merged(*graphs[1:]) if len(graphs) > 1 else graphs[0]

    def settings(self, graph: ResourceGraph) -> Settings:
        """What a graph is judged by: the named documents, else the environment its own tags or configuration name.

        Raises:
            StanchionError: a document can't be read.
        """
        document = self._configuration
        if self._environment or (document and (document.environment or document.tiers)):
            return settings_from(document, self._environment, self._root)
        return settings_from(document, environment_of(graph), self._root, optional=True)


def _exported(stack: str, root: Path) -> ResourceGraph:
    """A deployed stack, as the engine exports it; secrets stay encrypted."""
    try:
        run = subprocess.run(
            ["pulumi", "stack", "export", "--stack", stack, "--cwd", str(root), "--non-interactive"],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except FileNotFoundError:
        raise StanchionError(
            "the Pulumi engine is not on PATH; install it, or, for the local cloud, run "
            '`eval "$(stanchion sandbox env)"`.'
        ) from None
    except OSError as error:
        raise StanchionError(f"the Pulumi engine can't be run: {error.strerror or error}.") from None
    if run.returncode:
        said = run.stderr.strip() or run.stdout.strip() or f"it left with exit code {run.returncode}"
        raise StanchionError(f"stack '{stack}' can't be exported: {said}")
    return read_text(run.stdout, f"the export of stack '{stack}'")


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
