from typing import Any

import pytest

from sandbox.kubernetes_provider.objects import Kind
from sandbox.kubernetes_provider.rules import problems_of
from sandbox.provider.values import UNKNOWN

CONFIG_MAP, SERVICE = Kind("v1", "ConfigMap"), Kind("v1", "Service")
ROLE = Kind("rbac.authorization.k8s.io/v1", "ClusterRole")


def said(kind: Kind, document: dict[str, Any]) -> list[str]:
    return [f"{'.'.join(map(str, each.path))}: {each.reason}" for each in problems_of(kind, document)]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (CONFIG_MAP, "a.b-1"), (CONFIG_MAP, "a" * 253), (CONFIG_MAP, UNKNOWN), (SERVICE, "a" * 63),
        (ROLE, "system:Anything"), (CONFIG_MAP, None),
    ],
)  # fmt: skip
def test_names_that_are_allowed(kind: Kind, name: Any):
    assert not said(kind, {"metadata": {"name": name}})


@pytest.mark.parametrize(
    ("kind", "name", "reason"),
    [
        (CONFIG_MAP, "a" * 254, "has 254 characters; 253 are allowed"),
        (CONFIG_MAP, "a_b", "'a_b' is no name; allowed are lower case letters, digits, - and ."),
        (CONFIG_MAP, "a-", "with a letter or digit at both ends"),
        (SERVICE, "a" * 64, "has 64 characters; 63 are allowed"),
        (SERVICE, "a.b", "'a.b' is no name; allowed are lower case letters, digits and -"),
    ],
)
def test_names_that_are_not(kind: Kind, name: str, reason: str):
    (found,) = said(kind, {"metadata": {"name": name}})
    assert found.startswith("metadata.name: ")
    assert reason in found


def test_labels():
    good = {"example.com/a_b.c": "A.b_c-1", "plain": "", "unknown": UNKNOWN, "wrong-type": 1}
    assert not said(CONFIG_MAP, {"metadata": {"labels": good}})
    assert not said(CONFIG_MAP, {"metadata": {"labels": UNKNOWN}})
    template = {"metadata": {"labels": {"a": "-"}}}
    spec = {"selector": {"matchLabels": {"a": "x" * 64}}, "template": template}
    found = said(CONFIG_MAP, {"metadata": {"labels": {"a b": "1", "UP.com/a": "1"}}, "spec": spec})
    assert [each.partition(": ")[0] for each in found] == [
        "metadata.labels.a b",
        "metadata.labels.UP.com/a",
        "spec.selector.matchLabels.a",
        "spec.template.metadata.labels.a",
    ]
    assert "has 64 characters; 63 are allowed" in found[2]
    assert "is no value of a label" in found[3]
