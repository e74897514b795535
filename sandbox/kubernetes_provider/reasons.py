"""Why an object is not ready: what its pods and its events say."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.kubernetes_provider.cluster import Cluster
from sandbox.kubernetes_provider.paths import look
from sandbox.provider.errors import ProviderError
from sandbox.provider.values import Properties

_AT_MOST = 4  # different reasons in one sentence
# Every container goes through these.
_USUAL = frozenset({"ContainerCreating", "PodInitializing"})


def reasons(cluster: Cluster, live: Properties) -> list[str]:
    """What is known of why an object is not ready; the same of many pods once, with their number."""
    try:
        return list(_reasons(cluster, live))[:_AT_MOST]
    except ProviderError:
        # The sentence that this is added to matters more.
        return []


def _reasons(cluster: Cluster, live: Properties) -> Iterator[str]:
    failure = next((each for each in _conditions(live) if each.get("type") == "ReplicaFailure"), None)
    if failure is not None and failure.get("status") == "True":
        yield str(failure.get("message"))
    pods = _pods(cluster, live)
    said = Counter(text for pod in pods for text in _of_pod(cluster, pod))
    for text, count in said.most_common():
        yield text if count == 1 else f"{text} ({count} pods)"
    if failure is None and not said:
        yield from _events(cluster, live)


def _conditions(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return look(document, ("status", "conditions")) or []


def _pods(cluster: Cluster, live: Properties) -> list[Properties]:
    if live.get("kind") == "Pod":
        return [live]
    labels = look(live, ("spec", "selector", "matchLabels"))
    if live.get("kind") == "Service":
        labels = look(live, ("spec", "selector"))
    if not isinstance(labels, dict) or not labels:
        return []
    chosen = ",".join(f"{name}={value}" for name, value in sorted(labels.items()))
    return cluster.items(f"/api/v1/namespaces/{live['metadata']['namespace']}/pods", labelSelector=chosen)


def _of_pod(cluster: Cluster, pod: Properties) -> Iterator[str]:
    conditions = {str(each.get("type")): each for each in _conditions(pod)}
    if conditions.get("Ready", {}).get("status") == "True" or look(pod, ("metadata", "deletionTimestamp")):
        return
    scheduled = conditions.get("PodScheduled", {})
    if scheduled.get("status") == "False":
        yield f"a pod is not scheduled: {scheduled.get('message') or scheduled.get('reason')}"
        return
    told = False
    for status in (look(pod, ("status", "initContainerStatuses")) or []) + (
        look(pod, ("status", "containerStatuses")) or []
    ):
        for text in _of_container(status):
            told = True
            yield text
    if not told:
        events = list(_events(cluster, pod))
        yield from events or [str(conditions.get("Ready", {}).get("message") or "a pod is not ready and says nothing")]


def _of_container(status: Mapping[str, Any]) -> Iterator[str]:
    waiting = look(status, ("state", "waiting")) or {}
    ended = look(status, ("state", "terminated")) or look(status, ("lastState", "terminated")) or {}
    name = status.get("name")
    if waiting.get("reason") and waiting["reason"] not in _USUAL:
        message = f": {waiting['message']}" if waiting.get("message") else ""
        yield f"container {name}: {waiting['reason']}{message}"
    if ended.get("exitCode"):
        yield f"container {name} ended with exit code {ended['exitCode']} ({ended.get('reason')})"


def _events(cluster: Cluster, document: Properties) -> Iterator[str]:
    metadata = document["metadata"]
    if not metadata.get("namespace") or not metadata.get("uid"):
        return
    chosen = f"involvedObject.uid={metadata['uid']},type=Warning"
    found = cluster.items(f"/api/v1/namespaces/{metadata['namespace']}/events", fieldSelector=chosen)
    newest = sorted(found, key=lambda each: str(each.get("lastTimestamp") or each.get("eventTime") or ""))[-2:]
    for event in newest:
        yield f"{event.get('reason')}: {event.get('message')}"
