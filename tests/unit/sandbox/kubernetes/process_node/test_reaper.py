import os
import signal
import subprocess
import sys
from pathlib import Path

from sandbox.kubernetes.process_node import reaper
from sandbox.kubernetes.process_node.reaper import kill_marked

MARK = "STANCHION_TEST_REAPER"


def start(mark: str, script: str = "exec sleep 600") -> subprocess.Popen[bytes]:
    environment = {"PATH": os.defpath, MARK: mark}
    return subprocess.Popen(["sh", "-c", script], env=environment, start_new_session=True)


def ignores(pid: int, number: int) -> bool:
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return bool(int(status["SigIgn"], 16) & 1 << number - 1)


def test_those_with_the_mark_are_killed_and_no_others(tmp_path: Path):
    mine, other = start(str(tmp_path)), start(f"{tmp_path}-other")
    try:
        assert kill_marked(f"{MARK}={tmp_path}".encode()) == 1
        assert mine.wait(20) == -signal.SIGKILL
        assert other.poll() is None
        assert kill_marked(f"{MARK}={tmp_path}".encode()) == 0
    finally:
        other.kill()
        other.wait()


def test_it_waits_until_its_input_ends_whatever_it_is_told(tmp_path: Path):
    mine = start(str(tmp_path))
    guard = subprocess.Popen(
        [sys.executable, "-I", "-S", reaper.__file__, f"{MARK}={tmp_path}"], stdin=subprocess.PIPE, env={}
    )
    assert guard.stdin is not None
    try:
        # Told before it runs, it would die of it.
        while not ignores(guard.pid, signal.SIGTERM):
            assert guard.poll() is None
        guard.terminate()
        assert mine.poll() is None
    finally:
        guard.stdin.close()
    assert mine.wait(20) == -signal.SIGKILL
    assert guard.wait(20) == 0
