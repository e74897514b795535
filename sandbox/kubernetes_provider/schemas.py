"""The published schemas of kinds: Kubernetes' own, and definitions that lie beside the programs they belong to."""

import importlib.util
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from sandbox.kubernetes import binaries
from sandbox.kubernetes_provider.objects import Kind
from sandbox.kubernetes_provider.validate import Problem, Schema, validate

_OBJECT_META: Final = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_QUANTITY: Final = "io.k8s.apimachinery.pkg.api.resource.Quantity"
# Kubernetes' own expression (apimachinery, pkg/api/resource), which its schemas leave out.
_AMOUNT: Final = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"
_GROUP_VERSION_KIND: Final = "x-kubernetes-group-version-kind"

# Kubernetes' own kinds whose objects lie in no namespace: its schemas do not say it.
# kubernetes.io/docs/reference/kubernetes-api, "NAMESPACED" of `kubectl api-resources`.
_OF_THE_CLUSTER: Final = frozenset({
    "APIService", "CSIDriver", "CSINode", "CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding",
    "ClusterTrustBundle", "CustomResourceDefinition", "DeviceClass", "DeviceTaintRule", "FlowSchema", "IPAddress",
    "IngressClass", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration",
    "Namespace", "Node", "PersistentVolume", "PriorityClass", "PriorityLevelConfiguration", "ResourceSlice",
    "RuntimeClass", "ServiceCIDR", "StorageClass", "StorageVersion", "StorageVersionMigration",
    "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration",
    "VolumeAttachment", "VolumeAttributesClass",
})  # fmt: skip


@dataclass(frozen=True)
class Definition:
    """A custom kind as its definition publishes it.

    Args:
        schema: of its objects; none when it takes anything.
    """

    namespaced: bool
    schema: Schema | None


@cache
def _builtin() -> Mapping[str, Schema]:
    """Kubernetes' schemas by name, of the version that the local cloud runs."""
    spec = importlib.util.find_spec("kubernetes_validate")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("kubernetes-validate")
    minor = binaries.BINARIES["kube-apiserver"].version.rpartition(".")[0]
    folder = Path(spec.origin).parent / "kubernetes-json-schema" / f"v{minor}.0-local-strict"
    found = json.loads((folder / "_definitions.json").read_text(encoding="utf-8"))["$defs"]
    found[_QUANTITY]["pattern"] = _AMOUNT
    return found


@cache
def _kinds() -> tuple[Mapping[Kind, Schema], frozenset[str]]:
    """Kubernetes' kinds, and their groups."""
    found: dict[Kind, Schema] = {}
    groups: set[str] = set()
    for schema in _builtin().values():
        names = schema.get(_GROUP_VERSION_KIND) or ()
        # Many name the options of requests, which are of every group.
        for name in names if len(names) == 1 else ():
            version = f"{name['group']}/{name['version']}" if name["group"] else name["version"]
            found[Kind(version, name["kind"])] = schema
            groups.add(name["group"])
    return found, frozenset(groups)


def load() -> None:
    """Read Kubernetes' schemas, so that nobody waits for it later."""
    _kinds()


def is_builtin(kind: Kind) -> bool:
    """Whether it is one of Kubernetes' own kinds."""
    return kind in _kinds()[0]


def is_builtin_group(kind: Kind) -> bool:
    """Whether its group is one of Kubernetes' own."""
    return kind.group in _kinds()[1]


def versions_of(kind: Kind) -> list[str]:
    """The versions in which Kubernetes has a kind of that group and name."""
    return sorted(each.version for each in _kinds()[0] if (each.group, each.name) == (kind.group, kind.name))


def is_namespaced(kind: Kind) -> bool | None:
    """Whether the objects of one of Kubernetes' own kinds lie in namespaces; none for other kinds."""
    return kind.name not in _OF_THE_CLUSTER if is_builtin(kind) else None


def problems_of(kind: Kind, document: Mapping[str, Any], definition: Definition | None) -> Iterator[Problem]:
    """What is wrong with an object, by the schema of its kind; nothing when no schema is known.

    Args:
        definition: of a custom kind.
    """
    own = _kinds()[0].get(kind)
    if own is not None:
        yield from validate(document, own, _builtin())
    elif definition is not None and definition.schema is not None:
        yield from validate(document, _with_metadata(definition.schema), _builtin())


def _with_metadata(schema: Schema) -> Schema:
    """A definition leaves out what all objects have."""
    properties = dict(schema.get("properties") or {})
    properties |= {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"$ref": f"/{_OBJECT_META}"},
    }
    return {**schema, "properties": properties}


def definition_in(document: Mapping[str, Any], kind: Kind) -> Definition | None:
    """What a CustomResourceDefinition says of a kind; none when it is about another one."""
    spec = document.get("spec")
    if not isinstance(spec, Mapping):
        return None
    names = spec.get("names")
    if spec.get("group") != kind.group or not isinstance(names, Mapping) or names.get("kind") != kind.name:
        return None
    for version in spec.get("versions") or ():
        if isinstance(version, Mapping) and version.get("name") == kind.version.rpartition("/")[2]:
            schema = (version.get("schema") or {}).get("openAPIV3Schema")
            return Definition(spec.get("scope") != "Cluster", schema if isinstance(schema, Mapping) else None)
    return None


@cache
def published(kind: Kind) -> Definition | None:
    """The definition of a kind as the program it belongs to publishes it; none while that was never fetched."""
    for folder in _folders():
        for file in sorted(folder.glob("*.yaml")):
            text = file.read_text(encoding="utf-8")
            # Some are hundreds of kilobytes: read as YAML only when it has the name.
            if re.search(rf"\bkind: {re.escape(kind.name)}\b", text):
                found = _first_definition(text, kind)
                if found is not None:
                    return found
    return None


def _folders() -> Iterator[Path]:
    yield Path(binaries.__file__).parent / "schemas"
    store = binaries.default_cache()
    for binary in binaries.BINARIES.values():
        version = f"{binary.name}-{binary.version}" if binary.definitions else ""
        if version and store.has(version, binary.source):
            yield store.get(version, binary.source, lambda _: None, lambda _: None) / binaries.DEFINITIONS


def _first_definition(text: str, kind: Kind) -> Definition | None:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for document in yaml.load_all(text, Loader=loader):
        if isinstance(document, Mapping) and (found := definition_in(document, kind)) is not None:
            return found
    return None
