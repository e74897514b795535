"""When an object is ready, by kind; what has no rule is ready once it is there.

As the official provider decides it, but for load balancers and ingresses: nothing in the local cloud gives them an
address, so none is waited for.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sandbox.kubernetes_provider.cluster import Cluster
from sandbox.kubernetes_provider.objects import SKIP_AWAIT, Kind, annotation, called
from sandbox.kubernetes_provider.paths import look
from sandbox.kubernetes_provider.reasons import reasons
from sandbox.kubernetes_provider.waiting import Patience
from sandbox.provider.errors import ProviderError
from sandbox.provider.values import Properties

_SLICES = "/apis/discovery.k8s.io/v1/namespaces/{}/endpointslices"
_CLASSES = "/apis/storage.k8s.io/v1/storageclasses"


class NotReadyError(ProviderError):
    """An object is there and not ready: it took too long, or never will be.

    Args:
        live: the object as it is.
    """

    def __init__(self, message: str, live: Properties) -> None:
        super().__init__(message)
        self.live = live


class _NeverError(Exception):
    """It will not get ready by waiting."""


# What is missing, as a part of a sentence; none when it is ready.
Rule = Callable[[Cluster, Properties], str | None]


def wait_ready(cluster: Cluster, live: Properties, wanted: Mapping[str, Any], patience: Patience) -> Properties:
    """Wait until an object is ready; returns it as it is then.

    Args:
        live: the object as the API server has just answered it.
        wanted: the inputs, with the annotations that say how to wait.

    Raises:
        NotReadyError: it is not in time, or never will be; says why.
    """
    kind = Kind.of(live)
    rule = _RULES.get((kind.group, kind.name))
    if rule is None or annotation(wanted, SKIP_AWAIT) == "true":
        return live
    namespace, name = str(look(live, ("metadata", "namespace")) or ""), str(look(live, ("metadata", "name")))
    missing: str | None = None
    for _ in patience.looks():
        try:
            missing = rule(cluster, live)
        except _NeverError as error:
            raise NotReadyError(_sentence(cluster, live, f"will not get ready: {error}"), live) from error
        if missing is None:
            return live
        live = cluster.get(kind, namespace, name) or live
    raise NotReadyError(_sentence(cluster, live, f"is not ready after {patience.seconds:g} s: {missing}"), live)


def missing_now(cluster: Cluster, live: Properties, wanted: Mapping[str, Any]) -> str | None:
    """What an object lacks at this moment, as a sentence; none when it is ready."""
    kind = Kind.of(live)
    rule = _RULES.get((kind.group, kind.name))
    if rule is None or annotation(wanted, SKIP_AWAIT) == "true":
        return None
    try:
        missing = rule(cluster, live)
    except _NeverError as error:
        missing = str(error)
    return None if missing is None else _sentence(cluster, live, f"is not ready: {missing}")


def _sentence(cluster: Cluster, live: Properties, what: str) -> str:
    return "; ".join([f"{called(live)} {what}", *reasons(cluster, live)])


def _number(document: Mapping[str, Any], *path: str, default: int = 0) -> int:
    found = look(document, path)
    return found if isinstance(found, int) else default


def _condition(document: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    conditions = look(document, ("status", "conditions")) or ()
    return next((each for each in conditions if each.get("type") == kind), {})


def _unseen(document: Mapping[str, Any]) -> str | None:
    seen = _number(document, "status", "observedGeneration")
    return None if seen >= _number(document, "metadata", "generation") else "its controller has not seen it yet"


def _deployment(_: Cluster, live: Properties) -> str | None:
    replicas = _number(live, "spec", "replicas", default=1)
    if not replicas or look(live, ("spec", "paused")) is True:
        return None
    if unseen := _unseen(live):
        return unseen
    progress = _condition(live, "Progressing")
    if progress.get("status") == "False":
        raise _NeverError(f"{progress.get('reason')}: {progress.get('message')}")
    updated, missing = _number(live, "status", "updatedReplicas"), _number(live, "status", "unavailableReplicas")
    if updated < replicas:
        return f"{updated} of {replicas} pods are of this version"
    if missing or _condition(live, "Available").get("status") != "True":
        return f"{_number(live, 'status', 'availableReplicas')} of {replicas} pods are available"
    return None


def _stateful_set(_: Cluster, live: Properties) -> str | None:
    replicas = _number(live, "spec", "replicas", default=1)
    if not replicas:
        return None
    if unseen := _unseen(live):
        return unseen
    strategy = look(live, ("spec", "updateStrategy", "type"))
    wanted = replicas - _number(live, "spec", "updateStrategy", "rollingUpdate", "partition")
    updated, ready = _number(live, "status", "updatedReplicas"), _number(live, "status", "readyReplicas")
    if strategy != "OnDelete" and updated < wanted:
        return f"{updated} of {wanted} pods are of this version"
    return None if ready >= replicas else f"{ready} of {replicas} pods are ready"


def _daemon_set(_: Cluster, live: Properties) -> str | None:
    if unseen := _unseen(live):
        return unseen
    wanted = _number(live, "status", "desiredNumberScheduled")
    updated, missing = _number(live, "status", "updatedNumberScheduled"), _number(live, "status", "numberUnavailable")
    if look(live, ("spec", "updateStrategy", "type")) != "OnDelete" and updated < wanted:
        return f"{updated} of {wanted} pods are of this version"
    return f"{wanted - missing} of {wanted} pods are available" if missing else None


def _job(_: Cluster, live: Properties) -> str | None:
    failed = _condition(live, "Failed")
    if failed.get("status") == "True":
        raise _NeverError(f"{failed.get('reason')}: {failed.get('message')}")
    if look(live, ("spec", "suspend")) is True or _condition(live, "Complete").get("status") == "True":
        return None
    done, wanted = _number(live, "status", "succeeded"), _number(live, "spec", "completions", default=1)
    return f"{done} of {wanted} runs have succeeded"


def _pod(_: Cluster, live: Properties) -> str | None:
    phase = look(live, ("status", "phase"))
    if phase == "Failed":
        raise _NeverError("it has failed")
    ready = phase == "Succeeded" or _condition(live, "Ready").get("status") == "True"
    return None if ready else f"it is {str(phase).lower()}"


def _service(cluster: Cluster, live: Properties) -> str | None:
    spec = live.get("spec") or {}
    if not spec.get("selector") or spec.get("type") == "ExternalName" or spec.get("clusterIP") == "None":
        return None
    metadata = live["metadata"]
    label = f"kubernetes.io/service-name={metadata['name']}"
    slices = cluster.items(_SLICES.format(metadata["namespace"]), labelSelector=label)
    if not slices:
        return "its endpoints are not there yet"
    conditions = [each.get("conditions") or {} for part in slices for each in part.get("endpoints") or ()]
    waiting = [each for each in conditions if each.get("ready") is False and not each.get("terminating")]
    return f"{len(waiting)} of {len(conditions)} pods behind it are not ready" if waiting else None


def _claim(cluster: Cluster, live: Properties) -> str | None:
    phase, name = look(live, ("status", "phase")), look(live, ("spec", "storageClassName"))
    if phase == "Bound":
        return None
    found = [each for each in cluster.items(_CLASSES) if each["metadata"]["name"] == name]
    if phase == "Pending" and found and found[0].get("volumeBindingMode") == "WaitForFirstConsumer":
        return None
    return f"it is {str(phase).lower()}" + ("" if found else f"; there is no storage class '{name}'" if name else "")


def _volume(_: Cluster, live: Properties) -> str | None:
    phase = look(live, ("status", "phase"))
    return None if phase in ("Available", "Bound") else f"it is {str(phase).lower()}"


def _quota(_: Cluster, live: Properties) -> str | None:
    same = (look(live, ("spec", "hard")) or {}) == (look(live, ("status", "hard")) or {})
    return None if same else "its limits are not in force yet"


def _namespace(_: Cluster, live: Properties) -> str | None:
    phase = look(live, ("status", "phase"))
    return None if phase == "Active" else f"it is {str(phase).lower()}"


def _definition(_: Cluster, live: Properties) -> str | None:
    names = _condition(live, "NamesAccepted")
    if names.get("status") == "False":
        raise _NeverError(f"{names.get('reason')}: {names.get('message')}")
    return None if _condition(live, "Established").get("status") == "True" else "it is not established yet"


_RULES: Final[Mapping[tuple[str, str], Rule]] = {
    ("apps", "Deployment"): _deployment,
    ("apps", "StatefulSet"): _stateful_set,
    ("apps", "DaemonSet"): _daemon_set,
    ("batch", "Job"): _job,
    ("", "Pod"): _pod,
    ("", "Service"): _service,
    ("", "PersistentVolumeClaim"): _claim,
    ("", "PersistentVolume"): _volume,
    ("", "ResourceQuota"): _quota,
    ("", "Namespace"): _namespace,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _definition,
}
