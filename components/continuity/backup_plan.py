"""When one tier's data in one region is backed up, for how long, and where copies go."""

from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs, Comparison, Metric, MissingData, Severity, Signal
from components.component import RUNBOOKS, Component
from stanchion.recovery.backup_schedule import CONTINUOUS_DAYS, BackupSchedule, needs_continuous, schedule_of
from stanchion.spec import Duration

RULE = "snapshots"
UNDONE = ["FAILED", "EXPIRED", "ABORTED"]


@dataclass
class BackupCopyArgs:
    """Another vault that each backup is copied to.

    Args:
        vault_arn: in another region, or in another account of the same organization.
        retention_days: how long the copy is kept.
    """

    vault_arn: pulumi.Input[str]
    retention_days: int


@dataclass
class BackupPlanArgs:
    """Args of `BackupPlan`; each RPO such as `1h`, None where nothing is promised.

    Args:
        plan_name: the plan's name, and the value of the tag `stanchion:backup` on what it takes.
        tier: whose RPOs these are.
        vault_name: the vault of this region that backups go to.
        role_arn: the role AWS Backup reads with.
        retention_days: how long backups are kept here; continuous ones 35 days at most.
        copies: where else they go.
        application_rpo: against corrupt data.
        infrastructure_rpo, zone_rpo: against a lost machine or zone.
        region_rpo: against the loss of the region, by copies.
        watch_for_silence: whether something carries the tag, so that no completed backup means that none was made.
        alarm_topics: topics of the region.
        region: only for stacks that span regions.
    """

    plan_name: str
    tier: str
    vault_name: pulumi.Input[str]
    role_arn: pulumi.Input[str]
    retention_days: int
    alarm_topics: AlarmTopicsArgs
    copies: list[BackupCopyArgs] = field(default_factory=list)
    application_rpo: str | None = None
    infrastructure_rpo: str | None = None
    zone_rpo: str | None = None
    region_rpo: str | None = None
    watch_for_silence: bool = True
    region: str | None = None


