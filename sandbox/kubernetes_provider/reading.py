"""Refresh and import: what a program would have to say to get what is in the cluster."""

import base64
import binascii
from collections.abc import Iterable
from typing import Any

from sandbox.kubernetes_provider.cluster import Cluster
from sandbox.kubernetes_provider.objects import is_secret, shaped_like, without_server_metadata
from sandbox.kubernetes_provider.paths import Path, look
from sandbox.provider.errors import ProviderError
from sandbox.provider.values import Properties

# Written by controllers and tools; a program never says them.
_FOREIGN_ANNOTATIONS = ("deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration")


def inputs_now(
    cluster: Cluster, live: Properties, wanted: Properties, manager: str, secrets: Iterable[Path]
) -> Properties:
    """The program's inputs, with what has drifted as the cluster has it.

    What is in the cluster is compared with what applying the inputs would give, as the server writes many things in
    another way (`1000m` as `1`) and fills in others. Only when something looks different is it asked.

    Args:
        live: the object in the cluster.
        wanted: the inputs before.
    """
    if shaped_like(live, wanted) == wanted:
        return wanted
    try:
        expected = cluster.apply(wanted, manager, secrets, dry_run=True, force=True)
    except ProviderError:
        # It could no longer be applied as it is: then every difference counts.
        expected = wanted
    found = _reconciled(wanted, expected, live)
    if is_secret(wanted) and isinstance(wanted.get("stringData"), dict):
        found["stringData"] = _texts_now(wanted["stringData"], live.get("data") or {})
    return found


def _reconciled(wanted: Any, expected: Any, live: Any) -> Any:
    """The wanted value where the cluster has what applying it would give, else the cluster's."""
    if isinstance(wanted, dict) and isinstance(expected, dict) and isinstance(live, dict):
        found: Properties = {}
        for name, item in wanted.items():
            if name in live:
                found[name] = _reconciled(item, expected.get(name), live[name])
            elif name not in expected:
                # The server drops it, as it does with what is empty.
                found[name] = item
        return found
    if isinstance(wanted, list) and isinstance(expected, list) and isinstance(live, list):
        if len(wanted) == len(expected) == len(live):
            return [_reconciled(*each) for each in zip(wanted, expected, live, strict=True)]
        return wanted if expected == live else live
    return wanted if expected == live else live


def _texts_now(wanted: Properties, data: Properties) -> Properties:
    """`stringData` can't be read: it becomes `data`, in base64."""
    found: Properties = {}
    for name, text in wanted.items():
        if name not in data:
            continue
        try:
            found[name] = base64.b64decode(str(data[name])).decode()
        except (binascii.Error, UnicodeDecodeError):
            found[name] = None if not isinstance(text, str) else data[name]
    return found


def inputs_of_import(live: Properties) -> Properties:
    """What a program would say of an object that it takes over."""
    inputs = without_server_metadata(live)
    annotations = look(inputs, ("metadata", "annotations"))
    if isinstance(annotations, dict):
        kept = {name: text for name, text in annotations.items() if name not in _FOREIGN_ANNOTATIONS}
        inputs["metadata"] |= {"annotations": kept}
        if not kept:
            del inputs["metadata"]["annotations"]
    return inputs
