"""Archives whose bytes follow from their content alone: same files, same archive, whoever makes it and when."""

import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from stanchion.errors import StanchionError

# The first time that the format knows.
_TIME = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_READABLE = 0o100644 << 16
# Of the core, what only a person's command line needs, which leads to pulumi, and what makes archives.
_LEFT_OUT = frozenset({"stanchion/cli", "stanchion/packaging"})


class PackagingError(StanchionError):
    """A function or its layer that can't be packaged."""


def function_files(name: str, root: Path) -> dict[str, Path]:
    """The files of a function's archive, by their names in it: its own folder, and the core.

    Args:
        name: of its folder below functions/.
        root: the folder that holds functions/ and stanchion/.

    Raises:
        PackagingError: there is no such function.
    """
    if not (root / "functions" / name / "handler.py").is_file():
        raise PackagingError(
            f"there is no function '{name}' in {root / 'functions'}; allowed: {', '.join(function_names(root))}."
        )
    found = {"functions/__init__.py": root / "functions/__init__.py"}
    for folder in (root / "functions" / name, root / "stanchion"):
        found |= {file.relative_to(root).as_posix(): file for file in _files(folder)}
    return {path: file for path, file in found.items() if not any(path.startswith(f"{each}/") for each in _LEFT_OUT)}


def function_names(root: Path) -> tuple[str, ...]:
    """The functions there are: each folder with a handler."""
    return tuple(sorted(file.parent.name for file in (root / "functions").glob("*/handler.py")))


def write_archive(files: Mapping[str, Path], target: Path, *, compress: bool = False) -> Path:
    """Write an archive; it is whole or not there.

    Args:
        files: by the name in the archive.
        target: the archive.
        compress: whether it has to be small. The bytes then depend on the machine's zlib as well.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    try:
        with os.fdopen(descriptor, "wb") as stream, zipfile.ZipFile(stream, "w") as archive:
            for path, file in sorted(files.items()):
                entry = zipfile.ZipInfo(path, _TIME)
                entry.create_system, entry.external_attr = _UNIX, _READABLE
                entry.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
                archive.writestr(entry, file.read_bytes())
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return target


def _files(folder: Path) -> Iterator[Path]:
    for file in folder.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts and file.suffix != ".pyc":
            yield file
