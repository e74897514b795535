"""A rule: what it demands, why, how to mend it, and examples that show it pass and fail."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.estimate import Estimates, estimate
from stanchion.recovery.settings import Settings


class Group(StrEnum):
    """The folder a rule lies in."""

    RECOVERY = "recovery"
    STORAGE = "storage"
    CAPACITY = "capacity"
    COST = "cost"
    OBSERVABILITY = "observability"
    CONTRACTS = "contracts"


class Severity(StrEnum):
    """How bad a violation is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Level(StrEnum):
    """What a violation does: `mandatory` stops the deployment, `advisory` is shown, `disabled` is not run."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number, text or list of a rule that a configuration may change.

    Args:
        name: in camelCase, with its unit where it has one: `minimumDays`.
        default: the value without a configuration; its type is the type that is allowed.
        description: one sentence, with the source of the figure.
        minimum, maximum: bounds of a number.
    """

    name: str
    default: float | str | bool | tuple[str, ...]
    description: str
    minimum: float | None = None
    maximum: float | None = None


class Program:
    """What rules look at: the graph with mapped tags, and the recovery estimates, computed once for all rules.

    Args:
        graph: the program; other stacks of the environment may be merged into it.
        settings: objectives and what else recovery is judged by.
        own: URNs of the stack that is judged; what belongs to other stacks is context. All when None.
    """

    def __init__(self, graph: ResourceGraph, settings: Settings, own: frozenset[str] | None = None) -> None:
        self.graph = settings.applied(graph)
        self.settings = settings
        self.own = own

    @cached_property
    def estimates(self) -> Estimates:
        """Recovery of every workload."""
        return estimate(self.graph, self.settings)

    def of_type(self, *types: str) -> tuple[Resource, ...]:
        """Resources of the stack that is judged, of these types."""
        found = self.graph.of_type(*types)
        return found if self.own is None else tuple(resource for resource in found if resource.urn in self.own)


@dataclass(frozen=True, slots=True)
class Violation:
    """One finding.

    Args:
        message: a sentence: what is wrong, which value, what is allowed.
        urn: the resource; empty for the program as a whole.
        property: the setting, as a path.
        unknown: it can't be told whether the demand is met; a mandatory rule fails all the same.
    """

    message: str
    urn: str = ""
    property: str = ""
    unknown: bool = False

    @classmethod
    def at(cls, where: Resource | Setting, message: str) -> "Violation":
        """A finding about a resource, or one of its settings."""
        if isinstance(where, Setting):
            return cls(message, where.resource.urn, where.path)
        return cls(message, where.urn)

    @classmethod
    def unsettled(cls, gap: Unsettled, demand: str) -> "Violation":
        """A setting that can't be judged.

        Args:
            gap: which, and why.
            demand: what it has to be, to complete "so it can't be told whether ...".
        """
        return cls(f"{gap}, so it can't be told whether {demand}.", gap.urn, gap.property, unknown=True)


Thresholds = Mapping[str, Any]
Check = Callable[[Program, Thresholds], Iterable[Violation]]


@dataclass(frozen=True, slots=True)
class Example:
    """A program that passes or fails a rule.

    Args:
        about: what it shows, as a clause.
        build: makes the graph.
        names: logical names of the resources that are found, for a failing one; "" for the program as a whole.
        settings: makes the settings it is judged by; none but the defaults unless given.
    """

    about: str
    build: Callable[[], ResourceGraph]
    names: tuple[str, ...] = ()
    settings: Callable[[], Settings] = Settings


@dataclass(frozen=True, slots=True)
class Rule:
    """One demand.

    Args:
        id: in kebab case, with its group in front: `storage-bucket-encryption`; configurations and exemptions name it.
        group: the folder it lies in.
        severity: how bad a violation is.
        description: what it demands and why, one or two sentences.
        remediation: what to do, one or two sentences.
        source: a document and its part, or the decision it follows from.
        check: finds violations; must not depend on the order of resources, and must not raise for any program.
        passing, failing: at least one of each; the tests run them.
        level: without a configuration.
        thresholds: what a configuration may change.
    """

    id: str
    group: Group
    severity: Severity
    description: str
    remediation: str
    source: str
    check: Check
    passing: tuple[Example, ...]
    failing: tuple[Example, ...]
    level: Level = Level.MANDATORY
    thresholds: tuple[Threshold, ...] = field(default=())

    def defaults(self) -> dict[str, Any]:
        """The thresholds without a configuration."""
        return {threshold.name: threshold.default for threshold in self.thresholds}
