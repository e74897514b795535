"""Layers, the stacks that hold them, and the order in which stacks are brought up.

A layer is a part of the platform that is built in one go (`foundation`, `links`, ...). A stack holds one or more
layers in one place; its settings are a few lines in `stacks/config/Pulumi.<stack>.yaml`. What a layer requires is a
fact of the layer and stands here, so that the order is the same for the command line, for CI and for a reader.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, cast

import yaml

from stanchion.errors import StanchionError
from stanchion.spec import Environment, environment_names

CONFIG_DIR = Path("stacks/config")
_PREFIX, _SUFFIX = "Pulumi.", ".yaml"


class LayerError(StanchionError):
    """A stack's configuration or a set of stacks that can't be built."""


class Scope(Enum):
    """How many of a layer an environment has."""

    REGION = "one per region"
    ENVIRONMENT = "one per environment"


class At(Enum):
    """Where the layer that is required lies, seen from the one that requires it."""

    PRIMARY = "the primary region"
    BOTH = "both regions"
    HERE = "the same region"


@dataclass(frozen=True)
class Requirement:
    """`layer` has to be up first; `only_standby` says that just the standby's layer has this need."""

    layer: str
    at: At
    only_standby: bool = False


@dataclass(frozen=True)
class Layer:
    """A layer: its name, how many there are, and what has to be up before it.

    `others_write` says that somebody else owns fields of what it declares (a rollout, an autoscaler): an update asks
    the cloud for them first, since what it last wrote down may be a version that is no longer in service.
    """

    name: str
    scope: Scope
    requires: tuple[Requirement, ...] = ()
    others_write: bool = False


LAYERS: dict[str, Layer] = {
    layer.name: layer
    for layer in (
        Layer("state", Scope.ENVIRONMENT),
        # The standby's key is a replica of the primary's, so that data encrypted here can be read there.
        Layer("foundation", Scope.REGION, (Requirement("foundation", At.PRIMARY, only_standby=True),)),
        Layer("links", Scope.ENVIRONMENT, (Requirement("foundation", At.BOTH),)),
        Layer("cluster", Scope.REGION, (Requirement("foundation", At.HERE),)),
        Layer(
            "control",
            Scope.REGION,
            (Requirement("foundation", At.HERE), Requirement("links", At.HERE), Requirement("cluster", At.HERE)),
        ),
        Layer(
            "serving",
            Scope.REGION,
            (Requirement("foundation", At.HERE), Requirement("cluster", At.HERE), Requirement("control", At.HERE)),
            others_write=True,
        ),
    )
}


@dataclass(frozen=True)
class Place:
    """Where a layer is built: `region` is None for a layer that is one per environment."""

    environment: str
    layer: str
    region: str | None

    def __str__(self) -> str:
        return f"{self.layer} in {self.region}" if self.region else self.layer


@dataclass(frozen=True)
class Stack:
    """A stack as its configuration file says.

    `region` is None for a stack of environment-wide layers.
    """

    name: str
    environment: str
    layers: tuple[str, ...]
    region: str | None

    @property
    def places(self) -> tuple[Place, ...]:
        """One place per layer, in the order the layers are built."""
        return tuple(Place(self.environment, layer, self.region) for layer in self.layers)

    @property
    def others_write(self) -> bool:
        """Whether somebody else owns fields of what it declares."""
        return any(LAYERS[layer].others_write for layer in self.layers)


def requirements(place: Place, spec: Environment) -> tuple[Place, ...]:
    """The places that have to be up before this one, in no special order."""
    found: list[Place] = []
    for need in LAYERS[place.layer].requires:
        if need.only_standby and place.region != spec.regions.standby:
            continue
        if LAYERS[need.layer].scope is Scope.ENVIRONMENT:
            regions: tuple[str | None, ...] = (None,)
        elif need.at is At.BOTH:
            regions = spec.regions.both
        else:
            regions = (spec.regions.primary if need.at is At.PRIMARY else place.region,)
        found += [Place(place.environment, need.layer, region) for region in regions]
    return tuple(found)


