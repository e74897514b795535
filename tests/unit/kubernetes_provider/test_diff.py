from copy import deepcopy
from typing import Any

import pytest

from sandbox.kubernetes_provider.cluster import Cluster
from sandbox.kubernetes_provider.diff import Asked, Difference, difference
from sandbox.kubernetes_provider.paths import parse, written
from sandbox.provider.values import UNKNOWN
from tests.unit.kubernetes_provider.api_stub import StubApi, cluster_of, in_cluster, refusal

PATH = "/apis/apps/v1/namespaces/default/deployments/web"


def deployment(**spec: Any) -> dict[str, Any]:
    metadata = {"name": "web", "namespace": "default"}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"replicas": 1, **spec}}


def asked(api: StubApi | None = None, *ignored: str, **more: Any) -> Asked:
    cluster = cluster_of(api) if api else Cluster(None, "not there")
    return Asked(cluster, "us", (), tuple(parse(each) for each in ignored), **more)


def paths(found: Difference) -> dict[str, str]:
    return {written(path): how for path, how in found.paths.items()}


def test_the_same_is_no_difference_and_nobody_is_asked():
    api = StubApi()
    assert difference(deployment(), deployment(), asked(api)) == Difference()
    assert not api.asked


def test_what_changes_is_named_by_path():
    old = deployment(a=1, list=[{"x": 1}, 2], label={"a.b": "1"}, kept={"x": 1})
    new = deployment(b=1, list=[{"x": 2}, 2, 3], label={"a.b": "2"}, kept={"x": 1})
    assert paths(difference(old, new, asked())) == {
        "spec.a": "delete",
        "spec.b": "add",
        "spec.list[0].x": "update",
        "spec.list[2]": "add",
        'spec.label["a.b"]': "update",
    }


def test_yes_is_not_one_and_another_type_is_a_change():
    found = difference(deployment(a=1, b="1", c=1), deployment(a=True, b=1, c=1.0), asked())
    assert set(paths(found)) == {"spec.a", "spec.b"}


def test_what_is_not_known_yet_may_change():
    api = StubApi()
    found = difference(deployment(), deployment(replicas=UNKNOWN, new=UNKNOWN), asked(api))
    assert paths(found) == {"spec.replicas": "update", "spec.new": "add"}
    assert not api.asked


def test_what_is_ignored_is_not_seen():
    found = difference(deployment(), deployment(replicas=2, x={"y": 1}), asked(None, "spec.replicas", "spec.x"))
    assert found == Difference()


def test_what_the_server_makes_no_change_of_is_none():
    api = StubApi()
    api.there[PATH] = in_cluster(deployment(cpu="1"))
    api.answers = [in_cluster(deployment(cpu="1")), in_cluster(deployment(cpu="2"))]
    assert difference(deployment(cpu="1000m"), deployment(cpu="1"), asked(api)) == Difference()
    assert paths(difference(deployment(cpu="1"), deployment(cpu="2"), asked(api))) == {"spec.cpu": "update"}
    assert not difference(deployment(cpu="1"), deployment(cpu="2"), asked(api, asking=False)).replaces


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"selector": {"matchLabels": {"a": "1"}}}, {"selector": {"matchLabels": {"a": "2"}}}),
        ({}, {"selector": {"matchLabels": {"a": "2"}}}),
    ],
)
def test_what_is_known_to_be_fixed_takes_a_new_object(old: dict[str, Any], new: dict[str, Any]):
    api = StubApi()
    found = difference(deployment(**old), deployment(**new), asked(api))
    assert found.replaces
    assert found.delete_first, "its name is fixed"
    assert not api.asked


def test_a_whole_part_that_goes_takes_what_is_fixed_along():
    old, new = deployment(selector={"a": "1"}), deployment()
    del new["spec"]
    assert difference(old, new, asked()).replaces == {("spec",)}


def test_the_server_says_what_else_is_fixed():
    api = StubApi()
    api.there[PATH] = in_cluster(deployment())
    api.answers = [refusal(422, "Invalid", spec__x="field is immutable")]
    found = difference(deployment(x=1, y=1), deployment(x=2, y=2), asked(api))
    assert found.replaces == {("spec", "x")}
    api.answers = [refusal(422, "Invalid", other="field is immutable")]
    assert len(difference(deployment(x=1, y=1), deployment(x=2, y=2), asked(api)).replaces) == 2
    api.answers = [refusal(422, "Invalid", spec__x="too large")]
    assert not difference(deployment(x=1), deployment(x=2), asked(api)).replaces, "the preview of the update says it"


def test_room_is_made_only_where_the_name_stays():
    new = deployment(selector={"a": "2"})
    other = deepcopy(new)
    other["metadata"]["name"] = "another"
    assert not difference(deployment(), other, asked()).delete_first
    chosen = deepcopy(new)
    chosen["metadata"]["annotations"] = {"pulumi.com/autonamed": "true"}
    assert not difference(deployment(), chosen, asked()).delete_first


def test_settings_of_the_provider_are_heeded():
    old = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"a": "1"}}
    new = {**old, "data": {"a": "2"}}
    assert difference(old, new, asked()).replaces
    assert not difference(old, new, asked(config_maps=True)).replaces
