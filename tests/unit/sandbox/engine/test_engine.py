from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.builds.cache import Cache
from sandbox.engine import engine as module
from sandbox.engine.engine import CHOICE, VERSION, engine_on_path, resolve_engine
from sandbox.engine.launchers import HOST, OUR_HOST, PROGRAM_RUNNER, PULUMI, write_host, write_script
from sandbox.engine.release import RELEASES_VARIABLE
from sandbox.errors import SandboxError

DEAD = "http://127.0.0.1:9/releases"


@pytest.fixture(autouse=True)
def on_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty PATH with one folder, no choice, and no way to the releases."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv(CHOICE, raising=False)
    monkeypatch.setenv(RELEASES_VARIABLE, DEAD)
    return folder


def install(folder: Path, version: str, *, host: bool = True) -> None:
    write_script(folder / PULUMI, f"echo {version}\n")
    if host:
        write_script(folder / HOST, "exit 0\n")
        write_script(folder / PROGRAM_RUNNER, "exit 0\n")


def making(monkeypatch: pytest.MonkeyPatch, source: str) -> list[str]:
    made: list[str] = []

    def make(folder: Path, version: str, tell: Callable[[str], None]) -> None:
        made.append(version)
        for name in (PULUMI, HOST, PROGRAM_RUNNER):
            write_script(folder / name, "exit 0\n")

    monkeypatch.setattr(module, {"build": "build_engine", "release": "download_release"}[source], make)
    return made


@pytest.mark.parametrize("version", ["v3.250.0", "v3.259.0", "3.300.1-alpha.1"])
def test_an_acceptable_pulumi_on_path_is_used(on_path: Path, tmp_path: Path, version: str):
    install(on_path, version)
    found = resolve_engine(print, Cache(tmp_path / "cache"))
    assert (found.source, found.pulumi) == ("path", on_path / PULUMI)
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("version", ["v3.249.9", "v2.25.0", "v4.0.0"])
def test_another_version_is_not(on_path: Path, version: str):
    install(on_path, version)
    with pytest.raises(SandboxError, match=rf"has version {version[1:]}; allowed: 3\.250\.0 up to, .* 4\.0\.0"):
        engine_on_path()


def test_a_pulumi_that_says_nothing_is_not(on_path: Path):
    write_script(on_path / PULUMI, "exit 3\n")
    with pytest.raises(SandboxError, match="does not say its version"):
        engine_on_path()


def test_a_pulumi_without_a_python_host_is_not(on_path: Path):
    install(on_path, "v3.259.0", host=False)
    with pytest.raises(SandboxError, match=f"has no official {HOST} with {PROGRAM_RUNNER} beside it"):
        engine_on_path()


def test_a_host_of_another_checkout_is_not(on_path: Path):
    install(on_path, "v3.259.0")
    write_host(on_path / HOST)
    with pytest.raises(SandboxError, match="has no official"):
        engine_on_path()


def test_without_path_and_release_it_is_built_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    made = making(monkeypatch, "build")
    for _ in range(2):
        found = resolve_engine(print, Cache(tmp_path))
        assert (found.source, found.version) == ("build", VERSION)
    assert made == [VERSION]


def test_a_built_engine_is_used_without_asking_for_a_release(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    making(monkeypatch, "build")
    resolve_engine(print, Cache(tmp_path))
    asked = making(monkeypatch, "release")
    assert resolve_engine(print, Cache(tmp_path)).source == "build"
    assert not asked


def test_a_release_that_can_be_had_goes_before_a_build(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    built = making(monkeypatch, "build")
    making(monkeypatch, "release")
    assert resolve_engine(print, Cache(tmp_path)).source == "release"
    assert not built


def test_one_way_can_be_forced(monkeypatch: pytest.MonkeyPatch, on_path: Path, tmp_path: Path):
    install(on_path, "v3.259.0")
    making(monkeypatch, "build")
    monkeypatch.setenv(CHOICE, "build")
    assert resolve_engine(print, Cache(tmp_path)).source == "build"
    monkeypatch.setenv(CHOICE, "release")
    with pytest.raises(SandboxError, match=r"release: http://127\.0\.0\.1:9/releases/v3.* can't be reached"):
        resolve_engine(print, Cache(tmp_path))


def test_a_way_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv(CHOICE, "magic")
    with pytest.raises(SandboxError, match="STANCHION_ENGINE is 'magic'; allowed: path, release, build"):
        resolve_engine(print, Cache(tmp_path))


def test_when_no_way_works_each_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def fail(folder: Path, version: str, tell: Callable[[str], None]) -> None:
        raise SandboxError("there is no Go.")

    monkeypatch.setattr(module, "build_engine", fail)
    with pytest.raises(SandboxError) as caught:
        resolve_engine(print, Cache(tmp_path))
    for reason in ("path: there is no pulumi on PATH", "release: http://127.0.0.1:9", "build: there is no Go"):
        assert reason in str(caught.value)


def test_linking_replaces_what_another_engine_left(on_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    target = tmp_path / "bin"
    install(on_path, "v3.259.0")
    engine_on_path().link_into(target)
    assert (target / HOST).resolve() == on_path / HOST
    making(monkeypatch, "build")
    monkeypatch.setenv(CHOICE, "build")
    built = resolve_engine(print, Cache(tmp_path / "cache"))
    built.link_into(target)
    assert (target / PULUMI).resolve() == built.pulumi
    assert (target / HOST).resolve() == built.host
    assert str(target / PROGRAM_RUNNER) in (target / OUR_HOST).read_text(encoding="utf-8")
