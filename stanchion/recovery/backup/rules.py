"""The rules of a plan: how far two backups may be apart, where copies go, and which rule wins where two overlap.

Where two rules of a plan fall together, only the one that keeps longer makes a backup, within its own windows and with
its own copies. Which one does when both keep equally long is stated nowhere: in the region either gives a backup, so
that the longer gap and windows of the two count; a copy that only one of them makes can't be counted on.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.backup.overlap import Timing, collisions, left, longest_of
from stanchion.recovery.sources import Source
from stanchion.recovery.term import UNBOUNDED, Amount, Grade, Term, rank, scaled

VAULTS = (
    "aws:backup/vault:Vault",
    "aws:backup/logicallyAirGappedVault:LogicallyAirGappedVault",
)
_GUIDE = "AWS Backup Developer Guide"
SCHEDULE = Source(_GUIDE, "Backup plan options: frequency, at most once an hour")
UNSCHEDULED = Source("AWS Backup API", "BackupRule: without a schedule cron(0 5 ? * * *), once a day")
START = Source(
    "AWS Backup API", "BackupRule: start window of 60 minutes or more, 8 h by default (pulumi_aws fills in 60 minutes)"
)
COMPLETE = Source(
    "AWS Backup API",
    "BackupRule: completion window, 7 d by default (pulumi_aws fills in 180 minutes); of the two readings, from the "
    "schedule or from the start, the later",
)
OVERLAP = Source(
    _GUIDE, "Backup plan options: where rules overlap within a start window, only the longer retention is backed up"
)
# What the providers of Pulumi and Terraform send when the program says nothing.
START_MINUTES, COMPLETE_MINUTES = 60.0, 180.0
SHORTEST_START_MINUTES = 60.0
DAILY = "cron(0 5 ? * * *)"
_TIE = "keeps as long as {}, with which it falls together, and AWS does not say which of the two runs"


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy action.

    Args:
        at: the setting.
        region: of its vault.
        loss: terms of what may be lost by the copies; empty when none is ever made.
    """

    at: Setting
    region: str | Unsettled
    loss: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a plan.

    Args:
        at: where it stands.
        name: as people would say it: `rule 'hourly' of backup plan 'lake'`.
        loss: terms of what may be lost by its backups in the region.
        copies: its copy actions.
        continuous: whether it is a continuous backup.
        beaten_by: names of the rules that win over it at least once and make no copy to the same regions.
    """

    at: Setting
    name: str
    loss: tuple[Term, ...]
    copies: tuple[Copy, ...]
    continuous: bool | Unsettled
    beaten_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """A rule as it is written; `timing` is None when its schedule can't be told, for which `gap` says why."""

    at: Setting
    label: str
    timing: Timing | None
    gap: Unsettled | None
    start: Amount
    complete: Amount
    kept: Amount
    targets: tuple[tuple[Setting, str | Unsettled], ...]

    @property
    def regions(self) -> frozenset[str]:
        return frozenset(region for _, region in self.targets if isinstance(region, str))


@dataclass(frozen=True, slots=True)
class _Rivals:
    """The other rules that fall together with one.

    Args:
        winners: those that run in its place.
        ties: those of which one can't tell.
        doubt: why it can't be told whether another one falls together with it.
    """

    winners: tuple[_Read, ...]
    ties: tuple[_Read, ...]
    doubt: Unsettled | None

    @property
    def above(self) -> tuple[Timing, ...]:
        """When the winners run."""
        return tuple(other.timing for other in self.winners if other.timing)


def rules_of(graph: ResourceGraph, plan: Resource) -> tuple[Rule, ...]:
    """The rules of a plan; a plan whose rules are unknown has one rule of which nothing is known."""
    setting = plan.at("rules")
    listed = setting.each()
    read = [_read(graph, rule) for rule in ((setting,) if isinstance(listed, Unsettled) else listed)]
    rivals = {id(rule): _rivals(rule, [other for other in read if other is not rule]) for rule in read}
    return tuple(_rule(plan, rule, rivals) for rule in read)


def region_of_vault(graph: ResourceGraph, vault: Setting) -> str | Unsettled:
    """The region of the vault that a copy action names."""
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


def _read(graph: ResourceGraph, rule: Setting) -> _Read:
    name = rule["ruleName"].text()
    start = rule["startWindow"].number(START_MINUTES)
    if not isinstance(start, Unsettled) and start < SHORTEST_START_MINUTES:
        start = rule["startWindow"].wrong("a start window that AWS takes: 60 minutes or more")
    timing, gap = _timing(rule, start)
    return _Read(
        rule,
        f"rule '{name}'" if isinstance(name, str) and name else f"`{rule.path}`",
        timing,
        gap,
        scaled(start, 60),
        scaled(rule["completionWindow"].number(COMPLETE_MINUTES), 60),
        _kept(rule["lifecycle"]["deleteAfter"]),
        tuple(_targets(graph, rule["copyActions"])),
    )


