"""What a change does to recovery: figures before and after, and the settings that made the difference."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stanchion.graph import SECRET, UNKNOWN, ResourceGraph, Unsettled
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.estimate import Estimate, Estimates, Figure
from stanchion.recovery.report.amount import shown
from stanchion.recovery.report.place import place, setting_at
from stanchion.recovery.term import Amount, Term, rank


@dataclass(frozen=True, slots=True)
class Change:
    """One figure that is not what it was.

    Args:
        workload, disruption, figure: which one; `figure` is `RTO` or `RPO`.
        before, after: seconds, unbounded, unsettled, or None for not assessed.
        objective: of the program as it will be.
        reasons: clauses that say which settings or resources made the difference.
    """

    workload: str
    disruption: Disruption
    figure: str
    before: Amount | None
    after: Amount | None
    objective: float | None
    reasons: tuple[str, ...]

    @property
    def worse(self) -> bool:
        """Whether recovery gets worse; what can't be told any more is worse."""
        if self.before is None or self.after is None:
            return self.after is None
        return rank(self.after) > rank(self.before)

    @property
    def sentence(self) -> str:
        """`RPO region 5 h -> 177 h, because ...`."""
        because = f", because {'; '.join(self.reasons)}" if self.reasons else ""
        return f"{self.figure} {self.disruption.value} {shown(self.before)} -> {shown(self.after)}{because}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is different: figures, and workloads that came or went."""

    changes: tuple[Change, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]


def compare(before: tuple[ResourceGraph, Estimates], after: tuple[ResourceGraph, Estimates]) -> Comparison:
    """Compare two estimates of a program; each comes with the graph it was made from."""
    old = {(e.workload, e.disruption): e for e in before[1].estimates}
    new = {(e.workload, e.disruption): e for e in after[1].estimates}
    changes: list[Change] = []
    for key in sorted(old.keys() & new.keys(), key=lambda k: (k[0], list(Disruption).index(k[1]))):
        for name, one, other in (("RTO", old[key].rto, new[key].rto), ("RPO", old[key].rpo, new[key].rpo)):
            if _differ(one.amount, other.amount):
                reasons = _reasons((before[0], one), (after[0], other))
                changes.append(Change(key[0], key[1], name, one.amount, other.amount, other.objective, tuple(reasons)))
    return Comparison(
        tuple(changes),
        tuple(sorted({k[0] for k in new} - {k[0] for k in old})),
        tuple(sorted({k[0] for k in old} - {k[0] for k in new})),
    )


def _differ(one: Amount | None, other: Amount | None) -> bool:
    if isinstance(one, Unsettled) and isinstance(other, Unsettled):
        return False
    return one != other


def _reasons(before: tuple[ResourceGraph, Figure], after: tuple[ResourceGraph, Figure]) -> list[str]:
    old_graph, old = before
    new_graph, new = after
    old_terms, new_terms = _terms(old), _terms(new)
    changed = [key for key in new_terms if key in old_terms and _differ(old_terms[key].amount, new_terms[key].amount)]
    reasons = _settings(old_graph, new_graph, [(old_terms[key], new_terms[key]) for key in changed])
    gone = _resources(old, old_graph, new_graph)
    come = _resources(new, new_graph, old_graph)
    reasons += [f"{label} is gone" for label in gone]
    reasons += [f"{label} is new" for label in come]
    if not reasons:
        was, now = _deciders(old), _deciders(new)
        if was != now:
            reasons.append(f"it was decided by {was} and is now decided by {now}")
    return reasons


def _terms(figure: Figure) -> dict[tuple[str, str], Term]:
    """Terms that count, by resource and name: indexes in lists move, names stay."""
    return {(term.urn, term.name): term for part in figure.parts if part.counts for term in part.terms}


def _settings(old_graph: ResourceGraph, new_graph: ResourceGraph, pairs: Iterable[tuple[Term, Term]]) -> list[str]:
    """`startWindow`/`completionWindow` of rule `hourly` in plan `lake` went from 60/180 to 480/10080."""
    by_place: dict[str, list[tuple[str, str, str]]] = {}
    said: list[str] = []
    for old, new in pairs:
        before, after = old_graph.resources.get(old.urn), new_graph.resources.get(new.urn)
        if before is None or after is None or not new.property:
            said.append(f"{new.name} went from {shown(old.amount)} to {shown(new.amount)}")
            continue
        key, where = place(after, new.property)
        values = (_written(setting_at(before, old.property).value), _written(setting_at(after, new.property).value))
        by_place.setdefault(where, []).append((key, *values))
    for where, settings in by_place.items():
        names = "/".join(f"`{key}`" for key, _, _ in settings)
        was = "/".join(value for _, value, _ in settings)
        now = "/".join(value for _, _, value in settings)
        said.append(f"{names} of {where} went from {was} to {now}")
    return said


def _written(value: Any) -> str:
    if value is None:
        return "not set"
    if value is UNKNOWN:
        return "unknown"
    if value is SECRET:
        return "secret"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping | list):
        return "other values"
    return str(value)


def _resources(figure: Figure, here: ResourceGraph, there: ResourceGraph) -> list[str]:
    """Resources this figure counts on that the other program does not have."""
    urns = {term.urn for part in figure.parts if part.counts for term in part.terms if term.urn}
    return [here.resources[urn].label for urn in sorted(urns) if urn in here.resources and urn not in there.resources]


def _deciders(figure: Figure) -> str:
    return figure.deciding.name if figure.deciding else "nothing"


def estimates_of(estimates: Estimates, workload: str) -> tuple[Estimate, ...]:
    """The estimates of one workload, by disruption."""
    return tuple(found for found in estimates.estimates if found.workload == workload)
