"""Backups outlive their region."""

from collections.abc import Iterable

from policies.reading.backup_plans import PLAN, VAULT, copies_of, region_of_vault, rules_of, tiers_of
from policies.reading.examples import STANDARD, tiered
from policies.rule import Example, Group, Program, Rule, Severity, Thresholds, Violation
from stanchion.graph import GraphBuilder, Resource, ResourceGraph, Unsettled
from stanchion.recovery.disruption import Disruption

_DEMAND = "a copy of the backups lies in another region"


def check(program: Program, _: Thresholds) -> Iterable[Violation]:
    """Plans of tiers that promise an RPO for the loss of a region, without a copy action that leaves the region."""
    if Disruption.REGION in program.settings.elsewhere:
        return
    for plan in program.of_type(PLAN):
        tiers = tiers_of(program, plan)
        if isinstance(tiers, Unsettled):
            yield Violation.unsettled(tiers, _DEMAND)
        elif promised := sorted(tier for tier in tiers if _promises(program, tier)):
            yield from _judge(program, plan, " and ".join(promised))


def _promises(program: Program, tier: str) -> bool:
    objectives = program.settings.tiers.get(tier)
    objective = objectives.of.get(Disruption.REGION) if objectives else None
    return objective is not None and objective.rpo is not None


def _judge(program: Program, plan: Resource, tiers: str) -> Iterable[Violation]:
    here = program.graph.region_of(plan)
    gap = here if isinstance(here, Unsettled) else None
    near = ""
    for region in _destinations(program, plan):
        if isinstance(region, Unsettled):
            gap = gap or region
        elif region != here and not isinstance(here, Unsettled):
            return
        else:
            near = f" (its copies go to {region}, where the plan itself lies)"
    if gap:
        yield Violation.unsettled(gap, _DEMAND)
        return
    yield Violation.at(
        plan,
        f"Backup plan '{plan.name}' protects tier {tiers}, which promises an RPO for the loss of a region, and copies "
        f"nothing to another region{near}: the backups would be lost with it.",
    )


def _destinations(program: Program, plan: Resource) -> Iterable[str | Unsettled]:
    rules = rules_of(plan)
    if isinstance(rules, Unsettled):
        yield rules
        return
    for rule in rules:
        copies = copies_of(rule)
        if isinstance(copies, Unsettled):
            yield copies
            continue
        for copy in copies:
            yield region_of_vault(program, copy["destinationVaultArn"])


def _program(to: str | None) -> ResourceGraph:
    builder = GraphBuilder(tags=STANDARD)
    vault = builder.add(VAULT, "primary", {})
    actions = []
    if to is not None:
        other = builder.add(VAULT, "copies", {}, region=to)
        actions = [{"destinationVaultArn": other.ref("arn")}]
    rule = {"ruleName": "hourly", "targetVaultName": vault.ref("name"), "copyActions": actions}
    builder.add(PLAN, "hourly", {"rules": [rule]})
    return builder.graph()


RULE = Rule(
    id="recovery-copies-in-another-region",
    group=Group.RECOVERY,
    severity=Severity.HIGH,
    description="A backup plan of a tier that promises an RPO for the loss of a region copies to a vault in another "
    "one. Replication alone does not do: it would leave no way back from corrupt data once the region is gone.",
    remediation="Add a copy action to a vault in the standby region to one of the plan's rules.",
    source="AWS Backup developer guide: creating backup copies across AWS Regions",
    check=check,
    passing=(Example("a copy in another region", lambda: _program("us-west-2"), settings=tiered),),
    failing=(
        Example("no copy", lambda: _program(None), ("hourly",), settings=tiered),
        Example("a copy in the same region", lambda: _program("us-east-1"), ("hourly",), settings=tiered),
    ),
)
