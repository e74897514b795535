import functools
import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sandbox.engine import release
from sandbox.engine.launchers import HOST, PROGRAM_RUNNER, PULUMI
from sandbox.engine.release import RELEASES_VARIABLE, download_release
from sandbox.errors import SandboxError, SandboxFailedError

NAME = "pulumi-v3.259.0-linux-x64.tar.gz"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def releases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "releases" / "v3.259.0"
    folder.mkdir(parents=True)
    handler = functools.partial(Quiet, directory=str(tmp_path / "releases"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv(RELEASES_VARIABLE, f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(release.platform, "system", lambda: "Linux")
    monkeypatch.setattr(release.platform, "machine", lambda: "x86_64")
    yield folder
    server.shutdown()
    server.server_close()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "entry" / "bin"
    folder.mkdir(parents=True)
    return folder


def publish(folder: Path, *names: str, checksum: str | None = None) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = len(b"#!/bin/sh\n")
            archive.addfile(member, io.BytesIO(b"#!/bin/sh\n"))
    (folder / NAME).write_bytes(packed.getvalue())
    digest = checksum or hashlib.sha512(packed.getvalue()).hexdigest()
    (folder / "SHA512SUMS").write_text(f"{'0' * 128}  other.tar.gz\n{digest}  {NAME}\n", encoding="utf-8")


def test_only_what_python_needs_is_unpacked(releases: Path, target: Path):
    publish(releases, *(f"pulumi/{name}" for name in (PULUMI, HOST, PROGRAM_RUNNER, "pulumi-language-go")))
    download_release(target, "3.259.0", print)
    assert sorted(file.name for file in target.iterdir()) == sorted([PULUMI, HOST, PROGRAM_RUNNER])
    assert (target / PULUMI).stat().st_mode & 0o111


def test_a_wrong_checksum_installs_nothing(releases: Path, target: Path):
    publish(releases, f"pulumi/{PULUMI}", checksum="f" * 128)
    with pytest.raises(SandboxFailedError, match=r"the release's list says ffffffffffffffff...; nothing was installed"):
        download_release(target, "3.259.0", print)
    assert not list(target.iterdir())


def test_names_in_the_archive_can_not_lead_out_of_it(releases: Path, target: Path, tmp_path: Path):
    publish(releases, f"../../{PULUMI}", f"/{HOST}", f"pulumi/{PROGRAM_RUNNER}")
    download_release(target, "3.259.0", print)
    assert sorted(file.name for file in target.iterdir()) == sorted([PULUMI, HOST, PROGRAM_RUNNER])
    assert not (tmp_path / PULUMI).exists()


def test_a_release_without_a_python_host(releases: Path, target: Path):
    publish(releases, f"pulumi/{PULUMI}")
    with pytest.raises(SandboxFailedError, match=f"has no {HOST}, {PROGRAM_RUNNER}"):
        download_release(target, "3.259.0", print)


def test_a_version_that_was_not_released(releases: Path, target: Path):
    with pytest.raises(SandboxError, match=r"v9\.9\.9/SHA512SUMS answers 404"):
        download_release(target, "9.9.9", print)


def test_a_machine_there_is_no_release_for(releases: Path, target: Path, monkeypatch: pytest.MonkeyPatch):
    publish(releases, PULUMI)
    monkeypatch.setattr(release.platform, "machine", lambda: "riscv64")
    with pytest.raises(SandboxError, match="no release for Linux on riscv64"):
        download_release(target, "3.259.0", print)


def test_releases_that_can_not_be_reached(target: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(RELEASES_VARIABLE, "http://127.0.0.1:9")
    with pytest.raises(SandboxError, match="can't be reached"):
        download_release(target, "3.259.0", print)


def test_an_address_that_is_none(target: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(RELEASES_VARIABLE, "file:///etc")
    with pytest.raises(SandboxError, match="has to be an http or https address"):
        download_release(target, "3.259.0", print)
