"""AWS Backup: what a plan's rules give the resources that its selections take.

A backup may be as old as the time between two runs, the start window and the completion window together. In the region
it helps against everything but the region's loss; there only copies do. How long a copy takes is stated nowhere: it is
a term of its own with no time and the grade `typical`, so that the total does not pass for a bound (decision 0011).
Restores have no published time either, so that a team declares one (`stanchion:restore`).
"""

from collections.abc import Iterator

from stanchion.graph import Resource, ResourceGraph, Unsettled
from stanchion.recovery.backup.rules import OVERLAP, Rule, rules_of
from stanchion.recovery.backup.selection import CONTINUOUS, SELECTION, SUPPORTED, Stores, selected
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


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Protections by all plans, and notes on copies that are never made."""
    plans = graph.of_type(PLAN)
    if not plans:
        return
    stores = Stores.of(graph)
    for plan in plans:
        rules = rules_of(graph, plan)
        yield from _notes(plan, rules)
        for selection in graph.referring(plan, "planId", SELECTION):
            for resource, given in selected(graph, selection, stores):
                for rule in rules:
                    yield from _protections(graph, resource, rule, given)


def _protections(graph: ResourceGraph, resource: Resource, rule: Rule, given: Condition) -> Iterator[Protection]:
    back = restore_term(graph, resource, f"restore of a backup by {rule.name}")
    yield from protections(resource, rule.name, IN_REGION, rule.loss, [back], given=given)
    if resource.type in CONTINUOUS:
        loss = Term.of(
            "continuous backup", CONTINUOUS_SECONDS, Grade.TYPICAL, CONTINUOUS_BACKUP, rule.at["enableContinuousBackup"]
        )
        name = f"continuous backup by {rule.name}"
        yield from protections(resource, name, IN_REGION, [loss], [back], given=all_of(rule.continuous, given))
    here = graph.region_of(resource)
    for copy in rule.copies if rule.copy_loss else ():
        there = copy.region
        gap = next((region for region in (there, here) if isinstance(region, Unsettled)), None)
        apart: Condition = gap or there != here
        place = there if isinstance(there, str) else "a region that is not known"
        term = Term.of(f"copy to {place}, for which no time is stated", 0.0, Grade.TYPICAL, COPY, copy.at)
        yield from protections(
            resource,
            f"copy to {place} by {rule.name}",
            (Disruption.REGION,),
            [*rule.copy_loss, term],
            [back],
            given=all_of(apart, given),
        )


def _notes(plan: Resource, rules: tuple[Rule, ...]) -> Iterator[Note]:
    for rule in rules:
        if rule.beaten_by and rule.copies:
            what = "never runs" if not rule.copy_loss else "does not always run"
            yield Note(
                plan.urn,
                f"{rule.name} starts together with {', '.join(rule.beaten_by)}, which keeps longer: its copy action "
                f"{what} ({OVERLAP}).",
            )


MECHANISM = Mechanism("aws-backup", find, reads=frozenset({PLAN, SELECTION, "aws:backup/vault:Vault", *SUPPORTED}))
