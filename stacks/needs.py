"""What a layer needs of another: typed outputs, from the same process, from a StackReference, or as planned.

A layer selects by writing the path on the contract's class, so that a type checker sees it:

    raw = needs.foundation(region).output(lambda f: f.buckets.raw.arn)      # Output[str]

Branches and loops use the environment document, never outputs: a path that is known in one preview is unknown in
the next.
"""

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Generic, TypeVar, Union, cast, get_origin

import pulumi
from pydantic import BaseModel

from stanchion.contracts import ClusterOutputs, Contract, ContractError, FoundationOutputs, contains_unknown
from stanchion.contracts.planned import PLANNED_OUTPUTS
from stanchion.layers import Place, Stack, producer_of
from stanchion.spec import Environment

C = TypeVar("C", bound=Contract)
T = TypeVar("T")


class LayerOutputs(Generic[C]):
    """The outputs of one layer, whatever they came from; `values` is the document, with Outputs inside."""

    def __init__(self, contract: type[C], values: Any, *, producer: str) -> None:
        self.contract = contract
        self.producer = producer
        self.values = values

    def output(self, select: Callable[[C], T]) -> pulumi.Output[T]:
        """The value at a path of the contract.

        Args:
            select: a plain attribute path such as `lambda f: f.network.vpc_id`; lists and dicts are taken whole or
                by index.

        Raises:
            ContractError: the contract has no such path.
        """
        path = cast(Any, select(cast(C, _Path(self.contract.layer, self.contract, ()))))
        return _at(self.values, path.parts if isinstance(path, _Path) else ())


def publish(contract: type[C], values: Mapping[str, Any], *, stack: str) -> LayerOutputs[C]:
    """The outputs a layer built, held against their contract before anyone reads them, and exported.

    Names are checked at once, values as soon as they are known: a producer that drifts from its contract fails its
    own preview, not its consumers'.

    Raises:
        ContractError: a field is missing, or one is given that the contract does not name.
    """
    _hold_names(contract, values, contract.layer)
    document = {"version": contract.contract_version, **values}
    # Exported as it is and checked beside it: an apply over the whole would make all of it unknown in a preview
    # as soon as one field is. The engine waits for the check, so a failed one fails the update.
    pulumi.export(contract.layer, document)
    pulumi.Output.from_input(document).apply(lambda known: contract.arrive(known, producer=stack, consumer=stack))
    return LayerOutputs(contract, document, producer=stack)


class Needs:
    """Finds the outputs a layer needs, in the order same process, planned, StackReference.

    Args:
        stack: the stack that is being built.
        stacks: all stacks of the environment.
        spec: the environment document.
    """

    def __init__(self, stack: Stack, stacks: tuple[Stack, ...], spec: Environment) -> None:
        self._stack = stack
        self._stacks = stacks
        self._spec = spec
        self._built: dict[Place, LayerOutputs[Any]] = {}
        self._references: dict[str, pulumi.StackReference] = {}

    def built(self, place: Place, outputs: LayerOutputs[Any]) -> None:
        """Remember what this process built, for the layers after it."""
        self._built[place] = outputs

    def foundation(self, region: str) -> LayerOutputs[FoundationOutputs]:
        """The foundation of a region."""
        return self.of(FoundationOutputs, region)

    def cluster(self, region: str) -> LayerOutputs[ClusterOutputs]:
        """The cluster of a region."""
        return self.of(ClusterOutputs, region)

    def of(self, contract: type[C], region: str | None) -> LayerOutputs[C]:
        """The outputs of any layer.

        Raises:
            ContractError: no stack of the environment builds that layer there.
        """
        place = Place(self._spec.name, contract.layer, region)
        if place in self._built:
            return self._built[place]
        producer = producer_of(place, self._stacks)
        if producer is None:
            raise ContractError(
                f"stack '{self._stack.name}' needs {place}, which no stack of environment '{self._spec.name}' builds; "
                "add a file for it to stacks/config."
            )
        planned = _planned(producer.name)
        if planned is not None:
            document = planned.get(contract.layer)
            contract.arrive(document, producer=producer.name, consumer=self._stack.name)
            return LayerOutputs(contract, document, producer=producer.name)
        return LayerOutputs(contract, self._referenced(contract, producer.name), producer=producer.name)

    def _referenced(self, contract: type[C], producer: str) -> pulumi.Output[dict[str, Any]]:
        if producer not in self._references:
            full = f"{pulumi.get_organization()}/{pulumi.get_project()}/{producer}"
            self._references[producer] = pulumi.StackReference(producer, stack_name=full)
        consumer = self._stack.name

        def arrive(document: Any) -> dict[str, Any]:
            contract.arrive(document, producer=producer, consumer=consumer)
            return document

        return self._references[producer].get_output(contract.layer).apply(arrive)


