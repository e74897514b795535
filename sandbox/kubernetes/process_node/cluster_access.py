"""What a pod gets without asking for it by name: where the API is, a token of its service account, and the cloud."""

import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from sandbox.kubernetes.api import Document

# Nothing renews a token here as a kubelet does, so it is made to outlast what runs on a machine of ours.
TOKEN_SECONDS = 365 * 24 * 3600
_FRONT_DOOR = "STANCHION_FRONT_DOOR_PORT"

Create = Callable[[str, Document], Awaitable[Document]]


class _Server(Protocol):
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...


def api_variables(api: _Server) -> dict[str, str]:
    """Where the API is, under the names that every client of Kubernetes knows."""
    return {"KUBERNETES_SERVICE_HOST": api.host, "KUBERNETES_SERVICE_PORT": str(api.port)}


def cloud_variables(own: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Where the local cloud is, and as whom to ask it; nothing on a node that is not part of one.

    On AWS the identity comes by EKS Pod Identity. Which roles there are is recorded here and not enforced.
    """
    port = own.get(_FRONT_DOOR)
    if not port:
        return {}
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


async def write_token(pod: Document, source: Mapping[str, Any], folder: Path, create: Create) -> None:
    """A token of the pod's service account, bound to the pod.

    Args:
        pod: whose.
        source: `serviceAccountToken` of a projected volume.
        folder: of the volume.
        create: posts an object to a path of the API.

    Raises:
        ApiError: the API server gives none.
    """
    metadata = pod["metadata"]
    account = pod["spec"].get("serviceAccountName") or "default"
    audience = [source["audience"]] if source.get("audience") else None
    asked: Document = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "metadata": {"name": account},
        "spec": {
            "audiences": audience,
            "expirationSeconds": TOKEN_SECONDS,
            "boundObjectRef": {"kind": "Pod", "apiVersion": "v1", "name": metadata["name"], "uid": metadata["uid"]},
        },
    }
    path = f"/api/v1/namespaces/{metadata['namespace']}/serviceaccounts/{account}/token"
    made = await create(path, asked)
    file = folder / source["path"]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(made["status"]["token"], encoding="utf-8")
    file.chmod(0o600)
