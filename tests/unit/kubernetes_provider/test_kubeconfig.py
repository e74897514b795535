import base64
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.kubernetes.plane_folder import PlaneFolder
from sandbox.kubernetes_provider import kubeconfig
from sandbox.provider.errors import ConfigurationError
from sandbox.run_directory import RunDirectory

EXEC = {"exec": {"command": "/bin/false", "args": ["eks", "get-token"]}}


def document(server: str = "https://127.0.0.1:6443", user: Any = None, **cluster: str) -> dict[str, Any]:
    return {
        "current-context": "here",
        "contexts": [
            {"name": "here", "context": {"cluster": "one", "user": "me", "namespace": "mine"}},
            {"name": "there", "context": {"cluster": "two", "user": "me"}},
        ],
        "clusters": [
            {"name": "one", "cluster": {"server": server, **cluster}},
            {"name": "two", "cluster": {"server": "https://two:1"}},
        ],
        "users": [{"name": "me", "user": EXEC if user is None else user}],
    }


@pytest.fixture
def plane(tmp_path: Path) -> tuple[RunDirectory, PlaneFolder]:
    folder = PlaneFolder(tmp_path / "kubernetes" / "us-east-1" / "main")
    folder.create("us-east-1")
    # What the local cloud keeps beside its control planes.
    (tmp_path / "kubernetes" / "kubeconfig").write_text("{}", encoding="utf-8")
    return RunDirectory(tmp_path), folder


def own(folder: PlaneFolder) -> tuple[dict[str, Any], str]:
    found = json.loads(folder.kubeconfig.read_text(encoding="utf-8"))
    return found["clusters"][0]["cluster"], found["users"][0]["user"]["token"]


@pytest.mark.parametrize("write", [json.dumps, yaml.safe_dump])
def test_the_content_of_a_kubeconfig(write: Any):
    found = kubeconfig.read(write(document()))
    assert (found.server, found.namespace, found.user) == ("https://127.0.0.1:6443", "mine", EXEC)
    other = kubeconfig.read(write(document()), context="there")
    assert (other.server, other.namespace) == ("https://two:1", "default")
    assert kubeconfig.read(write(document()), cluster="two").server == "https://two:1"


def test_the_path_of_one(tmp_path: Path):
    file = tmp_path / "kubeconfig"
    file.write_text(json.dumps(document(), indent=1), encoding="utf-8")
    assert kubeconfig.read(str(file)).namespace == "mine"
    with pytest.raises(ConfigurationError, match=r"none can't be read \(No such file"):
        kubeconfig.read(str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [\n", "neither JSON nor YAML"),
        ("{", "neither JSON nor YAML"),
        ("- a\n- b\n", "is no mapping"),
        (
            json.dumps({**document(), "current-context": "other"}),
            "no context 'other' in its contexts; it has: here, there",
        ),
        (json.dumps({**document(), "clusters": []}), "no cluster 'one' in its clusters; it has: none"),
        (json.dumps(document(server="http://plain")), "no server that starts with https://"),
    ],
)
def test_what_can_not_be_used(text: str, said: str):
    with pytest.raises(ConfigurationError, match=said):
        kubeconfig.read(text)


def test_the_token_of_the_local_control_plane_takes_the_place_of_a_program(plane: tuple[RunDirectory, PlaneFolder]):
    directory, folder = plane
    cluster, token = own(folder)
    data = base64.b64encode(folder.authority.certificate.read_bytes()).decode()
    target = kubeconfig.read(json.dumps(document(cluster["server"], **{"certificate-authority-data": data})))
    api = kubeconfig.connect(target, directory)
    assert (api.token, f"https://{api.host}:{api.port}") == (token, cluster["server"])
    assert list(kubeconfig.planes(directory)) == [folder.kubeconfig]


def test_a_cluster_that_the_local_cloud_does_not_have(plane: tuple[RunDirectory, PlaneFolder]):
    directory, folder = plane
    target = kubeconfig.read(json.dumps(document(**own(folder)[0] | {"server": "https://127.0.0.1:1"})))
    with pytest.raises(
        ConfigurationError, match=r"no cluster of the local cloud in .* is at https://127\.0\.0\.1:1; start it"
    ):
        kubeconfig.connect(target, directory)


def test_a_user_with_a_token(plane: tuple[RunDirectory, PlaneFolder], tmp_path: Path):
    directory, folder = plane
    trust = {"certificate-authority": str(folder.authority.certificate)}
    for user in ({"token": "mine"}, {"tokenFile": str(tmp_path / "token")}):
        (tmp_path / "token").write_text("mine\n", encoding="utf-8")
        target = kubeconfig.read(json.dumps(document(user=user, **trust)))
        assert kubeconfig.connect(target, directory).token == "mine"
    with pytest.raises(ConfigurationError, match="neither token, tokenFile nor exec"):
        kubeconfig.connect(kubeconfig.read(json.dumps(document(user={"username": "a"}, **trust))), directory)
    with pytest.raises(ConfigurationError, match=r"tokenFile /no/such can't be read"):
        kubeconfig.connect(kubeconfig.read(json.dumps(document(user={"tokenFile": "/no/such"}, **trust))), directory)


@pytest.mark.parametrize(
    ("trust", "said"),
    [
        ({}, "neither certificate-authority-data nor certificate-authority"),
        ({"insecure-skip-tls-verify": "true"}, "a cluster is never trusted blindly"),
        ({"certificate-authority-data": "!"}, "certificate authority of https://127.0.0.1:6443 can't be read"),
        ({"certificate-authority": "/no/such"}, "certificate authority of https://127.0.0.1:6443 can't be read"),
    ],
)
def test_nobody_is_trusted_without_a_reason(tmp_path: Path, trust: dict[str, str], said: str):
    with pytest.raises(ConfigurationError, match=said):
        kubeconfig.connect(kubeconfig.read(json.dumps(document(user={"token": "a"}, **trust))), RunDirectory(tmp_path))


def test_a_plane_whose_file_is_being_written_is_passed_over(plane: tuple[RunDirectory, PlaneFolder]):
    directory, folder = plane
    cluster, token = own(folder)
    broken = PlaneFolder(directory.path / "kubernetes" / "eu-west-1" / "main")
    broken.path.mkdir(parents=True)
    broken.kubeconfig.write_text("{", encoding="utf-8")
    assert kubeconfig.connect(kubeconfig.read(json.dumps(document(**cluster))), directory).token == token
