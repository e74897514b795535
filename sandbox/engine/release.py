"""Downloads the official release of the engine, and checks it against the release's own checksums."""

import hashlib
import os
import platform
import shutil
import tarfile
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from sandbox.engine.launchers import HOST, PROGRAM_RUNNER, PULUMI
from sandbox.errors import SandboxError, SandboxFailedError

RELEASES_VARIABLE = "STANCHION_ENGINE_RELEASES"
RELEASES = "https://github.com/pulumi/pulumi/releases/download"
_CONNECT_SECONDS = 5
_NEEDED_BYTES = 1024**3


def download_release(target: Path, version: str, tell: Callable[[str], None]) -> None:
    """Put the release's engine and Python language host into a folder.

    Args:
        target: an empty folder.
        version: such as `3.259.0`.
        tell: is given one line for each thing done.

    Raises:
        SandboxError: the release can't be reached, has nothing for this machine, or there is no space.
        SandboxFailedError: what was downloaded is not what the release's checksums say.
    """
    base = f"{os.environ.get(RELEASES_VARIABLE, RELEASES).rstrip('/')}/v{version}"
    name = f"pulumi-v{version}-{_platform()}.tar.gz"
    expected = _expected(_fetch_text(f"{base}/SHA512SUMS"), name, base)
    free = shutil.disk_usage(target).free
    if free < _NEEDED_BYTES:
        raise SandboxError(f"no space for the release: {free // 2**20} MB are free at {target}, 1 GB is needed.")
    tell(f"downloading {name}")
    with tempfile.NamedTemporaryFile(dir=target.parent) as archive:
        found = hashlib.sha512()
        try:
            with _open(f"{base}/{name}") as answer:
                while chunk := answer.read(1 << 20):
                    found.update(chunk)
                    archive.write(chunk)
        except OSError as error:
            raise SandboxFailedError(
                f"the download of {base}/{name} broke off ({error}); run the same again."
            ) from None
        if found.hexdigest() != expected:
            raise SandboxFailedError(
                f"{base}/{name} has the checksum {found.hexdigest()[:16]}..., but the release's list says "
                f"{expected[:16]}...; nothing was installed. A proxy may have changed it: try again, or use "
                "STANCHION_ENGINE=build."
            )
        archive.flush()
        _extract(Path(archive.name), target)


def _extract(archive: Path, target: Path) -> None:
    """Only what Python programs need; the archive holds the hosts of every language."""
    with tarfile.open(archive) as content:
        for member in content:
            name = Path(member.name).name
            if member.isfile() and name in (PULUMI, HOST, PROGRAM_RUNNER):
                member.name = name
                content.extract(member, target, filter="data")
                (target / name).chmod(0o755)
    missing = [name for name in (PULUMI, HOST, PROGRAM_RUNNER) if not (target / name).is_file()]
    if missing:
        raise SandboxFailedError(f"the release has no {', '.join(missing)}; use STANCHION_ENGINE=build.")


def _fetch_text(url: str) -> str:
    try:
        with _open(url) as answer:
            return answer.read(1 << 20).decode()
    except urllib.error.HTTPError as error:
        raise SandboxError(f"{url} answers {error.code}.") from None
    except (OSError, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise SandboxError(f"{url} can't be reached ({reason}).") from None


def _open(url: str):
    if not url.startswith(("https://", "http://")):
        raise SandboxError(f"{RELEASES_VARIABLE} has to be an http or https address, not {url}.")
    return urllib.request.urlopen(url, timeout=_CONNECT_SECONDS)  # noqa: S310 - checked above


def _expected(sums: str, name: str, base: str) -> str:
    for line in sums.splitlines():
        digest, _, file = line.strip().partition(" ")
        if file.strip().lstrip("*").removeprefix("./") == name:
            return digest.lower()
    raise SandboxError(f"{base} has no {name}.")


def _platform() -> str:
    system = platform.system().lower()
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine().lower())
    if system not in ("linux", "darwin") or machine is None:
        raise SandboxError(f"there is no release for {platform.system()} on {platform.machine()}.")
    return f"{system}-{machine}"
