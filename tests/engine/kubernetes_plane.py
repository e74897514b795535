"""One plain control plane with fake nodes for all tests of the kubernetes provider, and Pulumi programs that use it."""

import contextlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox import cloud
from sandbox.kubernetes import binaries
from sandbox.kubernetes.api import Api
from sandbox.kubernetes.nodes import FakeNodes, Node
from sandbox.run_directory import DIRECTORY_VARIABLE, RunDirectory
from tests.engine.project import Answer, run_command
from tests.engine.test_control_plane import Runner

CLUSTER = "main"
REGION = "us-east-1"
# A program that makes what `objects.json` says; without the SDK's classes, whose import takes longer than all the rest.
PROGRAM = """
import json
from pathlib import Path

import pulumi


class Object(pulumi.CustomResource):
    pass


said = json.loads(Path("program.json").read_text())
kubeconfig = Path("kubeconfig").read_text()
first = pulumi.ProviderResource("kubernetes", "first", {"kubeconfig": kubeconfig})
if said.get("cluster_to_come"):
    within = pulumi.ResourceOptions(provider=first)
    made = Object("kubernetes:core/v1:Namespace", "made", {"metadata": {}}, within)
    kubeconfig = made.metadata["uid"].apply(lambda _: kubeconfig)
    first = pulumi.ProviderResource("kubernetes", "cluster", {"kubeconfig": kubeconfig})
made = {}
for name, each in said["objects"].items():
    inputs = dict(each["inputs"])
    for key in each.get("secret", []):
        inputs[key] = pulumi.Output.secret(inputs[key])
    made[name] = Object(
        each["type"], name, inputs,
        pulumi.ResourceOptions(
            provider=first, depends_on=[made[other] for other in each.get("after", [])],
            ignore_changes=each.get("ignore"), import_=each.get("import"),
        ),
    )
"""


@dataclass(frozen=True)
class Plane:
    """A running control plane in the run directory of a local cloud that has nothing else.

    Args:
        api: as its administrator.
        kubeconfig: as a program gets it from EKS: its user is a program that is not there.
        variables: for the engine.
    """

    directory: RunDirectory
    api: Api
    kubeconfig: str
    variables: dict[str, str]


@contextlib.contextmanager
def running_plane() -> Iterator[Plane]:
    """A control plane with a node in each of two zones, and an engine that has our plugins."""
    binaries.build(binaries.CONTROL_PLANE, print)
    root = Path(tempfile.mkdtemp(prefix="stanchion-"))
    try:
        cloud.prepare_engine(print, root)
        directory = RunDirectory(root)
        runner = Runner(root / "kubernetes" / REGION / CLUSTER)
        try:
            nodes = FakeNodes(runner.api)
            nodes.register([Node(f"node-{zone}", f"{REGION}{zone}") for zone in "ab"])
            nodes.wait_ready([f"node-{zone}" for zone in "ab"])
            yield Plane(directory, runner.api, as_eks_says(runner.folder.kubeconfig), variables(directory))
        finally:
            runner.process.terminate()
            assert runner.ends() == 0, runner.said
    finally:
        shutil.rmtree(root)


def as_eks_says(file: Path) -> str:
    document = json.loads(file.read_text(encoding="utf-8"))
    program = {"command": "/no/such/aws", "args": ["eks", "get-token", "--cluster-name", CLUSTER, "--region", REGION]}
    document["users"][0]["user"] = {"exec": {"apiVersion": "client.authentication.k8s.io/v1beta1", **program}}
    return json.dumps(document)


def variables(directory: RunDirectory) -> dict[str, str]:
    return {
        **os.environ,
        DIRECTORY_VARIABLE: str(directory.path),
        "PATH": os.pathsep.join([str(directory.bin), os.environ.get("PATH", os.defpath)]),
        "PULUMI_HOME": str(directory.pulumi_home),
        "PULUMI_BACKEND_URL": directory.pulumi_state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


class Stack:
    """A Pulumi project with one stack that makes the objects it is told to.

    Args:
        folder: an empty folder.
        name: of the stack.
        program: another one than what makes `objects`.
    """

    def __init__(self, folder: Path, plane: Plane, name: str, program: str = PROGRAM) -> None:
        self.folder, self.plane, self.name = folder, plane, name
        self.objects: dict[str, dict[str, Any]] = {}
        self.said: dict[str, Any] = {}
        runtime = {"name": "python", "options": {"virtualenv": str(Path(sys.executable).parent.parent)}}
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "objects", "runtime": runtime}), encoding="utf-8")
        (folder / "__main__.py").write_text(program, encoding="utf-8")
        (folder / "kubeconfig").write_text(plane.kubeconfig, encoding="utf-8")
        self.pulumi("stack", "init", name).ok()

    def add(self, name: str, kind: str, inputs: dict[str, Any], **more: Any) -> None:
        self.objects[name] = {"type": f"kubernetes:{kind}", "inputs": inputs, **more}

    def up(self, *flags: str) -> Answer:
        return self.pulumi("up", "--yes", "--skip-preview", *flags)

    def preview(self, *flags: str) -> Answer:
        return self.pulumi("preview", "--diff", *flags)

    def pulumi(self, *arguments: str) -> Answer:
        (self.folder / "program.json").write_text(json.dumps({**self.said, "objects": self.objects}), encoding="utf-8")
        command = ["pulumi", *arguments, "--non-interactive", "--color", "never", "--stack", self.name]
        if arguments[:2] == ("stack", "init"):
            command = command[:-2]
        return run_command(command, self.folder, self.plane.variables)

    def state(self) -> dict[str, dict[str, Any]]:
        """The resources of the state by name."""
        exported = json.loads(self.pulumi("stack", "export").ok().out)
        return {each["urn"].split("::")[3]: each for each in exported["deployment"].get("resources", [])}
