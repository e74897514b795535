"""What a disruption does to a controller of pods: it keeps serving, its pods start anew, or it can't be told."""

from dataclasses import dataclass
from enum import StrEnum
from weakref import WeakKeyDictionary

from stanchion.graph import Resource, ResourceGraph, Unsettled
from stanchion.recovery.declared import declared
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.mechanisms.kubernetes.objects import DAEMON_SET, STATEFUL_SET, pod_spec
from stanchion.recovery.mechanisms.kubernetes.placement import Placement, pinned_zones
from stanchion.recovery.mechanisms.kubernetes.replicas import Replicas
from stanchion.recovery.mechanisms.kubernetes.roles import roles
from stanchion.recovery.mechanisms.kubernetes.spread import HOST, ZONE, Remaining, remaining
from stanchion.recovery.mechanisms.kubernetes.survey import Survey

LOCAL = (Disruption.INFRASTRUCTURE, Disruption.ZONE)
_KEYS = {Disruption.INFRASTRUCTURE: HOST, Disruption.ZONE: ZONE}


class Fate(StrEnum):
    """What becomes of the pods."""

    SERVES = "serves"
    """Enough replicas are elsewhere: only the endpoints of the lost ones have to be taken out."""
    RESTARTS = "restarts"
    """They have to start elsewhere."""
    UNKNOWN = "unknown"
    """A setting that decides it is not known."""
    IDLE = "idle"
    """None run, and nothing starts them."""
    BURST = "burst"
    """They add to others that serve."""


@dataclass(frozen=True, slots=True)
class Loss:
    """The fate of a controller under one disruption.

    Args:
        fate: what becomes of its pods.
        replicas: its floor.
        left: what is left of it at least.
        spot: all of its nodes are spot instances, which can go all at once.
        gap: why it can't be told.
    """

    fate: Fate
    replicas: Replicas
    left: Remaining
    spot: bool = False
    gap: Unsettled | None = None


# Two mechanisms ask the same of every controller.
_KNOWN: "WeakKeyDictionary[Survey, dict[tuple[str, Disruption], Loss]]" = WeakKeyDictionary()


def loss(graph: ResourceGraph, survey: Survey, resource: Resource, disruption: Disruption) -> Loss:
    """What the loss of one node or one zone does to a Deployment or StatefulSet.

    Args:
        graph: the program.
        survey: of the same program.
        resource: the controller.
        disruption: INFRASTRUCTURE or ZONE.
    """
    known = _KNOWN.setdefault(survey, {})
    key = (resource.urn, disruption)
    if key not in known:
        known[key] = _loss(graph, survey, resource, disruption)
    return known[key]


def _loss(graph: ResourceGraph, survey: Survey, resource: Resource, disruption: Disruption) -> Loss:
    replicas = survey.replicas(graph, resource)
    if isinstance(replicas.floor, Unsettled):
        return Loss(Fate.UNKNOWN, replicas, Remaining(0.0), gap=replicas.floor)
    if roles(graph, survey).idle(graph, survey, resource):
        return Loss(Fate.IDLE, replicas, Remaining(0.0))
    if roles(graph, survey).adds_to(graph, survey, resource) is not None:
        return Loss(Fate.BURST, replicas, Remaining(0.0))
    placed = survey.pools_for(graph, resource)
    domains = None if placed is None else domains_of(placed)
    left = remaining(resource, replicas.floor, _KEYS[disruption], domains)
    pinned = pinned_zones(resource)
    if disruption is Disruption.ZONE and pinned is not None and len(pinned) == 1:
        left = Remaining(0.0, hint=f"its pods may run in zone {min(pinned)} only")
    spot = placed is not None and placed.only_spot
    if isinstance(left.replicas, Unsettled):
        return Loss(Fate.UNKNOWN, replicas, left, spot, left.replicas)
    if left.replicas >= 1 and not spot:
        gap = placed.spot_gap if placed is not None else None
        return Loss(Fate.UNKNOWN, replicas, left, spot, gap) if gap else Loss(Fate.SERVES, replicas, left)
    return Loss(Fate.RESTARTS, replicas, left, spot)


def fate(graph: ResourceGraph, survey: Survey, resource: Resource) -> Fate:
    """What becomes of a controller when a node is lost, which tells whether it serves at all."""
    return loss(graph, survey, resource, Disruption.INFRASTRUCTURE).fate


def is_standby(graph: ResourceGraph, resource: Resource) -> bool:
    """Whether it says that it serves only when another region is gone (`stanchion.dev/standby: "true"`)."""
    return str(declared(graph, resource, "standby")).lower() == "true"


def holds_on(resource: Resource) -> bool:
    """Whether its pods can't be replaced before the silent node is given up: they have an identity or a disk.

    A disk that several nodes can mount does no harm; which one it is no setting here tells, so any claim counts.
    """
    if resource.type == STATEFUL_SET:
        return True
    volumes = pod_spec(resource)["volumes"].each()
    if resource.type == DAEMON_SET or isinstance(volumes, Unsettled):
        return False
    return any(volume["persistentVolumeClaim"].is_set for volume in volumes)


def domains_of(placed: Placement) -> dict[str, int]:
    """In how many hosts and zones nodes run at least: two are known exactly when the loss of one leaves some."""
    if not placed.certain:
        return {}
    return {key: 2 if placed.left(disruption).nodes >= 1 else 1 for disruption, key in _KEYS.items()}
