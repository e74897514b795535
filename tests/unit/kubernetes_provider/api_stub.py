"""An API server that answers from a table, for what a test needs no control plane to show."""

from copy import deepcopy
from typing import Any

from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes_provider.cluster import Cluster

SERVED = {
    ("v1", "Namespace"): ("namespaces", False),
    ("v1", "ConfigMap"): ("configmaps", True),
    ("v1", "Secret"): ("secrets", True),
    ("v1", "Service"): ("services", True),
    ("v1", "Pod"): ("pods", True),
    ("apps/v1", "Deployment"): ("deployments", True),
}


def refusal(status: int, reason: str, message: str = "no", **fields: str) -> ApiError:
    return ApiError(status, reason, message, {name.replace("__", "."): said for name, said in fields.items()})


class StubApi:
    """What `Api` does, without a network.

    Attributes:
        there: what is at a path; a function gives it anew each time.
        lists: what a list holds, by path.
        answers: what an apply gives, in order: an object, an error, or None for what was sent.
        asked: what was done, in order.
    """

    def __init__(self) -> None:
        self.served_kinds = dict(SERVED)
        self.there: dict[str, Any] = {}
        self.lists: dict[str, list[Any]] = {}
        self.answers: list[Any] = []
        self.asked: list[tuple[Any, ...]] = []
        self.down: ApiError | None = None

    def served(self, version: str, kind: str) -> tuple[str, bool] | None:
        self._ask("served", version, kind)
        return self.served_kinds.get((version, kind))

    def get(self, path: str) -> Any:
        self._ask("get", path)
        found = self.there.get(path)
        return found() if callable(found) else deepcopy(found)

    def items(self, path: str, **query: str) -> list[Any]:
        self._ask("items", path, query)
        return deepcopy(self.lists.get(path, []))

    def apply(self, document: Any, manager: str, *, dry_run: bool = False, force: bool = True) -> Any:
        self._ask("apply", document, manager, dry_run, force)
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, BaseException):
            raise answer
        return deepcopy(document if answer is None else answer)

    def delete(self, path: str, *, propagation: str = "Background") -> bool:
        self._ask("delete", path, propagation)
        return self.there.pop(path, None) is not None

    def applied(self) -> list[tuple[Any, ...]]:
        return [each[1:] for each in self.asked if each[0] == "apply"]

    def _ask(self, *what: Any) -> None:
        if self.down is not None:
            raise self.down
        self.asked.append(what)


def cluster_of(api: Any) -> Cluster:
    return Cluster(api)


def config_map(name: str = "settings", namespace: str = "default", **data: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data or {"a": "1"}}


def in_cluster(document: dict[str, Any], manager: str = "pulumi-kubernetes-1", **metadata: Any) -> dict[str, Any]:
    """An object as the API server has it, all of it owned by one manager."""
    fields = {"f:data": {f"f:{name}": {} for name in document.get("data", {})}}
    owned = [{"manager": manager, "operation": "Apply", "fieldsV1": fields}]
    found = deepcopy(document)
    found["metadata"] |= {"uid": "u-1", "resourceVersion": "7", "managedFields": owned, **metadata}
    return found
