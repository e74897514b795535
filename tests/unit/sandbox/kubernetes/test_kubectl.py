import json
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.kubernetes import kubectl

BUILT = Path("/cache/kubectl")


@pytest.fixture(autouse=True)
def _built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubectl, "build", lambda names, tell: dict.fromkeys(names, BUILT))


def kubeconfig(folder: Path, *names: str) -> Path:
    file = folder / "kubeconfig"
    file.write_text(json.dumps({"contexts": [{"name": name} for name in names]}), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("region", "arguments", "line"),
    [
        (None, ["get", "pods"], ["kubectl", "get", "pods"]),
        ("us-west-2", ["get", "pods"], ["kubectl", "--context", "main.us-west-2", "get", "pods"]),
        ("us-west-2", ["--context=other", "get", "pods"], ["kubectl", "--context=other", "get", "pods"]),
        ("us-west-2", ["get", "pods", "--context", "x"], ["kubectl", "get", "pods", "--context", "x"]),
    ],
)
def test_the_cluster_of_the_region_is_meant_unless_somebody_names_one(
    tmp_path: Path, region: str | None, arguments: list[str], line: list[str]
):
    file = kubeconfig(tmp_path, "main.us-east-1", "main.us-west-2")
    assert kubectl.command(file, region, arguments, print) == (BUILT, line)


@pytest.mark.parametrize(
    ("names", "region", "message"),
    [
        ((), None, "has no cluster; `make up` makes one"),
        (("main.us-east-1",), "us-west-2", "no cluster in region 'us-west-2'; allowed: us-east-1"),
        (("a.us-east-1", "b.us-east-1"), "us-east-1", "has several clusters; name one: `-- --context a.us-east-1"),
    ],
)
def test_without_one_cluster_to_mean_it_says_so(
    tmp_path: Path, names: tuple[str, ...], region: str | None, message: str
):
    with pytest.raises(SandboxError, match=message):
        kubectl.command(kubeconfig(tmp_path, *names), region, ["get", "pods"], print)


def test_a_cloud_that_never_had_a_cluster_has_no_file(tmp_path: Path):
    with pytest.raises(SandboxError, match="has no cluster"):
        kubectl.command(tmp_path / "kubeconfig", None, ["get", "pods"], print)
