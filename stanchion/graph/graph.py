"""The graph: resources, who is whose parent, who depends on whom, and what a reference means."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from stanchion.graph.identity import identities
from stanchion.graph.resource import Resource
from stanchion.graph.setting import Setting
from stanchion.graph.tags import Tags, tags
from stanchion.graph.values import Unsettled

STACK_TYPE = "pulumi:pulumi:Stack"
STACK_REFERENCE = "pulumi:pulumi:StackReference"
PROVIDER_PREFIX = "pulumi:providers:"


@dataclass(frozen=True, slots=True)
class Reference:
    """What a setting names.

    `resources` are those of this graph (more than one when only edges are known and several fit; `exact` is False
    then). `literal` is a known name of something outside of the graph. `unsettled` says that neither value nor edge
    is known. All empty: the setting is not set.
    """

    resources: tuple[Resource, ...] = ()
    literal: str | None = None
    unsettled: Unsettled | None = None
    exact: bool = True

    @property
    def one(self) -> Resource | None:
        """The resource when there is exactly one."""
        return self.resources[0] if len(self.resources) == 1 else None


class ResourceGraph:
    """Resources of one or more stacks by URN. Read-only; lookups are indexed once, so they cost the same at any size.

    Args:
        resources: in any order; what is about to be deleted is left out by the sources.
        config: the stack's configuration as far as the source tells it, `aws:region` among it.
    """

    def __init__(self, resources: Iterable[Resource], config: Mapping[str, str] | None = None) -> None:
        ordered = sorted(resources, key=lambda resource: resource.urn)
        self.resources: Mapping[str, Resource] = {resource.urn: resource for resource in ordered}
        self.config: Mapping[str, str] = dict(config or {})

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources.values())

    def __len__(self) -> int:
        return len(self.resources)

    def merged(self, *others: "ResourceGraph") -> "ResourceGraph":
        """One graph over several stacks; a relation across stacks is known by value only. The first one's URNs win."""
        together: dict[str, Resource] = {}
        config: dict[str, str] = {}
        for graph in reversed((self, *others)):
            together.update(graph.resources)
            config.update(graph.config)
        return ResourceGraph(together.values(), config)

    @cached_property
    def _by_type(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = defaultdict(list)
        for resource in self:
            found[resource.type].append(resource)
        return found

    @cached_property
    def _children(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = defaultdict(list)
        for resource in self:
            if resource.parent:
                found[resource.parent].append(resource)
        return found

    @cached_property
    def _referrers(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = defaultdict(list)
        for resource in self:
            for urn in self.edges(resource):
                found[urn].append(resource)
        return found

    @cached_property
    def _by_identity(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = defaultdict(list)
        for resource in self:
            for identity in identities(resource):
                found[identity].append(resource)
        return found

    def of_type(self, *types: str) -> tuple[Resource, ...]:
        """Resources of these type tokens, in the order of their URNs (type by type)."""
        return tuple(resource for type_ in types for resource in self._by_type.get(type_, ()))

    def children(self, resource: Resource) -> tuple[Resource, ...]:
        """Whose parent this is."""
        return tuple(self._children.get(resource.urn, ()))

    def ancestors(self, resource: Resource) -> Iterator[Resource]:
        """The parent, its parent and so on; a cycle ends the walk."""
        seen = {resource.urn}
        while resource.parent and resource.parent not in seen and resource.parent in self.resources:
            resource = self.resources[resource.parent]
            seen.add(resource.urn)
            yield resource

    def edges(self, resource: Resource) -> tuple[str, ...]:
        """URNs this resource depends on, by any input or explicitly; in a fixed order, each once."""
        found = dict.fromkeys(resource.dependencies)
        for urns in resource.property_dependencies.values():
            found.update(dict.fromkeys(urns))
        found.pop(resource.urn, None)
        return tuple(sorted(found))

    def referrers(self, resource: Resource, *types: str) -> tuple[Resource, ...]:
        """Who depends on this resource by an edge; of these types only, when given."""
        found = self._referrers.get(resource.urn, ())
        return tuple(r for r in found if not types or r.type in types)

    def named(self, value: str, *types: str) -> tuple[Resource, ...]:
        """Resources that are known by this id, ARN, name or address."""
        found = self._by_identity.get(value, ())
        return tuple(r for r in found if not types or r.type in types)

    def reference(self, setting: Setting, *types: str) -> Reference:
        """What a setting names: by value where it is known, by dependency edges where it is not.

        Args:
            setting: holds an id, ARN, name or address; only text can be one.
            types: the tokens that make sense here; they keep equal names of other kinds out.
        """
        if not setting.is_set:
            return Reference()
        gap = setting.unsettled
        if gap is None and not isinstance(setting.value, str):
            gap = setting.wrong("the name of a resource")
        if gap is None:
            found = self.named(setting.value, *types)
            if len(found) > 1:
                found = self._narrowed(setting, found, types)
            # The value decides, also against an edge: a name made of another's output need not name that one.
            return Reference(found, exact=len(found) == 1) if found else Reference(literal=setting.value)
        by_edge = self._by_edges(setting, types)
        if by_edge:
            return Reference(by_edge, exact=len(by_edge) == 1)
        return Reference(unsettled=gap)

    def is_another_stacks(self, setting: Setting) -> bool:
        """Whether a setting is made of another stack's outputs, known or not."""
        return bool(self._by_edges(setting, (STACK_REFERENCE,)))

    def _narrowed(self, setting: Setting, found: tuple[Resource, ...], types: tuple[str, ...]) -> tuple[Resource, ...]:
        """Of several resources with one name: those the setting has an edge to, else those of its own region."""
        edges = {resource.urn for resource in self._by_edges(setting, types)}
        if by_edge := tuple(resource for resource in found if resource.urn in edges):
            return by_edge
        region = self.region_of(setting.resource)
        if isinstance(region, Unsettled):
            return found
        return tuple(resource for resource in found if self.region_of(resource) == region) or found

    def _by_edges(self, setting: Setting, types: tuple[str, ...]) -> tuple[Resource, ...]:
        resource = setting.resource
        key = setting.path.split(".", 1)[0].split("[", 1)[0]
        # Newer engines name the nested property; both forms are looked through.
        urns = [
            urn
            for name, found in resource.property_dependencies.items()
            if name == key or name.startswith((f"{key}.", f"{key}["))
            for urn in found
        ]
        exact = list(resource.property_dependencies.get(setting.path, ())) if setting.path != key else []
        found = [self.resources[urn] for urn in dict.fromkeys(exact or urns) if urn in self.resources]
        return tuple(r for r in found if not types or r.type in types)

    def referring(self, resource: Resource, property_: str, *types: str) -> tuple[Resource, ...]:
        """Resources of these types whose top-level `property_` names this resource, by value or by edge.

        This is how parts that AWS splits into types of their own are found: the versioning, the lifecycle and the
        replication of a bucket are resources with a `bucket` property.
        """
        found = [other for type_ in types for other in self._named_by(type_, property_).get(resource.urn, ())]
        return tuple(found)

    def _named_by(self, type_: str, property_: str) -> dict[str, list[Resource]]:
        key = (type_, property_)
        if key not in self._naming:
            found: dict[str, list[Resource]] = defaultdict(list)
            for other in self._by_type.get(type_, ()):
                for target in self.reference(other.at(property_)).resources:
                    found[target.urn].append(other)
            self._naming[key] = found
        return self._naming[key]

    @cached_property
    def _naming(self) -> dict[tuple[str, str], dict[str, list[Resource]]]:
        return {}

    def provider_of(self, resource: Resource) -> Resource | None:
        """The provider resource: its own, or that of the nearest ancestor that has one of the same package."""
        package = resource.type.split(":", 1)[0]
        for candidate in (resource, *self.ancestors(resource)):
            provider = self.resources.get(candidate.provider) if candidate.provider else None
            if provider is not None and provider.type == f"{PROVIDER_PREFIX}{package}":
                return provider
        return None

    def region_of(self, resource: Resource) -> str | Unsettled:
        """The region a resource lies in: its own `region`, its provider's, the stack's configuration, its ARN."""
        own = resource.at("region")
        if isinstance(own.value, str):
            return own.value
        provider = self.provider_of(resource)
        if provider is not None:
            region = provider.at("region")
            if isinstance(region.value, str):
                return region.value
        elif resource.type.startswith("aws:") and self.config.get("aws:region"):
            return self.config["aws:region"]
        arn = resource.at("arn").value
        if isinstance(arn, str) and len(parts := arn.split(":")) > 3 and parts[3]:
            return parts[3]
        if gap := own.unsettled:
            return gap
        return Unsettled(resource.urn, "region", "can't be told: neither the resource nor its provider says a region")

    def tags_of(self, resource: Resource) -> Tags:
        """Tags by key: the provider's default ones and the resource's own, or the labels of a Kubernetes object."""
        cached = self._tags.get(resource.urn)
        if cached is None:
            cached = self._tags[resource.urn] = tags(resource, self.provider_of(resource), self.config)
        return cached

    @cached_property
    def _tags(self) -> dict[str, Tags]:
        return {}
