"""Objects that the tests of the kubernetes provider make, and what changes them besides it."""

import json
from typing import Any

from tests.engine.kubernetes_client import Resource
from tests.engine.kubernetes_plane import Plane
from tests.engine.test_control_plane import deployment

NAMESPACE = "core/v1:Namespace"
CONFIG_MAP = "core/v1:ConfigMap"
DEPLOYMENT = "apps/v1:Deployment"
SECRET = "core/v1:Secret"
SERVICE = "core/v1:Service"
DEPLOYER = "stanchion-deploy"
PASSWORD = "correct-horse-battery"
MERGE = "application/merge-patch+json"


def resource(stub: Any, kind: str, name: str = "thing") -> Resource:
    return Resource(stub, f"kubernetes:{kind}", name)


def web(space: str, replicas: int = 2, **metadata: Any) -> dict[str, Any]:
    # A copy without parts that are one object in two places.
    document = json.loads(json.dumps(deployment("web", replicas)))
    document["metadata"] |= {"namespace": space, **metadata}
    return document


def settings(space: str, **data: str) -> dict[str, Any]:
    return {"metadata": {"namespace": space, "name": "settings"}, "data": data}


def change(plane: Plane, path: str, manager: str, fields: dict[str, Any]) -> None:
    """Change an object as somebody does who is not Pulumi."""
    plane.api._ask("PATCH", path, {"fieldManager": manager}, fields, MERGE)


def live(plane: Plane, space: str, plural: str, name: str) -> dict[str, Any]:
    group = "/apis/apps/v1" if plural == "deployments" else "/api/v1"
    found = plane.api.get(f"{group}/namespaces/{space}/{plural}/{name}")
    assert found is not None
    return found
