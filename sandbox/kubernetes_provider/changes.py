"""Create and update: what is sent, what a preview can tell, and what becomes of an object that is there already."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from sandbox.kubernetes_provider.cluster import Cluster, NoNamespaceError, NotServedError
from sandbox.kubernetes_provider.errors import ConflictError, RefusedError
from sandbox.kubernetes_provider.naming import MANAGER
from sandbox.kubernetes_provider.objects import (
    PATCH_FORCE,
    Kind,
    annotation,
    called,
    identity,
    without_server_metadata,
)
from sandbox.kubernetes_provider.ownership import to_send
from sandbox.kubernetes_provider.paths import Path, look, put
from sandbox.provider.errors import ProviderError
from sandbox.provider.values import UNKNOWN, Properties, has_unknown

# Who changes objects by hand, or did so before server-side apply: their changes are taken back, as by the official
# provider. Everybody else keeps what is theirs.
_BY_HAND = ("kubectl", "before-first-apply", "pulumi-resource-kubernetes")
# What the server draws by lot or counts: a dry run's answer is not what will be.
_DRAWN = (
    *((("metadata", name)) for name in ("creationTimestamp", "generation", "resourceVersion", "uid")),
    *(("spec", name) for name in ("clusterIP", "clusterIPs")),
)
_NAMED_BY_CONTENT = frozenset({"APIService", "CustomResourceDefinition"})
_INVALID = 422
_IMMUTABLE = ("immutable", "Forbidden: updates to", "may not change", "may not be changed")


def planned(document: Properties, state: Mapping[str, Any] | None = None) -> Properties:
    """What a preview expects of an object when nobody can be asked.

    Args:
        state: the object as the state has it; none when it is new.
    """
    expected = deepcopy(document)
    metadata = expected.get("metadata")
    for name in ("creationTimestamp", "generation", "resourceVersion", "uid"):
        if isinstance(metadata, dict):
            metadata[name] = UNKNOWN if state is None else look(state, ("metadata", name))
    expected["status"] = UNKNOWN
    return expected


def preview_create(cluster: Cluster, document: Properties, manager: str, secrets: Iterable[Path]) -> Properties:
    """What the cluster would make of a new object; the plan where it can't tell, as its namespace or kind is to come.

    Raises:
        ProviderError: the API server would refuse it, or it is there and not ours.
    """
    if has_unknown(document):
        return planned(document)
    try:
        answer = cluster.apply(document, manager, secrets, dry_run=True, force=True)
        if look(answer, ("metadata", "resourceVersion")) is not None and _is_there(cluster, document, manager):
            answer = _preview_replacement(cluster, document, manager, secrets)
    except (NoNamespaceError, NotServedError):
        return planned(document)
    except RefusedError:
        if not _is_there(cluster, document, manager):
            raise
        answer = _preview_replacement(cluster, document, manager, secrets)
    if answer is None:
        return planned(document)
    put(answer, ("metadata", "name"), look(document, ("metadata", "name")))
    for path in _DRAWN:
        if look(answer, path) is not None and look(document, path) is None:
            put(answer, path, UNKNOWN)
    for port in look(answer, ("spec", "ports")) or ():
        # A node port is drawn as well.
        if isinstance(port, dict) and "nodePort" in port:
            port["nodePort"] = UNKNOWN
    return {**answer, "status": UNKNOWN}


def _preview_replacement(
    cluster: Cluster, document: Properties, manager: str, secrets: Iterable[Path]
) -> Properties | None:
    """What the cluster would make of an object in the place of ours, judged under a name that is free."""
    if document.get("kind") in _NAMED_BY_CONTENT:
        return None
    asked = deepcopy(document)
    put(asked, ("metadata", "name"), _free_name(document))
    try:
        return cluster.apply(asked, manager, secrets, dry_run=True, force=True)
    except RefusedError as error:
        # The old one still has the address or port that the new one will get.
        if "already allocated" in str(error):
            return None
        raise


def create(cluster: Cluster, document: Properties, manager: str, secrets: Iterable[Path]) -> Properties:
    """Make a new object; one that a run of ours made and could not record is taken over.

    Raises:
        ProviderError: the API server refused it, or it is there and not ours.
    """
    _is_there(cluster, document, manager)
    return _apply(cluster, document, manager, secrets)


def _is_there(cluster: Cluster, document: Properties, manager: str) -> bool:
    metadata = document["metadata"]
    live = cluster.get(Kind.of(document), str(metadata.get("namespace") or ""), str(metadata["name"]))
    if live is None:
        return False
    managers = [str(each.get("manager")) for each in look(live, ("metadata", "managedFields")) or ()]
    if manager not in managers and annotation(document, PATCH_FORCE) != "true":
        known = ", ".join(sorted(set(managers))) or "nobody that is known"
        raise ProviderError(
            f"{called(document)} is there already, managed by {known}. Import it (`pulumi import`, or the option "
            f"import_ with '{identity(document)}'), give this one another name, use an alias if it was this program's "
            'under another name, or take it over with the annotation pulumi.com/patchForce: "true"'
        )
    return True


def _free_name(document: Properties) -> str:
    return f"{str(look(document, ('metadata', 'name')))[:50].rstrip('-.')}-preview"


def preview_update(
    cluster: Cluster, document: Properties, manager: str, secrets: Iterable[Path], ignored: Iterable[Path],
    state: Mapping[str, Any],
) -> Properties:  # fmt: skip
    """What the cluster would make of a changed object.

    Raises:
        ProviderError: the API server would refuse it.
    """
    if has_unknown(document):
        return planned(document, state)
    try:
        return update(cluster, document, manager, secrets, ignored, dry_run=True)
    except (NoNamespaceError, NotServedError):
        return planned(document, state)


def update(
    cluster: Cluster, document: Properties, manager: str, secrets: Iterable[Path], ignored: Iterable[Path], *,
    dry_run: bool = False,
) -> Properties:  # fmt: skip
    """Change an object; one that somebody deleted is made anew.

    Args:
        ignored: paths whose changes the program does not want to make.

    Raises:
        ProviderError: the API server refused it.
    """
    metadata = document["metadata"]
    live = cluster.get(Kind.of(document), str(metadata.get("namespace") or ""), str(metadata["name"]))
    sent = to_send(document, live, manager, ignored)
    return _apply(cluster, sent, manager, secrets, dry_run=dry_run)


def _apply(
    cluster: Cluster, document: Properties, manager: str, secrets: Iterable[Path], *, dry_run: bool = False
) -> Properties:
    force = annotation(document, PATCH_FORCE) == "true"
    try:
        return cluster.apply(document, manager, secrets, dry_run=dry_run, force=force)
    except ConflictError as error:
        if not all(_by_hand(each) for each in error.managers.values()):
            raise
        return cluster.apply(document, manager, secrets, dry_run=dry_run, force=True)


def _by_hand(manager: str) -> bool:
    return manager.startswith(_BY_HAND) or manager == MANAGER


def is_immutable(error: RefusedError) -> bool:
    """Whether an object was refused because of fields that can't change in place."""
    return error.status == _INVALID and any(text in str(error) for text in _IMMUTABLE)


def would_change(
    cluster: Cluster, document: Properties, manager: str, secrets: Iterable[Path], ignored: Iterable[Path]
) -> bool | None:
    """Whether applying an object would change anything but who owns what; none when nobody can tell.

    Raises:
        RefusedError: the API server would refuse it.
    """
    metadata = document["metadata"]
    try:
        live = cluster.get(Kind.of(document), str(metadata.get("namespace") or ""), str(metadata["name"]))
        if live is None:
            return None
        sent = to_send(document, live, manager, ignored)
        answer = _apply(cluster, sent, manager, secrets, dry_run=True)
    except RefusedError:
        raise
    except ProviderError:
        return None
    return without_server_metadata(answer) != without_server_metadata(live)
