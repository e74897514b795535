"""The part of the links that backs up: a plan for each tier and region, with copies, restore tests and audits."""

import pulumi

from components.continuity.audit_framework import AuditFramework, AuditFrameworkArgs
from components.continuity.backup_plan import BackupCopyArgs, BackupPlan, BackupPlanArgs
from components.continuity.backup_roles import BackupRoles, BackupRolesArgs
from components.continuity.restore_testing import RestoreTesting, RestoreTestingArgs
from stacks.arns import vault_arn
from stacks.continuity import plan_name, shared_tier
from stacks.needs import LayerOutputs
from stacks.topics import topics_of
from stanchion.contracts import FoundationOutputs
from stanchion.spec import Duration, Environment, Objectives

Foundations = dict[str, LayerOutputs[FoundationOutputs]]


def backups(
    spec: Environment, foundations: Foundations, opts: pulumi.ResourceOptions
) -> dict[tuple[str, str], BackupPlan]:
    """Declare it all in both regions; the plans by tier and region."""
    roles = BackupRoles(
        f"{spec.name}-backups",
        BackupRolesArgs(key_arns=[foundation.output(lambda f: f.key.arn) for foundation in foundations.values()]),
        opts,
    )
    plans: dict[tuple[str, str], BackupPlan] = {}
    for tier in spec.tiers:
        for region in spec.regions.both:
            plan = plans[tier, region] = _plan(spec, tier, region, foundations, roles, opts)
            if spec.continuity.restore_tests:
                _restore_testing(spec, tier, region, foundations[region], roles, opts)
            if spec.continuity.audit:
                _audit(spec, tier, region, plan, opts)
    return plans


def _plan(
    spec: Environment,
    tier: str,
    region: str,
    foundations: Foundations,
    roles: BackupRoles,
    opts: pulumi.ResourceOptions,
) -> BackupPlan:
    continuity, other = spec.continuity, _other(spec, region)
    vaults = [foundations[other].output(lambda f: f.backup_vaults[tier].arn)]
    if (account := _backup_account(spec)) is not None:
        vaults.append(vault_arn(spec, region, continuity.account_vault, account))
    rpo: Objectives = spec.tiers[tier].rpo
    return BackupPlan(
        _name(spec, tier, region),
        BackupPlanArgs(
            plan_name=plan_name(spec, tier),
            tier=tier,
            vault_name=foundations[region].output(lambda f: f.backup_vaults[tier].name),
            role_arn=roles.backup.arn,
            retention_days=continuity.retention.days,
            alarm_topics=topics_of(foundations[region]),
            copies=[BackupCopyArgs(vault, continuity.retention.days) for vault in vaults],
            application_rpo=_said(rpo.application),
            infrastructure_rpo=_said(rpo.infrastructure),
            zone_rpo=_said(rpo.zone),
            region_rpo=_said(rpo.region),
            # Of the other tiers no layer need have anything yet.
            watch_for_silence=tier == shared_tier(spec) and bool(continuity.backed_up),
            region=region,
        ),
        opts,
    )


def _restore_testing(
    spec: Environment,
    tier: str,
    region: str,
    foundation: LayerOutputs[FoundationOutputs],
    roles: BackupRoles,
    opts: pulumi.ResourceOptions,
) -> None:
    RestoreTesting(
        _name(spec, tier, region),
        RestoreTestingArgs(
            test_name=plan_name(spec, tier).replace("-", "_"),
            tier=tier,
            vault_arn=foundation.output(lambda f: f.backup_vaults[tier].arn),
            role_arn=roles.restore.arn,
            drill_every=str(spec.tiers[tier].drill_every),
            alarm_topics=topics_of(foundation),
            region=region,
        ),
        opts,
    )


def _audit(spec: Environment, tier: str, region: str, plan: BackupPlan, opts: pulumi.ResourceOptions) -> None:
    continuity = spec.continuity
    AuditFramework(
        _name(spec, tier, region),
        AuditFrameworkArgs(
            framework_name=plan_name(spec, tier).replace("-", "_"),
            tier=tier,
            plan_name=plan_name(spec, tier),
            every_hours=plan.schedule.period_hours,
            newest_within_hours=plan.schedule.bound_hours,
            retention_days=plan.retention_days,
            minimum_retention_days=continuity.minimum_retention.days,
            restore_within=str(continuity.restore),
            copies_to_region=_other(spec, region),
            copies_to_account=_backup_account(spec),
            region=region,
        ),
        opts,
    )


def _name(spec: Environment, tier: str, region: str) -> str:
    return f"{spec.name}-{tier}-{'primary' if region == spec.regions.primary else 'standby'}"


def _other(spec: Environment, region: str) -> str:
    return next(other for other in spec.regions.both if other != region)


def _backup_account(spec: Environment) -> str | None:
    """The account that copies go to; the workload's own would hold them twice."""
    return None if spec.accounts.backup == spec.accounts.workload else spec.accounts.backup


def _said(rpo: Duration | None) -> str | None:
    return None if rpo is None else str(rpo)
