"""The engine's own commands on states: export, import, init, remove."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from stanchion.cli.run import environment_of_cloud
from stanchion.errors import RunFailedError, StanchionError
from stanchion.spec import Environment


class Engine:
    """Runs `pulumi` in a project, with the variables that lead to the environment's cloud.

    Raises:
        StanchionError: the engine is not installed (on the first command).
    """

    def __init__(self, spec: Environment, root: Path) -> None:
        os.environ.update(environment_of_cloud(spec))
        self._root = root

    def stacks(self) -> dict[str, int]:
        """The stacks of the backend, with the number of their resources."""
        listed: list[dict[str, Any]] = json.loads(self._run("stack", "ls", "--json"))
        return {str(stack["name"]).split("/")[-1]: int(stack.get("resourceCount") or 0) for stack in listed}

    def export(self, stack: str) -> bytes | None:
        """A stack's export with its secrets encrypted; None for one that is not deployed."""
        if stack not in self.stacks():
            return None
        export = self._run("stack", "export", "--stack", stack)
        deployment: dict[str, Any] = json.loads(export).get("deployment") or {}
        return export.encode() if deployment.get("resources") else None

    def outputs(self, stack: str) -> dict[str, Any]:
        """A stack's outputs; none for one that is not there."""
        return json.loads(self._run("stack", "output", "--json", "--stack", stack)) if stack in self.stacks() else {}

    def init(self, stack: str, secrets_provider: str) -> None:
        """Make a stack."""
        self._run("stack", "init", stack, "--no-select", "--secrets-provider", secrets_provider)

    def put(self, stack: str, export: Path) -> None:
        """Give a stack the state of an export."""
        self._run("stack", "import", "--stack", stack, "--file", str(export))

    def remove(self, stack: str) -> None:
        """Forget a stack; its resources stay in the cloud, and its configuration on the disk."""
        self._run("stack", "rm", stack, "--yes", "--force", "--preserve-config")

    def _run(self, *arguments: str) -> str:
        command = ["pulumi", *arguments, "--non-interactive", "--color", "never", "--cwd", str(self._root)]
        try:
            run = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            raise StanchionError(
                "the Pulumi engine is not on PATH; install it, or, for the local cloud, run "
                '`eval "$(stanchion sandbox env)"`.'
            ) from None
        if run.returncode:
            said = run.stderr.strip() or run.stdout.strip()
            raise RunFailedError(f"`pulumi {' '.join(arguments[:2])}` failed: {said}")
        return run.stdout
