"""What the engine starts for `--policy-pack policies`."""

import importlib.util
import sys
import types
from pathlib import Path

HERE = Path(__file__).resolve().parent
# The engine runs this folder as a program; its modules are those of the package beside it.
sys.path = [str(HERE.parent), *(place for place in sys.path if Path(place or ".").resolve() != HERE)]


def bare_packages(*names: str) -> None:
    """Make packages of the SDK importable without running their `__init__`, which costs each preview 0.3 s."""
    found = importlib.util.find_spec("pulumi")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("pulumi")
    root = Path(found.submodule_search_locations[0])
    for name in names:
        package = types.ModuleType(name)
        package.__path__ = [str(root.joinpath(*name.split(".")[1:]))]
        sys.modules[name] = package


# Of the SDK the protocol alone is used.
bare_packages("pulumi", "pulumi.runtime", "pulumi.runtime.proto")

from policies.analyzer import serve  # noqa: E402
from policies.place import project_root  # noqa: E402

serve(project_root(Path.cwd()))
