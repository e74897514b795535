import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.kubernetes.process_node.environment import (
    COMMAND,
    ConfigError,
    Place,
    command_of,
    environment_of,
    expand,
    fill_volumes,
)

OBJECTS: dict[str, dict[str, Any]] = {
    "/api/v1/namespaces/team/configmaps/settings": {
        "data": {"MODE": "fast", "LEVEL": "3"},
        "binaryData": {"blob": base64.b64encode(b"\x00\x01").decode()},
    },
    "/api/v1/namespaces/team/secrets/keys": {"data": {"token": base64.b64encode(b"s3cret").decode()}},
}


async def read(path: str) -> dict[str, Any] | None:
    return OBJECTS.get(path)


async def create(path: str, document: dict[str, Any]) -> dict[str, Any]:
    """The API server's answer to a question for a token, as far as it is told apart here."""
    bound = document["spec"]["boundObjectRef"]
    return {"status": {"token": f"{path} {bound['name']} {bound['uid']} {document['spec']['audiences']}"}}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place("127.18.3.9", "node-a", tmp_path)


def pod(container: dict[str, Any] | None = None, annotations: dict[str, str] | None = None) -> dict[str, Any]:
    metadata = {
        "name": "web-1",
        "namespace": "team",
        "uid": "u-1",
        "labels": {"stanchion.dev/slot": "blue"},
        "annotations": annotations or {},
    }
    return {"metadata": metadata, "spec": {"containers": [{"name": "server", **(container or {})}]}}


def given_to(place: Place, **container: Any) -> dict[str, str]:
    made = pod(container)
    return asyncio.run(environment_of(made, made["spec"]["containers"][0], place, read))


def field(path: str) -> dict[str, Any]:
    return {"name": "X", "valueFrom": {"fieldRef": {"fieldPath": path}}}


def test_a_pod_without_a_command_and_one_with_it():
    assert command_of(pod()) is None
    assert command_of(pod(annotations={COMMAND: '["python", "-m", "server"]'})) == ["python", "-m", "server"]


@pytest.mark.parametrize("text", ["python -m server", "[]", '{"a": 1}', '["a", 1]', '"a"', ""])
def test_what_is_no_command(text: str):
    with pytest.raises(ConfigError, match=r"stanchion\.dev/local-command is '.*', which is no JSON list of words"):
        command_of(pod(annotations={COMMAND: text}))


def test_names_in_a_command_are_filled_in():
    assert expand("--port=$(PORT)", {"PORT": "80"}) == "--port=80"
    assert expand("$(A)$(B)", {"A": "$(B)", "B": "b"}) == "$(B)b"
    # As Kubernetes does: a name nobody knows stays, and so does what is escaped.
    assert expand("$(NO) $$(PORT) $PORT", {"PORT": "80"}) == "$(NO) $(PORT) $PORT"


@given(st.text(st.characters(blacklist_characters="$"), max_size=20))
def test_a_value_that_went_in_comes_out(value: str):
    assert expand("<$(A)>", {"A": value}) == f"<{value}>"


def test_a_process_knows_its_address_its_port_and_nothing_of_the_user_s_shell(
    place: Place, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("http_proxy", "http://proxy")
    found = given_to(place, ports=[{"name": "http", "containerPort": 8000}, {"containerPort": 9000}])
    assert (found["STANCHION_POD_ADDRESS"], found["PORT"]) == ("127.18.3.9", "8000")
    assert found["HOSTNAME"] == "web-1"
    assert not {"AWS_SECRET_ACCESS_KEY", "http_proxy"} & set(found)


def test_what_the_pod_says_goes_before_what_the_place_says_and_may_use_it(place: Place):
    env = [
        {"name": "PORT", "value": "1234"},
        {"name": "URL", "value": "http://$(STANCHION_POD_ADDRESS):$(PORT)"},
        {"name": "LATER", "value": "$(AFTER)"},
        {"name": "AFTER", "value": ""},
    ]
    found = given_to(place, ports=[{"containerPort": 8000}], env=env)
    assert found["URL"] == "http://127.18.3.9:1234"
    # Only what was named before.
    assert (found["LATER"], found["AFTER"]) == ("$(AFTER)", "")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.name", "web-1"),
        ("metadata.namespace", "team"),
        ("metadata.uid", "u-1"),
        ("metadata.labels['stanchion.dev/slot']", "blue"),
        ("metadata.annotations['none']", ""),
        ("spec.nodeName", "node-a"),
        ("spec.serviceAccountName", "default"),
        ("status.podIP", "127.18.3.9"),
    ],
)
def test_fields_of_the_pod(place: Place, path: str, value: str):
    assert given_to(place, env=[field(path)])["X"] == value


