"""The rules of a plan: how far two backups may be apart, where copies go, and which rule wins where two overlap."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.backup.schedule import longest_gap, runs
from stanchion.recovery.sources import Source
from stanchion.recovery.term import UNBOUNDED, Amount, Grade, Term, scaled

VAULTS = (
    "aws:backup/vault:Vault",
    "aws:backup/logicallyAirGappedVault:LogicallyAirGappedVault",
)
_GUIDE = "AWS Backup Developer Guide"
SCHEDULE = Source(_GUIDE, "Backup plan options: frequency, at most once an hour")
START = Source(_GUIDE, "Backup plan options: start within, 8 h by the API (pulumi_aws fills in 60 minutes)")
COMPLETE = Source(
    _GUIDE,
    "Backup plan options: complete within, 7 d by the API (pulumi_aws fills in 180 minutes); of the two readings, from "
    "the schedule or from the start, the later",
)
OVERLAP = Source(_GUIDE, "Overlapping rules: only the rule with the longer retention runs; its own copies are made")
# What the providers of Pulumi and Terraform send when the program says nothing.
START_MINUTES, COMPLETE_MINUTES = 60.0, 180.0


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy action: the setting, and the region of its vault."""

    at: Setting
    region: str | Unsettled


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a plan.

    Args:
        at: where it stands.
        name: as people would say it: `rule 'hourly' of backup plan 'lake'`.
        loss: terms of what may be lost by its backups in the region.
        copies: its copy actions.
        copy_loss: terms of what may be lost by its copies, which are not made where another rule wins; empty when
            none is ever made.
        continuous: whether it is a continuous backup.
        beaten_by: names of the rules that win over it at least once.
    """

    at: Setting
    name: str
    loss: tuple[Term, ...]
    copies: tuple[Copy, ...]
    copy_loss: tuple[Term, ...]
    continuous: bool | Unsettled
    beaten_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """A rule as it is written."""

    at: Setting
    order: int
    label: str
    runs: tuple[int, ...] | None
    start: Amount
    complete: Amount
    kept: Amount


def rules_of(graph: ResourceGraph, plan: Resource) -> tuple[Rule, ...]:
    """The rules of a plan; a plan whose rules are unknown has one rule of which nothing is known."""
    setting = plan.at("rules")
    listed = setting.each()
    read = [_read(*each) for each in enumerate((setting,) if isinstance(listed, Unsettled) else listed)]
    return tuple(_rule(graph, plan, rule, read) for rule in read)


def _read(order: int, rule: Setting) -> _Read:
    name = rule["ruleName"].text()
    label = f"rule '{name}'" if isinstance(name, str) and name else f"`{rule.path}`"
    schedule = rule["schedule"]
    text = schedule.value
    kept = rule["lifecycle"]["deleteAfter"]
    days = kept.number(UNBOUNDED)
    return _Read(
        rule,
        order,
        label,
        runs(text) if isinstance(text, str) else None,
        scaled(rule["startWindow"].number(START_MINUTES), 60),
        scaled(rule["completionWindow"].number(COMPLETE_MINUTES), 60),
        days if isinstance(days, Unsettled) or days >= 0 else kept.wrong("a number of days"),
    )


def _rule(graph: ResourceGraph, plan: Resource, rule: _Read, others: list[_Read]) -> Rule:
    beaten = [(other, _beats(other, rule)) for other in others if other is not rule]
    winners = [other for other, wins in beaten if wins is True]
    doubt = next((wins for _, wins in beaten if isinstance(wins, Unsettled)), None)
    left = _not_beaten(rule, winners)
    windows = (
        Term.of(f"start window of {rule.label}", rule.start, Grade.BOUND, START, rule.at["startWindow"]),
        Term.of(
            f"completion window of {rule.label}", rule.complete, Grade.BOUND, COMPLETE, rule.at["completionWindow"]
        ),
    )
    period = _period(rule, rule.runs)
    copy_period = period if left == rule.runs else _period(rule, left)
    if doubt and left:
        copy_period = Term(copy_period.name, doubt, Grade.BOUND, OVERLAP, doubt.urn, doubt.property)
    return Rule(
        rule.at,
        f"{rule.label} of backup plan '{plan.name}'",
        (period, *windows),
        tuple(_copies(graph, rule.at)),
        (copy_period, *windows) if left is None or left else (),
        rule.at["enableContinuousBackup"].flag(False),
        tuple(winner.label for winner in winners),
    )


def _period(rule: _Read, minutes: tuple[int, ...] | None) -> Term:
    setting = rule.at["schedule"]
    name = f"schedule of {rule.label}"
    if minutes is not None:
        gap = longest_gap(minutes)
        if gap is None:
            return Term.of(f"{name}, which runs once at most", UNBOUNDED, Grade.NONE, SCHEDULE, setting)
        return Term.of(name, gap, Grade.BOUND, SCHEDULE, setting)
    text = setting.text()
    if isinstance(text, str) and not text:
        return Term.of(f"{rule.label} has no schedule", UNBOUNDED, Grade.NONE, SCHEDULE, setting)
    gap = (
        text
        if isinstance(text, Unsettled)
        else setting.wrong("a schedule that can be read here (cron of AWS, or rate)")
    )
    return Term.of(name, gap, Grade.BOUND, SCHEDULE, setting)


def _beats(other: _Read, rule: _Read) -> bool | Unsettled:
    """Whether another rule wins where both start; of equals the first one written does."""
    gaps = [gap for gap in (other.kept, rule.kept) if isinstance(gap, Unsettled)]
    if not gaps and (other.kept, -other.order) < (rule.kept, -rule.order):
        return False
    if rule.runs is None:
        return False
    if other.runs is None:
        schedule = other.at["schedule"]
        return schedule.unsettled or (bool(schedule.value) and schedule.wrong("a schedule that can be read here"))
    gaps += [gap for gap in (other.start,) if isinstance(gap, Unsettled)]
    return gaps[0] if gaps else bool(_collisions(rule, other))


def _collisions(rule: _Read, other: _Read) -> set[int]:
    """Runs of a rule that fall together with one of another: within the start window of either."""
    if rule.runs is None or other.runs is None:
        return set()
    mine = 0.0 if isinstance(rule.start, Unsettled) else rule.start / 60
    theirs = 0.0 if isinstance(other.start, Unsettled) else other.start / 60
    found: set[int] = set()
    for run in rule.runs:
        near = bisect_left(other.runs, run - theirs + 1)
        if near < len(other.runs) and other.runs[near] < run + mine:
            found.add(run)
    return found


def _not_beaten(rule: _Read, winners: list[_Read]) -> tuple[int, ...] | None:
    if rule.runs is None or not winners:
        return rule.runs
    lost: set[int] = set()
    for winner in winners:
        lost |= _collisions(rule, winner)
    return tuple(run for run in rule.runs if run not in lost)


def _copies(graph: ResourceGraph, rule: Setting) -> Iterator[Copy]:
    listed = rule["copyActions"].each()
    if isinstance(listed, Unsettled):
        yield Copy(rule["copyActions"], listed)
        return
    for action in listed:
        vault = action["destinationVaultArn"]
        yield Copy(action, _region_of_vault(graph, vault))


def _region_of_vault(graph: ResourceGraph, vault: Setting) -> str | Unsettled:
    found = graph.reference(vault, *VAULTS)
    regions = [graph.region_of(resource) for resource in found.resources]
    if regions:
        # Edges tell of all vaults that the rules name. The one a plan fills lies where the plan does, so that a vault
        # elsewhere is one that copies go to.
        here = graph.region_of(vault.resource)
        away = [region for region in regions if region != here]
        return next((region for region in away if isinstance(region, str)), (away or regions)[0])
    if found.unsettled:
        return found.unsettled
    parts = (found.literal or "").split(":")
    if len(parts) > 5 and parts[3]:
        return parts[3]
    return Unsettled(vault.resource.urn, vault.path, "names no vault whose region is known")
