"""The resources of a stack as a program that writes them directly in pulumi_aws, without a component.

It is made from what the stack's own program registers, so that both programs declare the same resources with the same
inputs; `python -m benchmarks.direct` is not for people, the benchmark writes the program into a project of its own.
"""

import importlib
import inspect
import json
import re
from pathlib import Path
from typing import Any

from stacks.needs import Needs
from stacks.program import BUILDS
from stanchion.layers import stacks_of
from stanchion.spec import load_environment
from tests.recorder import Recording, record

PROGRAM = '''"""Every resource written out; made by benchmarks/direct.py."""
import json
from pathlib import Path

import pulumi

from benchmarks.direct import declare

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
            BUILDS[place.layer](spec, place, needs)

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


def declare(resources: list[dict[str, Any]]) -> None:
    """Declare each resource by its pulumi_aws class, under one explicit provider, as a plain program does."""
    import pulumi
    import pulumi_aws as aws

    provider = aws.Provider("plain", region="us-east-1", allowed_account_ids=["000000000000"])
    opts = pulumi.ResourceOptions(provider=provider)
    for resource in resources:
        kind = class_of(resource["type"])
        accepted = inspect.signature(kind._internal_init).parameters
        inputs = {snake(key): value for key, value in resource["inputs"].items() if snake(key) in accepted}
        kind(resource["name"], opts=opts, **inputs)


def class_of(token: str) -> Any:
    """The class of a type token such as `aws:s3/bucket:Bucket`."""
    _, module, name = token.split(":")
    return getattr(importlib.import_module(f"pulumi_aws.{module.split('/')[0]}"), name)


def snake(name: str) -> str:
    """`forceDestroy` as `force_destroy`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
