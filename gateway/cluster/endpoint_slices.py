"""Watches which pods of some Services are ready, as Kubernetes says in EndpointSlices.

Asking a Service's address would do, but keeps each connection on one pod, tells nothing of a Service without any, and
finds out late that a pod is leaving.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from gateway.cluster.addresses import Translation
from gateway.cluster.api import Api
from gateway.cluster.watching import Kind, Watch

_SERVICE = "kubernetes.io/service-name"


class Ready(NamedTuple):
    """One pod that is ready and stays.

    Args:
        address: host and port at which it is reached.
        shown: its own address, as the API has it.
        pod: its name; empty when the API names none.
        uid: of that pod, which another pod of the same name does not have.
    """

    address: str
    shown: str
    pod: str
    uid: str


@dataclass(frozen=True, slots=True)
class Slice:
    """What is kept of an EndpointSlice: whose it is, and who is ready."""

    service: str
    ready: tuple[Ready, ...]


class EndpointSlices:
    """Tells who is ready of some Services of a namespace.

    Args:
        api: that is asked.
        namespace: of the Services.
        services: their names.
        told: a Service and all who are ready of it, each time that it changes.
        translation: of addresses; None where pods listen on their own.
    """

    def __init__(
        self,
        api: Api,
        namespace: str,
        services: Iterable[str],
        told: Callable[[str, list[Ready]], None],
        translation: Translation | None = None,
    ) -> None:
        self._services, self._told = frozenset(services), told
        self._translation = translation
        [only] = self._services if len(self._services) == 1 else [""]
        path = f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"
        kind = Kind(path, f"EndpointSlices of {namespace}", f"{_SERVICE}={only}" if only else "")
        self._watch = Watch(api, kind, self._read, self._changed)
        self.listed = self._watch.listed

    async def start(self) -> None:
        """Begin to watch; `listed` is set once all are known."""
        await self._watch.start()

    async def close(self) -> None:
        """Watch no more."""
        await self._watch.close()

    def _read(self, found: Mapping[str, Any]) -> Slice | None:
        service = (found["metadata"].get("labels") or {}).get(_SERVICE, "")
        return Slice(service, ready_of(found, self._translation)) if service in self._services else None

    def _changed(self, touched: Iterable[Slice]) -> None:
        for service in {each.service for each in touched}:
            known = (each for each in self._watch.known.values() if each.service == service)
            self._told(service, [ready for each in known for ready in each.ready])


def ready_of(found: Mapping[str, Any], translation: Translation | None = None) -> tuple[Ready, ...]:
    """Those that an EndpointSlice names, are ready and stay, at its first port.

    Args:
        found: the EndpointSlice.
        translation: of addresses.
    """
    ports = found.get("ports") or []
    if not ports or ports[0].get("port") is None:
        return ()
    ready: list[Ready] = []
    for endpoint in found.get("endpoints") or []:
        conditions = endpoint.get("conditions") or {}
        # What is missing counts as ready (Kubernetes API, EndpointConditions).
        if conditions.get("ready") is False or conditions.get("terminating"):
            continue
        target = endpoint.get("targetRef") or {}
        for address in endpoint.get("addresses") or []:
            reached = translation(address) if translation else address
            if reached is None:
                continue
            pod, uid = target.get("name", ""), target.get("uid", "")
            ready.append(Ready(f"{reached}:{ports[0]['port']}", address, pod, uid))
    return tuple(ready)
