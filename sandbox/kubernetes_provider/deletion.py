"""The end of an object: asked for, and waited for until nothing is left of it."""

from collections.abc import Mapping
from typing import Any

from sandbox.kubernetes_provider import schemas
from sandbox.kubernetes_provider.cluster import Cluster
from sandbox.kubernetes_provider.objects import PROPAGATION, Kind, annotation, called
from sandbox.kubernetes_provider.paths import look
from sandbox.kubernetes_provider.waiting import Patience
from sandbox.provider.errors import ProviderError

# As with the official provider, what an object owns goes before it. Kubernetes' own kinds that own nothing do not wait
# for the garbage collector, which takes 20 a second.
_DEFAULT, _WITHOUT_OWNED = "Foreground", "Background"
_OWNERS = frozenset(
    {
        "CronJob",
        "DaemonSet",
        "Deployment",
        "Job",
        "Node",
        "ReplicaSet",
        "ReplicationController",
        "Service",
        "StatefulSet",
    }
)
_POLICIES = {each.lower(): each for each in ("Background", "Foreground", "Orphan")}


def delete(
    cluster: Cluster, kind: Kind, namespace: str, name: str, document: Mapping[str, Any], patience: Patience
) -> None:
    """Delete an object and wait until it is gone; one that is not there, or whose kind is not, is fine.

    Args:
        document: the inputs, with the annotation that says what becomes of what it owns.

    Raises:
        ProviderError: it is not gone in time; says what holds it.
    """
    owns = kind.name in _OWNERS or not schemas.is_builtin(kind)
    default = _DEFAULT if owns else _WITHOUT_OWNED
    propagation = _POLICIES.get(annotation(document, PROPAGATION).lower(), default)
    first = cluster.get(kind, namespace, name)
    if first is None or not cluster.delete(kind, namespace, name, propagation):
        return
    uid = look(first, ("metadata", "uid"))
    for _ in patience.looks():
        live = cluster.get(kind, namespace, name)
        if live is None or look(live, ("metadata", "uid")) != uid:
            return
    raise ProviderError(
        f"{called(first)} is not gone after {patience.seconds:g} s{_held(cluster, kind, namespace, name)}"
    )


def _held(cluster: Cluster, kind: Kind, namespace: str, name: str) -> str:
    live = cluster.get(kind, namespace, name) or {}
    finalizers = look(live, ("metadata", "finalizers")) or look(live, ("spec", "finalizers"))
    for condition in look(live, ("status", "conditions")) or ():
        # A namespace says what is left in it.
        if condition.get("status") == "True" and condition.get("message"):
            return f": {condition['message']}"
    return f": held by {', '.join(finalizers)}, whose controllers have to let go of it" if finalizers else ""
