"""Keeps the replicas of the slots as the cluster has them: who is ready, on which capacity, of which version."""

from collections.abc import Callable, Iterable

from gateway.cluster.endpoint_slices import Ready
from gateway.upstreams.replicas import Replica, Replicas, SlotKey


class SlotReplicas:
    """Joins what EndpointSlices say with what pods say.

    Args:
        slots: those of this gateway's endpoints.
        replicas: kept up to date.
    """

    def __init__(self, slots: Iterable[SlotKey], replicas: Replicas) -> None:
        self._slots = {slot.service: slot for slot in slots}
        self._replicas = replicas
        # Of a pod, by its name and uid; set by who knows it, and empty for one that is not known.
        self.version: Callable[[str, str], str] = lambda _pod, _uid: ""
        self._ready: dict[str, list[Ready]] = {}

    @property
    def services(self) -> Iterable[str]:
        """The names of their Services."""
        return self._slots

    def ready(self, service: str, found: list[Ready]) -> None:
        """Who is ready of a Service."""
        self._ready[service] = found
        self._set(service)

    def versions(self, pods: set[str]) -> None:
        """The versions of some pods are known now, or others."""
        for service, ready in self._ready.items():
            if any(each.pod in pods for each in ready):
                self._set(service)

    def _set(self, service: str) -> None:
        slot = self._slots[service]
        # Floor and burst are two Deployments behind one Service, told apart by the names of their pods.
        burst = f"{service}-burst-"
        found = (
            Replica(each.address, each.pod.startswith(burst), self.version(each.pod, each.uid))
            for each in self._ready[service]
        )
        self._replicas.set(slot, found)
