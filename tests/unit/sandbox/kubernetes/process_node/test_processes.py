import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from sandbox.errors import SandboxError
from sandbox.kubernetes.process_node import processes
from sandbox.kubernetes.process_node.logs import Log
from sandbox.kubernetes.process_node.processes import Process, never_started, refuse_other_systems
from sandbox.processes.marked import marked
from sandbox.run_directory import CHECKOUT

MARK = "STANCHION_TEST_PROCESSES"


@pytest.fixture
def run(tmp_path: Path):
    """Start a shell's script, and do something with it."""

    def do(script: str, then: Callable[[Process], Any]) -> Any:
        async def main() -> Any:
            environment = {"PATH": os.defpath, MARK: str(tmp_path)}
            return await then(
                Process.start(["sh", "-c", script], environment, tmp_path, Log(tmp_path / "log"), f"{tmp_path}/1")
            )

        return asyncio.run(main())

    return do


def until(true: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline, "it did not become so"
        time.sleep(0.01)


async def seen(file: Path, text: str) -> None:
    async with asyncio.timeout(20):
        while not (file.is_file() and text in file.read_text()):
            await asyncio.sleep(0.01)


def test_how_a_process_ended_and_what_it_wrote(run: Any, tmp_path: Path):
    ended = run("echo out; echo err >&2; pwd; exit 3", lambda process: process.ended)
    assert (ended.code, ended.signal) == (3, 0)
    assert ended.started <= ended.finished
    assert (tmp_path / "log").read_text() == f"out\nerr\n{tmp_path}\n"


def test_nothing_of_a_container_goes_on_when_its_first_process_has_ended(run: Any, tmp_path: Path):
    # One in its session, and one that left it.
    run("sleep 600 & setsid sleep 600 & exit 0", lambda process: process.ended)
    until(lambda: not marked(MARK, str(tmp_path)))


def test_only_the_first_process_is_asked_to_end_and_all_are_killed(run: Any, tmp_path: Path):
    async def end(process: Process) -> Any:
        await seen(tmp_path / "log", "up")
        process.terminate()
        await seen(tmp_path / "log", "asked")
        assert not process.ended.done()
        process.kill()
        return await process.ended

    ended = run("trap 'echo asked' TERM; echo up; while :; do sleep 0.05; done", end)
    assert (ended.code, ended.signal) == (128 + signal.SIGKILL, signal.SIGKILL)
    assert (tmp_path / "log").read_text() == "up\nasked\n"

    until(lambda: not marked(MARK, str(tmp_path)))


def test_a_process_that_has_ended_can_be_ended_again(run: Any):
    async def twice(process: Process) -> Any:
        await process.ended
        process.terminate()
        process.kill()
        return await process.ended

    assert run("exit 0", twice).code == 0


def test_it_dies_with_whoever_started_it(tmp_path: Path):
    script = f"""
import asyncio, pathlib, sys
from sandbox.kubernetes.process_node.logs import Log
from sandbox.kubernetes.process_node.processes import Process

async def main():
    folder = pathlib.Path(sys.argv[1])
    environment = {{"PATH": "/usr/bin:/bin", "{MARK}": str(folder)}}
    Process.start(["sleep", "600"], environment, folder, Log(folder / "log"), "x")
    print("up", flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""
    starter = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None
    assert starter.stdout.readline() == "up\n"
    child = marked(MARK, str(tmp_path))
    assert [each.name() for each in child] == ["sleep"]
    starter.kill()
    starter.communicate()
    until(lambda: not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in child))


@pytest.mark.parametrize(("command", "code"), [(["no-such-program"], 127), (["/etc/passwd"], 126)])
def test_a_program_that_can_t_be_run(tmp_path: Path, command: list[str], code: int):
    async def start() -> None:
        Process.start(command, {"PATH": os.defpath}, tmp_path, Log(tmp_path / "log"), "x")

    with pytest.raises(OSError) as caught:
        asyncio.run(start())
    ended = never_started(command, caught.value)
    assert ended.code == code
    assert ended.message.startswith(f"{command[0]} can't be run: ")


def test_other_systems_are_refused(monkeypatch: pytest.MonkeyPatch):
    refuse_other_systems()
    monkeypatch.setattr(processes.sys, "platform", "darwin")
    with pytest.raises(SandboxError, match=r"process nodes need Linux .* this is darwin"):
        refuse_other_systems()
