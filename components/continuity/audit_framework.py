"""What AWS Backup Audit Manager checks every day, so that an auditor need not believe us."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.component import Component
from stanchion.spec import Duration

Control = aws.backup.FrameworkControlArgs
Parameter = aws.backup.FrameworkControlInputParameterArgs


@dataclass
class AuditFrameworkArgs:
    """Args of `AuditFramework`.

    Args:
        framework_name: letters, digits and underscores, a letter first.
        tier: whose backups these are.
        plan_name: the backup plan; what it takes, and the plan itself, carry it as the tag `stanchion:backup`.
        every_hours: hours between two backups, 1 to 24.
        newest_within_hours: how old the newest backup may be.
        retention_days: how long the plan keeps backups.
        minimum_retention_days: what the vault's lock demands.
        restore_within: how long a restore may take, such as `1h`.
        copies_to_region: the region that copies go to.
        copies_to_account: the account that copies go to; None if they stay in this one.
        region: only for stacks that span regions.
    """

    framework_name: str
    tier: str
    plan_name: str
    every_hours: int
    newest_within_hours: int
    retention_days: int
    minimum_retention_days: int
    restore_within: str
    copies_to_region: str
    copies_to_account: str | None = None
    region: str | None = None


class AuditFramework(Component):
    """A tier's promises as controls of AWS Backup Audit Manager: plan, frequency, age, lock, copies, restore time.

    It needs AWS Config to record the region, and its rules are AWS Config's. It does not check that policies of vaults
    refuse deletion: that control demands that the policy refuse its own change too, to the stack that made it as well
    (`BackupVault`); the lock is checked instead. Reports are left out: they go to a bucket whose policy lets the
    service's own role write, and `aws backup describe-framework` and AWS Config answer the same.

    At most 50 controls in an account and region: five or six tiers.

    Cost: AWS Config's price per evaluated rule and recorded change, about 0.001 USD each (from memory).
    Recovery: none by itself; finds out what is not backed up as promised within a day.
    """

    def __init__(self, name: str, args: AuditFrameworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.framework = aws.backup.Framework(
            f"{self.name}-framework",
            name=args.framework_name,
            description=f"What backups of tier {args.tier} promise.",
            controls=self._controls(args),
            region=args.region,
            tags=self.shared(),
            opts=self.child(),
        )
        self.register_outputs({"frameworkName": self.framework.name})

    def _controls(self, args: AuditFrameworkArgs) -> list[Control]:
        taken = self.backed_up(args.plan_name)
        controls = [
            _control("BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN", taken),
            _control(
                "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK",
                taken,
                requiredFrequencyUnit="hours",
                requiredFrequencyValue=args.every_hours,
                requiredRetentionDays=args.retention_days,
            ),
            _control(
                "BACKUP_LAST_RECOVERY_POINT_CREATED",
                taken,
                recoveryPointAgeUnit="hours",
                recoveryPointAgeValue=args.newest_within_hours,
            ),
            _control(
                "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK", taken, minRetentionDays=args.minimum_retention_days
            ),
            _control("BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION", taken, crossRegionList=args.copies_to_region),
            _control(
                "RESTORE_TIME_FOR_RESOURCES_MEET_TARGET",
                taken,
                maxRestoreTime=Duration.parse(args.restore_within).seconds // 60,
            ),
            # Of every recovery point in the region, whatever made it.
            _control("BACKUP_RECOVERY_POINT_ENCRYPTED"),
        ]
        if args.copies_to_account is not None:
            controls.append(
                _control("BACKUP_RESOURCES_PROTECTED_BY_CROSS_ACCOUNT", taken, crossAccountList=args.copies_to_account)
            )
        return controls


def _control(name: str, tags: dict[str, str] | None = None, **parameters: str | int) -> Control:
    return Control(
        name=name,
        input_parameters=[Parameter(name=key, value=str(value)) for key, value in parameters.items()] or None,
        scope=aws.backup.FrameworkControlScopeArgs(tags=tags) if tags else None,
    )
