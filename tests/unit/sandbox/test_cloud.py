from pathlib import Path

import pytest

from sandbox import cloud
from sandbox.errors import SandboxError
from sandbox.ports import choose_ports
from sandbox.run_directory import RunDirectory


def test_a_cloud_that_was_never_started(tmp_path: Path):
    with pytest.raises(SandboxError, match=r"is not running; start it with `make up` or `stanchion sandbox start`"):
        cloud.environment_variables(tmp_path)
    assert cloud.status(tmp_path).endpoint is None
    assert not cloud.status(tmp_path).running
    assert not cloud.stop(root=tmp_path)


def test_another_servers_answer_on_an_old_port_is_not_taken_for_the_cloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    directory = RunDirectory(tmp_path)
    directory.create()
    directory.write_ports(choose_ports(None))
    monkeypatch.setattr(cloud, "healthy", lambda *_: True)
    with pytest.raises(SandboxError, match="is not running"):
        cloud.environment_variables(tmp_path)


def test_cleaning_removes_a_run_directory_and_nothing_else(tmp_path: Path):
    directory = RunDirectory(tmp_path / "run")
    directory.create()
    cloud.clean(root=directory.path)
    assert not directory.path.exists()
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("years", encoding="utf-8")
    cloud.clean(root=other)
    assert (other / "thesis.txt").exists()


def test_the_users_exceptions_from_the_proxy_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cloud, "_running", lambda _: 4001)
    monkeypatch.setenv("NO_PROXY", "example.org")
    variables = cloud.environment_variables(tmp_path)
    assert variables["NO_PROXY"] == "example.org,127.0.0.1,localhost"
    assert variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4001"
    assert "AWS_REGION" not in variables


def test_path_names_the_engine_once_and_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cloud, "_running", lambda _: 4001)
    monkeypatch.setenv("PATH", f"/usr/bin:{tmp_path}/bin")
    assert cloud.environment_variables(tmp_path)["PATH"] == f"{tmp_path}/bin:/usr/bin"


def test_the_default_directory_is_not_handed_to_other_checkouts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cloud, "_running", lambda _: 4001)
    monkeypatch.delenv("STANCHION_SANDBOX_DIR", raising=False)
    assert "STANCHION_SANDBOX_DIR" not in cloud.environment_variables()
    assert cloud.environment_variables(tmp_path)["STANCHION_SANDBOX_DIR"] == str(tmp_path)
