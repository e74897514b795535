"""Brings an environment up on the local cloud; what clusters need is built beside the stacks that need none."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from sandbox.kubernetes.background_build import BackgroundBuild
from sandbox.run_directory import CHECKOUT, RunDirectory
from sandbox.settled import Settled, program_of
from stanchion.layers import LAYERS, Stack, stacks_of
from stanchion.spec import Environment


class Deployment:
    """One `up` of an environment.

    Args:
        spec: its document.
    """

    def __init__(self, spec: Environment) -> None:
        self._spec = spec
        self._stacks = stacks_of(spec, CHECKOUT)
        self._build: BackgroundBuild | None = None

    def start_build(self) -> None:
        """Begin to build what the clusters need, when the environment has any and it is not there."""
        if any(needs_cluster(stack) for stack in self._stacks):
            self._build = BackgroundBuild.start()

    def up(self, console: Console, *, refresh: bool) -> Sequence[Any]:
        """Bring the stacks up: while the build runs those that need no cluster, then the others.

        Raises:
            StanchionError: bad input, before anything runs.
            RunFailedError: a stack or the build failed.
        """
        from stanchion.cli.run import up_environment

        settled = Settled(RunDirectory.resolve().settled_file, program_of(self._spec.name))

        def bring_up(only: list[str] | None) -> list[Any]:
            return up_environment(
                self._spec.name, root=CHECKOUT, refresh=refresh, console=console, only=only, settled=settled
            )

        if self._build is None:
            return bring_up(None)
        first = [stack.name for stack in self._stacks if not needs_cluster(stack)]
        try:
            results = bring_up(first) if first else []
            console.print("the clusters wait for the programs of their control planes, which are built once")
            self._build.wait(lambda line: console.print(f"  {line}", highlight=False, markup=False))
        finally:
            self._build.stop()
        return results + bring_up([stack.name for stack in self._stacks if needs_cluster(stack)])


def needs_cluster(stack: Stack) -> bool:
    """Whether a stack is, or is built on, a cluster."""
    return any(_on_cluster(layer) for layer in stack.layers)


def _on_cluster(layer: str) -> bool:
    return layer == "cluster" or any(_on_cluster(need.layer) for need in LAYERS[layer].requires if need.layer != layer)
