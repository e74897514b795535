"""How many replicas of a controller run at least: its own number, or the floor of what scales it.

An autoscaler's floor counts and not the controller's own number, which is from the day it was made or was set by the
autoscaler since. Two exceptions: a number of 0 turns a HorizontalPodAutoscaler off, and a ScaledObject of KEDA may be
paused.
"""

from dataclasses import dataclass

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.mechanisms.kubernetes.clusters import Clusters
from stanchion.recovery.mechanisms.kubernetes.objects import (
    AUTOSCALERS,
    DEPLOYMENT,
    SCALED_OBJECT,
    STATEFUL_SET,
    namespace_of,
    object_name,
)
from stanchion.recovery.mechanisms.kubernetes.quantities import count
from stanchion.recovery.mechanisms.kubernetes.sources import HPA, KEDA
from stanchion.recovery.term import Grade, Term

SYNC_SECONDS = 15.0
POLL_SECONDS = 30.0
# Annotations of a ScaledObject; the first one wins (KEDA documentation, pausing autoscaling).
PAUSED_AT, PAUSED = "autoscaling.keda.sh/paused-replicas", "autoscaling.keda.sh/paused"
_KINDS = {"Deployment": DEPLOYMENT, "StatefulSet": STATEFUL_SET}


@dataclass(frozen=True, slots=True)
class Replicas:
    """The floor of a controller.

    Args:
        floor: how many run at least.
        ceiling: how many may run; None when nothing limits it here.
        at: the setting that says so.
        reaction: how long the autoscaler takes to see demand; None without one.
        awake: how many run at least as long as there is demand; the floor when None. More than the floor only where an
            autoscaler lets its target sleep.
    """

    floor: float | Unsettled
    ceiling: float | Unsettled | None
    at: Setting
    reaction: Term | None = None
    awake: float | Unsettled | None = None

    @property
    def off(self) -> bool:
        """Whether none run, and nothing starts one."""
        return self.floor == 0 and self.reaction is None

    @property
    def under_load(self) -> float | Unsettled:
        """How many run at least as long as there is demand."""
        return self.floor if self.awake is None else self.awake


class Autoscalers:
    """What scales which controller, found once for a program."""

    def __init__(self, graph: ResourceGraph, clusters: Clusters) -> None:
        self._by_target: dict[tuple[str, str | None, str, str], Resource] = {}
        self._by_urn: dict[str, Resource] = {}
        self._loose: dict[tuple[str, str | None], Resource] = {}
        for scaler in graph.of_type(SCALED_OBJECT, *AUTOSCALERS):
            self._add(graph, clusters, scaler)

    def _add(self, graph: ResourceGraph, clusters: Clusters, scaler: Resource) -> None:
        target = scaler.at("spec")["scaleTargetRef"]
        kind, name = target["kind"].text("Deployment"), target["name"]
        place = (clusters.of(graph, scaler).key, namespace_of(graph, scaler))
        if isinstance(name.value, str) and isinstance(kind, str):
            self._by_target.setdefault((*place, kind, name.value), scaler)
            return
        wanted = (_KINDS[kind],) if isinstance(kind, str) and kind in _KINDS else tuple(_KINDS.values())
        found = graph.reference(name, *wanted).resources
        for resource in found:
            self._by_urn.setdefault(resource.urn, scaler)
        if not found:
            self._loose.setdefault(place, scaler)

    def replicas(self, graph: ResourceGraph, clusters: Clusters, resource: Resource) -> Replicas:
        """The floor and the ceiling of a Deployment or StatefulSet."""
        place = (clusters.of(graph, resource).key, namespace_of(graph, resource))
        scaler = self._by_urn.get(resource.urn)
        name = object_name(resource)
        if scaler is None and name is not None:
            scaler = self._by_target.get((*place, resource.kind, name))
        own = resource.at("spec")["replicas"]
        if scaler is not None:
            return _keda(scaler, own) if scaler.type == SCALED_OBJECT else _hpa(scaler, own)
        loose = self._loose.get(place)
        if loose is not None:
            at = loose.at("spec")["scaleTargetRef"]["name"]
            gap = at.unsettled or at.wrong("the name of what it scales")
            return Replicas(gap, gap, at)
        return _fixed(own, 1)


def _fixed(at: Setting, default: float) -> Replicas:
    number = count(at, default)
    return Replicas(number, number, at)


def _hpa(scaler: Resource, own: Setting) -> Replicas:
    if own.is_set and count(own, 1) == 0:
        why = "is 0, which turns its HorizontalPodAutoscaler off until somebody sets another number; leave it out"
        gap = Unsettled(own.resource.urn, own.path, why)
        return Replicas(gap, gap, own)
    spec = scaler.at("spec")
    reaction = Term.of("the autoscaler looks at the load", SYNC_SECONDS, Grade.BOUND, HPA, scaler)
    return Replicas(count(spec["minReplicas"], 1), _ceiling(spec["maxReplicas"]), spec["minReplicas"], reaction)


def _keda(scaler: Resource, own: Setting) -> Replicas:
    annotations = scaler.at("metadata")["annotations"]
    if annotations[PAUSED_AT].is_set:
        return _fixed(annotations[PAUSED_AT], 0)
    paused = annotations[PAUSED].flag(False)
    if isinstance(paused, Unsettled):
        return Replicas(paused, paused, annotations[PAUSED])
    if paused:
        return _fixed(own, 1)
    spec = scaler.at("spec")
    idle, poll = spec["idleReplicaCount"], spec["pollingInterval"]
    at = idle if idle.is_set else spec["minReplicaCount"]
    reaction = Term.of("KEDA polls the demand", count(poll, POLL_SECONDS), Grade.BOUND, KEDA, poll)
    awake = count(spec["minReplicaCount"], 0)
    return Replicas(count(at, 0), _ceiling(spec["maxReplicaCount"], 100), at, reaction, awake)


def _ceiling(setting: Setting, default: float | None = None) -> float | Unsettled | None:
    if not setting.is_set:
        return default
    return count(setting, 0)
