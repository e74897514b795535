"""Watches which version of a model each pod of the endpoints has, by its label; EndpointSlices carry no labels.

Only the pods' metadata is asked for, and of it the label is all that is kept.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from gateway.cluster.api import Api
from gateway.cluster.watching import Kind, Watch
from stanchion.serving.slots import VERSION_LABEL

# A label that all pods of slots have (`stanchion.serving.slots.labels`).
_OF_SLOTS = "stanchion.dev/slot"


class PodVersion(NamedTuple):
    """What a pod says of its model.

    Args:
        pod: its name.
        uid: which another pod of the same name does not have.
        version: of its model.
    """

    pod: str
    uid: str
    version: str


class PodVersions:
    """Knows the versions of the pods of a namespace.

    Args:
        api: that is asked.
        namespace: of the pods.
        changed: told the names of pods whose version is another one than before.
    """

    def __init__(self, api: Api, namespace: str, changed: Callable[[set[str]], None]) -> None:
        def told(touched: Iterable[PodVersion]) -> None:
            changed({each.pod for each in touched})

        path = f"/api/v1/namespaces/{namespace}/pods"
        kind = Kind(path, f"versions of pods of {namespace}", _OF_SLOTS, metadata=True)
        self._watch = Watch(api, kind, _read, told)
        self.listed = self._watch.listed

    async def start(self) -> None:
        """Begin to watch; `listed` is set once all are known."""
        await self._watch.start()

    async def close(self) -> None:
        """Watch no more."""
        await self._watch.close()

    def of(self, pod: str, uid: str) -> str:
        """The version that a pod says it has; empty when it does not say, or is not known yet.

        Args:
            pod: its name.
            uid: of the pod that is meant; empty when only the name is known.
        """
        known = self._watch.known.get(pod)
        return known.version if known is not None and uid in ("", known.uid) else ""


def _read(found: Mapping[str, Any]) -> PodVersion | None:
    metadata = found["metadata"]
    version = (metadata.get("labels") or {}).get(VERSION_LABEL, "")
    return PodVersion(metadata["name"], metadata.get("uid", ""), version) if version else None
