from typing import Any

import pytest

from sandbox.kubernetes_provider.immutable import fields_of, takes_new
from sandbox.kubernetes_provider.paths import parse


def document(version: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, **more}


@pytest.mark.parametrize(
    ("version", "kind", "path", "new"),
    [
        ("v1", "Namespace", "metadata.name", True),
        ("v1", "ConfigMap", "metadata.namespace", True),
        ("v1", "ConfigMap", "metadata.labels.a", False),
        ("apps/v1", "Deployment", "spec.selector.matchLabels.app", True),
        ("apps/v1", "Deployment", "spec.template.metadata.labels.app", False),
        ("apps/v1", "StatefulSet", "spec.serviceName", True),
        ("apps/v1", "StatefulSet", "spec.replicas", False),
        ("batch/v1", "Job", "spec.template.spec.containers[0].image", True),
        ("batch/v1", "Job", "spec.suspend", False),
        ("v1", "Service", "spec.clusterIP", True),
        ("v1", "Service", "spec.ports[0].port", False),
        ("v1", "Pod", "spec.containers[0].image", True),
        ("v1", "Pod", "spec.tolerations[0]", False),
        ("v1", "Pod", "metadata.labels.a", False),
        ("v1", "Secret", "type", True),
        ("example.com/v1", "Service", "spec.clusterIP", False),
    ],
)
def test_fields_by_kind(version: str, kind: str, path: str, new: bool):
    said = document(version, kind)
    assert takes_new(fields_of(said), parse(path), said) is new


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
def test_content_takes_a_new_object_unless_the_provider_is_told_otherwise(kind: str):
    said = document("v1", kind)
    assert takes_new(fields_of(said), ("data", "a"), said)
    assert not takes_new(fields_of(said, config_maps=True, secrets=True), ("data", "a"), said)
    fixed = document("v1", kind, immutable=True)
    assert takes_new(fields_of(fixed, config_maps=True, secrets=True), ("data", "a"), fixed)
