import threading
from pathlib import Path

import pytest

from sandbox.builds.cache import CACHE_VARIABLE, Cache
from sandbox.errors import SandboxError


def fill(folder: Path) -> None:
    (folder / "pulumi").write_text("engine", encoding="utf-8")


def never(_: Path) -> None:
    pytest.fail("made again")


def test_made_once(tmp_path: Path):
    cache = Cache(tmp_path)
    assert not cache.has("1.0.0", "build")
    folder = cache.get("1.0.0", "build", fill, print)
    assert (folder / "pulumi").is_file()
    assert cache.has("1.0.0", "build")
    assert cache.get("1.0.0", "build", never, print) == folder


def test_versions_and_sources_lie_side_by_side(tmp_path: Path):
    cache = Cache(tmp_path)
    folders = {
        cache.get(*entry, fill, print) for entry in (("1.0.0", "build"), ("1.0.1", "build"), ("1.0.0", "release"))
    }
    assert len(folders) == 3


def test_nothing_is_kept_of_what_failed_and_what_was_killed_is_swept(tmp_path: Path):
    cache = Cache(tmp_path)

    def break_off(folder: Path) -> None:
        fill(folder)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.get("1.0.0", "build", break_off, print)
    assert not cache.has("1.0.0", "build")
    # As a killed process leaves it: no chance to clean up.
    (tmp_path / "engine" / ".unfinished-killed" / "bin").mkdir(parents=True)
    cache.get("1.0.0", "build", fill, print)
    assert sorted(entry.name for entry in (tmp_path / "engine").iterdir()) == ["1.0.0-build", "lock"]


def test_two_at_once_make_it_once(tmp_path: Path):
    cache, made, told = Cache(tmp_path), [], []
    begun, may_end = threading.Event(), threading.Event()

    def slow(folder: Path) -> None:
        made.append(folder)
        begun.set()
        assert may_end.wait(20)
        fill(folder)

    first = threading.Thread(target=cache.get, args=("1.0.0", "build", slow, told.append))
    first.start()
    assert begun.wait(20)

    def tell(line: str) -> None:
        told.append(line)
        may_end.set()

    second = threading.Thread(target=cache.get, args=("1.0.0", "build", slow, tell))
    second.start()
    first.join(20)
    second.join(20)
    assert len(made) == 1
    assert told == ["another checkout is making the engine; waiting for it"]


def test_a_cache_that_can_not_be_written_to(tmp_path: Path):
    (tmp_path / "engine").write_text("a file", encoding="utf-8")
    with pytest.raises(SandboxError, match=f"can't be kept in .*; set {CACHE_VARIABLE} to another folder"):
        Cache(tmp_path).get("1.0.0", "build", fill, print)


def test_the_variable_says_where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    assert Cache.default().root == tmp_path
