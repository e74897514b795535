"""kubectl for the clusters of the local EKS: Kubernetes' own program, built when somebody first asks for it."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.kubernetes.binaries import build

NAME = "kubectl"
# Whoever names a context or a file means it.
_OWN = re.compile(r"--(context|kubeconfig|cluster)(=.*)?")

Tell = Callable[[str], None]


def command(kubeconfig: Path, region: str | None, arguments: Sequence[str], tell: Tell) -> tuple[Path, list[str]]:
    """The executable, and its whole command line.

    Args:
        kubeconfig: has a context for each cluster, `<cluster>.<region>`.
        region: whose cluster is meant; the file's own choice when None.
        arguments: for kubectl.
        tell: is given one line for each thing done; a build takes about a minute, once for this machine.

    Raises:
        SandboxError: there is no cluster in the region, or there are several; or kubectl can't be built.
    """
    chosen = [] if any(_OWN.fullmatch(each) for each in arguments) else _context(kubeconfig, region)
    executable = build([NAME], tell)[NAME]
    return executable, [NAME, *chosen, *arguments]


def _context(kubeconfig: Path, region: str | None) -> list[str]:
    try:
        document: Mapping[str, list[Mapping[str, str]]] = json.loads(kubeconfig.read_text(encoding="utf-8"))
    except OSError:
        document = {"contexts": []}
    names = [context["name"] for context in document["contexts"]]
    if not names:
        raise SandboxError("the local cloud has no cluster; `make up` makes one in each region.")
    if region is None:
        return []
    found = [name for name in names if name.endswith(f".{region}")]
    if not found:
        raise SandboxError(f"there is no cluster in region '{region}'; allowed: {_regions(names)}.")
    if len(found) > 1:
        raise SandboxError(f"region '{region}' has several clusters; name one: `-- --context {found[0]} ...`.")
    return ["--context", found[0]]


def _regions(names: Sequence[str]) -> str:
    return ", ".join(sorted({name.rpartition(".")[2] for name in names}))
