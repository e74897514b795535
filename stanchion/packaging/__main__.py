"""`python -m stanchion.packaging FOLDER`: writes an archive of each function and the layer, and says where they are."""

import argparse
import sys
from pathlib import Path

from stanchion.errors import StanchionError
from stanchion.packaging.archive import function_files, function_names, write_archive
from stanchion.packaging.layer import PLATFORMS, LayerOf, build_layer

ROOT = Path(__file__).resolve().parents[2]


def package(folder: Path, layer: LayerOf) -> list[Path]:
    """All archives.

    Args:
        folder: where they go.
        layer: what the layer follows from.

    Raises:
        PackagingError: something can't be packaged.
    """
    written: list[Path] = []
    largest = 0
    for name in function_names(ROOT):
        files = function_files(name, ROOT)
        largest = max(largest, sum(file.stat().st_size for file in files.values()))
        written.append(write_archive(files, folder / f"{name}.zip"))
    return [*written, build_layer(layer, folder, code_bytes=largest)]


def main(arguments: list[str]) -> int:
    """Package, and print the archives' paths; 2 when something can't be packaged."""
    parser = argparse.ArgumentParser(prog="python -m stanchion.packaging", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the archives go")
    parser.add_argument("--architecture", choices=sorted(PLATFORMS), default="arm64")
    parser.add_argument("--python", default="3.13", help="version of Lambda's runtime, such as 3.13")
    parser.add_argument(
        "--lock", type=Path, default=ROOT / "requirements/functions.txt", help="requirements with hashes"
    )
    given = parser.parse_args(arguments)
    try:
        for archive in package(given.folder, LayerOf(given.lock, given.architecture, given.python)):
            print(archive)
    except StanchionError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
