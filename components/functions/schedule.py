"""Starts a function by the clock, as a role that can start this one and nothing else."""

import re

import pulumi
import pulumi_aws as aws

from components.component import Component

_UNITS = {"minute": 60, "hour": 3600, "day": 86400}
_RATE = re.compile(r"rate\(([1-9][0-9]*) (minute|hour|day)s?\)")
# What is said by the calendar is seldom more often.
A_DAY = 86400


def every_seconds(expression: str) -> int:
    """How often a schedule starts something; a day for one by the calendar.

    Args:
        expression: such as `rate(1 minute)` or `cron(0 3 * * ? *)`.
    """
    found = _RATE.fullmatch(expression)
    return int(found[1]) * _UNITS[found[2]] if found else A_DAY


def schedule(
    component: Component, function_name: str, account_id: str, expression: str, function_arn: pulumi.Input[str]
) -> aws.scheduler.Schedule:
    """A schedule of a component's function.

    Args:
        component: whose child it is.
        function_name: what the schedule is called as well.
        account_id: whose schedules may use the role.
        expression: when, in UTC.
        function_arn: what is started.
    """
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "scheduler.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
    }
    role = aws.iam.Role(
        f"{component.name}-start",
        description=f"Starts the function {function_name} by the clock.",
        assume_role_policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [trust]}),
        tags=component.shared(),
        opts=component.child(),
    )
    start = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": function_arn}
    permission = aws.iam.RolePolicy(
        f"{component.name}-start",
        role=role.name,
        policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [start]}),
        opts=component.child(),
    )
    return aws.scheduler.Schedule(
        f"{component.name}-clock",
        name=function_name,
        schedule_expression=expression,
        schedule_expression_timezone="UTC",
        flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
        target=aws.scheduler.ScheduleTargetArgs(
            arn=function_arn,
            role_arn=role.arn,
            input=pulumi.Output.json_dumps({"source": "clock", "at": "<aws.scheduler.scheduled-time>"}),
            # The next run does what this one would have done.
            retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
                maximum_event_age_in_seconds=60, maximum_retry_attempts=1
            ),
        ),
        opts=component.child(depends_on=[permission]),
    )