class BackupPlan(Component):
    """One rule whose schedule and windows follow from the tier's RPOs, and what it takes by tag.

    The strictest RPO that backups can keep decides: period + start window + completion window are never above it. AWS
    Backup begins no backup more often than hourly and takes no window below an hour, so that three hours are the least.
    A stricter RPO is kept by something else, and the plan does not claim it: versions and point-in-time recovery
    against corruption, replication against the loss of a region. If all are stricter, it runs as fast as it can.

    Where corrupt data has to come from closer than the snapshots are, the rule makes a continuous backup instead, which
    goes back to within minutes for buckets and databases that know it; all else, and every copy, is a snapshot by the
    same schedule. It is *one* rule: of two whose start windows overlap only the one with the longer retention runs, and
    hourly rules always overlap (AWS Backup guide, overlapping rules).

    The first backup of a large bucket takes all of it and may not fit the completion window: start it by hand with a
    longer one (docs/runbooks/backup-jobs-failed.md).

    Buckets need versions and events to EventBridge, as `TieredBucket` has, and S3 has to be among the services that the
    account's AWS Backup has opted in to, region by region: if not, a tag selects nothing, and only the alarm on silence
    tells.

    Cost: 0.05 USD per GB-month for S3 and as much for each copy, transfer between regions 0.02 USD per GB, requests
        and events of S3 per object (us-east-1, from memory). Backups read objects, so that Intelligent-Tiering counts
        them as used. One alarm, 0.10 USD a month.
    Recovery: RPO of what it takes: `schedule.bound`, or minutes by continuous backup; in the other region the same and
        the time a copy takes, for which AWS states none. Restoring is a job: its time is declared, and rehearsed by
        `RestoreTesting`.
    """

    plan_id: pulumi.Output[str]

    def __init__(self, name: str, args: BackupPlanArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.schedule = schedule_of(
            _seconds(rpo) for rpo in (args.application_rpo, args.infrastructure_rpo, args.zone_rpo, args.region_rpo)
        )
        self.continuous = needs_continuous(_seconds(args.application_rpo), self.schedule)
        self.retention_days = min(args.retention_days, CONTINUOUS_DAYS) if self.continuous else args.retention_days
        self.plan = self._plan(args, self.schedule)
        self.selection = self._selection(args)
        self.rules = {kind: self._watch(kind, args) for kind in ("jobs", "copies")}
        if args.watch_for_silence:
            self._silence(args, self.schedule)
        self.plan_id = self.plan.id
        self.register_outputs({"planId": self.plan_id})

    def _plan(self, args: BackupPlanArgs, schedule: BackupSchedule) -> aws.backup.Plan:
        return aws.backup.Plan(
            f"{self.name}-plan",
            name=args.plan_name,
            rules=[
                aws.backup.PlanRuleArgs(
                    rule_name=RULE,
                    target_vault_name=args.vault_name,
                    schedule=schedule.cron,
                    schedule_expression_timezone="Etc/UTC",
                    # Both in minutes, and both said: the API's own are 8 hours and 7 days.
                    start_window=schedule.start_minutes,
                    completion_window=schedule.completion_minutes,
                    enable_continuous_backup=self.continuous,
                    lifecycle=aws.backup.PlanRuleLifecycleArgs(delete_after=self.retention_days),
                    copy_actions=[
                        aws.backup.PlanRuleCopyActionArgs(
                            destination_vault_arn=copy.vault_arn,
                            lifecycle=aws.backup.PlanRuleCopyActionLifecycleArgs(delete_after=copy.retention_days),
                        )
                        for copy in args.copies
                    ],
                    recovery_point_tags=self.shared(),
                )
            ],
            region=args.region,
            tags={**self.shared(), **self.backed_up(args.plan_name), "stanchion:tier": args.tier},
            opts=self.child(),
        )

    def _selection(self, args: BackupPlanArgs) -> aws.backup.Selection:
        return aws.backup.Selection(
            f"{self.name}-selection",
            name=args.plan_name,
            plan_id=self.plan.id,
            iam_role_arn=args.role_arn,
            selection_tags=[
                aws.backup.SelectionSelectionTagArgs(type="STRINGEQUALS", key=key, value=value)
                for key, value in self.backed_up(args.plan_name).items()
            ],
            region=args.region,
            opts=self.child(),
        )

    def _watch(self, kind: str, args: BackupPlanArgs) -> aws.cloudwatch.EventRule:
        """Tells which job of the vault was not done, and of what; the vault's alarms tell only that there is one."""
        vault = pulumi.Output.from_input(args.vault_name)
        if kind == "jobs":
            what, about, runbook = "Backup", {"backupVaultName": [vault]}, "backup-jobs-failed"
        else:
            source = pulumi.Output.concat(":", vault)
            what, about, runbook = "Copy", {"sourceBackupVaultArn": [{"suffix": source}]}, "backup-copies-failed"
        rule = aws.cloudwatch.EventRule(
            f"{self.name}-{kind}",
            description=f"A job of AWS Backup for tier {args.tier} was not done: {kind}.",
            event_pattern=pulumi.Output.json_dumps(
                {
                    "source": ["aws.backup"],
                    "detail-type": [f"{what} Job State Change"],
                    "detail": {"state": UNDONE, **about},
                }
            ),
            region=args.region,
            tags=self.shared(),
            opts=self.child(),
        )
        aws.cloudwatch.EventTarget(
            f"{self.name}-{kind}",
            rule=rule.name,
            arn=args.alarm_topics.warning,
            input_transformer=aws.cloudwatch.EventTargetInputTransformerArgs(
                input_paths={
                    "state": "$.detail.state",
                    "what": "$.detail.resourceArn",
                    "why": "$.detail.statusMessage",
                    "at": "$.time",
                    "region": "$.region",
                },
                input_template=(
                    f'"{what} of <what> in <region> is <state> at <at>: <why>. Tier {args.tier}. '
                    f'Runbook: {RUNBOOKS}/{runbook}.md"'
                ),
            ),
            region=args.region,
            opts=self.child(),
        )
        return rule

    def _silence(self, args: BackupPlanArgs, schedule: BackupSchedule) -> None:
        """No backup for as long as the RPO allows: a selection that takes nothing fails no job."""
        self.alarm(
            "none-completed",
            signal=Signal.BACKUP,
            severity=Severity.CRITICAL,
            metric=Metric(
                "AWS/Backup", "NumberOfBackupJobsCompleted", {"BackupVaultName": args.vault_name}, period=3600
            ),
            threshold=1,
            comparison=Comparison.BELOW,
            periods=schedule.bound_hours,
            missing_data=MissingData.BREACHING,
            runbook="backup-none-completed",
            description=f"No backup of tier {args.tier} was completed for as long as its plan may take.",
            region=args.region,
        )


def _seconds(rpo: str | None) -> float | None:
    return None if rpo is None else float(Duration.parse(rpo).seconds)
