import base64
from copy import deepcopy
from typing import Any

import pytest

from sandbox.kubernetes_provider import reading
from tests.unit.kubernetes_provider.api_stub import StubApi, cluster_of, config_map, in_cluster, refusal

US = "pulumi-kubernetes-1"


@pytest.fixture
def api() -> StubApi:
    return StubApi()


def now(api: StubApi, live: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    return reading.inputs_now(cluster_of(api), live, wanted, US, ())


def test_without_a_difference_nobody_is_asked(api: StubApi):
    wanted = config_map()
    assert now(api, in_cluster(wanted, generation=3), wanted) is wanted
    assert not api.asked


def test_what_the_server_writes_in_another_way_is_the_same(api: StubApi):
    wanted = config_map() | {"spec": {"cpu": "1000m", "ports": [{"port": 80}], "empty": {}}}
    live = in_cluster(config_map()) | {"spec": {"cpu": "1", "ports": [{"port": 80, "protocol": "TCP"}]}}
    api.answers = [deepcopy(live)]
    assert now(api, live, wanted) == wanted
    assert api.applied() == [(wanted, US, True, True)]


def test_what_has_drifted_is_as_the_cluster_has_it(api: StubApi):
    wanted = config_map(a="1", b="2") | {"list": [{"x": "1000m"}, {"x": "2"}]}
    expected = in_cluster(config_map(a="1", b="2")) | {"list": [{"x": "1"}, {"x": "2"}]}
    live = in_cluster(config_map(a="changed")) | {"list": [{"x": "1"}, {"x": "3"}]}
    api.answers = [expected]
    found = now(api, live, wanted)
    assert found["data"] == {"a": "changed"}, "b was taken away"
    assert found["list"] == [{"x": "1000m"}, {"x": "3"}]


def test_a_list_of_another_length_is_taken_whole(api: StubApi):
    wanted, live = config_map() | {"list": [1]}, in_cluster(config_map()) | {"list": [1, 2]}
    assert now(api, live, wanted)["list"] == [1, 2]


def test_what_can_no_longer_be_applied_is_compared_as_it_is(api: StubApi):
    api.answers = [refusal(422, "Invalid", data="no")]
    assert now(api, in_cluster(config_map(a="2")), config_map(a="1"))["data"] == {"a": "2"}


def test_texts_of_a_secret_are_read_from_its_data(api: StubApi):
    def encoded(text: bytes) -> str:
        return base64.b64encode(text).decode()

    identity = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}}
    wanted = identity | {"stringData": {"same": "1", "changed": "2", "gone": "3", "binary": "4"}}
    data = {"same": encoded(b"1"), "changed": encoded(b"5"), "binary": encoded(b"\xff")}
    found = now(api, identity | {"data": data}, wanted)
    assert found["stringData"] == {"same": "1", "changed": "5", "binary": encoded(b"\xff")}


def test_what_a_program_would_say_of_an_imported_object():
    live = in_cluster(config_map(), annotations={"deployment.kubernetes.io/revision": "1"}, generation=1)
    live["status"] = {"phase": "Active"}
    assert reading.inputs_of_import(live) == config_map()
    live["metadata"]["annotations"]["mine"] = "1"
    assert reading.inputs_of_import(live)["metadata"]["annotations"] == {"mine": "1"}
