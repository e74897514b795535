"""Where a program's documents lie."""

import os
from pathlib import Path

from stanchion.recovery.context import ROOT

PACK = Path(__file__).parent


def project_root(start: Path) -> Path:
    """The folder that holds environments/.

    Args:
        start: where the engine or the command was started.

    Returns:
        The one `stanchion preview` and `stanchion up` name; else the nearest from here upwards that has environments/;
        else the one the pack lies in.
    """
    if named := os.environ.get(ROOT):
        return Path(named)
    return next((place for place in (start, *start.parents) if (place / "environments").is_dir()), PACK.parent)
