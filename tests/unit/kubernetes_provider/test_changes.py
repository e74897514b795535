from copy import deepcopy
from typing import Any

import pytest

from sandbox.kubernetes_provider import changes
from sandbox.kubernetes_provider.errors import ConflictError, RefusedError
from sandbox.kubernetes_provider.objects import PATCH_FORCE
from sandbox.provider.errors import ProviderError
from sandbox.provider.values import UNKNOWN
from tests.unit.kubernetes_provider.api_stub import StubApi, cluster_of, config_map, in_cluster, refusal

US = "pulumi-kubernetes-1"
PATH = "/api/v1/namespaces/default/configmaps/settings"
NO_NAMESPACE = refusal(404, "NotFound", 'namespaces "default" not found')


@pytest.fixture
def api() -> StubApi:
    return StubApi()


def conflict(manager: str) -> Any:
    return refusal(409, "Conflict", "conflict", data__a=f'conflict with "{manager}"')


def forced() -> dict[str, Any]:
    document = config_map()
    document["metadata"]["annotations"] = {PATCH_FORCE: "true"}
    return document


def test_a_preview_stores_nothing_and_leaves_open_what_is_drawn_by_lot(api: StubApi):
    answer = config_map()
    answer["metadata"] |= {"uid": "thrown-away", "creationTimestamp": "now"}
    answer["spec"] = {"clusterIP": "10.0.0.1", "ports": [{"port": 1, "nodePort": 30000}]}
    api.answers = [answer]
    found = changes.preview_create(cluster_of(api), config_map(), US, ())
    assert api.applied() == [(config_map(), US, True, True)]
    assert found["metadata"]["uid"] is found["metadata"]["creationTimestamp"] is found["status"] is UNKNOWN
    assert found["spec"]["clusterIP"] is found["spec"]["ports"][0]["nodePort"] is UNKNOWN


@pytest.mark.parametrize("unknown", [True, False])
def test_a_preview_plans_what_it_can_not_ask(api: StubApi, unknown: bool):
    document = config_map(a=UNKNOWN) if unknown else config_map()  # type: ignore[arg-type]
    api.answers = [NO_NAMESPACE]
    found = changes.preview_create(cluster_of(api), document, US, ())
    assert len(api.applied()) == (0 if unknown else 1)
    assert found["data"] == document["data"]
    assert found["metadata"]["uid"] is found["status"] is UNKNOWN
    kept = changes.planned(document, {"metadata": {"uid": "u-1"}})
    assert kept["metadata"]["uid"] == "u-1"


def test_a_preview_of_a_replacement_is_judged_under_another_name(api: StubApi):
    api.there[PATH] = in_cluster(config_map())
    api.answers = [in_cluster(config_map()), config_map(name="settings-preview")]
    found = changes.preview_create(cluster_of(api), config_map(), US, ())
    assert [each[0]["metadata"]["name"] for each in api.applied()] == ["settings", "settings-preview"]
    assert found["metadata"]["name"] == "settings"
    api.answers = [refusal(422, "Invalid", data="field is immutable"), refusal(422, "Invalid", data="too long")]
    with pytest.raises(RefusedError, match="too long"):
        changes.preview_create(cluster_of(api), config_map(), US, ())
    api.answers = [in_cluster(config_map()), refusal(422, "Invalid", spec="provided IP is already allocated")]
    assert changes.preview_create(cluster_of(api), config_map(), US, ())["status"] is UNKNOWN


def test_what_is_there_and_not_ours(api: StubApi):
    api.there[PATH] = in_cluster(config_map(), "other")
    for act in (changes.create, changes.preview_create):
        api.answers = [in_cluster(config_map())]
        with pytest.raises(ProviderError, match=r"is there already, managed by other\. Import it .*'default/settings'"):
            act(cluster_of(api), config_map(), US, ())
    assert not [each for each in api.applied() if not each[2]]
    api.answers = []
    changes.create(cluster_of(api), forced(), US, ())
    assert api.applied()[-1][2:] == (False, True)


def test_what_a_killed_run_made_is_ours(api: StubApi):
    api.there[PATH] = in_cluster(config_map(), US)
    changes.create(cluster_of(api), config_map(), US, ())
    assert api.applied() == [(config_map(), US, False, False)]


@pytest.mark.parametrize("manager", ["kubectl-edit", "kubectl", "before-first-apply", "pulumi-kubernetes"])
def test_changes_by_hand_are_taken_back(api: StubApi, manager: str):
    api.there[PATH] = in_cluster(config_map())
    api.answers = [conflict(manager)]
    changes.update(cluster_of(api), config_map(), US, (), ())
    assert [each[3] for each in api.applied()] == [False, True]


@pytest.mark.parametrize("manager", ["stanchion-deploy", "pulumi-kubernetes-2", "kube-controller-manager"])
def test_what_belongs_to_others_is_not_taken(api: StubApi, manager: str):
    api.answers = [conflict(manager)]
    with pytest.raises(ConflictError, match=manager):
        changes.update(cluster_of(api), config_map(), US, (), ())
    assert len(api.applied()) == 1


def test_an_update_sends_nothing_that_another_manager_owns(api: StubApi):
    api.there[PATH] = in_cluster(config_map(a="theirs"), "deployer")
    changes.update(cluster_of(api), config_map(a="ours", b="2"), US, (), [("data", "a")])
    assert api.applied()[0][0]["data"] == {"b": "2"}


def test_a_preview_of_an_update(api: StubApi):
    api.there[PATH] = in_cluster(config_map())
    changes.preview_update(cluster_of(api), config_map(a="2"), US, (), (), {})
    assert api.applied() == [(config_map(a="2"), US, True, False)]
    state = {"metadata": {"uid": "u-1"}}
    api.answers = [NO_NAMESPACE]
    assert changes.preview_update(cluster_of(api), config_map(), US, (), (), state)["metadata"]["uid"] == "u-1"
    unknown = config_map(a=UNKNOWN)  # type: ignore[arg-type]
    assert changes.preview_update(cluster_of(api), unknown, US, (), (), state)["status"] is UNKNOWN


def test_whether_anything_would_change(api: StubApi):
    there = in_cluster(config_map())
    api.there[PATH] = there
    same = deepcopy(there)
    same["metadata"] |= {"resourceVersion": "8", "managedFields": []}
    api.answers = [same, in_cluster(config_map(a="2")), conflict("other"), refusal(422, "Invalid", data="immutable")]
    ask = lambda: changes.would_change(cluster_of(api), config_map(), US, (), ())  # noqa: E731
    assert [ask(), ask(), ask()] == [False, True, None]
    with pytest.raises(RefusedError):
        ask()
    del api.there[PATH]
    assert ask() is None, "it has to be made anew"


@pytest.mark.parametrize(
    ("status", "said", "immutable"),
    [(422, "field is immutable", True), (422, "Forbidden: updates to statefulset spec", True), (422, "bad", False),
     (403, "field is immutable", False)],
)  # fmt: skip
def test_what_can_not_change_in_place(status: int, said: str, immutable: bool):
    assert changes.is_immutable(RefusedError(said, status, {})) is immutable
