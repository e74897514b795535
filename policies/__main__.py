"""What the engine starts for `--policy-pack policies`."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# The engine runs this folder as a program; its modules are those of the package beside it.
sys.path = [str(HERE.parent), *(place for place in sys.path if Path(place or ".").resolve() != HERE)]

from policies.analyzer import serve  # noqa: E402


def root() -> Path:
    """The folder that holds environments/: where the engine was started, else where the pack lies."""
    here = Path.cwd()
    places = (here, *here.parents, HERE.parent)
    return next((place for place in places if (place / "environments").is_dir()), HERE.parent)


serve(root())