def _planned(stack: str) -> dict[str, Any] | None:
    folder = os.environ.get(PLANNED_OUTPUTS)
    # Planned outputs describe a future; only a preview may believe them.
    if not folder or not pulumi.runtime.is_dry_run():
        return None
    file = Path(folder) / f"{stack}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None


class _Path:
    """Records the path that a selector walks, and refuses one that the contract does not have."""

    def __init__(self, said: str, annotation: Any, parts: tuple[str | int, ...]) -> None:
        self._said = said
        self._annotation = annotation
        self.parts = parts

    def __getattr__(self, name: str) -> "_Path":
        model = _given(self._annotation)
        if not (isinstance(model, type) and issubclass(model, BaseModel)) or name not in model.model_fields:
            allowed = sorted(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []
            raise ContractError(f"the contract '{self._said}' has no field '{name}'; allowed: {', '.join(allowed)}.")
        return _Path(f"{self._said}.{name}", model.model_fields[name].annotation, (*self.parts, name))

    def __getitem__(self, key: str | int) -> "_Path":
        arguments = getattr(_given(self._annotation), "__args__", None)
        if not arguments:
            raise ContractError(f"the contract '{self._said}' is no list or mapping; take it whole.")
        return _Path(f"{self._said}[{key!r}]", arguments[-1], (*self.parts, key))


def _given(annotation: Any) -> Any:
    """What a field that may be left out has when it is there; who asks knows by the document that it is."""
    arguments = [each for each in getattr(annotation, "__args__", ()) if each is not type(None)]
    return arguments[0] if get_origin(annotation) in (Union, UnionType) and len(arguments) == 1 else annotation


def _at(values: Any, parts: tuple[str | int, ...]) -> pulumi.Output[Any]:
    for position, part in enumerate(parts):
        if isinstance(values, pulumi.Output):
            rest = parts[position:]
            return values.apply(lambda known, rest=rest: _walk(known, rest))
        values = _part(values, part)
    if contains_unknown(values):
        return unknown_output()
    return pulumi.Output.from_input(values)


def _walk(value: Any, parts: tuple[str | int, ...]) -> Any:
    for part in parts:
        value = _part(value, part)
    return value


def _part(value: Any, part: str | int) -> Any:
    # The engine writes no field down that is None; what may not be missing was held against the contract on arrival.
    return value.get(part) if isinstance(value, Mapping) else value[part]


def unknown_output() -> pulumi.Output[Any]:
    """An output whose value is known only after an update, as a preview of a new resource has."""

    def settled(value: Any) -> "asyncio.Future[Any]":
        future: asyncio.Future[Any] = asyncio.get_event_loop().create_future()
        future.set_result(value)
        return future

    return pulumi.Output(settled(set()), settled(None), settled(False))


def _hold_names(model: type[BaseModel], values: Mapping[str, Any], said: str) -> None:
    fields = {name: field for name, field in model.model_fields.items() if name != "version"}
    missing = sorted(name for name, field in fields.items() if name not in values and field.is_required())
    extra = sorted(set(values) - set(fields))
    if missing or extra:
        raise ContractError(
            f"the layer publishes '{said}' with "
            + " and ".join(
                part
                for part in (
                    f"missing fields {', '.join(missing)}" if missing else "",
                    f"fields that the contract does not name: {', '.join(extra)}" if extra else "",
                )
                if part
            )
            + "; make the layer and stanchion/contracts agree."
        )
    for name, value in values.items():
        annotation = fields[name].annotation
        if isinstance(value, Mapping) and isinstance(annotation, type) and issubclass(annotation, BaseModel):
            _hold_names(annotation, value, f"{said}.{name}")
