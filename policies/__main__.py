"""What the engine starts for `--policy-pack policies`."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# The engine runs this folder as a program; its modules are those of the package beside it.
sys.path = [str(HERE.parent), *(place for place in sys.path if Path(place or ".").resolve() != HERE)]

from policies.analyzer import serve  # noqa: E402
from policies.place import project_root  # noqa: E402

serve(project_root(Path.cwd()))
