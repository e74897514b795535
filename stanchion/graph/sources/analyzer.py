"""The engine's request to a policy pack (`AnalyzeStack`): every resource, once, with what is known of its outputs.

Nothing of Pulumi, gRPC or protobuf is imported: the messages are read by the names of their fields.
"""

from collections.abc import Iterable, Mapping
from sys import intern
from typing import Any, cast

from stanchion.graph.graph import STACK_TYPE, ResourceGraph
from stanchion.graph.resource import Resource
from stanchion.graph.sources.marks import from_struct
from stanchion.graph.sources.state import PROVIDER_PREFIX, name_of, provider_inputs, type_of, urns
from stanchion.graph.values import Value


def analyzed(resources: Iterable[Any], config: Mapping[str, str] | None = None) -> ResourceGraph:
    """The graph of a request.

    The engine gives one set of properties per resource, the outputs, which stand as inputs here; of a provider it
    gives the inputs.

    Args:
        resources: `pulumirpc.AnalyzerResource` messages, or mappings as their JSON form gives them.
        config: the stack's configuration by full key (`aws:region`).
    """
    found: dict[str, Resource] = {}
    providers: dict[str, dict[str, Value]] = {}
    for message in resources:
        if isinstance(message, Mapping):
            resource = _of_mapping(cast("Mapping[str, Any]", message), providers)
        else:
            resource = _of_message(message, providers)
        found[resource.urn] = resource
    for urn, inputs in providers.items():
        known = found.get(urn)
        found[urn] = Resource(
            urn=urn,
            type=type_of(urn),
            name=name_of(urn),
            inputs=provider_inputs(inputs),
            outputs=known.inputs if known else {},
            parent=known.parent if known else "",
        )
    return ResourceGraph(found.values(), config)


def _of_message(message: Any, providers: dict[str, dict[str, Value]]) -> Resource:
    provider = ""
    if message.HasField("provider"):
        provider = intern(message.provider.urn)
        if provider not in providers:
            providers[provider] = from_struct(message.provider.properties)
    type_, urn = intern(message.type), intern(message.urn)
    return Resource(
        urn=urn,
        type=type_,
        name=message.name or name_of(urn),
        inputs=_inputs(type_, message.properties),
        parent=intern(message.parent),
        provider=provider,
        custom=_custom(type_, provider),
        dependencies=urns(message.dependencies),
        property_dependencies={
            intern(key): found for key, value in message.propertyDependencies.items() if (found := urns(value.urns))
        },
        protect=message.options.protect,
    )


def _of_mapping(message: Mapping[str, Any], providers: dict[str, dict[str, Value]]) -> Resource:
    urn = str(message.get("urn", ""))
    type_ = str(message.get("type") or type_of(urn))
    given = _mapping(message.get("provider"))
    provider = str(given.get("urn", ""))
    if provider and provider not in providers:
        providers[provider] = from_struct(_mapping(given.get("properties")))
    return Resource(
        urn=urn,
        type=type_,
        name=str(message.get("name") or name_of(urn)),
        inputs=_inputs(type_, _mapping(message.get("properties"))),
        parent=str(message.get("parent", "")),
        provider=provider,
        custom=_custom(type_, provider),
        dependencies=urns(message.get("dependencies")),
        property_dependencies={
            key: found
            for key, value in _mapping(message.get("propertyDependencies")).items()
            if (found := urns(_mapping(value).get("urns")))
        },
        protect=_mapping(message.get("options")).get("protect") is True,
    )


def _inputs(type_: str, properties: Any) -> dict[str, Value]:
    plain = from_struct(properties)
    return provider_inputs(plain) if type_.startswith(PROVIDER_PREFIX) else plain


def _custom(type_: str, provider: str) -> bool:
    # The engine does not say it here; only what a provider makes has one, and a provider is made by the engine.
    return bool(provider) or (type_ != STACK_TYPE and type_.startswith(PROVIDER_PREFIX))


def _mapping(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
