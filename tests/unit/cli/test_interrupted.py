"""What an interrupted update left is cleared only when its process is gone."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from stanchion.cli.interrupted import clear_dead_lock, restore_checkpoint
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


def checkpoint(root: Path, text: str, copy: str | None) -> Path:
    folder = root / ".pulumi/stacks/stanchion"
    folder.mkdir(parents=True)
    (folder / "local-links.json").write_text(text, encoding="utf-8")
    if copy is not None:
        (folder / "local-links.json.bak").write_text(copy, encoding="utf-8")
    return folder / "local-links.json"


def restore(root: Path) -> None:
    restore_checkpoint(f"file://{root}", "stanchion", "local-links", Console(quiet=True))


@pytest.mark.parametrize("cut", ["", '{"version": 3, "check'])
def test_a_checkpoint_cut_short_gives_way_to_its_copy(tmp_path: Path, cut: str):
    file = checkpoint(tmp_path, cut, '{"version": 3}')
    lock(tmp_path, pid=dead_process())
    restore(tmp_path)
    assert json.loads(file.read_text(encoding="utf-8")) == {"version": 3}


def test_a_media_type_cut_short_is_taken_away(tmp_path: Path):
    file = checkpoint(tmp_path, "{}", "{}")
    lock(tmp_path, pid=dead_process())
    beside = [file.with_name(f"{file.name}.attrs"), file.with_name(f"{file.name}.bak.attrs")]
    beside.append(tmp_path / ".pulumi/locks/organization/stanchion/local-links/1.json.attrs")
    for each in beside:
        each.write_text("")
    whole = file.with_name(f"{file.name}.gz.attrs")
    whole.write_text('{"user.content_type": "text/plain"}')
    restore(tmp_path)
    assert not any(each.exists() for each in beside)
    assert whole.exists()


def test_a_media_type_that_a_living_process_writes_is_left_alone(tmp_path: Path):
    file = checkpoint(tmp_path, "{}", "{}")
    lock(tmp_path)
    beside = file.with_name(f"{file.name}.attrs")
    beside.write_text("")
    with pytest.raises(StanchionError, match="is being updated by ada"):
        restore(tmp_path)
    assert beside.exists()


def test_a_whole_checkpoint_is_left_alone(tmp_path: Path):
    file = checkpoint(tmp_path, '{"version": 4}', '{"version": 3}')
    restore(tmp_path)
    assert json.loads(file.read_text(encoding="utf-8")) == {"version": 4}


def test_a_checkpoint_that_a_living_process_writes_is_left_alone(tmp_path: Path):
    file = checkpoint(tmp_path, "", '{"version": 3}')
    lock(tmp_path)
    with pytest.raises(StanchionError, match="is being updated by"):
        restore(tmp_path)
    assert file.read_text(encoding="utf-8") == ""


def test_without_a_whole_copy_the_file_is_named(tmp_path: Path):
    file = checkpoint(tmp_path, "", "{")
    with pytest.raises(StanchionError) as error:
        restore(tmp_path)
    assert str(file) in str(error.value)


def test_a_backend_elsewhere_is_not_looked_into():
    restore_checkpoint("s3://bucket", "stanchion", "local-links", Console(quiet=True))
