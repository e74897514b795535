import pytest

from sandbox.kubernetes_provider.cluster import Cluster, NoNamespaceError, NotServedError, Served
from sandbox.kubernetes_provider.errors import RefusedError, UnreachableError
from sandbox.kubernetes_provider.objects import Kind
from sandbox.provider.errors import ProviderError
from tests.unit.kubernetes_provider.api_stub import StubApi, cluster_of, config_map, refusal

CONFIG_MAP = Kind("v1", "ConfigMap")
POOL = Kind("stanchion.dev/v1", "Pool")
CRD = {
    "spec": {
        "group": "stanchion.dev",
        "scope": "Cluster",
        "names": {"kind": "Pool"},
        "versions": [{"name": "v1", "schema": {"openAPIV3Schema": {"type": "object"}}}],
    }
}


@pytest.fixture
def api() -> StubApi:
    return StubApi()


def test_what_is_served_is_asked_once_and_what_is_not_again(api: StubApi):
    cluster = cluster_of(api)
    for _ in range(2):
        assert cluster.served(CONFIG_MAP) == Served("configmaps", True)
        assert cluster.served(POOL) is None
    assert len(api.asked) == 3
    api.served_kinds["stanchion.dev/v1", "Pool"] = ("pools", False)
    assert cluster.served(POOL) == Served("pools", False)


def test_objects_lie_where_their_kind_does(api: StubApi):
    cluster = cluster_of(api)
    api.there["/api/v1/namespaces/default/configmaps/a"] = {"kind": "ConfigMap"}
    api.there["/api/v1/namespaces/a"] = {"kind": "Namespace"}
    assert cluster.get(CONFIG_MAP, "", "a") == {"kind": "ConfigMap"}
    assert cluster.get(Kind("v1", "Namespace"), "ignored", "a") == {"kind": "Namespace"}
    assert cluster.get(POOL, "", "a") is None
    assert cluster.delete(CONFIG_MAP, "default", "a", "Foreground")
    assert not cluster.delete(POOL, "", "a", "Foreground")


def test_what_stands_in_the_way_of_an_object(api: StubApi):
    cluster = cluster_of(api)
    with pytest.raises(NotServedError, match=r"no kind 'Pool' in stanchion\.dev/v1; its CustomResourceDefinition"):
        cluster.apply({"apiVersion": POOL.version, "kind": "Pool"}, "us", ())
    api.answers = [
        refusal(404, "NotFound", 'namespaces "default" not found'),
        refusal(404, "NotFound", "the server could not find the requested resource"),
        refusal(422, "Invalid", data="bad"),
    ]
    for kind in (NoNamespaceError, NotServedError, RefusedError):
        with pytest.raises(kind):
            cluster.apply(config_map(), "us", ())


def test_one_that_does_not_answer_is_left_alone_for_a_while(api: StubApi):
    cluster = cluster_of(api)
    api.down = refusal(0, "Unreachable", "the API server at x does not answer: refused.")
    with pytest.raises(UnreachableError, match="at x does not answer: refused; start the local cloud with"):
        cluster.served(CONFIG_MAP)
    api.down = None
    with pytest.raises(UnreachableError):
        cluster.served(CONFIG_MAP)
    assert not api.asked
    cluster._down_until = 0
    assert cluster.served(CONFIG_MAP)


def test_there_is_no_way_to_it():
    with pytest.raises(UnreachableError, match="it is secret where"):
        Cluster(None, "it is secret where").served(CONFIG_MAP)


def test_what_else_it_says_is_an_error_of_the_resource(api: StubApi):
    api.down = refusal(403, "Forbidden", "not you")
    with pytest.raises(ProviderError, match="not you"):
        cluster_of(api).get(CONFIG_MAP, "", "a")


def test_definitions(api: StubApi):
    cluster = cluster_of(api)
    assert cluster.definition(POOL) is None
    api.served_kinds["stanchion.dev/v1", "Pool"] = ("pools", False)
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/pools.stanchion.dev"
    api.there[path] = CRD
    found = cluster.definition(POOL)
    assert found is not None
    assert not found.namespaced
    assert found.schema == {"type": "object"}
    del api.there[path]
    assert cluster.definition(POOL) is found
    planned = cluster_of(StubApi())
    planned.planned(CRD)
    assert planned.definition(POOL) == found
    planned.planned({"spec": "odd"})
    assert Cluster(None, "no way").definition(POOL) is None
