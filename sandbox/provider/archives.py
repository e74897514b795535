"""Assets and archives of a program: what the wire says of them, as the bytes of one ZIP file.

The bytes depend on names and contents only: the same files make the same archive on every machine.
"""

import io
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from sandbox.provider.errors import ProviderError
from sandbox.provider.values import ARCHIVE, SIGNATURE, is_packed

# The earliest time a ZIP file can say, so that no clock is in the archive.
_TIME: Final = (1980, 1, 1, 0, 0, 0)
_TARS: Final = (".tar", ".tar.gz", ".tgz")


def zipped(value: Any) -> bytes:
    """The ZIP file of an archive.

    Args:
        value: as the wire has it: a ZIP or tar file, a directory, or a map of assets and archives.

    Raises:
        ProviderError: it is no archive, or what it names cannot be read.
    """
    if not isinstance(value, Mapping) or value.get(SIGNATURE) != ARCHIVE:
        raise ProviderError("code has to be an archive: a FileArchive or an AssetArchive")
    path = _path(value)
    if path is not None and path.is_file() and path.suffix == ".zip":
        return path.read_bytes()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, executable in sorted(_members(value)):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if executable else 0o644) << 16
            archive.writestr(entry, content)
    return target.getvalue()


def _path(value: Mapping[str, Any]) -> Path | None:
    if "uri" in value:
        raise ProviderError(f"the local cloud reads no archives from {value['uri']}: fetch it, and name the file")
    if "path" not in value:
        return None
    path = Path(value["path"])
    if not path.exists():
        raise ProviderError(f"there is no file or directory {path.absolute()} to make an archive of")
    return path


def _members(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, bytes, bool]]:
    """Names, contents and whether they can be executed, of everything in an archive."""
    path = _path(value)
    if path is None:
        for name, member in (value.get("assets") or {}).items():
            yield from _member(member, f"{prefix}{name}")
    elif path.is_dir():
        for file in path.rglob("*"):
            if file.is_file():
                name = f"{prefix}{file.relative_to(path).as_posix()}"
                yield name, file.read_bytes(), bool(file.stat().st_mode & 0o100)
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if not entry.is_dir():
                    yield f"{prefix}{entry.filename}", archive.read(entry), bool(entry.external_attr >> 16 & 0o100)
    elif path.name.endswith(_TARS):
        with tarfile.open(path) as archive:
            for entry in archive:
                content = archive.extractfile(entry)
                if content is not None:
                    yield f"{prefix}{entry.name.removeprefix('./')}", content.read(), bool(entry.mode & 0o100)
    else:
        raise ProviderError(f"{path} is no archive: it has to be a directory or end with .zip, {', '.join(_TARS)}")


def _member(value: Any, name: str) -> Iterator[tuple[str, bytes, bool]]:
    if not is_packed(value):
        raise ProviderError(f"{name} in an archive is neither an asset nor an archive")
    if value[SIGNATURE] == ARCHIVE:
        yield from _members(value, f"{name}/")
    elif "text" in value:
        yield name, str(value["text"]).encode(), False
    else:
        path = _path(value)
        if path is None:
            raise ProviderError(f"the asset {name} has neither text nor a path")
        yield name, path.read_bytes(), bool(path.stat().st_mode & 0o100)
