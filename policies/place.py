"""Where a program's documents lie."""

from pathlib import Path

PACK = Path(__file__).parent


def project_root(start: Path) -> Path:
    """The folder that holds environments/: the nearest one from here upwards, else where the pack lies.

    Args:
        start: where the engine or the command was started.
    """
    return next((place for place in (start, *start.parents) if (place / "environments").is_dir()), PACK.parent)
