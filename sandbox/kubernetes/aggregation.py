"""API servers beside the main one: it passes requests of their groups on to a port of the loopback address."""

from typing import Any

from sandbox.kubernetes.api import Api

MANAGER = "stanchion-sandbox"


def register(api: Api, group: str, version: str, namespace: str, port: int) -> None:
    """Let the API server pass a group on.

    Args:
        group: such as `metrics.k8s.io`.
        namespace: where the service that stands for the server is; made when it is not there.
        port: where the server listens, on 127.0.0.1 and under a certificate of the control plane's authority.

    Raises:
        ApiError: the API server refused.
    """
    for document in documents(group, version, namespace, port):
        api.apply(document, MANAGER)


def served(api: Api, group: str, version: str) -> bool:
    """Whether the API server reaches the server behind a group.

    Raises:
        ApiError: the API server refused.
    """
    found = api.get(f"/apis/apiregistration.k8s.io/v1/apiservices/{version}.{group}") or {}
    conditions = (found.get("status") or {}).get("conditions") or []
    return any(each["type"] == "Available" and each["status"] == "True" for each in conditions)


def documents(group: str, version: str, namespace: str, port: int) -> list[dict[str, Any]]:
    """The objects that say so, in the order they are applied in."""
    name = group.replace(".", "-")
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}},
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "namespace": namespace},
            # The one kind of service that leads out of a cluster, to a name.
            "spec": {"type": "ExternalName", "externalName": "localhost", "ports": [{"name": "https", "port": port}]},
        },
        {
            "apiVersion": "apiregistration.k8s.io/v1",
            "kind": "APIService",
            "metadata": {"name": f"{version}.{group}"},
            "spec": {
                "group": group,
                "version": version,
                "groupPriorityMinimum": 100,
                "versionPriority": 100,
                "service": {"name": name, "namespace": namespace, "port": port},
                # The name that is checked would be the service's, under which nobody listens.
                "insecureSkipTLSVerify": True,
            },
        },
    ]
