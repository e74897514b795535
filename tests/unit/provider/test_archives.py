"""Archives: what the wire says of files, as one ZIP whose bytes depend on the files alone."""

import io
import os
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from sandbox.provider.archives import zipped
from sandbox.provider.errors import ProviderError
from sandbox.provider.values import ARCHIVE, ASSET, SIGNATURE


def asset(**said: Any) -> dict[str, Any]:
    return {SIGNATURE: ASSET, "hash": "1", **said}


def archive(**said: Any) -> dict[str, Any]:
    return {SIGNATURE: ARCHIVE, "hash": "1", **said}


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        return {name: found.read(name) for name in found.namelist()}


def folder(path: Path) -> Path:
    (path / "package").mkdir(parents=True)
    (path / "main.py").write_bytes(b"import package")
    (path / "package" / "__init__.py").write_bytes(b"")
    (path / "run").write_bytes(b"#!/bin/sh")
    (path / "run").chmod(0o755)
    return path


def test_a_folder_is_all_its_files(tmp_path: Path) -> None:
    content = zipped(archive(path=str(folder(tmp_path / "code"))))
    assert members(content) == {"main.py": b"import package", "package/__init__.py": b"", "run": b"#!/bin/sh"}


def test_what_can_be_run_can_be_run_afterwards(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(zipped(archive(path=str(folder(tmp_path / "code")))))) as found:
        assert found.getinfo("run").external_attr >> 16 == 0o755
        assert found.getinfo("main.py").external_attr >> 16 == 0o644


def test_the_same_files_make_the_same_bytes(tmp_path: Path) -> None:
    one, other = folder(tmp_path / "one"), folder(tmp_path / "other")
    for file in other.rglob("*"):
        os.utime(file, (0, 0))
    assert zipped(archive(path=str(one))) == zipped(archive(path=str(other)))


def test_a_zip_file_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "code.zip"
    path.write_bytes(zipped(archive(assets={"a.py": asset(text="a = 1")})))
    assert zipped(archive(path=str(path))) == path.read_bytes()


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz", ".tgz"])
def test_a_tar_file_is_packed_anew(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"code{suffix}"
    with tarfile.open(path, "w" if suffix == ".tar" else "w:gz") as packed:
        packed.add(folder(tmp_path / "code"), arcname=".")
    assert zipped(archive(path=str(path))) == zipped(archive(path=str(tmp_path / "code")))


def test_a_map_of_texts_files_and_archives_is_one_archive(tmp_path: Path) -> None:
    file = tmp_path / "file.py"
    file.write_bytes(b"b = 2")
    content = zipped(
        archive(
            assets={
                "a.py": asset(text="a = 1"),
                "b.py": asset(path=str(file)),
                "lib": archive(path=str(folder(tmp_path / "code"))),
            }
        )
    )
    found = members(content)
    assert (found["a.py"], found["b.py"], found["lib/main.py"]) == (b"a = 1", b"b = 2", b"import package")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("text", "code has to be an archive"),
        (asset(text="a"), "code has to be an archive"),
        (archive(uri="https://example.com/a.zip"), "reads no archives from https://example.com/a.zip"),
        (archive(path="/nowhere/code"), "no file or directory /nowhere/code"),
        (archive(assets={"a": "text"}), "a in an archive is neither an asset nor an archive"),
        (archive(assets={"a": asset()}), "the asset a has neither text nor a path"),
    ],
)
def test_what_is_no_archive_is_refused_in_a_sentence(value: Any, said: str) -> None:
    with pytest.raises(ProviderError, match=said):
        zipped(value)


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "code.rar"
    path.write_bytes(b"")
    with pytest.raises(ProviderError, match=r"code\.rar is no archive"):
        zipped(archive(path=str(path)))
