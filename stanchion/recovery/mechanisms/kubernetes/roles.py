"""What a controller is for beside others: it serves, it adds to what serves, or it lies idle.

A *burst* grows from 0 with the load behind the same Service as pods that run always, or come back by themselves: its
loss takes capacity and not the service, so it is judged by those others. An *idle slot* is the half of a blue/green
pair that no rollout has filled (label `stanchion.dev/slot`): it counts neither as capacity nor as a floor that is
broken.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from weakref import WeakKeyDictionary

from stanchion.graph import Resource, ResourceGraph, Unsettled
from stanchion.recovery.declared import declared
from stanchion.recovery.mechanisms.kubernetes.objects import (
    DEPLOYMENT,
    SERVICE,
    STATEFUL_SET,
    mapping,
    namespace_of,
    pod_labels,
)
from stanchion.recovery.mechanisms.kubernetes.survey import Survey

# Cluster and namespace.
Place = tuple[str, str]


class Roles:
    """The roles of a program's Deployments and StatefulSets."""

    def __init__(self, graph: ResourceGraph, survey: Survey) -> None:
        self._controllers = _by_place(graph, survey, DEPLOYMENT, STATEFUL_SET)
        self._services = _by_place(graph, survey, SERVICE)
        self._idle = frozenset(
            resource.urn
            for controllers in self._controllers.values()
            for resource in _in_idle_slots(graph, survey, controllers)
        )

    def idle(self, graph: ResourceGraph, survey: Survey, resource: Resource) -> bool:
        """Whether it serves nobody: it has no replicas and nothing starts one, or its slot is the idle one."""
        return resource.urn in self._idle or survey.replicas(graph, resource).off

    def adds_to(self, graph: ResourceGraph, survey: Survey, resource: Resource) -> Resource | None:
        """What a burst adds to: the controller that serves behind the same Service; None when it is no burst."""
        own = survey.replicas(graph, resource)
        if own.reaction is None or own.floor != 0 or own.under_load != 0:
            return None
        place = _place(graph, survey, resource)
        for service in self._services.get(place, ()) if place else ():
            if not _takes(service, resource):
                continue
            for other in self._controllers[place] if place else ():
                awake = survey.replicas(graph, other).under_load
                if not isinstance(awake, Unsettled) and awake >= 1 and _takes(service, other):
                    return other
        return None


_ROLES: "WeakKeyDictionary[Survey, Roles]" = WeakKeyDictionary()


def roles(graph: ResourceGraph, survey: Survey) -> Roles:
    """The roles of a program, found when they are first asked for."""
    found = _ROLES.get(survey)
    if found is None:
        found = _ROLES[survey] = Roles(graph, survey)
    return found


def _place(graph: ResourceGraph, survey: Survey, resource: Resource) -> Place | None:
    """None when the namespace can't be told: then nothing is known to be beside it."""
    namespace = namespace_of(graph, resource)
    return None if namespace is None else (survey.cluster(graph, resource).key, namespace)


def _by_place(graph: ResourceGraph, survey: Survey, *types: str) -> Mapping[Place, list[Resource]]:
    found: dict[Place, list[Resource]] = defaultdict(list)
    for resource in sorted(graph.of_type(*types), key=lambda resource: resource.urn):
        if place := _place(graph, survey, resource):
            found[place].append(resource)
    return dict(found)


def _takes(service: Resource, controller: Resource) -> bool:
    """Whether a Service surely leads to the pods of a controller; one without a selector leads to none."""
    selector, labels = service.at("spec")["selector"], pod_labels(controller)
    wanted = mapping(selector.value)
    return bool(wanted) and all(
        isinstance(value, str) and isinstance(labels.value, dict) and labels[key].value == value
        for key, value in wanted.items()
    )


def _in_idle_slots(graph: ResourceGraph, survey: Survey, controllers: Iterable[Resource]) -> Iterable[Resource]:
    """Members of slots that are switched off while another slot of the same variant is not."""
    variants: dict[tuple[object, ...], dict[str, list[Resource]]] = defaultdict(lambda: defaultdict(list))
    for resource in controllers:
        slot = declared(graph, resource, "slot")
        if isinstance(slot, str):
            variant = tuple(str(declared(graph, resource, key)) for key in ("workload", "endpoint", "variant"))
            variants[variant][slot].append(resource)
    for slots in variants.values():
        off = [members for members in slots.values() if _switched_off(graph, survey, members)]
        if len(off) < len(slots):
            yield from (resource for members in off for resource in members)


def _switched_off(graph: ResourceGraph, survey: Survey, members: Iterable[Resource]) -> bool:
    """Whether a part of a slot is off and none of it runs; what would scale a burst there has nothing to add to."""
    found = [survey.replicas(graph, member) for member in members]
    return any(replicas.off for replicas in found) and all(replicas.floor == 0 for replicas in found)
