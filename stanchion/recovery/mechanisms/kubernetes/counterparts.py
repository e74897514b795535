"""The same workload's pods in another region: what is left of it when a region is gone."""

from collections import defaultdict

from stanchion.graph import Resource, ResourceGraph
from stanchion.recovery.declared import declared
from stanchion.recovery.mechanisms.kubernetes.objects import DEPLOYMENT, STATEFUL_SET, object_name
from stanchion.recovery.mechanisms.kubernetes.survey import Survey

# A controller that stands for another one is told by the first of these labels that it has, or by its name.
_COMPONENT = ("app.kubernetes.io/component", "app.kubernetes.io/name", "app")


class Counterparts:
    """Deployments and StatefulSets by workload; only those whose region is known can stand for one another."""

    def __init__(self, graph: ResourceGraph, survey: Survey) -> None:
        self._members: dict[tuple[str, str], dict[str, list[Resource]]] = defaultdict(lambda: defaultdict(list))
        self._region: dict[str, str] = {}
        for resource in graph.of_type(DEPLOYMENT, STATEFUL_SET):
            owner = declared(graph, resource, "workload")
            region = survey.cluster(graph, resource).region
            if isinstance(owner, str) and isinstance(region, str):
                self._members[owner, resource.type][region].append(resource)
                self._region[resource.urn] = region

    def region(self, resource: Resource) -> str | None:
        """Where a controller runs, None when it is not known or it belongs to no workload."""
        return self._region.get(resource.urn)

    def of(self, graph: ResourceGraph, resource: Resource) -> tuple[Resource, ...]:
        """Those in other regions that do the same for the same workload: the same name or component, or the only one.

        Args:
            graph: the program.
            resource: the controller whose region is gone.
        """
        region = self._region.get(resource.urn)
        owner = declared(graph, resource, "workload")
        if region is None or not isinstance(owner, str):
            return ()
        regions = self._members[owner, resource.type]
        alone = len(regions[region]) == 1
        found: list[Resource] = []
        for other in sorted(regions):
            members = regions[other]
            if other == region:
                continue
            same = [member for member in members if _component(graph, member) & _component(graph, resource)]
            found += same or (members if alone and len(members) == 1 else [])
        return tuple(found)


def _component(graph: ResourceGraph, resource: Resource) -> frozenset[str]:
    tags = graph.tags_of(resource)
    label = next((tags[key] for key in _COMPONENT if isinstance(tags.get(key), str)), None)
    names = {f"name={name}" for name in (object_name(resource), resource.name) if name}
    return frozenset({f"label={label}"} if label else names) | frozenset(names)
