"""A mechanism: one file in `mechanisms/` that reads one way to survive or recover out of a program's resources."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from stanchion.errors import RunFailedError
from stanchion.graph import ResourceGraph
from stanchion.recovery import mechanisms
from stanchion.recovery.findings import Finding, Findings


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One way to survive or recover.

    Args:
        name: as in `docs/recovery.md`: `aws-backup`.
        find: yields what it finds in a graph; it must not depend on the order of resources, must not raise for any
            program, and says `Unsettled` where a setting can't be told.
        stores: types of stateful resources that it explains; a stateful type that no mechanism explains is unknown.
        reads: other types it looks at; only for the table of what is covered.
    """

    name: str
    find: Callable[[ResourceGraph], Iterable[Finding]]
    stores: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()


class MechanismError(RunFailedError):
    """A mechanism failed on a program; without it an estimate would look better than it is, so there is none."""


@cache
def all_mechanisms() -> tuple[Mechanism, ...]:
    """Every mechanism of the folder `mechanisms/`, in the order of their names: each module has one `MECHANISM`."""
    found: list[Mechanism] = []
    for module in pkgutil.iter_modules(mechanisms.__path__):
        loaded = importlib.import_module(f"{mechanisms.__name__}.{module.name}")
        mechanism = getattr(loaded, "MECHANISM", None)
        if isinstance(mechanism, Mechanism):
            found.append(mechanism)
    return tuple(sorted(found, key=lambda mechanism: mechanism.name))


def find_all(graph: ResourceGraph) -> Findings:
    """What all mechanisms find in a program.

    Raises:
        MechanismError: one of them failed, which is a fault of Stanchion's and not of the program's.
    """
    findings = Findings()
    for mechanism in all_mechanisms():
        try:
            for finding in mechanism.find(graph):
                findings.add(finding)
        except Exception as error:
            raise MechanismError(
                f"recovery can't be estimated: the mechanism '{mechanism.name}' failed on this program "
                f"({type(error).__name__}: {error}); this is a fault of Stanchion's: report it with the program."
            ) from error
    return findings
