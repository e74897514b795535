"""A project of its own for a test: its environments, its stack configurations, and this checkout's program."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
# What most tests work on; a cluster in each region takes its time, so only those have one that are about it.
STORAGE_LAYERS = ("state", "foundation", "links")


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    code: int
    out: str

    def ok(self) -> "Answer":
        assert self.code == 0, self.out
        return self


def run_command(command: list[str], folder: Path, variables: dict[str, str], timeout: float = 900) -> Answer:
    """Run a command to its end; what it says on both streams is kept."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=variables,
        text=True,
        timeout=timeout,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return Answer(done.returncode, done.stdout)


class Project:
    """A folder with Pulumi.yaml, environments/ and stacks/config/ that runs the checkout's program.

    Args:
        folder: an empty folder.
        cloud: the environment variables of a running local cloud.
        environment: the name of its one environment, a copy of environments/local.yaml.
        layers: which of its stacks there are.
    """

    def __init__(
        self, folder: Path, cloud: dict[str, str], environment: str, layers: Sequence[str] = STORAGE_LAYERS
    ) -> None:
        self.folder = folder
        self.environment = environment
        self.variables = {**os.environ, **cloud}
        self.regions = ("us-east-1", "us-west-2")
        settings = {
            "name": "stanchion",
            "main": str(CHECKOUT),
            "runtime": {"name": "python", "options": {"virtualenv": str(Path(sys.executable).parent.parent)}},
            "stackConfigDir": "stacks/config",
        }
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        (folder / "environments").mkdir()
        (folder / "stacks/config").mkdir(parents=True)
        text = (CHECKOUT / "environments/local.yaml").read_text(encoding="utf-8")
        self.document.write_text(re.sub(r"(?m)^name: local$", f"name: {environment}", text), encoding="utf-8")
        for file in (CHECKOUT / "stacks/config").glob("Pulumi.local-*.yaml"):
            config = yaml.safe_load(file.read_text(encoding="utf-8"))["config"]
            if not set(config["stanchion:layers"]) <= set(layers):
                continue
            config["stanchion:environment"] = environment
            name = file.name.replace("Pulumi.local-", f"Pulumi.{environment}-")
            (folder / "stacks/config" / name).write_text(yaml.safe_dump({"config": config}), encoding="utf-8")

    @property
    def document(self) -> Path:
        return self.folder / "environments" / f"{self.environment}.yaml"

    def stack(self, layer: str, region: str | None = None) -> str:
        return "-".join(part for part in (self.environment, layer, region) if part)

    def edit(self, old: str, new: str) -> None:
        """Change the environment document; the text has to be there once."""
        text = self.document.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {self.document}"
        self.document.write_text(text.replace(old, new), encoding="utf-8")

    def run(self, *command: str) -> Answer:
        return run_command(list(command), self.folder, self.variables)

    def stanchion(self, *arguments: str) -> Answer:
        return self.run(sys.executable, "-m", "stanchion.cli.main", *arguments, "--environment", self.environment)

    def pulumi(self, *arguments: str) -> Answer:
        return self.run("pulumi", *arguments, "--non-interactive", "--color", "never")

    def outputs(self, stack: str) -> dict[str, Any]:
        return json.loads(self.pulumi("stack", "output", "--json", "--stack", stack).ok().out)

    def resources(self, stack: str) -> list[dict[str, Any]]:
        exported = json.loads(self.pulumi("stack", "export", "--stack", stack).ok().out)
        return exported["deployment"].get("resources", [])

    def client(self, service: str, region: str | None = None) -> Any:
        return boto3.client(
            service,
            region_name=region or self.regions[0],
            endpoint_url=self.variables["AWS_ENDPOINT_URL"],
            aws_access_key_id=self.variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.variables["AWS_SECRET_ACCESS_KEY"],
        )


def changes(answer: Answer) -> dict[str, int]:
    """How many resources the engine says it changed, by operation; unchanged ones under `unchanged`."""
    found = re.findall(r"(\d+) (to create|to update|to replace|to delete|created|updated|replaced|deleted|unchanged)",
                       answer.out)  # fmt: skip
    return {operation: int(count) for count, operation in found}
