"""The platform's layers as they are registered, one recording a stack, each with what the others published."""

from functools import cache
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime.rpc import UNKNOWN

from stacks.needs import LayerOutputs, Needs
from stacks.program import build_layer
from stanchion.contracts import CONTRACTS
from stanchion.layers import Place, Stack
from stanchion.spec import Environment, load_environment
from tests.recorder import Recording, record

ROOT = Path(__file__).resolve().parents[2]


@cache
def environment(name: str) -> Environment:
    return load_environment(name, ROOT)


@cache
def recorded_layers(name: str, preview: bool) -> dict[str, Recording]:
    """The layers of one of the environments; those who ask get the same ones."""
    return recorded_environment(environment(name), preview=preview)


def recorded_environment(spec: Environment, *, preview: bool = False) -> dict[str, Recording]:
    """By place, in the order of deployment; in a preview each layer gets what is known of those before it."""
    published: dict[Place, dict[str, Any]] = {}
    recordings: dict[str, Recording] = {}
    for place in _places(spec):
        recordings[str(place)], outputs = _record(spec, place, published, preview=preview)
        published[place] = outputs
    return recordings


def _places(spec: Environment) -> list[Place]:
    def each(layer: str) -> list[Place]:
        return [Place(spec.name, layer, region) for region in spec.regions.both]

    serves = [] if spec.capacity is None else [*each("cluster"), *each("control"), *each("serving")]
    return [Place(spec.name, "state", None), *each("foundation"), Place(spec.name, "links", None), *serves]


def _record(
    spec: Environment, place: Place, published: dict[Place, dict[str, Any]], *, preview: bool
) -> tuple[Recording, dict[str, Any]]:
    planned: dict[str, Any] = {}

    def build() -> None:
        needs = Needs(Stack(f"{spec.name}-{place.layer}", spec.name, (place.layer,), place.region), (), spec)
        for other, values in published.items():
            needs.built(other, LayerOutputs(CONTRACTS[other.layer], values, producer=str(other)))
        planned.update(_planned(build_layer(spec, place, needs).values))

    return record(build, preview=preview, stack=str(place).replace(" ", "-")), planned


def _planned(document: Any) -> Any:
    """Outputs as the engine writes them down: their values as soon as they are known, and its word for unknown else."""
    if isinstance(document, dict):
        mapping: dict[str, Any] = {}
        for key, value in document.items():
            _put(mapping, key, value)
        return mapping
    if isinstance(document, list):
        items = [None] * len(document)
        for number, value in enumerate(document):
            _put(items, number, value)
        return items
    return document


def _put(where: Any, key: Any, value: Any) -> None:
    if isinstance(value, pulumi.Output):
        where[key] = UNKNOWN
        value.apply(lambda known: where.__setitem__(key, known))
    else:
        where[key] = _planned(value)
