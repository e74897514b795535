"""A vault whose backups nobody deletes before their time, and that tells when one is missing."""

import json
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs, Comparison, Metric, MissingData, Severity, Signal
from components.component import Component
from stanchion.spec import VaultLock

# AWS Backup lets a compliance lock be lifted for three days at least (API, PutBackupVaultLockConfiguration).
SHORTEST_COOLING_OFF_DAYS = 3
# BACKUP_JOB_FAILED and BACKUP_JOB_EXPIRED can be set and are sent no more, and BACKUP_JOB_COMPLETED is sent for every
# job that ends, so that failures would drown (API, PutBackupVaultNotifications, read 2026-11-23). Jobs that fail or
# never begin are told by the alarms here and by the rules of `BackupPlan`.
EVENTS = ["COPY_JOB_FAILED", "S3_BACKUP_OBJECT_FAILED", "S3_RESTORE_OBJECT_FAILED", "CONTINUOUS_BACKUP_INTERRUPTED"]


@dataclass
class BackupVaultArgs:
    """Args of `BackupVault`.

    Args:
        vault_name: the vault's name, fixed so that a rebuilt stack, a copy and a runbook find it.
        tier: whose backups it holds; each tier has a vault, so that its alarms and its lock are its own.
        key_arn: ARN of the KMS key of the vault's region; backups are encrypted with it, whatever their source is with.
        keep: leave it, and all that protects it, in the cloud when the stack goes; else it is emptied and removed.
        minimum_retention_days: backups that would live shorter are refused; 1 or more.
        lock: who can lift the lock.
        cooling_off_days: compliance only, and the consent to it: for how many days the lock can still be lifted, 3 or
            more. Afterwards *nobody* can, and what is in the vault is paid for until it expires.
        deleters: ARNs (`*` allowed) of principals who may delete a backup early, while the lock lets them; nobody else.
        alarm_topics: topics of the vault's region.
        region: only for stacks that span regions.
    """

    vault_name: str
    tier: str
    key_arn: pulumi.Input[str]
    keep: bool
    minimum_retention_days: int
    alarm_topics: AlarmTopicsArgs
    lock: VaultLock = VaultLock.GOVERNANCE
    cooling_off_days: int | None = None
    deleters: list[str] = field(default_factory=list)
    region: str | None = None


