"""AWS Backup: what a plan's rules give the resources that its selections take.

A backup may be as old as the time between two runs, the start window and the completion window together. In the region
it helps against everything but the region's loss; there only copies do. How long a copy takes is stated nowhere: it is
a term of its own with no time and the grade `typical`, so that the total does not pass for a bound (decision 0011).
Restores have no published time either, so that a team declares one (`stanchion:restore`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from stanchion.graph import Resource, ResourceGraph, Unsettled
from stanchion.recovery.backup.rules import OVERLAP, VAULTS, Rule, rules_of
from stanchion.recovery.backup.selection import SELECTION, Stores, selected
from stanchion.recovery.backup.supported import CONTINUOUS, SETTINGS, SUPPORTED, copied, ready
from stanchion.recovery.declared import restore_term
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Note, Protection
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import IN_REGION, Condition, all_of, protections
from stanchion.recovery.term import Grade, Term

PLAN = "aws:backup/plan:Plan"
_GUIDE = "AWS Backup Developer Guide"
CONTINUOUS_BACKUP = Source(
    _GUIDE, "Continuous backups and point-in-time recovery: to within five minutes ago, 35 days back"
)
COPY = Source(_GUIDE, "Cross-Region backup: copies start when a backup is there; no duration is stated")
CONTINUOUS_SECONDS = 300.0


@dataclass(slots=True)
class _Known:
    """What is the same for all rules that take a resource, found once."""

    graph: ResourceGraph
    _of: dict[str, tuple[Condition, str | Unsettled, Term]] = field(
        default_factory=dict[str, tuple[Condition, str | Unsettled, Term]]
    )

    def of(self, resource: Resource) -> tuple[Condition, str | Unsettled, Term]:
        """Whether it can be backed up, its region, and how long a restore takes."""
        found = self._of.get(resource.urn)
        if found is None:
            back = restore_term(self.graph, resource, "restore of a backup")
            found = self._of[resource.urn] = ready(self.graph, resource), self.graph.region_of(resource), back
        return found


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Protections by all plans, and notes on copies that are never made."""
    plans = graph.of_type(PLAN)
    if not plans:
        return
    stores = Stores.of(graph)
    known = _Known(graph)
    for plan in plans:
        rules = rules_of(graph, plan)
        yield from _notes(plan, rules)
        offers = [_Offer.of(rule) for rule in rules]
        for selection in graph.referring(plan, "planId", SELECTION):
            for resource, given in selected(graph, selection, stores):
                for offer in offers:
                    yield from _protections(known, resource, offer, given)


@dataclass(frozen=True, slots=True)
class _Offer:
    """A rule with the terms that are the same for all it backs up: what may be lost, by which copy."""

    rule: Rule
    continuous: Term
    copies: tuple[tuple[str | Unsettled, str, tuple[Term, ...]], ...]

    @classmethod
    def of(cls, rule: Rule) -> "_Offer":
        at = rule.at["enableContinuousBackup"]
        copies: list[tuple[str | Unsettled, str, tuple[Term, ...]]] = []
        for copy in rule.copies:
            place = copy.region if isinstance(copy.region, str) else "a region that is not known"
            term = Term.of(f"copy to {place}, for which no time is stated", 0.0, Grade.TYPICAL, COPY, copy.at)
            if copy.loss:
                copies.append((copy.region, f"copy to {place} by {rule.name}", (*copy.loss, term)))
        continuous = Term.of("continuous backup", CONTINUOUS_SECONDS, Grade.TYPICAL, CONTINUOUS_BACKUP, at)
        return cls(rule, continuous, tuple(copies))


def _protections(known: _Known, resource: Resource, offer: _Offer, given: Condition) -> Iterator[Protection]:
    rule = offer.rule
    able, here, back = known.of(resource)
    given = all_of(able, given)
    yield from protections(resource, rule.name, IN_REGION, rule.loss, (back,), given=given)
    if rule.continuous is not False and resource.type in CONTINUOUS:
        name = f"continuous backup by {rule.name}"
        running = all_of(rule.continuous, given)
        yield from protections(resource, name, IN_REGION, (offer.continuous,), (back,), given=running)
    for there, name, loss in offer.copies:
        gap = there if isinstance(there, Unsettled) else here if isinstance(here, Unsettled) else None
        apart: Condition = gap or there != here
        made = all_of(apart, copied(resource), given)
        yield from protections(resource, name, (Disruption.REGION,), loss, (back,), given=made)


def _notes(plan: Resource, rules: tuple[Rule, ...]) -> Iterator[Note]:
    for rule in rules:
        if rule.beaten_by and rule.copies:
            what = "does not always run" if any(copy.loss for copy in rule.copies) else "never runs"
            yield Note(
                plan.urn,
                f"{rule.name} starts together with {', '.join(rule.beaten_by)}, which keeps longer: its copy action "
                f"{what} ({OVERLAP}).",
            )


MECHANISM = Mechanism("aws-backup", find, reads=frozenset({PLAN, SELECTION, SETTINGS, *VAULTS, *SUPPORTED}))
