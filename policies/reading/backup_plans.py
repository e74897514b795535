"""AWS Backup plans: their rules, the vaults they fill, and the tiers of what they back up."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, cast

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
    selections = program.graph.referring(plan, "planId", SELECTION)
    for selection in selections:
        for tier in _selected(program, selection):
            if isinstance(tier, Unsettled):
                return tier
            found.add(tier)
    if not found:
        own = tier_of(program.graph, plan)
        if isinstance(own, Unsettled):
            return own
        found = {own} if own else set(program.settings.tiers)
    return frozenset(found)


def _selected(program: Program, selection: Resource) -> Iterator[str | Unsettled]:
    tagged = selection.at("selectionTags").each()
    equal = selection.at("conditions")["stringEquals"].each()
    named = selection.at("resources").each()
    for listed in (tagged, equal, named):
        if isinstance(listed, Unsettled):
            yield listed
            return
    pairs = [(tag["key"], tag["value"]) for tag in (*cast("Any", tagged), *cast("Any", equal))]
    by_tier = False
    for key, value in pairs:
        text = key.text()
        if text in _TIER_KEYS:
            by_tier = True
            yield value.text()
    if not by_tier:
        for entry in cast("tuple[Setting, ...]", named):
            yield from _tiers_of_entry(program, entry)
        for key, value in pairs:
            yield from _tiers_of_tag(program, key, value)


def _tiers_of_entry(program: Program, entry: Setting) -> Iterator[str | Unsettled]:
    """Tiers of the resources that one entry of `resources` names; a pattern names all that it may fit."""
    if isinstance(entry.value, str) and "*" in entry.value:
        service = entry.value.split(":")[2] if entry.value.count(":") > 1 else "*"
        for resource in _stores(program):
            if fnmatchcase(resource.type.split(":")[1].split("/")[0], service):
                yield from _tier(program, resource)
        return
    for resource in program.graph.reference(entry).resources:
        yield from _tier(program, resource)


def _tiers_of_tag(program: Program, key: Setting, value: Setting) -> Iterator[str | Unsettled]:
    name, wanted = key.text(), value.text()
    if isinstance(name, Unsettled) or isinstance(wanted, Unsettled):
        yield name if isinstance(name, Unsettled) else cast("Unsettled", wanted)
        return
    name = name.removeprefix("aws:ResourceTag/")
    for resource in _stores(program):
        if program.graph.tags_of(resource).get(name) == wanted:
            yield from _tier(program, resource)


def _stores(program: Program) -> Iterator[Resource]:
    for urn in program.estimates.findings.stores:
        if urn in program.graph.resources:
            yield program.graph.resources[urn]


def _tier(program: Program, resource: Resource) -> Iterator[str | Unsettled]:
    tier = tier_named(program, resource)
    if tier is not None:
        yield tier
