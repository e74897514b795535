"""Archives of functions: the same bytes for the same files, and a handler that runs from one with nothing else."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from stanchion.packaging.archive import PackagingError, function_files, function_names, write_archive

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A project with two functions."""
    root = tmp_path / "project"
    for name in ("one", "other"):
        (root / "functions" / name).mkdir(parents=True)
        (root / "functions" / name / "handler.py").write_text(f"# {name}\n")
    (root / "stanchion/packaging").mkdir(parents=True)
    (root / "stanchion/packaging/archive.py").write_text("")
    (root / "functions/__init__.py").write_text("")
    for file in ("errors.py", "cli/run.py", "data.json", "__pycache__/errors.cpython-311.pyc", "old.pyc"):
        (root / "stanchion" / file).parent.mkdir(parents=True, exist_ok=True)
        (root / "stanchion" / file).write_text(file)
    return root


def test_an_archive_has_the_function_and_the_core_and_nothing_else(tree: Path):
    assert sorted(function_files("one", tree)) == [
        "functions/__init__.py",
        "functions/one/handler.py",
        "stanchion/data.json",
        "stanchion/errors.py",
    ]
    assert function_names(tree) == ("one", "other")


def test_a_function_that_is_not_there_is_a_sentence(tree: Path):
    for name in ("gone", "packaging"):
        with pytest.raises(PackagingError, match=f"no function '{name}' in .*; allowed: one, other"):
            function_files(name, tree)


@pytest.mark.parametrize("compress", [False, True])
def test_the_same_files_give_the_same_bytes(tree: Path, tmp_path: Path, compress: bool):
    first = write_archive(function_files("one", tree), tmp_path / "a.zip", compress=compress).read_bytes()
    copy = tmp_path / "elsewhere"
    shutil.copytree(tree, copy)
    for file in copy.rglob("*"):
        file.chmod(0o700)
        os.utime(file, (10**9, 10**9))
    files = dict(reversed(function_files("one", copy).items()))
    assert write_archive(files, tmp_path / "b.zip", compress=compress).read_bytes() == first
    (copy / "stanchion/errors.py").write_text("changed")
    assert write_archive(files, tmp_path / "b.zip", compress=compress).read_bytes() != first


def test_names_are_sorted_and_what_is_in_it_can_be_read_by_lambda(tree: Path, tmp_path: Path):
    with zipfile.ZipFile(write_archive(function_files("one", tree), tmp_path / "a.zip")) as archive:
        assert archive.namelist() == sorted(archive.namelist())
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o100644}
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_file_that_can_t_be_read_leaves_the_archive_as_it_was(tree: Path, tmp_path: Path):
    files = function_files("one", tree)
    target = write_archive(files, tmp_path / "out/a.zip")
    before = target.read_bytes()
    with pytest.raises(FileNotFoundError):
        write_archive({**files, "z": tree / "gone"}, target)
    assert target.read_bytes() == before
    assert [file.name for file in target.parent.iterdir()] == ["a.zip"]


def test_each_function_can_be_imported_from_its_archive_alone(tmp_path: Path):
    for name in function_names(ROOT):
        archive = write_archive(function_files(name, ROOT), tmp_path / f"{name}.zip")
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(tmp_path / name)
        program = (
            "import importlib, sys; "
            f"module = importlib.import_module('functions.{name}.handler'); "
            "assert callable(module.handler); "
            "print([each for each in sys.modules if each.partition('.')[0] in ('pulumi', 'gateway', 'components')])"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path / name, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
