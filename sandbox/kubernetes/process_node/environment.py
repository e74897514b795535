"""What a container's process gets: its environment, and its command with `$(NAME)` filled in."""

import base64
import json
import os
import re
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.kubernetes.api import Document
from sandbox.kubernetes.process_node.cluster_access import Create, cloud_variables, write_token
from sandbox.run_directory import CHECKOUT

# The command of the pod's first container, as a JSON list of words; the others run in name only.
COMMAND = "stanchion.dev/local-command"
# The same for the first init container; without it, init containers run in name only.
INIT_COMMAND = "stanchion.dev/local-init"
# On top of what the pod says: where it may listen, and its volumes.
ADDRESS = "STANCHION_POD_ADDRESS"
_VOLUME = "STANCHION_VOLUME_"
_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_][-._A-Za-z0-9]*)\)")
_FIELD_KEY = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")
_KINDS = {
    "configMapKeyRef": "configmaps",
    "configMapRef": "configmaps",
    "secretKeyRef": "secrets",
    "secretRef": "secrets",
}

Read = Callable[[str], Awaitable[Document | None]]


class ConfigError(Exception):
    """The pod asks for something that is not there, or that this node can't give; said in the container's status."""


def command_of(pod: Document, annotation: str = COMMAND) -> list[str] | None:
    """The words of a pod's command; none when it runs in name only.

    Raises:
        ConfigError: the annotation is not a JSON list of words.
    """
    text = (pod["metadata"].get("annotations") or {}).get(annotation)
    if text is None:
        return None
    try:
        words = json.loads(text)
    except ValueError:
        words = None
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise ConfigError(
            f"the annotation {annotation} is '{text}', which is no JSON list of words; "
            'write one such as ["python", "-m", "server"].'
        )
    return words


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Fill in `$(NAME)`; `$$` stands for a `$`, and a name nobody knows stays as it is written."""

    def value(found: re.Match[str]) -> str:
        if found[1] is None:
            return "$"
        return variables.get(found[1], found[0])

    return _REFERENCE.sub(value, text)


@dataclass(frozen=True)
class Place:
    """Where a pod is on this machine.

    Args:
        address: on the loopback interface; its own.
        node: the name of the node.
        folder: the pod's own, gone with it.
        api: variables that say where the API is.
    """

    address: str
    node: str
    folder: Path
    api: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def work(self) -> Path:
        """Where its processes start."""
        return self.folder / "work"

    def volume(self, name: str) -> Path:
        """A volume's folder."""
        return self.folder / "volumes" / name


async def environment_of(pod: Document, container: Document, place: Place, read: Read) -> dict[str, str]:
    """The whole environment of a container's process: the machine's least, the pod's own, and where it is.

    Args:
        read: an object of the API by path; none when it is not there.

    Raises:
        ConfigError: a variable comes from something that is not there or not supported.
    """
    given: dict[str, str] = {}
    namespace = pod["metadata"]["namespace"]
    for source in container.get("envFrom") or []:
        given |= await _all_of(source, namespace, read)
    local = _local(pod, container, place)
    for variable in container.get("env") or []:
        name = variable["name"]
        if "valueFrom" in variable:
            value = await _from(variable["valueFrom"], pod, container, place, read)
            if value is not None:
                given[name] = value
        else:
            given[name] = expand(variable.get("value") or "", local | given)
    return _of_machine(pod, place) | local | given


async def fill_volumes(pod: Document, place: Place, read: Read, create: Create) -> None:
    """Make a folder for each volume, with files for keys of config maps and secrets; other kinds stay empty.

    Of projected volumes the same, and tokens of the pod's service account.

    Raises:
        ConfigError: a config map or secret is not there.
    """
    for volume in pod["spec"].get("volumes") or []:
        folder = place.volume(volume["name"])
        folder.mkdir(parents=True, exist_ok=True)
        for source in (volume, *((volume.get("projected") or {}).get("sources") or [])):
            if "serviceAccountToken" in source:
                await write_token(pod, source["serviceAccountToken"], folder, create)
            await _fill(pod, source, folder, read)


async def _fill(pod: Document, volume: Mapping[str, Any], folder: Path, read: Read) -> None:
    # A projected volume calls a secret by `name`, a volume of its own by `secretName`.
    for kind, plural, keys in (("configMap", "configmaps", ("name",)), ("secret", "secrets", ("secretName", "name"))):
        if kind not in volume:
            continue
        source = volume[kind]
        name = next(source[key] for key in keys if key in source)
        path = f"/api/v1/namespaces/{pod['metadata']['namespace']}/{plural}/{name}"
        values = await _values(path, bool(source.get("optional")), read)
        chosen = {item["key"]: item["path"] for item in source.get("items") or []} or {each: each for each in values}
        for each, file in chosen.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(values.get(each, b""))


