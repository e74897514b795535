import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox.errors import SandboxFailedError
from sandbox.kubernetes.children import MARK, Children
from sandbox.kubernetes.plane_folder import PlaneFolder
from sandbox.processes.marked import marked, wait_gone
from sandbox.run_directory import CHECKOUT


@pytest.fixture
def folder(tmp_path: Path) -> PlaneFolder:
    made = PlaneFolder(tmp_path)
    for needed in (made.home, made.log_of("").parent):
        needed.mkdir()
    return made


def test_programs_run_until_they_are_stopped(folder: PlaneFolder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    children = Children(folder)
    children.start("a", ["sh", "-c", "env; exec sleep 600"], {"GIVEN": "1"})
    deadline = time.monotonic() + 20
    while "GIVEN=1" not in (text := folder.log_of("a").read_text()):
        assert time.monotonic() < deadline
    assert "AWS_SECRET_ACCESS_KEY" not in text
    children.check()
    assert [process.pid for process in marked(MARK, str(folder.path))] == list(children.pids().values())
    children.stop()
    assert not marked(MARK, str(folder.path))
    assert not children.pids()


def test_a_program_that_ended_is_said_with_its_last_lines(folder: PlaneFolder):
    children = Children(folder)
    children.start("a", ["sh", "-c", "echo why; exit 3"], {})
    os.waitid(os.P_PID, children.pids()["a"], os.WEXITED | os.WNOWAIT)
    with pytest.raises(SandboxFailedError, match=r"a ended \(exit code 3\); the last lines of .*a\.log:\n  why"):
        children.check()
    # The log of the last start is kept beside.
    children.start("a", ["true"], {})
    assert folder.log_of("a").with_suffix(".log.1").read_text() == "why\n"
    children.stop()


def test_they_die_with_whoever_started_them(folder: PlaneFolder):
    script = f"""
import time
from pathlib import Path
from sandbox.kubernetes.children import Children
from sandbox.kubernetes.plane_folder import PlaneFolder
Children(PlaneFolder(Path({str(folder.path)!r}))).start("a", ["sleep", "600"], {{}})
print("up", flush=True)
time.sleep(600)
"""
    starter = subprocess.Popen([sys.executable, "-c", script], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    assert starter.stdout.readline() == "up\n"
    left = marked(MARK, str(folder.path))
    assert len(left) == 1
    starter.kill()
    starter.communicate()
    assert not wait_gone(left, 10)
