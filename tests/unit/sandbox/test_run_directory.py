import shutil
import stat
from collections import namedtuple
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.run_directory import CHECKOUT, DIRECTORY_VARIABLE, Ports, RunDirectory


def test_the_default_lies_in_the_checkout(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(DIRECTORY_VARIABLE, raising=False)
    assert RunDirectory.resolve().path == CHECKOUT / ".stanchion" / "local"
    assert RunDirectory.resolve().is_default


def test_an_argument_goes_before_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv(DIRECTORY_VARIABLE, str(tmp_path / "a"))
    assert RunDirectory.resolve().path == tmp_path / "a"
    assert RunDirectory.resolve(tmp_path / "b").path == tmp_path / "b"


def test_nobody_else_can_read_it(tmp_path: Path):
    directory = RunDirectory(tmp_path / "run")
    directory.create()
    for folder in (directory.path, directory.logs, directory.pulumi_state):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_ports_are_read_back(tmp_path: Path):
    directory = RunDirectory(tmp_path)
    assert directory.read_ports() is None
    directory.write_ports(Ports(1, 2, 3))
    assert directory.read_ports() == Ports(1, 2, 3)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 0, "ports": {}}', '{"format": 1, "ports": {"x": 1}}'])
def test_a_file_that_is_no_cloud_file_counts_as_none(tmp_path: Path, content: str):
    directory = RunDirectory(tmp_path)
    directory.cloud_file.write_text(content, encoding="utf-8")
    assert directory.read_ports() is None


def test_a_full_disk_is_said_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(100, 95, 5 * 2**20))
    with pytest.raises(
        SandboxError, match=r"5 MB are free .* at least 256 MB are needed; free some, or set STANCHION_"
    ):
        RunDirectory(tmp_path / "run").create()


def test_a_place_that_can_not_be_written_to(tmp_path: Path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SandboxError, match=r"can.t keep its files in .*; set STANCHION_SANDBOX_DIR"):
        RunDirectory(tmp_path / "file" / "run").create()