def make_stack(name: str, environment: str, layers: Iterable[str], region: str | None, spec: Environment) -> Stack:
    """A stack, checked against its environment.

    Raises:
        LayerError: a layer that does not exist, a region that is not one of the environment's, or a region missing
            or given where the layers do not take one.
    """
    layers = tuple(layers)
    where = f"{CONFIG_DIR}/{_PREFIX}{name}{_SUFFIX}"
    if not layers:
        raise LayerError(f"{where}: stanchion:layers is empty; name at least one of: {', '.join(LAYERS)}.")
    for layer in layers:
        if layer not in LAYERS:
            raise LayerError(
                f"{where}: stanchion:layers names '{layer}', which is no layer; allowed: {', '.join(LAYERS)}."
            )
    if len(set(layers)) < len(layers):
        raise LayerError(f"{where}: stanchion:layers names a layer twice: {', '.join(layers)}; name each once.")
    regional = [layer for layer in layers if LAYERS[layer].scope is Scope.REGION]
    if regional and len(regional) < len(layers):
        raise LayerError(
            f"{where}: stanchion:layers mixes {', '.join(regional)} (one per region) with layers that are one per "
            "environment; give them stacks of their own."
        )
    if regional and region not in spec.regions.both:
        raise LayerError(
            f"{where}: stanchion:region is '{region}', but environment '{spec.name}' has the regions "
            f"{' and '.join(spec.regions.both)}; set it to one of these."
        )
    if not regional and region is not None:
        raise LayerError(
            f"{where}: stanchion:region is '{region}', but {', '.join(layers)} is one per environment; remove the line."
        )
    return Stack(name, environment, layers, region)


def stacks_of(spec: Environment, root: Path | None = None) -> tuple[Stack, ...]:
    """The stacks of an environment, producers before consumers.

    Args:
        root: the folder that holds `stacks/config`; the working directory when not given.

    Raises:
        LayerError: no stack at all, a configuration file that can't be read, a place that two stacks build, a required
            layer that no stack builds, or stacks that need each other.
    """
    folder = (root or Path()) / CONFIG_DIR
    found = [stack for file in sorted(folder.glob(f"{_PREFIX}*{_SUFFIX}")) if (stack := _read(file, spec)) is not None]
    if not found:
        raise LayerError(
            f"environment '{spec.name}' has no stacks: no file in {CONFIG_DIR} says "
            f"`stanchion:environment: {spec.name}`; copy one of another environment to "
            f"{CONFIG_DIR}/{_PREFIX}{spec.name}-<layer>-<region>{_SUFFIX}."
        )
    return dependency_order(found, spec)


def dependency_order(stacks: Iterable[Stack], spec: Environment) -> tuple[Stack, ...]:
    """The stacks, producers before consumers, otherwise in the order of their layers and by name.

    Raises:
        LayerError: as `stacks_of`.
    """
    by_name = {stack.name: stack for stack in stacks}
    builder = _builders(by_name.values())
    graph: dict[str, set[str]] = {}
    order = list(LAYERS)
    for name in sorted(by_name, key=lambda name: (order.index(by_name[name].layers[0]), name)):
        graph[name] = set()
        for place in by_name[name].places:
            for required in requirements(place, spec):
                producer = builder.get(required)
                if producer is None:
                    raise LayerError(
                        f"stack '{name}' builds {place} and requires {required}, which no stack of environment "
                        f"'{spec.name}' builds; add a file for it to {CONFIG_DIR}."
                    )
                graph[name].add(producer.name)
        graph[name].discard(name)
    return tuple(by_name[name] for name in TopologicalSorter(graph).static_order())


def producer_of(place: Place, stacks: Iterable[Stack]) -> Stack | None:
    """The stack that builds this place, or None."""
    return _builders(stacks).get(place)


def _builders(stacks: Iterable[Stack]) -> dict[Place, Stack]:
    builder: dict[Place, Stack] = {}
    for stack in stacks:
        for place in stack.places:
            if place in builder:
                raise LayerError(
                    f"stacks '{builder[place].name}' and '{stack.name}' both build {place} of environment "
                    f"'{stack.environment}'; remove the layer from one of them."
                )
            builder[place] = stack
    return builder


def _read(file: Path, spec: Environment) -> Stack | None:
    """The stack of one configuration file, or None when it belongs to another environment or program."""
    name = file.name[len(_PREFIX) : -len(_SUFFIX)]
    try:
        document: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise LayerError(f"{file}: this is no YAML that can be read: {error}. Mend the file.") from None
    config = (
        cast("dict[str, Any]", cast("dict[str, Any]", document).get("config") or {})
        if isinstance(document, dict)
        else {}
    )
    environment = config.get("stanchion:environment")
    if environment is None:
        return None
    if environment != spec.name:
        _refuse_unknown_environment(file, environment)
        return None
    layers: Any = config.get("stanchion:layers")
    if not isinstance(layers, list):
        raise LayerError(f"{file}: stanchion:layers is '{layers}'; it has to be a list such as [foundation].")
    region: Any = config.get("stanchion:region")
    return make_stack(name, spec.name, [str(layer) for layer in cast("list[Any]", layers)], region, spec)


def _refuse_unknown_environment(file: Path, environment: Any) -> None:
    names = environment_names(file.resolve().parents[2])
    if environment not in names:
        raise LayerError(
            f"{file}: stanchion:environment is '{environment}', which does not exist; "
            f"allowed: {', '.join(names)} (the files in environments/)."
        )
