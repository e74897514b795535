import io
import json
import ssl
from pathlib import Path
from typing import Any

import pytest

from sandbox.errors import SandboxError
from sandbox.kubernetes.api import Api
from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.plane_folder import PlaneFolder

APPS = {
    "resources": [
        {"name": "deployments", "kind": "Deployment", "namespaced": True},
        {"name": "deployments/scale", "kind": "Scale", "namespaced": True},
    ]
}


class Server:
    """Answers by method and path; what it does not know is not there."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], tuple[int, Any]] = {}
        self.asked: list[tuple[str, str, Any, dict[str, str]]] = []

    def connection(self, *_: object, **__: object) -> "Connection":
        return Connection(self)


class Connection:
    def __init__(self, server: Server) -> None:
        self.server = server
        self.status = 0

    def request(self, method: str, target: str, body: str | None, headers: dict[str, str]) -> None:
        self.server.asked.append((method, target, None if body is None else json.loads(body), headers))
        self.status, document = self.server.answers.get((method, target.split("?")[0]), (404, {"kind": "Status"}))
        self.text = document if isinstance(document, bytes) else json.dumps(document).encode()

    def getresponse(self) -> "Connection":
        return self

    def read(self) -> bytes:
        return io.BytesIO(self.text).read()

    def close(self) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server()
    monkeypatch.setattr("sandbox.kubernetes.api.http.client.HTTPSConnection", made.connection)
    return made


@pytest.fixture
def api(server: Server) -> Api:
    return Api("127.0.0.1", 6443, ssl.create_default_context(), "secret-token")


def deployment(**metadata: str) -> dict[str, Any]:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", **metadata}}


def test_an_object_is_applied_where_its_kind_lives(api: Api, server: Server):
    server.answers["GET", "/apis/apps/v1"] = (200, APPS)
    server.answers["PATCH", "/apis/apps/v1/namespaces/serving/deployments/web"] = (200, {"kind": "Deployment"})
    for _ in range(2):
        api.apply(deployment(namespace="serving"), "stanchion", dry_run=True)
    _, target, body, headers = server.asked[1]
    assert target.split("?")[1] == "fieldManager=stanchion&force=true&dryRun=All"
    assert headers["Content-Type"] == "application/apply-patch+yaml"
    assert headers["Authorization"] == "Bearer secret-token"
    assert body == deployment(namespace="serving")
    # Kinds are asked for once.
    assert [asked[0] for asked in server.asked] == ["GET", "PATCH", "PATCH"]


def test_an_object_without_a_namespace_and_one_of_the_whole_cluster(api: Api, server: Server):
    server.answers["GET", "/apis/apps/v1"] = (200, APPS)
    core = {"resources": [{"name": "nodes", "kind": "Node", "namespaced": False}]}
    server.answers["GET", "/api/v1"] = (200, core)
    assert api.path_of(deployment()) == "/apis/apps/v1/namespaces/default/deployments/web"
    assert api.path_of({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"}}) == "/api/v1/nodes/a"


def test_a_kind_that_comes_later_is_found_then(api: Api, server: Server):
    with pytest.raises(SandboxError, match="no kind 'Deployment' in apps/v1; its definition has to be applied first"):
        api.path_of(deployment())
    server.answers["GET", "/apis/apps/v1"] = (200, APPS)
    assert api.path_of(deployment()).endswith("/web")


def test_what_the_api_says_is_wrong_with_which_field(api: Api, server: Server):
    refusal = {
        "kind": "Status",
        "reason": "Conflict",
        "message": "Apply failed with 1 conflict",
        "details": {"causes": [{"field": ".spec.replicas", "message": "conflict with hpa"}]},
    }
    server.answers["PATCH", "/x"] = (409, refusal)
    with pytest.raises(ApiError, match="Apply failed with 1 conflict") as caught:
        api.patch("/x", {})
    assert (caught.value.status, caught.value.reason) == (409, "Conflict")
    assert caught.value.fields == {".spec.replicas": "conflict with hpa"}


@pytest.mark.parametrize("answer", [b"not json", [], {"kind": "Status", "details": None}])
def test_an_answer_that_says_nothing(api: Api, server: Server, answer: Any):
    server.answers["POST", "/x"] = (500, answer)
    with pytest.raises(ApiError, match="the API server answers 500"):
        api.create("/x", {})


def test_what_is_not_there(api: Api, server: Server):
    assert api.get("/x") is None
    assert not api.delete("/x")
    with pytest.raises(ApiError) as caught:
        api.items("/x")
    assert caught.value.status == 404


def test_the_end_of_an_object(api: Api, server: Server):
    server.answers["DELETE", "/x"] = (200, {})
    assert api.delete("/x", grace_seconds=0, propagation="Foreground")
    options = server.asked[0][2]
    assert (options["gracePeriodSeconds"], options["propagationPolicy"]) == (0, "Foreground")
    api.delete("/x")
    assert "gracePeriodSeconds" not in server.asked[1][2]


def test_nothing_listens(tmp_path: Path):
    folder = PlaneFolder(tmp_path / "plane")
    folder.create("us-east-1")
    api = Api.from_kubeconfig(folder.kubeconfig)
    assert not api.ready()
    with pytest.raises(ApiError, match=rf"at 127\.0\.0\.1:{api.port} does not answer: .*refused"):
        api.get("/x")
    assert api.token not in repr(api)


def test_a_control_plane_that_never_ran(tmp_path: Path):
    with pytest.raises(SandboxError, match=r"kubeconfig can't be read .*; the control plane has to be started first"):
        Api.from_kubeconfig(tmp_path / "kubeconfig")