def test_values_of_config_maps_and_secrets(place: Place):
    env = [
        {"name": "A", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "token"}}},
        {"name": "B", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "MODE"}}},
        {"name": "C", "valueFrom": {"configMapKeyRef": {"name": "none", "key": "x", "optional": True}}},
        {"name": "CPUS", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
    ]
    sources = [{"prefix": "P_", "configMapRef": {"name": "settings"}}]
    found = given_to(place, env=env, envFrom=sources, resources={"limits": {"cpu": "2"}})
    assert (found["A"], found["B"], found["P_LEVEL"], found["CPUS"]) == ("s3cret", "fast", "3", "2")
    assert "C" not in found


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"secretKeyRef": {"name": "none", "key": "a"}}, "/api/v1/namespaces/team/secrets/none is not there"),
        ({"secretKeyRef": {"name": "keys", "key": "a"}}, "/api/v1/namespaces/team/secrets/keys has no key 'a'"),
        ({"fieldRef": {"fieldPath": "spec.priority"}}, "the field 'spec.priority', which a process node can't give"),
        ({"resourceFieldRef": {"resource": "limits.cpu"}}, "which a process node can't give"),
        ({"fileKeyRef": {"key": "a"}}, "which a process node can't give"),
    ],
)
def test_what_can_t_be_had_is_said(place: Place, source: dict[str, Any], said: str):
    with pytest.raises(ConfigError) as caught:
        given_to(place, env=[{"name": "X", "valueFrom": source}])
    assert said in str(caught.value)


def test_volumes_are_folders_and_a_process_knows_where(place: Place):
    made = pod()
    made["spec"]["volumes"] = [
        {"name": "model-weights", "emptyDir": {}},
        {"name": "all", "configMap": {"name": "settings"}},
        {"name": "some", "secret": {"secretName": "keys", "items": [{"key": "token", "path": "a/b"}]}},
        {"name": "maybe", "secret": {"secretName": "none", "optional": True}},
    ]
    asyncio.run(fill_volumes(made, place, read, create))
    found = asyncio.run(environment_of(made, made["spec"]["containers"][0], place, read))
    assert Path(found["STANCHION_VOLUME_MODEL_WEIGHTS"]).is_dir()
    assert {file.name: file.read_bytes() for file in Path(found["STANCHION_VOLUME_ALL"]).iterdir()} == {
        "MODE": b"fast",
        "LEVEL": b"3",
        "blob": b"\x00\x01",
    }
    assert (Path(found["STANCHION_VOLUME_SOME"]) / "a/b").read_bytes() == b"s3cret"
    made["spec"]["volumes"] = [{"name": "x", "configMap": {"name": "none"}}]
    with pytest.raises(ConfigError, match="configmaps/none is not there"):
        asyncio.run(fill_volumes(made, place, read, create))


def test_a_projected_volume_has_a_token_of_the_pods_account_and_what_is_beside_it(place: Place):
    made = pod()
    made["spec"]["serviceAccountName"] = "reader"
    made["spec"]["volumes"] = [
        {
            "name": "api",
            "projected": {
                "sources": [
                    {"serviceAccountToken": {"path": "token", "audience": "there"}},
                    {"configMap": {"name": "settings", "items": [{"key": "MODE", "path": "mode"}]}},
                    {"secret": {"name": "keys", "items": [{"key": "token", "path": "secret"}]}},
                ]
            },
        }
    ]
    asyncio.run(fill_volumes(made, place, read, create))
    folder = place.volume("api")
    account = "/api/v1/namespaces/team/serviceaccounts/reader/token"
    assert (folder / "token").read_text() == f"{account} web-1 u-1 ['there']"
    # Nobody else of this machine reads it.
    assert (folder / "token").stat().st_mode & 0o077 == 0
    assert (folder / "mode").read_bytes() == b"fast"
    assert (folder / "secret").read_bytes() == b"s3cret"


def test_a_process_knows_the_api_and_the_local_cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("STANCHION_FRONT_DOOR_PORT", raising=False)
    place = Place("127.18.3.9", "node-a", tmp_path, {"KUBERNETES_SERVICE_HOST": "127.0.0.1"})
    assert "AWS_ENDPOINT_URL" not in given_to(place)
    monkeypatch.setenv("STANCHION_FRONT_DOOR_PORT", "4567")
    found = given_to(place, env=[{"name": "AWS_REGION", "value": "us-west-2"}])
    assert found["KUBERNETES_SERVICE_HOST"] == "127.0.0.1"
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4567"
    assert found["AWS_REGION"] == "us-west-2"


def test_the_annotation_is_plain_json():
    words = ["a b", "ü", '"']
    assert command_of(pod(annotations={COMMAND: json.dumps(words)})) == words
