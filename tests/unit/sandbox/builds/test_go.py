import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sandbox.builds import go
from sandbox.builds.go import GoModule
from sandbox.engine.launchers import write_script
from sandbox.errors import SandboxError, SandboxFailedError


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr(shutil, "which", lambda name: str(folder / name) if (folder / name).exists() else None)
    return folder


def module(tmp_path: Path, **more: object) -> GoModule:
    folder = tmp_path / "module"
    folder.mkdir(exist_ok=True)
    return GoModule(folder, "the tool", 2**20, (1, 26), "install Go 1.26 or newer", **more)  # type: ignore[arg-type]


def install_go(path: Path, version: str) -> Path:
    """A Go that knows its version, and tells of a build what it was given and how it was run."""
    write_script(
        path / "go",
        f"""[ "$1" = env ] && echo {version} && exit 0
echo "$@" > "$OLDPWD/told"; nice > "$OLDPWD/priority"; env > "$OLDPWD/environment"
""",
    )
    return path / "go"


@pytest.mark.parametrize("version", [None, "go1.25.9", "devel"])
def test_without_a_new_enough_go_it_is_installed_or_the_error_says_so(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str | None
):
    if version:
        install_go(path, version)
    commands: list[list[str]] = []

    def refuse(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        if command[0] == str(path / "go"):
            return subprocess.CompletedProcess(command, 0, f"{version}\n")
        if "pip" not in command:
            raise FileNotFoundError(command[0])
        commands.append(command)
        return subprocess.CompletedProcess(command, 1, "no index answers")

    monkeypatch.setattr(go.venv, "create", lambda *_, **__: None)
    monkeypatch.setattr(go.subprocess, "run", refuse)
    with pytest.raises(
        SandboxError, match=r"no Go to build the tool .*install Go 1\.26 or newer(.|\n)*no index answers"
    ):
        module(tmp_path).find_go(tmp_path / "go", print)
    assert "--require-hashes" in commands[0]


@pytest.mark.parametrize(("background", "priority"), [(False, os.nice(0)), (True, 19)])
def test_a_build_in_the_background_has_the_lowest_priority(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, background: bool, priority: int
):
    monkeypatch.setenv("OLDPWD", str(tmp_path))
    go_here = install_go(path, "go1.26.0")
    tool = module(tmp_path, background=background, environment={"CGO_ENABLED": "0"})
    assert tool.find_go(tmp_path / "go", print) == str(go_here)
    tool.build(str(go_here), "example.com/tool", "-s", tmp_path / "out")
    assert (tmp_path / "told").read_text().split() == [
        "build",
        "-ldflags",
        "-s",
        "-o",
        f"{tmp_path}/out",
        "example.com/tool",
    ]
    assert int((tmp_path / "priority").read_text()) == priority
    assert {"CGO_ENABLED=0", "GOFLAGS=-mod=readonly"} <= set((tmp_path / "environment").read_text().splitlines())


def test_a_go_that_can_not_be_run_is_a_sentence(tmp_path: Path):
    with pytest.raises(SandboxFailedError, match="go can't be run: No such file or directory"):
        module(tmp_path).build(str(tmp_path / "go"), "example.com/tool", "", tmp_path / "out")


def test_the_version_is_the_one_go_mod_requires(tmp_path: Path):
    tool = module(tmp_path)
    (tool.folder / "go.mod").write_text(
        "module x\n\nrequire (\n\texample.com/a v1.2.3\n\texample.com/a/b v4.5.6 // indirect\n)\n"
    )
    assert (tool.version_of("example.com/a"), tool.version_of("example.com/a/b")) == ("1.2.3", "4.5.6")
    with pytest.raises(ValueError, match=r"does not require example\.com/c"):
        tool.version_of("example.com/c")
