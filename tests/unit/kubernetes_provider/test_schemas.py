import pytest

from sandbox.kubernetes_provider import schemas
from sandbox.kubernetes_provider.objects import Kind
from sandbox.kubernetes_provider.schemas import Definition

DEPLOYMENT = Kind("apps/v1", "Deployment")
POOL = Kind("stanchion.dev/v1", "Pool")
CRD = {
    "spec": {
        "group": "stanchion.dev",
        "scope": "Cluster",
        "names": {"kind": "Pool"},
        "versions": [
            {"name": "v1alpha1"},
            {
                "name": "v1",
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object"}}}},
            },
        ],
    }
}


def test_kubernetes_own_kinds():
    assert schemas.is_builtin(DEPLOYMENT)
    assert not schemas.is_builtin(POOL)
    assert schemas.is_builtin_group(Kind("apps/v9", "Deployment"))
    assert not schemas.is_builtin_group(POOL)
    assert schemas.versions_of(Kind("autoscaling/v9", "HorizontalPodAutoscaler")) == [
        "autoscaling/v1",
        "autoscaling/v2",
    ]


@pytest.mark.parametrize(
    ("kind", "namespaced"),
    [(DEPLOYMENT, True), (Kind("v1", "Namespace"), False), (Kind("v1", "Node"), False), (POOL, None)],
)
def test_where_objects_lie(kind: Kind, namespaced: bool | None):
    assert schemas.is_namespaced(kind) is namespaced


def test_what_is_wrong_with_a_deployment():
    document = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "lables": {}}, "spec": {}}
    found = {".".join(map(str, each.path)) for each in schemas.problems_of(DEPLOYMENT, document, None)}
    assert found == {"metadata.lables", "spec.selector", "spec.template"}


@pytest.mark.parametrize(
    ("amount", "right"), [("500m", True), (0.5, True), ("1Gi", True), ("much", False), ("1 GiB", False)]
)
def test_amounts(amount: str | float, right: bool):
    found = list(schemas.problems_of(Kind("v1", "ResourceQuota"), {"spec": {"hard": {"cpu": amount}}}, None))
    assert (not found) is right


def test_what_a_definition_says():
    found = schemas.definition_in(CRD, POOL)
    assert found is not None
    assert not found.namespaced
    document = {"apiVersion": "stanchion.dev/v1", "kind": "Pool", "metadata": {"name": "a"}, "spec": 1, "data": {}}
    assert {each.path for each in schemas.problems_of(POOL, document, found)} == {("spec",), ("data",)}
    assert schemas.definition_in(CRD, Kind("stanchion.dev/v2", "Pool")) is None
    assert schemas.definition_in(CRD, Kind("stanchion.dev/v1", "Other")) is None
    assert schemas.definition_in(CRD, Kind("stanchion.dev/v1alpha1", "Pool")) == Definition(False, None)
    assert not list(schemas.problems_of(POOL, document, Definition(False, None))), "without a schema anything goes"


def test_definitions_that_lie_in_the_checkout_are_found():
    found = schemas.published(Kind("eks.amazonaws.com/v1", "NodeClass"))
    assert found is not None
    assert not found.namespaced
    assert schemas.published(POOL) is None
