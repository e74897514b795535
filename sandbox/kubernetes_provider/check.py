"""Check: the name, the namespace, and what the published schemas say against an object."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from sandbox.kubernetes_provider import naming, rules, schemas
from sandbox.kubernetes_provider.cluster import Cluster
from sandbox.kubernetes_provider.naming import UnnamedError
from sandbox.kubernetes_provider.objects import SERVER_METADATA, Kind
from sandbox.kubernetes_provider.paths import look
from sandbox.kubernetes_provider.schemas import Definition
from sandbox.kubernetes_provider.validate import Problem
from sandbox.provider.errors import ProviderError
from sandbox.provider.values import UNKNOWN, Properties, has_unknown

_CRD = "CustomResourceDefinition"


@dataclass(frozen=True)
class Surroundings:
    """What a check knows besides the object.

    Args:
        namespace: of objects that name none.
        logical: the last part of the resource's URN.
        seed, proposed, automatic: as `naming.name` has them.
    """

    cluster: Cluster
    namespace: str
    logical: str
    seed: bytes = b""
    proposed: str = ""
    automatic: bool = True


def check(
    kind: Kind, old: Mapping[str, Any], new: Properties, around: Surroundings
) -> tuple[Properties, list[Problem]]:
    """The object as it will be sent, and what is wrong with it.

    Args:
        old: the inputs before; empty when the resource is new.
        new: the program's.
    """
    document = deepcopy(new)
    document.setdefault("apiVersion", kind.version)
    document.setdefault("kind", kind.name)
    problems: list[Problem] = []
    metadata = document.setdefault("metadata", {})
    if isinstance(metadata, dict):
        for name in SERVER_METADATA:
            metadata.pop(name, None)
        if old:
            naming.keep_name(document, old)
        problems.extend(_named(document, around))
        if not _is_namespaced(kind, around.cluster):
            # The API server takes it away as well.
            metadata.pop("namespace", None)
        elif not metadata.get("namespace"):
            metadata["namespace"] = around.namespace
    problems.extend(_wrong_kind(kind, document, around.cluster))
    problems.extend(rules.problems_of(kind, document))
    problems.extend(schemas.problems_of(kind, document, definition_of(kind, around.cluster)))
    if kind.name == _CRD and not has_unknown(document):
        around.cluster.planned(document)
    return document, problems


def definition_of(kind: Kind, cluster: Cluster) -> Definition | None:
    """The definition of a custom kind: the cluster's or the program's own, else the published one."""
    if schemas.is_builtin(kind):
        return None
    return cluster.definition(kind) or schemas.published(kind)


def _named(document: Properties, around: Surroundings) -> Iterator[Problem]:
    if look(document, ("metadata", "generateName")) is not None:
        said = "is not possible with server-side apply; give a name, or leave it out and let one be chosen"
        yield Problem(("metadata", "generateName"), said, said)
        return
    try:
        naming.name(document, around.logical, around.seed, around.proposed, automatic=around.automatic)
    except UnnamedError as error:
        yield Problem(("metadata", "name"), str(error), str(error))


def _is_namespaced(kind: Kind, cluster: Cluster) -> bool:
    """As Kubernetes or the definition says; taken for namespaced when nobody knows, as the official provider does."""
    own = schemas.is_namespaced(kind)
    if own is not None:
        return own
    try:
        served = cluster.served(kind)
    except ProviderError:
        served = None
    if served is not None:
        return served.namespaced
    definition = definition_of(kind, cluster)
    return definition.namespaced if definition is not None else True


def _wrong_kind(kind: Kind, document: Mapping[str, Any], cluster: Cluster) -> Iterator[Problem]:
    said = Kind.of(document)
    if UNKNOWN not in (document["apiVersion"], document["kind"]) and said != kind:
        text = f"the resource is of the type {kind}, the object is {said}"
        yield Problem((), text, text)
    if not schemas.is_builtin(kind) and schemas.is_builtin_group(kind):
        try:
            if cluster.served(kind) is not None:
                return
        except ProviderError:
            pass
        others = ", ".join(schemas.versions_of(kind))
        hint = f"it has the kind in {others}" if others else "look for it in another group"
        text = f"Kubernetes has no kind '{kind.name}' in {kind.version}; {hint}"
        yield Problem(("apiVersion",), text, text)
