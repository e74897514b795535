"""When backups begin and end is said, and lies within what is promised."""

from collections.abc import Iterable, Mapping

from policies.reading.backup_plans import PLAN, SELECTION, rule_name, rules_of
from policies.reading.examples import STANDARD, tiered
from policies.reading.tiers import objectives_named
from policies.rule import Example, Group, Program, Rule, Severity, Threshold, Thresholds, Violation
from stanchion.graph import UNKNOWN, GraphBuilder, Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Protection
from stanchion.recovery.report.amount import shown
from stanchion.recovery.term import rank, total

# The API refuses a shorter start window (AWS Backup API, BackupRule: StartWindowMinutes).
SHORTEST_START = 60
# The least that any plan of snapshots can give: an hour between them, and the shortest start window. A tier that
# promises less can't mean its snapshots.
LEAST_POSSIBLE = 2 * 3600.0
_WINDOWS = ("startWindow", "completionWindow")


def check(program: Program, thresholds: Thresholds) -> Iterable[Violation]:
    """Windows that nobody wrote down, that AWS refuses, or that are longer than any RPO of what the plan protects."""
    plans = {plan.urn: plan for plan in program.of_type(PLAN)}
    for plan in plans.values():
        rules = rules_of(plan)
        if isinstance(rules, Unsettled):
            yield Violation.unsettled(rules, "its windows are said")
            continue
        for rule in rules:
            yield from _rule(rule, thresholds["minimumStartMinutes"])
    yield from _too_slow(program, plans)


def _rule(rule: Setting, least: float) -> Iterable[Violation]:
    for key, otherwise in (("startWindow", "60 minutes or 8 hours"), ("completionWindow", "180 minutes or 7 days")):
        window = rule[key]
        if not _said(rule, key):
            yield Violation.at(
                window,
                f"{rule_name(rule)} of plan '{rule.resource.name}' says no `{key}`, so it depends on who makes it: the "
                f"provider's default or the API's, {otherwise}.",
            )
            continue
        minutes = window.number(0)
        if isinstance(minutes, Unsettled):
            yield Violation.unsettled(minutes, "the backup is done in time")
        elif minutes < least:
            yield Violation.at(
                window,
                f"`{key}` of {rule_name(rule)} in plan '{rule.resource.name}' is {minutes:g} minutes; AWS Backup takes "
                f"no less than {least:g}.",
            )


def _said(rule: Setting, key: str) -> bool:
    """Whether the program says it: what the provider filled in is listed beside it, where the source shows that."""
    filled = rule["__defaults"].value
    return rule[key].is_set and not (isinstance(filled, list) and key in filled)


def _too_slow(program: Program, plans: dict[str, Resource]) -> Iterable[Violation]:
    """Stores of which even the fastest plan is slower than the longest RPO of their tier."""
    by_store: dict[str, list[tuple[Protection, str]]] = {}
    for protection in program.estimates.findings.protections:
        if protection.disruption is Disruption.APPLICATION:
            plan = next((term.urn for term in protection.loss if term.urn in plans), None)
            if plan is not None:
                by_store.setdefault(protection.store, []).append((protection, plan))
    seen: set[tuple[str, str]] = set()
    for store in sorted(by_store):
        resource = program.graph.resources.get(store)
        objectives = objectives_named(program, resource) if resource else None
        longest = max((o.rpo for o in objectives.of.values() if o.rpo is not None), default=0.0) if objectives else 0.0
        if objectives is None or longest < LEAST_POSSIBLE:
            continue
        fastest, plan = min(by_store[store], key=lambda found: (rank(_loss(found[0])), found[0].name))
        loss = _loss(fastest)
        if (plan, objectives.name) in seen or (not isinstance(loss, Unsettled) and loss <= longest):
            continue
        seen.add((plan, objectives.name))
        if isinstance(loss, Unsettled):
            # An unknown window is told where the windows are.
            if not loss.property.endswith(_WINDOWS):
                yield Violation.unsettled(loss, f"its plan fits tier {objectives.name}")
            continue
        yield Violation.at(
            plans[plan],
            f"Plan '{plans[plan].name}' backs up tier {objectives.name} ({fastest.name}) and may lose {shown(loss)}, "
            f"more than any RPO of the tier; the longest is {shown(longest)}.",
        )


def _loss(protection: Protection) -> float | Unsettled:
    return total(term.amount for term in protection.loss)


def _program(windows: Mapping[str, object]) -> ResourceGraph:
    builder = GraphBuilder(tags=STANDARD)
    table = builder.add("aws:dynamodb/table:Table", "orders", {})
    vault = builder.add("aws:backup/vault:Vault", "lake", {})
    rule = {"ruleName": "hourly", "targetVaultName": vault.ref("name"), "schedule": "cron(0 * * * ? *)", **windows}
    plan = builder.add(PLAN, "hourly", {"rules": [rule]})
    builder.add(SELECTION, "orders", {"planId": plan.ref("id"), "resources": [table.ref("arn")]})
    return builder.graph()


_SHORT: Mapping[str, object] = {"startWindow": 60, "completionWindow": 180}


RULE = Rule(
    id="recovery-backup-windows",
    group=Group.RECOVERY,
    severity=Severity.HIGH,
    description="Each backup rule says its start and completion window, since the defaults of the provider (1 h and 3 "
    "h) and of the API (8 h and 7 days) differ by a week of RPO; and the fastest plan of a store fits its tier.",
    remediation="Set startWindow and completionWindow in minutes; their sum with the interval has to be within the "
    "RPO.",
    source="AWS Backup API: BackupRule, StartWindowMinutes and CompletionWindowMinutes",
    check=check,
    thresholds=(
        Threshold(
            "minimumStartMinutes",
            float(SHORTEST_START),
            "Least minutes of a window (AWS Backup API: BackupRule, StartWindowMinutes).",
            minimum=float(SHORTEST_START),
        ),
    ),
    passing=(Example("an hourly plan that is done within 5 h", lambda: _program(_SHORT), settings=tiered),),
    failing=(
        Example("neither is said", lambda: _program({}), ("hourly",), settings=tiered),
        Example(
            "the provider filled them in",
            lambda: _program({**_SHORT, "__defaults": ["startWindow", "completionWindow"]}),
            ("hourly",),
            settings=tiered,
        ),
        Example(
            "a schedule that only the deployment knows",
            lambda: _program({**_SHORT, "schedule": UNKNOWN}),
            ("hourly",),
            settings=tiered,
        ),
        Example(
            "a start window that AWS refuses",
            lambda: _program({**_SHORT, "startWindow": 30}),
            ("hourly",),
            settings=tiered,
        ),
        Example(
            "an hourly plan that may take a week",
            lambda: _program({"startWindow": 480, "completionWindow": 10080}),
            ("hourly",),
            settings=tiered,
        ),
    ),
)