def _of_machine(pod: Document, place: Place) -> dict[str, str]:
    """Nothing of the user's shell but what a program needs to start."""
    kept = {key: os.environ[key] for key in ("LANG", "LC_ALL", "TZ") if key in os.environ}
    interpreter = str(Path(sys.executable).parent)
    return kept | {
        # `python` is the local cloud's own, and finds what is in the checkout.
        "PATH": os.pathsep.join([interpreter, os.environ.get("PATH", os.defpath)]),
        "PYTHONPATH": str(CHECKOUT),
        "HOSTNAME": pod["metadata"]["name"],
        "HOME": str(place.work),
        "TMPDIR": str(place.work),
        # What a server prints is to be in the log at once.
        "PYTHONUNBUFFERED": "1",
        **cloud_variables(),
        **place.api,
    }


def _local(pod: Document, container: Document, place: Place) -> dict[str, str]:
    ports = [str(port["containerPort"]) for port in container.get("ports") or []]
    volumes = {
        _VOLUME + re.sub(r"\W", "_", volume["name"]).upper(): str(place.volume(volume["name"]))
        for volume in pod["spec"].get("volumes") or []
    }
    return {ADDRESS: place.address, **({"PORT": ports[0]} if ports else {}), **volumes}


async def _from(source: Mapping[str, Any], pod: Document, container: Document, place: Place, read: Read) -> str | None:
    if "fieldRef" in source:
        return _field(source["fieldRef"]["fieldPath"], pod, place)
    for kind in ("configMapKeyRef", "secretKeyRef"):
        if kind in source:
            reference = source[kind]
            path = f"/api/v1/namespaces/{pod['metadata']['namespace']}/{_KINDS[kind]}/{reference['name']}"
            optional = bool(reference.get("optional"))
            values = await _values(path, optional, read)
            if reference["key"] in values:
                return values[reference["key"]].decode()
            if optional:
                return None
            raise ConfigError(f"{path} has no key '{reference['key']}'.")
    if "resourceFieldRef" in source:
        kind, _, name = source["resourceFieldRef"]["resource"].partition(".")
        quantity = ((container.get("resources") or {}).get(kind) or {}).get(name)
        if (
            quantity is not None
            and str(source["resourceFieldRef"].get("divisor") or "0") == "0"
            and quantity.isdecimal()
        ):
            return quantity
    raise ConfigError(f"a variable comes from {json.dumps(source)}, which a process node can't give.")


def _field(path: str, pod: Document, place: Place) -> str:
    metadata, spec = pod["metadata"], pod["spec"]
    if found := _FIELD_KEY.fullmatch(path):
        return (metadata.get(found[1]) or {}).get(found[2], "")
    known = {
        "metadata.name": metadata["name"],
        "metadata.namespace": metadata["namespace"],
        "metadata.uid": metadata["uid"],
        "spec.nodeName": place.node,
        "spec.serviceAccountName": spec.get("serviceAccountName") or "default",
        # What the process can listen on; others find it under its address in the API.
        "status.podIP": place.address,
        "status.podIPs": place.address,
        "status.hostIP": place.address,
        "status.hostIPs": place.address,
    }
    if path not in known:
        raise ConfigError(f"a variable comes from the field '{path}', which a process node can't give.")
    return known[path]


async def _all_of(source: Mapping[str, Any], namespace: str, read: Read) -> dict[str, str]:
    prefix = source.get("prefix") or ""
    for kind in ("configMapRef", "secretRef"):
        if kind in source:
            path = f"/api/v1/namespaces/{namespace}/{_KINDS[kind]}/{source[kind]['name']}"
            values = await _values(path, bool(source[kind].get("optional")), read)
            return {prefix + key: value.decode() for key, value in values.items()}
    return {}


async def _values(path: str, optional: bool, read: Read) -> dict[str, bytes]:
    """The values of a config map or secret."""
    found = await read(path)
    if found is None:
        if optional:
            return {}
        raise ConfigError(f"{path} is not there.")
    if "/secrets/" in path:
        return {key: base64.b64decode(value) for key, value in (found.get("data") or {}).items()}
    binary = {key: base64.b64decode(value) for key, value in (found.get("binaryData") or {}).items()}
    return {key: value.encode() for key, value in (found.get("data") or {}).items()} | binary
