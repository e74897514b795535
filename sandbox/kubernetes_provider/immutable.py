"""Fields whose change takes a new object, by kind."""

from collections.abc import Mapping
from typing import Any, Final

from sandbox.kubernetes_provider.objects import Kind, is_secret
from sandbox.kubernetes_provider.paths import Path, covers, parse

_IDENTITY: Final = ("metadata.name", "metadata.namespace")
_JOB: Final = ("spec.completions", "spec.parallelism", "spec.selector", "spec.template")

# The list of the official provider (4.32, provider/pkg/provider/diff.go), which the API server's validation confirms.
_FIELDS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("apps", "Deployment"): ("spec.selector",),
    ("apps", "DaemonSet"): ("spec.selector",),
    ("apps", "StatefulSet"): (
        *("spec.podManagementPolicy", "spec.revisionHistoryLimit", "spec.selector", "spec.serviceName"),
        "spec.volumeClaimTemplates",
    ),
    ("batch", "Job"): _JOB,
    ("rbac.authorization.k8s.io", "RoleBinding"): ("roleRef",),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): ("roleRef",),
    ("storage.k8s.io", "StorageClass"): ("parameters", "provisioner"),
    ("", "PersistentVolumeClaim"): (
        *("spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"),
    ),
    # All but what a pod can change while it runs (activeDeadlineSeconds, tolerations) takes a new one.
    ("", "Pod"): ("spec",),
    ("", "ResourceQuota"): ("spec.scopes",),
    ("", "Secret"): ("type",),
    ("", "Service"): ("spec.clusterIP",),
}
_POD_KEEPS: Final = (("spec", "activeDeadlineSeconds"), ("spec", "tolerations"))


def fields_of(document: Mapping[str, Any], *, config_maps: bool = False, secrets: bool = False) -> list[Path]:
    """Where a change takes a new object.

    Args:
        config_maps, secrets: whether the provider is told to change these in place (`enableConfigMapMutable`,
            `enableSecretMutable`); by default other content takes a new object, so that what mounts it rolls out.
    """
    kind = Kind.of(document)
    fields = [*_IDENTITY, *_FIELDS.get((kind.group, kind.name), ())]
    fixed = document.get("immutable") is True
    if is_secret(document) and (fixed or not secrets):
        fields += ["data", "stringData"]
    if kind == Kind("v1", "ConfigMap") and (fixed or not config_maps):
        fields += ["data", "binaryData"]
    return [parse(field) for field in fields]


def takes_new(fields: list[Path], path: Path, document: Mapping[str, Any]) -> bool:
    """Whether a change at a path takes a new object."""
    if document.get("kind") == "Pod" and any(covers(kept, path) for kept in _POD_KEEPS):
        return False
    return any(covers(field, path) for field in fields)
