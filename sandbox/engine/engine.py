"""Finds a Pulumi engine: on PATH, in the official release, or built from Go modules."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.builds.cache import Cache
from sandbox.engine.build import build_engine
from sandbox.engine.launchers import HOST, OUR_HOST, PROGRAM_RUNNER, PULUMI, is_our_host, link, write_our_host
from sandbox.engine.release import download_release
from sandbox.errors import SandboxError
from stanchion.errors import StanchionError

# What is downloaded or built: the version of sandbox/engine/go.mod. It drives the SDK of requirements/.
VERSION = "3.259.0"
# What is accepted on PATH.
OLDEST = (3, 250, 0)
TOO_NEW = (4, 0, 0)
CHOICE = "STANCHION_ENGINE"

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Engine:
    """An engine that can be used.

    Args:
        source: `path`, `release` or `build`.
        pulumi: the executable.
        program_runner: the script that runs a Python program for a language host.
        host: the Python language host beside the executable: the official one, or what leads to ours.
    """

    source: str
    version: str
    pulumi: Path
    program_runner: Path
    host: Path

    def link_into(self, folder: Path) -> None:
        """Make the folder hold exactly this engine, its host and its program runner, ready to go on PATH."""
        folder.mkdir(parents=True, exist_ok=True)
        link(folder / PULUMI, self.pulumi)
        link(folder / PROGRAM_RUNNER, self.program_runner)
        link(folder / HOST, self.host)
        write_our_host(folder / OUR_HOST)


def resolve_engine(tell: Tell, cache: Cache | None = None) -> Engine:
    """The engine to use; STANCHION_ENGINE=path, release or build allows only that way.

    Args:
        tell: is given one line for each thing done.
        cache: where downloads and builds are kept; the user's by default.

    Raises:
        StanchionError: no way works; the message says why for each.
    """
    store = cache or Cache.default()
    ways: dict[str, Callable[[], Engine]] = {
        "path": engine_on_path,
        "release": lambda: _cached(store, "release", tell, download_release),
        "build": lambda: _cached(store, "build", tell, build_engine),
    }
    chosen = os.environ.get(CHOICE, "").strip()
    if chosen and chosen not in ways:
        raise SandboxError(f"{CHOICE} is '{chosen}'; allowed: {', '.join(ways)}, or unset to try them in this order.")
    # What is in the cache costs nothing; to learn that a release can't be reached costs its time limit.
    order = sorted(ways, key=lambda way: way != "path" and not store.has(VERSION, way))
    reasons: list[str] = []
    for way in [chosen] if chosen else order:
        try:
            engine = ways[way]()
        except StanchionError as error:
            reasons.append(f"{way}: {error}")
        else:
            tell(f"Pulumi engine {engine.version} ({engine.source}: {engine.pulumi})")
            return engine
    raise SandboxError("no Pulumi engine can be had here:\n" + "\n".join(f"  {reason}" for reason in reasons))


def engine_on_path() -> Engine:
    """The engine on PATH when its version is acceptable and an official Python language host lies beside it.

    Raises:
        SandboxError: says which of these is not so.
    """
    found = shutil.which(PULUMI)
    if found is None:
        raise SandboxError("there is no pulumi on PATH.")
    pulumi = Path(found)
    version = version_of(pulumi)
    allowed = f"allowed: {_dotted(OLDEST)} up to, but not including, {_dotted(TOO_NEW)}"
    if version is None:
        raise SandboxError(f"{pulumi} does not say its version.")
    if not OLDEST <= version < TOO_NEW:
        raise SandboxError(f"{pulumi} has version {_dotted(version)}; {allowed}.")
    for folder in (pulumi.parent, pulumi.resolve().parent):
        host, runner = folder / HOST, folder / PROGRAM_RUNNER
        if os.access(host, os.X_OK) and os.access(runner, os.X_OK) and not is_our_host(host):
            return Engine("path", _dotted(version), pulumi.resolve(), runner.resolve(), host.resolve())
    raise SandboxError(f"{pulumi} has no official {HOST} with {PROGRAM_RUNNER} beside it.")


def version_of(pulumi: Path) -> tuple[int, int, int] | None:
    """What `pulumi version` says; none when it fails or says something else."""
    try:
        quiet = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
        said = subprocess.run(
            [str(pulumi), "version"], env=quiet, capture_output=True, text=True, timeout=20, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.match(r"\s*v?(\d+)\.(\d+)\.(\d+)", said)
    return None if match is None else (int(match[1]), int(match[2]), int(match[3]))


def _cached(cache: Cache, source: str, tell: Tell, make: Callable[[Path, str, Tell], None]) -> Engine:
    """The engine of the cache, made first when it is not there."""
    folder = cache.get(VERSION, source, lambda target: make(target, VERSION, tell), tell)
    return Engine(source, VERSION, folder / PULUMI, folder / PROGRAM_RUNNER, folder / HOST)


def _dotted(version: tuple[int, int, int]) -> str:
    return ".".join(str(part) for part in version)
