"""Backups are restored for practice, as often as the tier's drills: one that can't be restored is none."""

from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs
from components.component import RUNBOOKS, Component
from stanchion.recovery.backup_schedule import rehearsal_cron
from stanchion.spec import Duration

# How far back the newest backup of a test may lie; every tier's plan makes one a day at least.
NEWEST_WITHIN_DAYS = 7
START_WINDOW_HOURS = 8


@dataclass
class RestoreTestingArgs:
    """Args of `RestoreTesting`.

    Args:
        test_name: letters, digits and underscores.
        tier: whose backups these are.
        vault_arn: the vault they are taken from; copies from the other region are in it as well.
        role_arn: the role AWS Backup writes with.
        drill_every: the longest time between two tests, such as `30d`.
        alarm_topics: topics of the region.
        resource_types: what is restored, in the words of AWS Backup.
        kept_for: how long what was restored is left for a look, in whole hours, such as `4h`; a week at most.
        region: only for stacks that span regions.
    """

    test_name: str
    tier: str
    vault_arn: pulumi.Input[str]
    role_arn: pulumi.Input[str]
    drill_every: str
    alarm_topics: AlarmTopicsArgs
    resource_types: list[str] = field(default_factory=lambda: ["S3"])
    kept_for: str = "4h"
    region: str | None = None


class RestoreTesting(Component):
    """Restores the newest backup of everything in a vault beside the original, and removes it after a while.

    It proves that backups can be read and how long that takes (the jobs say it); whether what is in them is right, a
    drill has to look. A failed restore is told by event, since nobody waits for it.

    Cost: per test and resource 1.50 USD, what a restore costs (0.02 USD per GB for S3), and the storage of what was
        restored for some hours (us-east-1, from memory).
    Recovery: makes a declared restore time a measured one; none by itself.
    """

    def __init__(self, name: str, args: RestoreTestingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.plan = self._plan(args)
        self.selections = {kind: self._selection(kind, args) for kind in args.resource_types}
        self.failed = self._failed(args)
        self.register_outputs({"planName": self.plan.name})

    def _plan(self, args: RestoreTestingArgs) -> aws.backup.RestoreTestingPlan:
        return aws.backup.RestoreTestingPlan(
            f"{self.name}-plan",
            name=args.test_name,
            schedule_expression=rehearsal_cron(Duration.parse(args.drill_every).seconds // 86400),
            schedule_expression_timezone="Etc/UTC",
            start_window_hours=START_WINDOW_HOURS,
            recovery_point_selection=aws.backup.RestoreTestingPlanRecoveryPointSelectionArgs(
                algorithm="LATEST_WITHIN_WINDOW",
                include_vaults=[args.vault_arn],
                recovery_point_types=["CONTINUOUS", "SNAPSHOT"],
                selection_window_days=NEWEST_WITHIN_DAYS,
            ),
            region=args.region,
            tags=self.shared(),
            opts=self.child(),
        )

    def _selection(self, kind: str, args: RestoreTestingArgs) -> aws.backup.RestoreTestingSelection:
        return aws.backup.RestoreTestingSelection(
            f"{self.name}-{kind.lower()}",
            name=f"{args.test_name}_{kind.lower()}",
            restore_testing_plan_name=self.plan.name,
            protected_resource_type=kind,
            # Everything of the type that the tier's vault holds.
            protected_resource_arns=["*"],
            iam_role_arn=args.role_arn,
            validation_window_hours=Duration.parse(args.kept_for).seconds // 3600,
            region=args.region,
            opts=self.child(),
        )

    def _failed(self, args: RestoreTestingArgs) -> aws.cloudwatch.EventRule:
        tests = {"wildcard": f"*:restore-testing-plan:{args.test_name}-*"}
        rule = aws.cloudwatch.EventRule(
            f"{self.name}-failed",
            description=f"A restore test of tier {args.tier} failed.",
            event_pattern=pulumi.Output.json_dumps(
                {
                    "source": ["aws.backup"],
                    "detail-type": ["Restore Job State Change"],
                    "detail": {"status": ["FAILED", "ABORTED"], "restoreTestingPlanArn": [tests]},
                }
            ),
            region=args.region,
            tags=self.shared(),
            opts=self.child(),
        )
        aws.cloudwatch.EventTarget(
            f"{self.name}-failed",
            rule=rule.name,
            arn=args.alarm_topics.warning,
            input_transformer=aws.cloudwatch.EventTargetInputTransformerArgs(
                input_paths={"what": "$.detail.sourceResourceArn", "why": "$.detail.statusMessage", "at": "$.time"},
                input_template=(
                    f'"A test could not restore <what> at <at>: <why>. Tier {args.tier}. '
                    f'Runbook: {RUNBOOKS}/backup-restore-test-failed.md"'
                ),
            ),
            region=args.region,
            opts=self.child(),
        )
        return rule
