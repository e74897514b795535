import re
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from sandbox.engine import build
from sandbox.engine.build import build_engine
from sandbox.engine.engine import VERSION
from sandbox.engine.launchers import HOST, PROGRAM_RUNNER, PULUMI, write_script
from sandbox.errors import SandboxError, SandboxFailedError


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "cache" / "engine" / "entry" / "bin"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr(shutil, "which", lambda name: str(folder / name) if (folder / name).exists() else None)
    return folder


def install_go(path: Path, build_says: str, code: int = 0, version: str = "go1.26.0") -> None:
    """A Go that knows its version, builds by writing the file after -o, and lists a module with the runner in it."""
    sdk = path / "sdk" / "python" / "cmd"
    sdk.mkdir(parents=True)
    (sdk / PROGRAM_RUNNER).write_text("runner", encoding="utf-8")
    write_script(
        path / "go",
        f"""case "$1" in
env) echo {version};;
list) echo {path / "sdk"};;
build) echo "{build_says}" >&2
  while [ "$1" != -o ]; do shift; done
  [ {code} = 0 ] && echo engine > "$2"
  exit {code};;
esac
""",
    )


def test_the_engine_lies_beside_its_runner_and_host(path: Path, target: Path):
    install_go(path, "compiling")
    build_engine(target, VERSION, print)
    assert sorted(file.name for file in target.iterdir()) == sorted([PULUMI, PROGRAM_RUNNER, HOST])
    assert (target / PROGRAM_RUNNER).stat().st_mode & 0o111


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("dial tcp: lookup modules: no such host", "The Go modules can't be reached: check the network and GOPROXY"),
        ("write: no space left on device", "The disk is full: free some space"),
        ("internal compiler error", "Run the same again"),
    ],
)
def test_a_failed_build_says_what_to_do_and_shows_its_last_lines(path: Path, target: Path, said: str, advice: str):
    install_go(path, said, code=1)
    with pytest.raises(SandboxFailedError) as caught:
        build_engine(target, VERSION, print)
    assert advice in str(caught.value)
    assert said in str(caught.value)


def test_too_little_space_is_said_before_it_begins(path: Path, target: Path, monkeypatch: pytest.MonkeyPatch):
    install_go(path, "compiling")
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0, 0, 100 * 2**20))
    with pytest.raises(SandboxError, match=r"no space to build the engine: 100 MB are free .* 4096 MB are needed"):
        build_engine(target, VERSION, print)
    assert not list(target.iterdir())


def test_the_version_it_is_built_as_is_the_one_that_is_pinned():
    modules = (Path(build.__file__).parent / "go.mod").read_text(encoding="utf-8")
    assert re.findall(r"github.com/pulumi/pulumi/(?:pkg|sdk)/v3 v(\S+)", modules) == [VERSION, VERSION]
