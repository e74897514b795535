"""How long something is kept is said once, and nothing contradicts it."""

import re
from collections.abc import Iterable

from policies.reading.backup_plans import AIR_GAPPED, PLAN, VAULT, copies_of, rule_name, rules_of
from policies.reading.examples import bucket, part
from policies.rule import Example, Group, Program, Rule, Severity, Thresholds, Violation
from stanchion.graph import GraphBuilder, Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.reading.buckets import BUCKETS, lifecycle_rules, parts

LOCK = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
TAG = "stanchion:retention"
# What is in cold storage has to stay there so long (AWS Backup API, Lifecycle).
COLD_DAYS = 90
_DEMAND = "it is kept as long as it has to be"


def check(program: Program, _: Thresholds) -> Iterable[Violation]:
    """Lifecycles that end before a lock or a declared retention does, and backups that a locked vault refuses."""
    for found in program.of_type(*BUCKETS):
        yield from _bucket(program, found)
    for plan in program.of_type(PLAN):
        rules = rules_of(plan)
        for rule in () if isinstance(rules, Unsettled) else rules:
            yield from _backup(program, rule)


def _bucket(program: Program, found: Resource) -> Iterable[Violation]:
    demands = list(_locked_days(program, found))
    tag = program.graph.tags_of(found).get(TAG)
    if isinstance(tag, str) and (match := re.fullmatch(r"(\d{1,6})d", tag.strip())):
        demands.append((float(match[1]), f"the tag {TAG} declares"))
    if not demands:
        return
    rules, gap = lifecycle_rules(program.graph, found)
    if gap:
        yield Violation.unsettled(gap, _DEMAND)
    for rule in rules:
        if rule.enabled is False or not rule.expiration_days.is_set:
            continue
        days = rule.expiration_days.number(0)
        for least, why in demands:
            if isinstance(least, Unsettled) or isinstance(days, Unsettled):
                gap = least if isinstance(least, Unsettled) else days
                yield Violation.unsettled(gap, _DEMAND)  # pyright: ignore[reportArgumentType]
            elif 0 < days < least:
                yield Violation.at(
                    rule.expiration_days,
                    f"Objects of bucket '{found.name}' expire after {days:g} days, and {why} {least:g}.",
                )


def _locked_days(program: Program, found: Resource) -> Iterable[tuple[float | Unsettled, str]]:
    places = [c.at("rule") for c in parts(program.graph, found, "BucketObjectLockConfiguration")]
    places.append(found.at("objectLockConfiguration")["rule"])
    for place in places:
        retention = place["defaultRetention"]
        days, years = retention["days"], retention["years"]
        if days.is_set:
            yield days.number(0), "its object lock holds them for"
        elif years.is_set:
            count = years.number(0)
            yield count if isinstance(count, Unsettled) else count * 365, "its object lock holds them for"


def _backup(program: Program, rule: Setting) -> Iterable[Violation]:
    yield from _lifecycle(program, rule, rule["lifecycle"], rule["targetVaultName"])
    copies = copies_of(rule)
    for copy in () if isinstance(copies, Unsettled) else copies:
        yield from _lifecycle(program, rule, copy["lifecycle"], copy["destinationVaultArn"])


def _lifecycle(program: Program, rule: Setting, lifecycle: Setting, vault: Setting) -> Iterable[Violation]:
    delete, cold = lifecycle["deleteAfter"], lifecycle["coldStorageAfter"]
    kept, moved = delete.number(0), cold.number(0)
    for gap in (kept, moved):
        if isinstance(gap, Unsettled):
            yield Violation.unsettled(gap, _DEMAND)
            return
    subject = f"{rule_name(rule)} of plan '{rule.resource.name}'"
    if kept and moved and kept < moved + COLD_DAYS:  # pyright: ignore[reportOperatorIssue]
        yield Violation.at(
            delete,
            f"{subject} deletes after {kept:g} days what goes to cold storage after {moved:g}: AWS Backup wants at "
            f"least {COLD_DAYS} days between them.",
        )
    reference = program.graph.reference(vault, VAULT, AIR_GAPPED)
    # An edge may mean several vaults; what one of them refuses is certain only when there is one.
    if reference.one is not None:
        yield from _bounds(program, reference.one, subject, kept, delete if delete.is_set else rule)  # pyright: ignore[reportArgumentType]


def _bounds(program: Program, vault: Resource, subject: str, kept: float, at: Setting) -> Iterable[Violation]:
    locks = (vault,) if vault.type == AIR_GAPPED else program.graph.referring(vault, "backupVaultName", LOCK)
    for lock in locks:
        least, most = lock.at("minRetentionDays").number(0), lock.at("maxRetentionDays").number(0)
        for gap in (least, most):
            if isinstance(gap, Unsettled):
                yield Violation.unsettled(gap, "the locked vault takes the backups")
        if not isinstance(least, Unsettled) and 0 < kept < least:
            yield Violation.at(
                at, f"{subject} keeps backups for {kept:g} days; vault '{vault.name}' takes none under {least:g}, so "
                "each job fails.",
            )  # fmt: skip
        if not isinstance(most, Unsettled) and most and (kept == 0 or kept > most):
            length = f"for {kept:g} days" if kept else "for ever"
            yield Violation.at(
                at, f"{subject} keeps backups {length}; vault '{vault.name}' takes none over {most:g} days, so each "
                "job fails.",
            )  # fmt: skip


def _locked(expire: int) -> ResourceGraph:
    builder = GraphBuilder()
    evidence = bucket(builder, "evidence")
    retention = {"defaultRetention": {"mode": "GOVERNANCE", "days": 365}}
    part(builder, "BucketObjectLockConfiguration", evidence, "lock", {"rule": retention})
    rule = {"id": "age", "status": "Enabled", "expiration": {"days": expire}}
    part(builder, "BucketLifecycleConfiguration", evidence, "age", {"rules": [rule]})
    return builder.graph()


def _vault(days: int | None) -> ResourceGraph:
    builder = GraphBuilder()
    vault = builder.add(VAULT, "lake", {})
    builder.add(LOCK, "lake", {"backupVaultName": vault.ref("name"), "minRetentionDays": 30, "maxRetentionDays": 365})
    lifecycle = {"deleteAfter": days} if days else {}
    builder.add(
        PLAN,
        "hourly",
        {"rules": [{"ruleName": "hourly", "targetVaultName": vault.ref("name"), "lifecycle": lifecycle}]},
    )
    return builder.graph()


RULE = Rule(
    id="storage-retention",
    group=Group.STORAGE,
    severity=Severity.HIGH,
    description="No lifecycle ends before an object lock or a declared retention does, and backups are kept as long as "
    "their locked vault wants: one that is kept too short or too long fails each time.",
    remediation="Let objects expire after the lock ends, and set deleteAfter between the vault lock's minRetentionDays "
    "and maxRetentionDays.",
    source="AWS Backup API: PutBackupVaultLockConfiguration and Lifecycle; S3 user guide: Object Lock and lifecycle",
    check=check,
    passing=(
        Example("objects expire after the lock ends", lambda: _locked(730)),
        Example("backups are kept as long as the vault wants", lambda: _vault(35)),
    ),
    failing=(
        Example("objects expire under the lock", lambda: _locked(30), ("age",)),
        Example("backups are kept too short for the vault", lambda: _vault(7), ("hourly",)),
        Example("backups are kept for ever", lambda: _vault(None), ("hourly",)),
    ),
)
