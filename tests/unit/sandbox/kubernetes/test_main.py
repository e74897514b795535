from pathlib import Path

import pytest

from sandbox.builds.cache import CACHE_VARIABLE
from sandbox.kubernetes.__main__ import main


@pytest.fixture(autouse=True)
def _empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))


@pytest.mark.parametrize("flag", ["v=2", "kwok.v", ".v=2", "kwok.=2"])
def test_what_is_no_flag_of_a_program(tmp_path: Path, capsys: pytest.CaptureFixture[str], flag: str):
    assert main(["run", str(tmp_path), "--region", "us-east-1", "--flag", flag]) == 2
    assert f"error: '{flag}' is no flag; write PROGRAM.FLAG=VALUE" in capsys.readouterr().err


def test_a_run_does_not_build(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["run", str(tmp_path), "--region", "us-east-1", "--flag", "kwok.v=debug"]) == 2
    assert "etcd, kube-apiserver, " in (said := capsys.readouterr().err)
    assert "are not built yet; build with `python -m sandbox.kubernetes build etcd" in said


def test_where_nothing_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["status", str(tmp_path)]) == 1
    assert main(["stop", str(tmp_path / "never")]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"no control plane runs in {tmp_path}",
        f"no control plane ran in {tmp_path / 'never'}",
    ]
