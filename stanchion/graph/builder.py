"""Makes graphs by hand: for tests, for the examples of rules, and for synthetic programs of any size."""

from typing import Any, Self

from stanchion.graph.graph import ResourceGraph
from stanchion.graph.resource import Resource
from stanchion.graph.values import UNKNOWN


class Ref:
    """An attribute of another resource, as a program would pass an output; unknown unless `value` is given."""

    __slots__ = ("attribute", "urn", "value")

    def __init__(self, urn: str, attribute: str, value: Any = UNKNOWN) -> None:
        self.urn = urn
        self.attribute = attribute
        self.value = value


class GraphBuilder:
    """Adds resources one by one; an input that is a `Ref` becomes an unknown value with a dependency edge.

    A handle is what `add` returns: `handle.ref("arn")` is the unknown ARN of a new resource.
    """

    def __init__(self, region: str = "us-east-1", tags: dict[str, str] | None = None, stack: str = "test") -> None:
        self.stack = stack
        self._resources: list[Resource] = []
        self._providers: dict[str, str] = {}
        self._region = region
        self._tags = dict(tags or {})

    def add(
        self,
        type_: str,
        name: str,
        inputs: dict[str, Any] | None = None,
        *,
        region: str | None = None,
        parent: "Handle | None" = None,
        depends_on: "tuple[Handle, ...]" = (),
        outputs: dict[str, Any] | None = None,
        provider: "Handle | None" = None,
    ) -> "Handle":
        """Add a resource.

        Args:
            type_: the type token.
            name: the logical name.
            inputs: in the provider's names (camelCase); may hold `Ref` at any depth.
            region: of its provider; the builder's own unless given.
            parent: the component it belongs to.
            depends_on: explicit dependencies.
            outputs: what a deployed one would have.
            provider: one that was added, such as a cluster's; an AWS resource has one of its region without it.
        """
        chain = f"{parent.urn.split('::')[2]}$" if parent else ""
        urn = f"urn:pulumi:{self.stack}::program::{chain}{type_}::{name}"
        edges: dict[str, tuple[str, ...]] = {}
        plain = {
            key: self._plain(value, edges.setdefault(key, ()), key, edges) for key, value in (inputs or {}).items()
        }
        custom = not type_.startswith("stanchion:")
        own = self._provider(region or self._region) if type_.startswith("aws:") and provider is None else ""
        self._resources.append(
            Resource(
                urn=urn,
                type=type_,
                name=name,
                inputs=plain,
                outputs=outputs or {},
                parent=parent.urn if parent else "",
                provider=provider.urn if provider else own,
                custom=custom,
                dependencies=tuple(sorted({*(h.urn for h in depends_on), *(u for us in edges.values() for u in us)})),
                property_dependencies={key: urns for key, urns in edges.items() if urns},
            )
        )
        return Handle(urn)

    def graph(self) -> ResourceGraph:
        """The graph of all that was added."""
        return ResourceGraph(self._resources)

    def with_tags(self, **tags: str) -> Self:
        """Default tags of providers made from now on."""
        self._tags |= tags
        return self

    def _provider(self, region: str) -> str:
        if region not in self._providers:
            urn = f"urn:pulumi:{self.stack}::program::pulumi:providers:aws::{region}"
            inputs: dict[str, Any] = {"region": region}
            if self._tags:
                inputs["defaultTags"] = {"tags": dict(self._tags)}
            self._resources.append(Resource(urn=urn, type="pulumi:providers:aws", name=region, inputs=inputs))
            self._providers[region] = urn
        return self._providers[region]

    def _plain(self, value: Any, _: tuple[str, ...], key: str, edges: dict[str, tuple[str, ...]]) -> Any:
        if isinstance(value, Ref):
            edges[key] = (*edges[key], value.urn)
            return value.value
        if isinstance(value, dict):
            return {k: self._plain(v, (), key, edges) for k, v in value.items()}  # pyright: ignore[reportUnknownVariableType]
        if isinstance(value, list):
            return [self._plain(v, (), key, edges) for v in value]  # pyright: ignore[reportUnknownVariableType]
        return value


class Handle:
    """A resource that was added."""

    __slots__ = ("urn",)

    def __init__(self, urn: str) -> None:
        self.urn = urn

    def ref(self, attribute: str, value: Any = UNKNOWN) -> Ref:
        """An attribute as another resource's input; unknown, as in a first preview, unless `value` is given."""
        return Ref(self.urn, attribute, value)
