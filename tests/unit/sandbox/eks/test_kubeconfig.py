import json
from pathlib import Path

from sandbox.eks.kubeconfig import write_kubeconfig
from sandbox.kubernetes.plane_folder import PlaneFolder


def test_each_plane_has_a_context_and_the_default_region_is_meant_first(tmp_path: Path):
    planes: dict[str, PlaneFolder] = {}
    for port, region in enumerate(("eu-west-1", "us-east-1"), 6443):
        folder = PlaneFolder(tmp_path / region)
        folder.create(region, port)
        planes[f"main.{region}"] = folder
    file = tmp_path / "kubernetes" / "kubeconfig"
    write_kubeconfig(file, planes)
    document = json.loads(file.read_text())
    assert document["current-context"] == "main.us-east-1"
    assert [each["name"] for each in document["contexts"]] == ["main.eu-west-1", "main.us-east-1"]
    # Where clients reach it, not where the API server itself listens.
    assert [each["cluster"]["server"] for each in document["clusters"]] == [
        "https://127.0.0.1:6443",
        "https://127.0.0.1:6444",
    ]
    assert len({each["user"]["token"] for each in document["users"]}) == 2
    assert file.stat().st_mode & 0o077 == 0


def test_without_planes_there_is_an_empty_file(tmp_path: Path):
    write_kubeconfig(tmp_path / "kubeconfig", {})
    assert json.loads((tmp_path / "kubeconfig").read_text())["contexts"] == []
