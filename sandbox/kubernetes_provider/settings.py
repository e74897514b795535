"""The provider's configuration: which cluster, which namespace, and what of the official one's settings is there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.kubernetes_provider import kubeconfig
from sandbox.kubernetes_provider.cluster import Cluster
from sandbox.provider.errors import ConfigurationError
from sandbox.provider.values import Properties, has_unknown
from sandbox.run_directory import RunDirectory

# Stands for a kubeconfig that a preview does not know yet. An engine that sees an unknown one asks nothing more of the
# provider, and no manifest would be checked before the cluster is there.
TO_COME: Final = "known once the cluster is there"

# What the official provider does by these is not done here.
_REFUSED: Final = {
    "renderYamlToDirectory": "it would write files instead of making objects",
    "alwaysRender": "it goes with renderYamlToDirectory",
    "enablePatchForce": 'give the annotation pulumi.com/patchForce: "true" to the objects that need it',
    "upsertExistingObjects": 'give the annotation pulumi.com/patchForce: "true" to the objects that need it',
    "skipUpdateUnreachable": "an object that nobody can ask about would count as up to date",
}
_SWITCHES: Final = (
    *("enableConfigMapMutable", "enableSecretMutable", "enableServerSideApply", "deleteUnreachable"),
    *("alwaysRender", "enablePatchForce", "upsertExistingObjects", "skipUpdateUnreachable"),
)


@dataclass(frozen=True)
class Settings:
    """What the provider is configured to do.

    Args:
        cluster: what it works on; may have no way to it, and says so when it is asked.
        namespace: of objects that name none.
        to_come: whether the cluster is not known yet, in a preview.
        config_maps: whether ConfigMaps are changed in place.
        secret_data: whether Secrets are.
        forget_unreachable: whether objects of a cluster that is gone are taken for deleted.
    """

    cluster: Cluster
    namespace: str = "default"
    to_come: bool = False
    config_maps: bool = False
    secret_data: bool = False
    forget_unreachable: bool = False


def parsed(config: Mapping[str, Any]) -> Properties:
    """Configuration with its values read: the engine sends everything that is no string as JSON."""
    found = {name: value for name, value in config.items() if name != "version" and value not in (None, "")}
    for name in _SWITCHES:
        if found.get(name) in ("true", "false"):
            found[name] = found[name] == "true"
    if isinstance(found.get("kubeconfig"), Mapping):
        found["kubeconfig"] = json.dumps(found["kubeconfig"])
    return found


def problems(config: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with a configuration: the property and a sentence."""
    said = [
        (name, f"is not supported by the local cloud's kubernetes provider: {why}")
        for name, why in _REFUSED.items()
        if config.get(name)
    ]
    if config.get("enableServerSideApply") is False:
        said.append(("enableServerSideApply", "has to be true: the local cloud's provider knows no other way"))
    return said


def settings_of(config: Mapping[str, Any], directory: RunDirectory) -> Settings:
    """The settings of a configuration; what is wrong with the way to the cluster is said when it is asked."""
    cluster, namespace = Cluster(None, "the cluster is not known yet"), "default"
    to_come = config.get("kubeconfig") == TO_COME
    if not to_come:
        try:
            cluster, namespace = _connected(config, directory)
        except ConfigurationError as error:
            cluster = Cluster(None, str(error))
    return Settings(
        cluster,
        str(config.get("namespace") or namespace),
        to_come,
        config_maps=config.get("enableConfigMapMutable") is True,
        secret_data=config.get("enableSecretMutable") is True,
        forget_unreachable=config.get("deleteUnreachable") is True,
    )


def _connected(config: Mapping[str, Any], directory: RunDirectory) -> tuple[Cluster, str]:
    text = config.get("kubeconfig")
    if not isinstance(text, str):
        raise ConfigurationError(
            "the kubernetes provider has no kubeconfig; give it one (kubeconfig=…) or set KUBECONFIG: the local "
            "cloud's provider reads none from your home"
        )
    target = kubeconfig.read(text, str(config.get("context") or ""), str(config.get("cluster") or ""))
    return Cluster(kubeconfig.connect(target, directory)), target.namespace


def is_to_come(config: Mapping[str, Any]) -> bool:
    """Whether the way to the cluster is not known yet."""
    values = [config.get(name) for name in ("kubeconfig", "context", "cluster")]
    return TO_COME in values or has_unknown(values)


def is_another_cluster(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether two configurations lead to different clusters, so that everything has to be made anew.

    As the official provider decides: by the cluster's part of the kubeconfig, unless `clusterIdentifier` says it.
    """
    before, after = old.get("clusterIdentifier"), new.get("clusterIdentifier")
    if before and after:
        return before != after
    if is_to_come(new):
        return True
    try:
        return _cluster_of(old) != _cluster_of(new)
    except ConfigurationError:
        # It can't be told; the first request will say what is wrong.
        return False


def _cluster_of(config: Mapping[str, Any]) -> Mapping[str, Any]:
    text = str(config.get("kubeconfig") or "")
    return kubeconfig.read(text, str(config.get("context") or ""), str(config.get("cluster") or "")).cluster
