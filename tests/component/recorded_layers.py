"""The platform's layers as they are registered, one recording a stack, each with what the others published."""

from functools import cache
from pathlib import Path
from typing import Any

import pulumi

from stacks import foundation, links
from stacks.needs import LayerOutputs, Needs
from stanchion.contracts import FoundationOutputs
from stanchion.layers import Place, Stack
from stanchion.spec import Environment, load_environment
from tests.recorder import Recording, record

ROOT = Path(__file__).resolve().parents[2]


@cache
def environment(name: str) -> Environment:
    return load_environment(name, ROOT)


@cache
def recorded_layers(name: str, preview: bool) -> dict[str, Recording]:
    """By place; in a preview, what others published is known, as after their deployment."""
    spec = environment(name)
    if preview:
        published = _published(name)
        return {str(place): _record(spec, place, published, preview=True) for place in _places(spec)}
    return {str(place): recording for place, recording in _deployed(name)[0].items()}


def _places(spec: Environment) -> list[Place]:
    foundations = [Place(spec.name, "foundation", region) for region in spec.regions.both]
    return [*foundations, Place(spec.name, "links", None)]


def _published(name: str) -> dict[Place, dict[str, Any]]:
    return _deployed(name)[1]


@cache
def _deployed(name: str) -> tuple[dict[Place, Recording], dict[Place, dict[str, Any]]]:
    spec = environment(name)
    published: dict[Place, dict[str, Any]] = {}
    recordings: dict[Place, Recording] = {}
    for place in _places(spec):
        outputs: dict[str, Any] = {}
        recordings[place] = _record(spec, place, published, preview=False, into=outputs)
        if place.layer == "foundation":
            published[place] = outputs
    return recordings, published


def _record(
    spec: Environment,
    place: Place,
    published: dict[Place, dict[str, Any]],
    *,
    preview: bool,
    into: dict[str, Any] | None = None,
) -> Recording:
    def build() -> None:
        needs = Needs(Stack(f"{spec.name}-{place.layer}", spec.name, (place.layer,), place.region), (), spec)
        for other, values in published.items():
            if other != place:
                needs.built(other, LayerOutputs(FoundationOutputs, values, producer=str(other)))
        layer = foundation if place.layer == "foundation" else links
        outputs = layer.build(spec, place, needs)
        if into is not None:
            pulumi.Output.from_input(outputs.output(lambda whole: whole)).apply(into.update)

    return record(build, preview=preview)
