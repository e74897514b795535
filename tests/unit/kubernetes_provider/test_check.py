from typing import Any

import pytest

from sandbox.kubernetes_provider.check import Surroundings, check
from sandbox.kubernetes_provider.cluster import Cluster
from sandbox.kubernetes_provider.objects import AUTONAMED, Kind
from sandbox.provider.values import UNKNOWN
from tests.unit.kubernetes_provider.api_stub import StubApi, cluster_of

CONFIG_MAP = Kind("v1", "ConfigMap")
NODE_POOL = Kind("karpenter.sh/v9", "NodePool")


def around(cluster: Cluster | None = None, **more: Any) -> Surroundings:
    return Surroundings(cluster or cluster_of(StubApi()), "space", "web", b"seed", **more)


def checked(kind: Kind, new: dict[str, Any], old: dict[str, Any] | None = None, **more: Any) -> tuple[Any, list[str]]:
    document, problems = check(kind, old or {}, new, around(**more))
    return document, [f"{'.'.join(map(str, each.path))}: {each.reason}" for each in problems]


def test_what_is_filled_in():
    document, problems = checked(CONFIG_MAP, {"data": {"a": "1"}})
    assert not problems
    assert (document["apiVersion"], document["kind"]) == ("v1", "ConfigMap")
    metadata = document["metadata"]
    assert metadata["namespace"] == "space"
    assert metadata["name"].startswith("web-")
    assert metadata["annotations"] == {AUTONAMED: "true"}
    assert "labels" not in metadata, "with server-side apply the field manager says who manages it"


def test_what_the_program_says_stays_and_what_the_server_says_goes():
    said = {"name": "a", "namespace": "mine", "uid": "1", "resourceVersion": "2", "managedFields": []}
    document, _ = checked(CONFIG_MAP, {"metadata": dict(said)})
    assert document["metadata"] == {"name": "a", "namespace": "mine"}
    assert said["uid"] == "1"


def test_the_chosen_name_stays():
    old, _ = checked(CONFIG_MAP, {})
    new, _ = checked(CONFIG_MAP, {"data": {"a": "1"}}, old)
    assert new["metadata"] == old["metadata"]


@pytest.mark.parametrize("kind", [Kind("v1", "Namespace"), Kind("scheduling.k8s.io/v1", "PriorityClass")])
def test_no_namespace_where_objects_have_none(kind: Kind):
    value = {"value": 1} if kind.name == "PriorityClass" else {}
    document, _ = checked(kind, {**value, "metadata": {"namespace": "by-mistake"}})
    assert "namespace" not in document["metadata"]


def test_a_custom_kind_lies_where_the_cluster_or_the_program_says():
    api = StubApi()
    api.served_kinds[NODE_POOL.version, "NodePool"] = ("nodepools", False)
    assert "namespace" not in checked(NODE_POOL, {}, cluster=cluster_of(api))[0]["metadata"]
    assert checked(NODE_POOL, {})[0]["metadata"]["namespace"] == "space", "nobody knows: as the official provider does"
    cluster = cluster_of(StubApi())
    names = {"plural": "nodepools", "kind": "NodePool"}
    spec = {"group": "karpenter.sh", "scope": "Cluster", "names": names, "versions": [{"name": "v9"}]}
    checked(Kind("apiextensions.k8s.io/v1", "CustomResourceDefinition"), {"spec": spec}, cluster=cluster)
    assert "namespace" not in checked(NODE_POOL, {}, cluster=cluster)[0]["metadata"]


def test_what_is_not_known_yet_is_right():
    document, problems = checked(CONFIG_MAP, {"metadata": UNKNOWN, "data": UNKNOWN})
    assert not problems
    assert document["metadata"] is UNKNOWN
    assert not checked(CONFIG_MAP, {"metadata": {"name": UNKNOWN, "labels": UNKNOWN}})[1]


@pytest.mark.parametrize(
    ("kind", "new", "said"),
    [
        (CONFIG_MAP, {"data": {"a": 1}}, "data.a: 1 is integer; string is wanted"),
        (CONFIG_MAP, {"metadata": {"name": "No_Name"}}, "metadata.name: 'No_Name' is no name"),
        (CONFIG_MAP, {"kind": "Secret"}, ": the resource is of the type v1 ConfigMap, the object is v1 Secret"),
        (
            CONFIG_MAP,
            {"metadata": {"generateName": "a-"}},
            "metadata.generateName: is not possible with server-side apply",
        ),
        (
            Kind("apps/v9", "Deployment"),
            {},
            "Kubernetes has no kind 'Deployment' in apps/v9; it has the kind in apps/v1",
        ),
        (Kind("apps/v1", "Deploymnet"), {}, "no kind 'Deploymnet' in apps/v1; look for it in another group"),
    ],
)
def test_what_is_wrong(kind: Kind, new: dict[str, Any], said: str):
    assert any(said in each for each in checked(kind, new)[1])


def test_names_that_the_engine_forbids_to_choose():
    assert "metadata.name: is missing" in checked(CONFIG_MAP, {}, automatic=False)[1][0]


def test_schemas_judge_without_a_cluster():
    document, problems = checked(CONFIG_MAP, {"daata": {}}, cluster=Cluster(None, "not there"))
    assert problems == ["daata: there is no such field; did you mean data?"]
    assert document["metadata"]["namespace"] == "space"
