"""Kinds that a cluster on AWS has beyond Kubernetes' own: defined on every control plane when it gets ready."""

import time
from pathlib import Path
from typing import Any

import yaml

from sandbox.errors import SandboxFailedError
from sandbox.kubernetes import binaries
from sandbox.kubernetes.api import Api
from sandbox.kubernetes.binaries import DEFINITIONS, SCHEMAS
from sandbox.kubernetes.process_node.placement import MANAGER, placement

OWN = Path(__file__).resolve().parent / "schemas"
_PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_MANAGER = "stanchion-sandbox"
_SECONDS = 30
_POLL_SECONDS = 0.1


def apply(api: Api) -> list[str]:
    """Define the kinds, those of Karpenter and KEDA as they publish them, and wait until they are served.

    Pods with a command are led to process nodes from the first one on.

    Returns:
        The names of the definitions.

    Raises:
        SandboxError: what is published was never fetched (`binaries.build`).
        ApiError: the API server refused one.
        SandboxFailedError: one is not served in time.
    """
    for each in placement():
        api.apply(each, MANAGER)
    names = [str(api.apply(each, _MANAGER)["metadata"]["name"]) for each in documents()]
    deadline = time.monotonic() + _SECONDS
    while left := [name for name in names if not _served(api.get(f"{_PATH}/{name}") or {})]:
        if time.monotonic() > deadline:
            raise SandboxFailedError(f"the API server does not serve {', '.join(left)} after {_SECONDS} s.")
        time.sleep(_POLL_SECONDS)
    return names


def documents() -> list[dict[str, Any]]:
    """The definitions, ours and those that were fetched.

    Raises:
        SandboxError: what is published was never fetched.
    """
    folders = [OWN, *(place.parent / DEFINITIONS for place in binaries.built(SCHEMAS).values())]
    files = [file for folder in folders for file in sorted(folder.glob("*.yaml"))]
    # CSafeLoader: the schemas are large, and a start waits for them.
    return [document for file in files for document in _read(file) if document]


def _read(file: Path) -> list[dict[str, Any]]:
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return list(yaml.load_all(file.read_text(encoding="utf-8"), loader))


def _served(definition: dict[str, Any]) -> bool:
    conditions = (definition.get("status") or {}).get("conditions") or []
    return any(each["type"] == "Established" and each["status"] == "True" for each in conditions)
