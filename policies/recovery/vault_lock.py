"""Backups of what matters most can't be deleted by one person."""

from collections.abc import Iterable

from policies.reading.backup_plans import AIR_GAPPED, PLAN, VAULT, copies_of, rule_name, rules_of, tiers_of
from policies.reading.examples import CRITICAL, STANDARD, tiered
from policies.rule import Example, Group, Program, Rule, Severity, Threshold, Thresholds, Violation
from stanchion.graph import GraphBuilder, Reference, Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.workloads import tier_of

LOCK = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"


def check(program: Program, thresholds: Thresholds) -> Iterable[Violation]:
    """Vaults without a lock that backup plans of these tiers fill, or that say such a tier themselves."""
    tiers = frozenset(thresholds["tiers"])
    seen: set[str] = set()
    for plan in program.of_type(PLAN):
        found = tiers_of(program, plan)
        if isinstance(found, Unsettled):
            yield Violation.unsettled(found, "the vaults of this plan have to be locked")
        elif named := sorted(found & tiers):
            yield from _plan(program, plan, f"recovery points of tier {' and '.join(named)}", seen)
    for vault in program.of_type(VAULT):
        if vault.urn not in seen and tier_of(program.graph, vault) in tiers:
            yield from _vault(program, vault, f"recovery points of tier {tier_of(program.graph, vault)}", seen)


def _plan(program: Program, plan: Resource, holds: str, seen: set[str]) -> Iterable[Violation]:
    rules = rules_of(plan)
    if isinstance(rules, Unsettled):
        yield Violation.unsettled(rules, "its vaults are locked")
        return
    for rule in rules:
        target = rule["targetVaultName"]
        reference = program.graph.reference(target, VAULT, AIR_GAPPED)
        for vault in reference.resources:
            yield from _vault(program, vault, holds, seen)
        # The vault of another stack says its tier, and is judged there.
        if not reference.resources and not program.graph.is_another_stacks(target):
            yield _out_of_sight(plan, rule, reference, holds)
        copies = copies_of(rule)
        for copy in () if isinstance(copies, Unsettled) else copies:
            # A vault of another program or account is judged there: the first copy is locked here.
            for vault in program.graph.reference(copy["destinationVaultArn"], VAULT, AIR_GAPPED).resources:
                yield from _vault(program, vault, holds, seen)


def _out_of_sight(plan: Resource, rule: Setting, reference: Reference, holds: str) -> Violation:
    if reference.unsettled:
        return Violation.unsettled(reference.unsettled, "the vault is locked")
    return Violation(
        f"{rule_name(rule)} of plan '{plan.name}' puts {holds} into vault '{reference.literal or ''}', which is not "
        "part of this program, so it can't be told whether it is locked.",
        plan.urn,
        rule["targetVaultName"].path,
        unknown=True,
    )


def _vault(program: Program, vault: Resource, holds: str, seen: set[str]) -> Iterable[Violation]:
    if vault.urn in seen or vault.type == AIR_GAPPED:
        return
    seen.add(vault.urn)
    if not program.graph.referring(vault, "backupVaultName", LOCK):
        yield Violation.at(
            vault,
            f"Backup vault '{vault.name}' holds {holds} and has no lock: who may delete one can delete all.",
        )


def _of_another_stack() -> ResourceGraph:
    builder = GraphBuilder(tags=CRITICAL)
    stack = builder.add("pulumi:pulumi:StackReference", "foundation", {"name": "organization/program/foundation"})
    rule = {"ruleName": "hourly", "targetVaultName": stack.ref("outputs"), "schedule": "cron(0 * * * ? *)"}
    builder.add(PLAN, "hourly", {"rules": [rule]})
    return builder.graph()


def _program(tags: dict[str, str], *, locked: bool, vault: str = "") -> ResourceGraph:
    builder = GraphBuilder(tags=tags)
    target = builder.add("aws:backup/vault:Vault", "lake", {})
    if locked:
        builder.add(LOCK, "lake", {"backupVaultName": target.ref("name"), "minRetentionDays": 7})
    rule = {"ruleName": "hourly", "targetVaultName": vault or target.ref("name"), "schedule": "cron(0 * * * ? *)"}
    plan = builder.add(PLAN, "hourly", {"rules": [rule]})
    builder.add(
        "aws:backup/selection:Selection",
        "hourly",
        {
            "planId": plan.ref("id"),
            "selectionTags": [{"type": "STRINGEQUALS", "key": "stanchion:tier", "value": tags["stanchion:tier"]}],
        },
    )
    return builder.graph()


RULE = Rule(
    id="recovery-vault-lock",
    group=Group.RECOVERY,
    severity=Severity.HIGH,
    description="Vaults that hold recovery points of critical workloads are locked, so that neither a mistake nor a "
    "stolen role can delete the last way back.",
    remediation="Add an aws.backup.VaultLockConfiguration with minRetentionDays (governance mode); set "
    "changeableForDays only if nobody may ever lift it.",
    source="AWS Backup developer guide: Vault Lock; AWS Backup API: PutBackupVaultLockConfiguration",
    check=check,
    thresholds=(
        Threshold("tiers", ("critical",), "Tiers whose recovery points have to be locked; the platform's own choice."),
    ),
    passing=(
        Example("the vault is locked", lambda: _program(CRITICAL, locked=True), settings=tiered),
        Example("another stack's vault, which is judged there", _of_another_stack, settings=tiered),
        Example("a lower tier needs no lock", lambda: _program(STANDARD, locked=False), settings=tiered),
    ),
    failing=(
        Example("no lock", lambda: _program(CRITICAL, locked=False), ("lake",), settings=tiered),
        Example(
            "a vault that is not part of the program",
            lambda: _program(CRITICAL, locked=True, vault="Default"),
            ("hourly",),
            settings=tiered,
        ),
    ),
)
