"""What mechanisms of compute and traffic have in common: steps that take no time, some time, or never end."""

from collections.abc import Iterable, Iterator

from stanchion.graph import Resource, Setting, Unsettled
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Phase, Step
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import Condition
from stanchion.recovery.term import UNBOUNDED, Amount, Grade, Term, rank, total


def goes_on(name: str, source: Source, at: Resource | Setting, grade: Grade = Grade.BOUND) -> Term:
    """Nothing has to come back: what is left serves on."""
    return Term.of(name, 0.0, grade, source, at)


def never(name: str, source: Source, at: Resource | Setting) -> Term:
    """There is no bound for it; the name says why."""
    return Term.of(name, UNBOUNDED, Grade.NONE, source, at)


def untold(name: str, gap: Unsettled, source: Source) -> Term:
    """It depends on a value that can't be told."""
    return Term(name, gap, Grade.NONE, source, gap.urn, gap.property)


def depends(condition: Condition, yes: Term, no: Term) -> Term:
    """One term or the other; the one's name and the gap where the condition can't be told."""
    if isinstance(condition, Unsettled):
        return untold(yes.name, condition, yes.source)
    return yes if condition else no


def steps(
    resource: Resource, name: str, phase: Phase, disruptions: Iterable[Disruption], *terms: Term, alternative: str = ""
) -> Iterator[Step]:
    """The same step after several disruptions."""
    for disruption in disruptions:
        yield Step(resource.urn, name, disruption, phase, terms, alternative=alternative)


def seconds(terms: Iterable[Term]) -> Amount:
    """What terms add up to."""
    return total(term.amount for term in terms)


def slowest(options: Iterable[tuple[Term, ...]]) -> tuple[Term, ...]:
    """Of several bills the one that takes longest; none is an empty one."""
    return max(
        options, key=lambda terms: (rank(seconds(terms)), [(t.urn, t.property, t.name) for t in terms]), default=()
    )


def called(kind: str, resource: Resource) -> str:
    """How a step names a resource: `target group 'api'`."""
    return f"{kind} '{resource.name}'"