class BackupVault(Component):
    """A locked vault of one tier in one region; backups of the region go in, and copies from the other one.

    Two things keep backups: the lock, which refuses every deletion before its time (in governance mode until somebody
    with the permission lifts it, in compliance mode until the end), and the access policy, which refuses deletions and
    shorter lives to everybody but `deleters`. The policy does not refuse its own change: that would lock out the stack
    that made it, and IAM decides over it.

    Backups in the workload's account die with the account. With `accounts.backup` a plan copies to a vault there too,
    which has to be made in that account (docs/runbooks/backup-copies-failed.md).

    Cost: nothing by itself; what lies in it 0.05 USD per GB-month (S3, warm; us-east-1, from memory), three alarms
        0.10 USD each a month.
    Recovery: holds what `BackupPlan` puts in; the RPO is the plan's. Against corruption, deletion and stolen
        credentials; against the loss of the region through copies in the other region's vault.
    """

    vault_arn: pulumi.Output[str]

    def __init__(self, name: str, args: BackupVaultArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        refuse_unmeant_locks(name, args)
        super().__init__(name, args, opts)
        self.vault = self._vault(args)
        self.lock = self._lock(args)
        self.policy = self._policy(args)
        self.notifications = self._notifications(args)
        self._alarms(args)
        self.vault_name = self.vault.name
        self.vault_arn = self.vault.arn
        self.register_outputs({"vaultName": self.vault_name, "vaultArn": self.vault_arn})

    def _vault(self, args: BackupVaultArgs) -> aws.backup.Vault:
        return aws.backup.Vault(
            f"{self.name}-vault",
            name=args.vault_name,
            kms_key_arn=args.key_arn,
            force_destroy=not args.keep,
            region=args.region,
            tags={**self.shared(), "stanchion:tier": args.tier},
            opts=self.kept(args.keep),
        )

    def _lock(self, args: BackupVaultArgs) -> aws.backup.VaultLockConfiguration:
        return aws.backup.VaultLockConfiguration(
            f"{self.name}-lock",
            backup_vault_name=self.vault.name,
            min_retention_days=args.minimum_retention_days,
            # Saying it makes the lock final after so many days: governance mode is its absence.
            changeable_for_days=args.cooling_off_days,
            region=args.region,
            opts=self.kept(args.keep),
        )

    def _policy(self, args: BackupVaultArgs) -> aws.backup.VaultPolicy:
        refused: dict[str, Any] = {
            "Sid": "NobodyDeletesEarly",
            "Effect": "Deny",
            # "*" in a Deny widens nothing; recovery points of some services have ARNs of those, so any resource.
            "Principal": "*",
            "Action": ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"],
            "Resource": "*",
        }
        if args.deleters:
            refused["Condition"] = {"ArnNotLike": {"aws:PrincipalArn": args.deleters}}
        return aws.backup.VaultPolicy(
            f"{self.name}-policy",
            backup_vault_name=self.vault.name,
            policy=json.dumps({"Version": "2012-10-17", "Statement": [refused]}),
            region=args.region,
            opts=self.kept(args.keep),
        )

    def _notifications(self, args: BackupVaultArgs) -> aws.backup.VaultNotifications:
        return aws.backup.VaultNotifications(
            f"{self.name}-notifications",
            backup_vault_name=self.vault.name,
            backup_vault_events=EVENTS,
            sns_topic_arn=args.alarm_topics.warning,
            region=args.region,
            opts=self.child(),
        )

    def _alarms(self, args: BackupVaultArgs) -> None:
        """Published only while there is something to count (AWS Backup guide, metrics), so silence is good."""
        for name, metric, runbook, description in (
            ("jobs-failed", "NumberOfBackupJobsFailed", "backup-jobs-failed", "A backup job failed."),
            (
                "jobs-missed",
                "NumberOfBackupJobsExpired",
                "backup-jobs-missed",
                "A backup job did not keep to its windows.",
            ),
            ("jobs-aborted", "NumberOfBackupJobsAborted", "backup-jobs-failed", "Somebody stopped a backup job."),
        ):
            self.alarm(
                name,
                signal=Signal.BACKUP,
                severity=Severity.WARNING,
                metric=Metric("AWS/Backup", metric, {"BackupVaultName": self.vault.name}, period=3600),
                threshold=0,
                comparison=Comparison.ABOVE,
                missing_data=MissingData.NOT_BREACHING,
                runbook=runbook,
                description=f"{description} Tier {args.tier}.",
                region=args.region,
            )


def refuse_unmeant_locks(name: str, args: BackupVaultArgs) -> None:
    """Refuse a lock that nobody could lift unless all of the args say so, and one that could never hold.

    Raises:
        ValueError: a sentence with the vault's name and the fix.
    """
    days = args.cooling_off_days
    if args.lock is VaultLock.GOVERNANCE and days is not None:
        raise ValueError(
            f"vault '{name}' has cooling_off_days {days}, which makes its lock final, but its lock is governance. "
            "Remove cooling_off_days, or say lock compliance if nobody may ever lift it."
        )
    if args.lock is VaultLock.COMPLIANCE and (days is None or days < SHORTEST_COOLING_OFF_DAYS):
        raise ValueError(
            f"vault '{name}' has lock compliance with cooling_off_days {days}; after that time nobody can lift it. Say "
            f"{SHORTEST_COOLING_OFF_DAYS} days or more, or lock governance."
        )
    if args.lock is VaultLock.COMPLIANCE and not args.keep:
        raise ValueError(
            f"vault '{name}' has lock compliance and keep False: it could not be removed with the stack. Say lock "
            "governance, or keep True."
        )
    if args.minimum_retention_days < 1:
        raise ValueError(
            f"vault '{name}' has minimum_retention_days {args.minimum_retention_days}, so its lock would hold nothing; "
            "allowed: 1 or more."
        )
