"""What `pulumi up` runs: the layers of the selected stack, in order, with what each needs."""

import os
from importlib import import_module
from pathlib import Path
from typing import Any

import pulumi

from stacks.needs import LayerOutputs, Needs
from stanchion.errors import StanchionError
from stanchion.layers import Place, make_stack, stacks_of
from stanchion.spec import Cloud, Environment, load_environment


def run() -> None:
    """Build the layers of the stack that is being updated and export their outputs.

    Raises:
        pulumi.RunError: a sentence for the user; the engine prints it without a trace.
    """
    try:
        _build(Path(pulumi.runtime.get_root_directory()))
    except StanchionError as error:
        raise pulumi.RunError(str(error)) from None


def _build(root: Path) -> None:
    config = pulumi.Config("stanchion")
    spec = load_environment(config.require("environment"), root)
    refuse_wrong_cloud(spec)
    stack = make_stack(pulumi.get_stack(), spec.name, config.require_object("layers"), config.get("region"), spec)
    needs = Needs(stack, stacks_of(spec, root), spec)
    for place in stack.places:
        needs.built(place, build_layer(spec, place, needs))


def build_layer(spec: Environment, place: Place, needs: Needs) -> LayerOutputs[Any]:
    """Build one layer; its module is imported now, since what the others import would slow every preview down."""
    return import_module(f"stacks.{place.layer}").build(spec, place, needs)


def refuse_wrong_cloud(spec: Environment) -> None:
    """Keep an environment on the cloud that it names: a stray endpoint variable would send it to another one.

    Raises:
        StanchionError: the environment is for the local cloud and no endpoint is set, or the other way round.
    """
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if spec.cloud is Cloud.LOCAL and not endpoint:
        raise StanchionError(
            f"environment '{spec.name}' is for the local cloud, but AWS_ENDPOINT_URL is not set; "
            'run `eval "$(stanchion sandbox env)"` first, or use `stanchion up`.'
        )
    if spec.cloud is Cloud.AWS and endpoint:
        raise StanchionError(
            f"environment '{spec.name}' is for AWS, but AWS_ENDPOINT_URL is '{endpoint}'; "
            "unset it (a shell that ran `stanchion sandbox env` has it), or set `cloud: local` in the environment."
        )
