"""What recovery will be after an update: the programs of all stacks together, estimated and shown."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from stanchion.graph import ResourceGraph
from stanchion.graph.sources.reading import read_text
from stanchion.recovery.context import add_to_context, read_context
from stanchion.recovery.estimate import estimate
from stanchion.recovery.objectives import TierObjectives
from stanchion.recovery.report.terminal import print_table
from stanchion.recovery.settings import Settings
from stanchion.spec import Environment


class Outlook:
    """Collects the programs of an environment in a folder, where the policy pack finds them.

    Args:
        spec: the environment, whose tiers are the objectives.
        folder: empty; the policy pack adds each program it sees.
    """

    def __init__(self, spec: Environment, folder: Path) -> None:
        self._spec = spec
        self._folder = folder

    def add_deployed(self, stack: str, export: Mapping[str, Any]) -> None:
        """Take a stack that is not updated now, as it is deployed.

        Args:
            stack: its name.
            export: what the engine exports of it.
        """
        if export.get("resources"):
            document = json.dumps({"version": 3, "deployment": dict(export)})
            add_to_context(self._folder, stack, read_text(document, f"the export of stack '{stack}'"))

    def show(self, console: Console) -> None:
        """Print RTO and RPO of every workload; nothing when no program was seen."""
        graphs = read_context(self._folder)
        if not graphs:
            return
        tiers = {name: TierObjectives.from_tier(name, tier) for name, tier in self._spec.tiers.items()}
        settings = Settings(tiers=tiers, cloud=self._spec.cloud.value, account=self._spec.accounts.workload)
        graph: ResourceGraph = graphs[0].merged(*graphs[1:])
        console.print("\n[bold]recovery, as these settings give it[/]")
        print_table(estimate(graph, settings), console)
