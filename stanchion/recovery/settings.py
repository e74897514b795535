"""What recovery is judged by: tiers, who owns what, what lies elsewhere, and what drills measured."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, cast

from stanchion.graph import Resource, ResourceGraph
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.evidence import Evidence
from stanchion.recovery.objectives import TierObjectives


@dataclass(frozen=True, slots=True)
class ResourceRule:
    """Tags for resources that do not carry ours: how a program that is not ours is mapped.

    Args:
        match: a pattern (`*`, `?`) over URN, type or name.
        tags: keys without prefix (`workload`, `tier`, `data`, `restore`, `shared`); they win over the resource's own.
    """

    match: str
    tags: Mapping[str, str]

    def fits(self, resource: Resource) -> bool:
        """Whether the pattern meets this resource."""
        return any(fnmatchcase(text, self.match) for text in (resource.urn, resource.type, resource.name))


@dataclass(frozen=True, slots=True)
class Settings:
    """What recovery is judged by.

    Args:
        tiers: by name; empty means that nothing can be judged.
        resources: tags for resources that do not carry ours.
        elsewhere: disruptions whose protection is declared in another program, and where: not assessed here.
        evidence: what drills measured.
        cloud, account: of this program; evidence of another one is ignored.
        now: for the age of evidence and of workloads.
    """

    tiers: Mapping[str, TierObjectives] = field(default_factory=dict[str, TierObjectives])
    resources: tuple[ResourceRule, ...] = ()
    elsewhere: Mapping[Disruption, str] = field(default_factory=dict[Disruption, str])
    evidence: tuple[Evidence, ...] = ()
    cloud: str = ""
    account: str = ""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    def of_tiers(cls, tiers: Mapping[str, Any]) -> "Settings":
        """From the tiers of an environment document."""
        return cls({name: TierObjectives.from_tier(name, tier) for name, tier in tiers.items()})

    def applied(self, graph: ResourceGraph) -> ResourceGraph:
        """The graph with the mapped tags on its resources."""
        if not self.resources:
            return graph
        return ResourceGraph((_tagged(resource, self.resources) for resource in graph), graph.config)


def _tagged(resource: Resource, rules: Iterable[ResourceRule]) -> Resource:
    tags: dict[str, str] = {}
    for rule in rules:
        if rule.fits(resource):
            tags.update(rule.tags)
    if not tags:
        return resource
    if resource.type.startswith("kubernetes:"):
        metadata = _mapping(resource.inputs.get("metadata"))
        annotations = _mapping(metadata.get("annotations")) | {f"stanchion.dev/{k}": v for k, v in tags.items()}
        return replace(resource, inputs={**resource.inputs, "metadata": {**metadata, "annotations": annotations}})
    own = _mapping(resource.inputs.get("tags")) | {f"stanchion:{key}": value for key, value in tags.items()}
    return replace(resource, inputs={**resource.inputs, "tags": own})


def _mapping(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
