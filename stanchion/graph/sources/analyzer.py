"""The engine's requests to a policy pack: `Analyze` gives each resource's inputs, `AnalyzeStack` all of the outputs.

Nothing of Pulumi, gRPC or protobuf is imported: the messages are read by the names of their fields.
"""

from collections.abc import Iterable, Mapping
from sys import intern
from typing import Any, cast

from stanchion.graph.graph import PROVIDER_PREFIX, ResourceGraph
from stanchion.graph.resource import Resource
from stanchion.graph.sources.marks import from_struct
from stanchion.graph.sources.state import name_of, property_urns, provider_inputs, type_of, urns, without_unknown
from stanchion.graph.values import UNKNOWN, Value


def analyzed(
    resources: Iterable[Any], config: Mapping[str, str] | None = None, inputs: Mapping[str, Any] | None = None
) -> ResourceGraph:
    """The graph of a request.

    In a preview the outputs of a new resource are unknown wherever the cloud makes up what the program left open, and
    look like a setting that is unknown. The inputs tell the two apart; without them the dependencies have to: what
    the program sets to an unknown value depends on something.

    Args:
        resources: of the `AnalyzeStack` request: `pulumirpc.AnalyzerResource` messages, or mappings as their JSON
            form gives them.
        config: the stack's configuration by full key (`aws:region`), as `ConfigureStack` gives it.
        inputs: the `properties` of the `Analyze` requests by URN.
    """
    given = inputs or {}
    found: dict[str, Resource] = {}
    providers: dict[str, Resource] = {}
    for message in resources:
        plain = isinstance(message, Mapping)
        resource = (_of_mapping if plain else _of_message)(message, given, providers)
        found[resource.urn] = resource
    for urn, provider in providers.items():
        if urn not in found or not found[urn].inputs:
            found[urn] = provider
    return ResourceGraph(found.values(), config)


def _of_message(message: Any, given: Mapping[str, Any], providers: dict[str, Resource]) -> Resource:
    provider = ""
    if message.HasField("provider"):
        provider = intern(message.provider.urn)
        if provider not in providers:
            providers[provider] = _provider(provider, message.provider.properties)
    type_, urn = intern(message.type), intern(message.urn)
    depends = property_urns({key: value.urns for key, value in message.propertyDependencies.items()})
    inputs, outputs = _properties(type_, message.properties, given.get(urn), depends)
    return Resource(
        urn=urn,
        type=type_,
        name=message.name or name_of(urn),
        inputs=inputs,
        outputs=outputs,
        parent=intern(message.parent),
        provider=provider,
        custom=_custom(type_, provider),
        dependencies=urns(message.dependencies),
        property_dependencies=depends,
        protect=message.options.protect,
    )


def _of_mapping(message: Mapping[str, Any], given: Mapping[str, Any], providers: dict[str, Resource]) -> Resource:
    by = _mapping(message.get("provider"))
    provider = str(by.get("urn", ""))
    if provider and provider not in providers:
        providers[provider] = _provider(provider, _mapping(by.get("properties")))
    urn = str(message.get("urn", ""))
    type_ = str(message.get("type") or type_of(urn))
    listed = _mapping(message.get("propertyDependencies"))
    depends = property_urns({key: _mapping(value).get("urns") for key, value in listed.items()})
    inputs, outputs = _properties(type_, _mapping(message.get("properties")), given.get(urn), depends)
    return Resource(
        urn=urn,
        type=type_,
        name=str(message.get("name") or name_of(urn)),
        inputs=inputs,
        outputs=outputs,
        parent=str(message.get("parent", "")),
        provider=provider,
        custom=_custom(type_, provider),
        dependencies=urns(message.get("dependencies")),
        property_dependencies=depends,
        protect=_mapping(message.get("options")).get("protect") is True,
    )


def _properties(
    type_: str, properties: Any, given: Any, depends: Mapping[str, tuple[str, ...]]
) -> tuple[dict[str, Value], dict[str, Value]]:
    outputs = from_struct(properties)
    inputs = None if given is None else from_struct(given)
    if type_.startswith(PROVIDER_PREFIX):
        return provider_inputs(outputs if inputs is None else inputs), {}
    if inputs is None:
        # The names of nested properties (`rules[0].target`) begin with that of the property.
        dependent = {key.split(".", 1)[0].split("[", 1)[0] for key in depends}
        return {
            key: value if key in dependent else without_unknown(value)
            for key, value in outputs.items()
            if value is not UNKNOWN or key in dependent
        }, {}
    return inputs, {key: value for key, value in outputs.items() if value is not UNKNOWN}


def _provider(urn: str, properties: Any) -> Resource:
    return Resource(urn=urn, type=type_of(urn), name=name_of(urn), inputs=provider_inputs(from_struct(properties)))


def _custom(type_: str, provider: str) -> bool:
    # The engine does not say it here; only what a provider makes has one, and a provider is made by the engine.
    return bool(provider) or type_.startswith(PROVIDER_PREFIX)


def _mapping(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
