"""Only the lock of a process that is gone is cleared."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from stanchion.cli.locks import clear_dead_lock
from stanchion.errors import StanchionError


class Engine(SimpleNamespace):
    name = "local-links"
    cancelled = 0

    def cancel(self) -> None:
        self.cancelled += 1


def lock(root: Path, **changes: object) -> str:
    folder = root / ".pulumi/locks/organization/stanchion/local-links"
    folder.mkdir(parents=True)
    said = {"pid": os.getpid(), "hostname": socket.gethostname(), "username": "ada", "timestamp": "2026-11-23T01:00Z"}
    (folder / "1.json").write_text(json.dumps({**said, **changes}), encoding="utf-8")
    return f"file://{root}"


def dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_dead_process_lock_is_cancelled(tmp_path: Path):
    engine = Engine()
    clear_dead_lock(engine, lock(tmp_path, pid=dead_process()), Console(quiet=True))  # pyright: ignore[reportArgumentType]
    assert engine.cancelled == 1


@pytest.mark.parametrize("changes", [{}, {"hostname": "elsewhere", "pid": 1}])
def test_the_lock_of_a_living_process_or_another_machine_stays(tmp_path: Path, changes: dict[str, object]):
    engine = Engine()
    with pytest.raises(StanchionError, match=r"is being updated by ada@.* since 2026"):
        clear_dead_lock(engine, lock(tmp_path, **changes), Console(quiet=True))  # pyright: ignore[reportArgumentType]
    assert engine.cancelled == 0


def test_a_lock_that_can_not_be_read_from_here_stays():
    engine = Engine()
    with pytest.raises(StanchionError, match="`pulumi cancel --stack local-links`"):
        clear_dead_lock(engine, "s3://bucket", Console(quiet=True))  # pyright: ignore[reportArgumentType]
    assert engine.cancelled == 0
