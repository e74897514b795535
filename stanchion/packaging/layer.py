"""The layer of all functions: pinned dependencies for one architecture and one version of Python."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from stanchion.packaging.archive import PackagingError, write_archive

Architecture = Literal["arm64", "x86_64"]
# Lambda's Python from 3.12 on runs on Amazon Linux 2023, whose glibc is 2.34; wheels for 2.28 run there.
PLATFORMS: dict[Architecture, str] = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
# Lambda quotas: a function with its layers, unzipped.
LARGEST_BYTES = 250 * 1024 * 1024
# The same page: an archive that is sent with the request, and not fetched from a bucket.
LARGEST_ARCHIVE = 50 * 1024 * 1024
# What differs between two installations of the same wheels, and nobody needs at runtime.
_LEFT_OUT = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json"})
# Raised with each change of how the archive is made, so that one from before is not taken for it.
_FORM = "1"


@dataclass(frozen=True, slots=True)
class LayerOf:
    """What a layer follows from.

    Args:
        lock: requirements with hashes.
        architecture: of the functions.
        python: version of their runtime, such as `3.13`.
    """

    lock: Path
    architecture: Architecture
    python: str

    @property
    def file_name(self) -> str:
        """Another one for each content."""
        words = (_FORM, self.architecture, self.python, self._lock().decode())
        digest = hashlib.sha256("\0".join(words).encode()).hexdigest()
        return f"layer-{self.architecture}-python{self.python}-{digest[:16]}.zip"

    def _lock(self) -> bytes:
        try:
            return self.lock.read_bytes()
        except OSError as error:
            raise PackagingError(f"the requirements {self.lock} can't be read: {error.strerror}.") from None


# Puts the packages of a layer into a folder.
Install = Callable[[LayerOf, Path], None]


def uv_install(layer: LayerOf, folder: Path) -> None:
    """Install with uv: wheels of the platform only, each held against its hash.

    Raises:
        PackagingError: uv refuses; with its words.
    """
    command = [
        *(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--require-hashes"),
        *("--only-binary", ":all:", "--link-mode", "copy", "--target", str(folder)),
        *("--python-platform", PLATFORMS[layer.architecture], "--python-version", layer.python),
        *("--requirements", str(layer.lock)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PackagingError(
            f"the dependencies of functions can't be installed for {layer.architecture} and Python {layer.python}: "
            f"{done.stderr.strip() or done.stdout.strip()}"
        )


def build_layer(layer: LayerOf, folder: Path, *, code_bytes: int = 0, install: Install = uv_install) -> Path:
    """The layer's archive; one that was made before for the same requirements is taken.

    Args:
        layer: what it follows from.
        folder: where archives lie.
        code_bytes: unzipped size of the largest function, which counts together with the layer.
        install: puts the packages into a folder.

    Raises:
        PackagingError: the requirements can't be read or installed, or are more than Lambda takes.
    """
    target = folder / layer.file_name
    if target.is_file():
        return target
    # Beside the archive: a temporary folder may lie in memory, and this can be large.
    folder.mkdir(parents=True, exist_ok=True)
    site = Path(tempfile.mkdtemp(dir=folder, prefix=".layer-"))
    try:
        install(layer, site)
        files = {f"python/{file.relative_to(site).as_posix()}": file for file in _files(site)}
        size = sum(file.stat().st_size for file in files.values())
        if size + code_bytes > LARGEST_BYTES:
            largest = ", ".join(f"{name} {count >> 20} MiB" for name, count in _largest(site))
            raise PackagingError(
                f"the dependencies of functions have {size >> 20} MiB unzipped and the largest function "
                f"{code_bytes >> 20} MiB; Lambda takes {LARGEST_BYTES >> 20} MiB of both. Largest: {largest}. "
                f"Remove what no function needs from {layer.lock}."
            )
        made = write_archive(files, target, compress=True)
        if made.stat().st_size > LARGEST_ARCHIVE:
            made.unlink()
            raise PackagingError(
                f"the layer of functions has more than the {LARGEST_ARCHIVE >> 20} MiB that Lambda takes with a "
                f"request; remove what no function needs from {layer.lock}."
            )
        return made
    finally:
        shutil.rmtree(site)


def _files(site: Path) -> list[Path]:
    return [
        file
        for file in site.rglob("*")
        if file.is_file()
        and "__pycache__" not in file.parts
        # Scripts name the Python of the machine that installed them.
        and file.relative_to(site).parts[0] != "bin"
        and not (file.name in _LEFT_OUT and file.parent.name.endswith(".dist-info"))
        and file.name != ".lock"
    ]


def _largest(site: Path) -> list[tuple[str, int]]:
    sizes: dict[str, int] = {}
    for file in _files(site):
        name = file.relative_to(site).parts[0]
        sizes[name] = sizes.get(name, 0) + file.stat().st_size
    return sorted(sizes.items(), key=lambda each: (-each[1], each[0]))[:3]
