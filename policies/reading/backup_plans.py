"""AWS Backup plans: their rules, the vaults they fill, and the tiers of what they back up."""

from collections import defaultdict
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, cast
from weakref import WeakKeyDictionary

from policies.reading.tiers import tier_named
from policies.rule import Program
from stanchion.graph import Resource, Setting, Unsettled
from stanchion.recovery.workloads import tier_of

PLAN = "aws:backup/plan:Plan"
VAULT = "aws:backup/vault:Vault"
AIR_GAPPED = "aws:backup/logicallyAirGappedVault:LogicallyAirGappedVault"
SELECTION = "aws:backup/selection:Selection"
_TIER_KEYS = ("stanchion:tier", "aws:ResourceTag/stanchion:tier")


def rules_of(plan: Resource) -> tuple[Setting, ...] | Unsettled:
    """The rules of a plan."""
    return plan.at("rules").each()


def rule_name(rule: Setting) -> str:
    """How a sentence names it."""
    name = rule["ruleName"].text()
    return f"rule '{name}'" if isinstance(name, str) and name else f"`{rule.path}`"


def copies_of(rule: Setting) -> tuple[Setting, ...] | Unsettled:
    """The copy actions of a rule."""
    return rule["copyActions"].each()


def region_of_vault(program: Program, vault: Setting) -> str | Unsettled:
    """The region of the vault that a copy action names."""
    found = program.graph.reference(vault, VAULT, AIR_GAPPED)
    regions = [program.graph.region_of(resource) for resource in found.resources]
    if regions:
        # An edge says only which vaults all rules together name. The plan's own vault lies where the plan does (AWS
        # Backup fills no other), so a vault that lies elsewhere is one that copies go to.
        here = program.graph.region_of(vault.resource)
        away = [region for region in regions if region != here]
        return next((region for region in away if isinstance(region, str)), (away or regions)[0])
    if found.unsettled:
        return found.unsettled
    parts = (found.literal or "").split(":")
    if len(parts) > 5 and parts[3]:
        return parts[3]
    return Unsettled(vault.resource.urn, vault.path, "names no vault whose region is known")


def tiers_of(program: Program, plan: Resource) -> frozenset[str] | Unsettled:
    """The tiers of what a plan backs up.

    They are those its selections name, by the tag of a tier or by resources that have one; else what the plan says of
    itself. One that says nothing is taken to back up every tier there is: what is not said must not look better.
    """
    found: set[str] = set()
    index = _index_of(program)
    for selection in program.graph.referring(plan, "planId", SELECTION):
        for tier in _selected(program, selection, index):
            if isinstance(tier, Unsettled):
                return tier
            found.add(tier)
    if not found:
        own = tier_of(program.graph, plan)
        if isinstance(own, Unsettled):
            return own
        found = {own} if own else set(program.settings.tiers)
    return frozenset(found)


def _selected(program: Program, selection: Resource, index: "_Index") -> Iterator[str | Unsettled]:
    tagged = selection.at("selectionTags").each()
    conditions = selection.at("conditions")["stringEquals"].each()
    for listed in (tagged, conditions):
        if isinstance(listed, Unsettled):
            yield listed
            return
    pairs = [(tag["key"].text(), tag["value"].text()) for tag in (*cast("Any", tagged), *cast("Any", conditions))]
    by_tier = [value for key, value in pairs if key in _TIER_KEYS]
    if by_tier:
        yield from by_tier
        return
    for key, value in pairs:
        if isinstance(key, Unsettled) or isinstance(value, Unsettled):
            yield key if isinstance(key, Unsettled) else value  # pyright: ignore[reportReturnType]
        else:
            yield from index.by_tag.get((key.removeprefix("aws:ResourceTag/"), value), ())
    # Conditions narrow patterns down; what they leave is found by its tags.
    yield from _named(program, selection.at("resources"), index, patterns=not conditions)


def _named(program: Program, resources: Setting, index: "_Index", *, patterns: bool) -> Iterator[str | Unsettled]:
    """Tiers of the resources that a selection names; a pattern names all stores of its service."""
    entries = resources.each()
    for entry in (resources,) if isinstance(entries, Unsettled) else entries:
        if isinstance(entry.value, str) and "*" in entry.value:
            service = entry.value.split(":")[2] if entry.value.count(":") > 1 else "*"
            for name, tiers in index.by_service.items():
                if patterns and fnmatchcase(name, service):
                    yield from tiers
            continue
        reference = program.graph.reference(entry)
        if reference.unsettled:
            yield reference.unsettled
        for resource in reference.resources:
            tier = tier_named(program, resource)
            if tier is not None:
                yield tier


class _Index:
    """The tiers of a program's stores by tag and by service, so that each plan need not look at each store."""

    def __init__(self, program: Program) -> None:
        self.by_tag: dict[tuple[str, str], dict[str | Unsettled, None]] = defaultdict(dict)
        self.by_service: dict[str, dict[str | Unsettled, None]] = defaultdict(dict)
        for urn in program.estimates.findings.stores:
            resource = program.graph.resources.get(urn)
            tier = tier_named(program, resource) if resource else None
            if resource is None or tier is None:
                continue
            self.by_service[resource.type.split(":")[1].split("/")[0]][tier] = None
            for key, value in program.graph.tags_of(resource).items():
                if isinstance(value, str):
                    self.by_tag[key, value][tier] = None


def _index_of(program: Program) -> _Index:
    if program not in _INDEXES:
        _INDEXES[program] = _Index(program)
    return _INDEXES[program]


_INDEXES: WeakKeyDictionary[Program, _Index] = WeakKeyDictionary()