def _timing(rule: Setting, start: float | Unsettled) -> tuple[Timing | None, Unsettled | None]:
    schedule, zone = rule["schedule"], rule["scheduleExpressionTimezone"]
    text, place = schedule.text(), zone.text()
    if isinstance(text, Unsettled) or isinstance(place, Unsettled):
        return None, text if isinstance(text, Unsettled) else place if isinstance(place, Unsettled) else None
    window = 0 if isinstance(start, Unsettled) else int(min(start, 10**6))
    timing = Timing(text or DAILY, place, window)
    if timing.readable:
        return timing, None
    if Timing(text or DAILY, "", 0).readable:
        return None, zone.wrong("a time zone that is known here")
    return None, schedule.wrong("a schedule that can be read here (cron of AWS, or rate)")


def _kept(setting: Setting) -> Amount:
    """Days that backups are kept; the provider sends no 0, and what is not sent is kept for ever."""
    days = setting.number(0)
    if isinstance(days, Unsettled):
        return days
    return setting.wrong("a number of days") if days < 0 else days or UNBOUNDED


def _targets(graph: ResourceGraph, actions: Setting) -> Iterator[tuple[Setting, str | Unsettled]]:
    listed = actions.each()
    if isinstance(listed, Unsettled):
        yield actions, listed
        return
    for action in listed:
        yield action, region_of_vault(graph, action["destinationVaultArn"])


def _rivals(rule: _Read, others: Sequence[_Read]) -> _Rivals:
    winners: list[_Read] = []
    ties: list[_Read] = []
    doubts: list[Unsettled] = []
    for other in others:
        known = not isinstance(other.kept, Unsettled) and not isinstance(rule.kept, Unsettled)
        if known and rank(other.kept) < rank(rule.kept):
            continue
        gap = next((gap for gap in (other.start, rule.start) if isinstance(gap, Unsettled)), None)
        if rule.timing is None or other.timing is None or gap is not None:
            doubts += [why for why in (rule.gap, other.gap, gap) if why is not None][:1]
        elif collisions(rule.timing, other.timing):
            (winners if known and other.kept != rule.kept else ties).append(other)
    return _Rivals(tuple(winners), tuple(ties), doubts[0] if doubts else None)


def _rule(plan: Resource, rule: _Read, rivals: dict[int, _Rivals]) -> Rule:
    own = rivals[id(rule)]
    never = rule.timing is not None and bool(own.winners) and not left(rule.timing, own.above)
    return Rule(
        rule.at,
        f"{rule.label} of backup plan '{plan.name}'",
        _loss(rule, rivals, None),
        tuple(Copy(at, region, () if never else _loss(rule, rivals, region)) for at, region in rule.targets),
        rule.at["enableContinuousBackup"].flag(False),
        tuple(other.label for other in own.winners if not rule.regions <= other.regions),
    )


def _loss(rule: _Read, rivals: dict[int, _Rivals], target: str | Unsettled | None) -> tuple[Term, ...]:
    """Terms of what may be lost, by the backups in the region (no target), or by the copies to a region."""
    own = rivals[id(rule)]
    rest = (*own.winners, *own.ties)
    helping = [other for other in rest if target is None or (isinstance(target, str) and target in other.regions)]
    counted = (rule, *helping)
    return (
        _period(rule, rivals, helping),
        _window("start window", "startWindow", START, [(one, one.start) for one in counted]),
        _window("completion window", "completionWindow", COMPLETE, [(one, one.complete) for one in counted]),
    )


def _window(name: str, key: str, source: Source, found: Iterable[tuple[_Read, Amount]]) -> Term:
    """The longest window of the rules whose backups count."""
    rule, amount = max(found, key=lambda pair: rank(pair[1]))
    return Term.of(f"{name} of {rule.label}", amount, Grade.BOUND, source, rule.at[key])


def _period(rule: _Read, rivals: dict[int, _Rivals], helping: list[_Read]) -> Term:
    setting, own = rule.at["schedule"], rivals[id(rule)]
    name = f"schedule of {rule.label}"
    gap = _unclear(rule, own, [tie for tie in own.ties if tie not in helping])
    if gap is not None or rule.timing is None:
        gap = gap or setting.wrong("a schedule that can be read here (cron of AWS, or rate)")
        return Term(name, gap, Grade.BOUND, SCHEDULE if gap == rule.gap else OVERLAP, gap.urn, gap.property)
    ties = tuple(tie.timing for tie in own.ties if tie.timing)
    helpers = tuple((one.timing, rivals[id(one)].above) for one in helping if one.timing)
    longest = longest_of(rule.timing, own.above, ties, helpers)
    if longest is None:
        return Term.of(f"{name}, which does not go on for ever", UNBOUNDED, Grade.NONE, SCHEDULE, setting)
    if not setting.is_set:
        return Term.of(f"{name}, by default once a day", longest, Grade.BOUND, UNSCHEDULED, setting)
    return Term.of(name, longest, Grade.BOUND, SCHEDULE, setting)


def _unclear(rule: _Read, rivals: _Rivals, against: Sequence[_Read]) -> Unsettled | None:
    """Why it can't be told how often a rule runs; `against` may run in its place, and their backups do not count."""
    if rule.gap is not None or rivals.doubt is not None or not against:
        return rule.gap or rivals.doubt
    kept = rule.at["lifecycle"]["deleteAfter"]
    for setting, amount in ((kept, rule.kept), (against[0].at["lifecycle"]["deleteAfter"], against[0].kept)):
        if isinstance(amount, Unsettled):
            return Unsettled(amount.urn, amount.property or setting.path, amount.why)
    return Unsettled(rule.at.resource.urn, kept.path, _TIE.format(against[0].label))
