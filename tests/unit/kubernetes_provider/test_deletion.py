from typing import Any

import pytest

from sandbox.kubernetes_provider import deletion
from sandbox.kubernetes_provider.objects import Kind
from sandbox.kubernetes_provider.waiting import Patience
from sandbox.provider.errors import ProviderError
from tests.unit.kubernetes_provider.api_stub import StubApi, cluster_of, config_map, in_cluster

CONFIG_MAP = Kind("v1", "ConfigMap")
PATH = "/api/v1/namespaces/default/configmaps/settings"


@pytest.fixture
def api() -> StubApi:
    return StubApi()


def end(api: StubApi, kind: Kind = CONFIG_MAP, name: str = "settings", policy: str = "") -> None:
    document = {"metadata": {"annotations": {"pulumi.com/deletionPropagationPolicy": policy}}}
    deletion.delete(cluster_of(api), kind, "default", name, document, Patience(0.2))


def propagation(api: StubApi) -> list[Any]:
    return [each[2] for each in api.asked if each[0] == "delete"]


def test_what_is_not_there_is_fine(api: StubApi):
    end(api)
    end(api, Kind("stanchion.dev/v1", "Pool"))
    assert not propagation(api)


@pytest.mark.parametrize(
    ("kind", "plural", "policy", "chosen"),
    [
        (CONFIG_MAP, "configmaps", "", "Background"),
        (Kind("apps/v1", "Deployment"), "deployments", "", "Foreground"),
        (Kind("apps/v1", "Deployment"), "deployments", "background", "Background"),
        (Kind("apps/v1", "Deployment"), "deployments", "Orphan", "Orphan"),
        (Kind("stanchion.dev/v1", "Pool"), "pools", "", "Foreground"),
    ],
)
def test_what_it_owns_goes_first_unless_somebody_says_otherwise(
    api: StubApi, kind: Kind, plural: str, policy: str, chosen: str
):
    api.served_kinds[kind.version, kind.name] = (plural, True)
    base = "/api" if kind.version == "v1" else "/apis"
    api.there[f"{base}/{kind.version}/namespaces/default/{plural}/a"] = in_cluster(config_map("a"))
    end(api, kind, "a", policy)
    assert propagation(api) == [chosen]


def test_another_object_of_the_name_is_not_waited_for(api: StubApi):
    answers = [in_cluster(config_map()), in_cluster(config_map(), uid="u-2")]
    api.there[PATH] = lambda: answers.pop(0)
    api.delete = lambda *_, **__: True  # type: ignore[method-assign]
    end(api)
    assert not answers


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"metadata": {"finalizers": ["a/b"]}}, ": held by a/b, whose controllers have to let go of it"),
        ({"status": {"conditions": [{"status": "True", "message": "pods are left"}]}}, ": pods are left"),
        ({}, ""),
    ],
)
def test_what_holds_it_is_said(api: StubApi, more: dict[str, Any], said: str):
    held = in_cluster(config_map())
    held["metadata"] |= more.get("metadata", {})
    held["status"] = more.get("status", {})
    api.there[PATH] = held
    cluster = cluster_of(api)
    api.delete = lambda *_, **__: True  # type: ignore[method-assign]
    with pytest.raises(ProviderError) as caught:
        deletion.delete(cluster, CONFIG_MAP, "default", "settings", {}, Patience(0.1))
    assert str(caught.value) == f"ConfigMap default/settings is not gone after 0.1 s{said}"
