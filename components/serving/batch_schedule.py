"""Submits a batch job by the clock."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs, Comparison, Metric, MissingData, Severity, Signal
from components.component import Component

# EventBridge Scheduler user guide, universal targets (read 2026-11-23); Batch has no templated one.
SUBMIT_JOB = "arn:aws:scheduler:::aws-sdk:batch:submitJob"


@dataclass
class BatchScheduleArgs:
    """Args of `BatchSchedule`.

    Args:
        endpoint_name: what jobs are called.
        account_id: whose schedules may use the role.
        expression: a rate or cron expression in UTC, such as `rate(1 hour)` or `cron(0 3 * * ? *)`.
        queue_arn: where jobs go.
        job_definition_arn: which job; with a revision, which is replaced when the definition changes.
        workload: whose it is.
        tier: that workload's tier.
        alarm_topics: topics of the region.
        dead_letter_arn: a queue that keeps what could not be submitted.
    """

    endpoint_name: str
    account_id: str
    expression: str
    queue_arn: pulumi.Input[str]
    job_definition_arn: pulumi.Input[str]
    workload: str
    tier: str
    alarm_topics: AlarmTopicsArgs
    dead_letter_arn: pulumi.Input[str] | None = None


class BatchSchedule(Component):
    """A schedule that submits one job, with a role that can submit this job to this queue and nothing else.

    Cost: 1 USD per million submissions (EventBridge price page, from memory).
    Recovery: regional. A submission that fails is tried for a day and then kept in the dead-letter queue. Where the
        standby has none, whoever fails over submits; what was done already is written over by the same output.
    """

    def __init__(self, name: str, args: BatchScheduleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.tags = self.owned_by(args.workload, args.tier)
        self.group = aws.scheduler.ScheduleGroup(f"{self.name}-group", tags=self.tags, opts=self.child())
        self.role = self._role(args)
        self.permission = self._permission(args)
        self.schedule = self._schedule(args)
        self._alarm()
        self.register_outputs({})

    def _role(self, args: BatchScheduleArgs) -> aws.iam.Role:
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": "scheduler.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": args.account_id}},
        }
        return aws.iam.Role(
            f"{self.name}-submit",
            description=f"Submits jobs of {args.endpoint_name} by the clock.",
            assume_role_policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [trust]}),
            tags=self.tags,
            opts=self.child(),
        )

    def _permission(self, args: BatchScheduleArgs) -> aws.iam.RolePolicy:
        statements: list[dict[str, Any]] = [
            {
                "Effect": "Allow",
                "Action": "batch:SubmitJob",
                "Resource": [args.queue_arn, args.job_definition_arn],
            }
        ]
        if args.dead_letter_arn is not None:
            statements.append({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": args.dead_letter_arn})
        return aws.iam.RolePolicy(
            f"{self.name}-submit",
            role=self.role.name,
            policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements}),
            opts=self.child(),
        )

    def _schedule(self, args: BatchScheduleArgs) -> aws.scheduler.Schedule:
        dead_letter = None
        if args.dead_letter_arn is not None:
            dead_letter = aws.scheduler.ScheduleTargetDeadLetterConfigArgs(arn=args.dead_letter_arn)
        return aws.scheduler.Schedule(
            f"{self.name}-clock",
            group_name=self.group.name,
            schedule_expression=args.expression,
            schedule_expression_timezone="UTC",
            flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            target=aws.scheduler.ScheduleTargetArgs(
                arn=SUBMIT_JOB,
                role_arn=self.role.arn,
                input=pulumi.Output.json_dumps(
                    {
                        "JobName": f"{args.endpoint_name}-scheduled",
                        "JobQueue": args.queue_arn,
                        "JobDefinition": args.job_definition_arn,
                        # The scheduler puts the time in: the job knows which run it is, also when it is late.
                        "Parameters": {"scheduled": "<aws.scheduler.scheduled-time>"},
                    }
                ),
                retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
                    maximum_event_age_in_seconds=86400, maximum_retry_attempts=185
                ),
                dead_letter_config=dead_letter,
            ),
            # Without the permission the first submissions would fail.
            opts=self.child(depends_on=[self.permission]),
        )

    def _alarm(self) -> None:
        for name, metric in (("not-submitted", "TargetErrorCount"), ("given-up", "InvocationDroppedCount")):
            self.alarm(
                name,
                signal=Signal.ERRORS,
                severity=Severity.WARNING,
                metric=Metric("AWS/Scheduler", metric, {"ScheduleGroup": self.group.name}),
                threshold=0,
                comparison=Comparison.ABOVE,
                missing_data=MissingData.NOT_BREACHING,
                runbook="batch-jobs-failed",
                description="A scheduled batch job could not be submitted.",
            )
