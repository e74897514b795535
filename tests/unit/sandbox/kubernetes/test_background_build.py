import subprocess
import sys
from typing import Any

import pytest

from sandbox.errors import SandboxFailedError
from sandbox.kubernetes import background_build
from sandbox.kubernetes.background_build import BackgroundBuild
from sandbox.kubernetes.binaries import SCHEMAS


def running(program: str) -> BackgroundBuild:
    return BackgroundBuild(
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    )


def test_what_it_says_is_told_to_the_end():
    told: list[str] = []
    running("print('building etcd'); print('etcd built')").wait(told.append)
    assert told == ["building etcd", "etcd built"]


def test_a_build_that_fails_says_its_last_lines():
    build = running("import sys; print('no space left'); sys.exit(1)")
    with pytest.raises(SandboxFailedError, match="no space left"):
        build.wait(lambda _: None)


def test_a_build_is_ended_with_what_started_it():
    build = running("import time; print('begun', flush=True); time.sleep(600)")
    build.stop()
    with pytest.raises(SandboxFailedError):
        build.wait(lambda _: None)


def test_only_what_is_missing_is_built_the_definitions_first(monkeypatch: pytest.MonkeyPatch):
    started: list[list[str]] = []
    monkeypatch.setattr(background_build, "missing", lambda names: [name for name in names if name != "etcd"])
    monkeypatch.setattr(subprocess, "Popen", lambda command, **_: started.append(command))
    BackgroundBuild.start()
    names = started[0][started[0].index("build") + 1 :]
    assert tuple(names[: len(SCHEMAS)]) == SCHEMAS
    assert "etcd" not in names
    assert "karpenter" not in names


def test_nothing_is_started_when_all_is_there(monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("nothing to build")

    monkeypatch.setattr(background_build, "missing", lambda _: [])
    monkeypatch.setattr(subprocess, "Popen", refuse)
    assert BackgroundBuild.start() is None
