"""A kubeconfig with a context for every control plane, for people and tools."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.kubernetes.plane_folder import PlaneFolder
from sandbox.run_directory import write_atomically

# The region that has no name in the plain AWS CLI either (`sandbox.cloud.DEFAULT_REGION`) is meant by default.
_DEFAULT_REGION = "us-east-1"


def write_kubeconfig(file: Path, planes: Mapping[str, PlaneFolder]) -> None:
    """Write the file; one without contexts when there is no control plane.

    Args:
        planes: by name of the context, `<cluster>.<region>`.
    """
    clusters: list[dict[str, Any]] = []
    users: list[dict[str, Any]] = []
    contexts: list[dict[str, Any]] = []
    for name, folder in sorted(planes.items()):
        own = json.loads(folder.kubeconfig.read_text(encoding="utf-8"))
        clusters.append({"name": name, "cluster": own["clusters"][0]["cluster"]})
        users.append({"name": name, "user": own["users"][0]["user"]})
        contexts.append({"name": name, "context": {"cluster": name, "user": name}})
    names = sorted(planes, key=lambda name: (not name.endswith(f".{_DEFAULT_REGION}"), name))
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": names[0] if names else "",
        "clusters": clusters,
        "users": users,
        "contexts": contexts,
    }
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # JSON is YAML.
    write_atomically(file, json.dumps(document, indent=2) + "\n")
