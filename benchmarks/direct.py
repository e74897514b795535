"""The resources of a stack as a program that writes them directly in pulumi_aws, without a component.

It is made from what the stack's own program registers, so that both programs declare the same resources with the same
inputs; `python -m benchmarks.direct` is not for people, the benchmark writes the program into a project of its own.
"""

import json
from pathlib import Path

from stacks.needs import Needs
from stacks.program import build_layer
from stanchion.layers import stacks_of
from stanchion.spec import load_environment
from tests.recorder import Recording, record

PROGRAM = '''"""Every resource written out; made by benchmarks/direct.py."""
import gc

gc.disable()  # as our own program does, so that the ratio speaks of components only
import json
from pathlib import Path

import pulumi
import pulumi_aws

from benchmarks.declare import SERVICES, declare

for service in SERVICES:
    dir(getattr(pulumi_aws, service))
gc.freeze()
gc.enable()
declare(json.loads((Path(pulumi.runtime.get_root_directory()) / "resources.json").read_text(encoding="utf-8")))
'''


def recorded(root: Path, environment: str, stack_name: str) -> Recording:
    """What a stack without needs registers."""
    spec = load_environment(environment, root)
    stacks = stacks_of(spec, root)
    stack = next(stack for stack in stacks if stack.name == stack_name)

    def build() -> None:
        needs = Needs(stack, stacks, spec)
        for place in stack.places:
            build_layer(spec, place, needs)

    return record(build)


def write(folder: Path, recording: Recording) -> int:
    """Write the program's data; gives the number of resources."""
    resources = [
        {"type": r.type, "name": r.name, "inputs": r.inputs}
        for r in recording.resources
        if r.custom and not r.type.startswith("pulumi:providers:")
    ]
    (folder / "resources.json").write_text(json.dumps(resources), encoding="utf-8")
    (folder / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    return len(resources)
