"""What mechanisms find in a program: stores, what protects them, and the steps until the workload serves again."""

from dataclasses import dataclass, field
from enum import StrEnum

from stanchion.recovery.disruption import Disruption
from stanchion.recovery.term import Term


@dataclass(frozen=True, slots=True)
class Store:
    """A resource that holds state which a disruption can take.

    `kind` is how people call it: `S3 bucket`. A disruption with no `Protection` of the store loses everything, so a
    service that survives one by design has a protection with a term of 0 and the source that says so.
    """

    urn: str
    kind: str


@dataclass(frozen=True, slots=True)
class Protection:
    """One way in which a store survives one disruption, or comes back after it.

    Args:
        store: URN of the store.
        name: as people would say it: `rule 'hourly' of backup plan 'lake'`.
        disruption: what it protects against.
        loss: what may be lost; the terms add up to the RPO it gives.
        restore: what it takes until the data can be used again; the terms add up. Empty is at once.
    """

    store: str
    name: str
    disruption: Disruption
    loss: tuple[Term, ...]
    restore: tuple[Term, ...] = ()


class Phase(StrEnum):
    """Parts of the RTO. The decision between DETECT and RECOVER comes from the objectives."""

    DETECT = "detect"
    RECOVER = "recover"
    SHIFT = "shift"


@dataclass(frozen=True, slots=True)
class Step:
    """Something that has to happen after a disruption before the workload serves again.

    Args:
        urn: the resource that does it.
        name: as people would say it: `pods of Deployment 'api' run elsewhere`.
        disruption: after which.
        phase: steps of one phase run side by side (the longest counts), phases follow each other.
        terms: what it is made of; they add up.
        after: URNs of resources (stores, or other steps' ones) that must be back first.
        alternative: steps of one phase with the same text here are ways to the same end; only the fastest one that a
            workload has counts (five alarms do not detect later than one).
    """

    urn: str
    name: str
    disruption: Disruption
    phase: Phase
    terms: tuple[Term, ...]
    after: tuple[str, ...] = ()
    alternative: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """Something a reader should know that changes no figure: `a copy action on a losing rule does not run`."""

    urn: str
    text: str


Finding = Store | Protection | Step | Note


@dataclass(slots=True)
class Findings:
    """All that the mechanisms found, in the order of the mechanisms' names."""

    stores: dict[str, Store] = field(default_factory=dict[str, Store])
    protections: list[Protection] = field(default_factory=list[Protection])
    steps: list[Step] = field(default_factory=list[Step])
    notes: list[Note] = field(default_factory=list[Note])

    def add(self, finding: Finding) -> None:
        """Take one in; a store that two mechanisms name is one store."""
        match finding:
            case Store():
                self.stores.setdefault(finding.urn, finding)
            case Protection():
                self.protections.append(finding)
            case Step():
                self.steps.append(finding)
            case Note():
                self.notes.append(finding)
