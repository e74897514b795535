import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.kubernetes_provider import settings
from sandbox.kubernetes_provider.errors import UnreachableError
from sandbox.kubernetes_provider.objects import Kind
from sandbox.kubernetes_provider.settings import TO_COME
from sandbox.provider.values import UNKNOWN
from sandbox.run_directory import RunDirectory


def kubeconfig(server: str = "https://one", who: str = "a") -> str:
    context = {"cluster": "c", "user": "u"}
    return json.dumps({
        "current-context": "x",
        "contexts": [{"name": "x", "context": context}],
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": who}}],
    })  # fmt: skip


def test_switches_arrive_as_texts():
    found = settings.parsed(
        {"enableConfigMapMutable": "true", "deleteUnreachable": False, "version": "4", "context": ""}
    )
    assert found == {"enableConfigMapMutable": True, "deleteUnreachable": False}
    assert settings.parsed({"kubeconfig": {"a": 1}}) == {"kubeconfig": '{"a": 1}'}


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({"enableServerSideApply": False}, "enableServerSideApply"),
        ({"renderYamlToDirectory": "out"}, "renderYamlToDirectory"),
        ({"upsertExistingObjects": True}, "upsertExistingObjects"),
    ],
)
def test_what_is_not_supported(config: dict[str, Any], named: str):
    assert [name for name, _ in settings.problems(config)] == [named]


def test_what_is(tmp_path: Path):
    config = {"enableServerSideApply": True, "skipUpdateUnreachable": False, "enableSecretMutable": True}
    assert not settings.problems(config)
    found = settings.settings_of({**config, "deleteUnreachable": True}, RunDirectory(tmp_path))
    assert (found.secret_data, found.config_maps, found.forget_unreachable) == (True, False, True)


def test_which_namespace_is_meant(tmp_path: Path):
    directory = RunDirectory(tmp_path)
    assert settings.settings_of({}, directory).namespace == "default"
    assert settings.settings_of({"namespace": "mine"}, directory).namespace == "mine"


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({}, "has no kubeconfig; give it one"),
        ({"kubeconfig": "/no/such"}, r"/no/such can't be read"),
        ({"kubeconfig": kubeconfig()}, "never trusted blindly"),
    ],
)
def test_no_way_to_the_cluster_is_said_when_it_is_asked(tmp_path: Path, config: dict[str, Any], said: str):
    found = settings.settings_of(config, RunDirectory(tmp_path))
    assert not found.to_come
    with pytest.raises(UnreachableError, match=said):
        found.cluster.served(Kind("v1", "ConfigMap"))


def test_a_cluster_that_is_to_come(tmp_path: Path):
    assert settings.settings_of({"kubeconfig": TO_COME}, RunDirectory(tmp_path)).to_come
    assert settings.is_to_come({"kubeconfig": TO_COME})
    assert settings.is_to_come({"context": UNKNOWN})
    assert not settings.is_to_come({"kubeconfig": kubeconfig()})


def identified(name: str, kubeconfig: str = kubeconfig()) -> dict[str, Any]:
    return {"kubeconfig": kubeconfig, "clusterIdentifier": name}


@pytest.mark.parametrize(
    ("old", "new", "another"),
    [
        ({"kubeconfig": kubeconfig()}, {"kubeconfig": kubeconfig(who="b")}, False),
        ({"kubeconfig": kubeconfig()}, {"kubeconfig": kubeconfig("https://two")}, True),
        ({"kubeconfig": kubeconfig()}, {"kubeconfig": TO_COME}, True),
        (identified("a"), identified("a", TO_COME), False),
        (identified("a"), identified("b"), True),
        ({"kubeconfig": "/no/such"}, {"kubeconfig": kubeconfig()}, False),
    ],
)  # fmt: skip
def test_whether_everything_has_to_be_made_anew(old: dict[str, Any], new: dict[str, Any], another: bool):
    assert settings.is_another_cluster(old, new) is another
