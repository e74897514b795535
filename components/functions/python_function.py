"""A function on Lambda, what starts it, and the alarms that tell when it does not do its part."""

from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs, Comparison, Metric, MissingData, Severity, Signal
from components.component import Component
from components.functions.schedule import every_seconds, schedule
from components.observability.log_group import LogGroup, LogGroupArgs

# Lambda API, CreateFunction: the longest that a function may run.
LONGEST_SECONDS = 900
# Runs of a clock that failed in a row until somebody is told: one may meet a region in a bad moment.
FAILED_RUNS = 3
# A change waits so long for its function until somebody is told.
LATE_MILLISECONDS = 120_000
STREAM_BATCH = 100
# Seconds that one datapoint of an alarm covers at most; an alarm looks back a day (CloudWatch API, PutMetricAlarm).
LONGEST_PERIOD = 3600


@dataclass
class PythonFunctionArgs:
    """Args of `PythonFunction`.

    Args:
        function_name: its name in AWS, unique in the region.
        function: the folder of functions/ that its handler lies in, such as `routing_writer`.
        description: what it does, in a sentence.
        archive: path of its ZIP file, as `stanchion.packaging` makes it.
        runtime: such as `python3.13`.
        architecture: `arm64` or `x86_64`.
        account_id: whose schedules may start it.
        key_arn: ARN of the region's KMS key, for its variables and its log.
        keep: leave its log in the cloud when the stack goes.
        alarm_topics: topics of the region.
        runbook: what to do when it fails, a file in docs/runbooks without `.md`.
        variables: its environment.
        policy: what it may do, a policy document as JSON; nothing but its log if None.
        layer_arns: of layers under its code.
        timeout_seconds: after which a run is ended.
        memory_mib: it has; time on a processor comes with it.
        log_retention_days: of its log.
        schedule: when it runs, such as `rate(1 minute)`; never by the clock if None.
        stream_arn: of a DynamoDB table's stream whose changes start it; none if None.
    """

    function_name: str
    function: str
    description: str
    archive: str
    runtime: str
    architecture: str
    account_id: str
    key_arn: pulumi.Input[str]
    keep: bool
    alarm_topics: AlarmTopicsArgs
    runbook: str
    variables: dict[str, pulumi.Input[str]] = field(default_factory=dict)
    policy: pulumi.Input[str] | None = None
    layer_arns: list[pulumi.Input[str]] = field(default_factory=list)
    timeout_seconds: int = 60
    memory_mib: int = 256
    log_retention_days: int = 30
    schedule: str | None = None
    stream_arn: pulumi.Input[str] | None = None


class PythonFunction(Component):
    """A function whose runs look at everything: a run that fails or is missed is made up for by the next one.

    So what started it is not tried again and again: a failed run of the clock is followed by the clock's next one, and
    a stream's batch is given up after some tries, since the changes in it are found by whoever looks at all.

    Cost: 0.20 USD per million runs and 0.0000133334 USD per GB-second on arm64 (us-east-1, from memory): run each
        minute for two seconds at 256 MiB, 0.30 USD a month; 1 USD per million starts by a schedule; 3 to 4 alarms at
        0.10 USD.
    Recovery: regional; Lambda runs it in several zones. It holds no data.
    """

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: PythonFunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        refuse_too_long(args)
        super().__init__(name, args, opts)
        self.log = self._log(args)
        self.role = self._role(args)
        self.permission = self._permission(args)
        self.function = self._function(args)
        self.arn = self.function.arn
        self.invoking = aws.lambda_.FunctionEventInvokeConfig(
            f"{self.name}-runs",
            function_name=self.function.name,
            maximum_retry_attempts=0,
            maximum_event_age_in_seconds=60,
            opts=self.child(),
        )
        self.mapping = None if args.stream_arn is None else self._mapping(args.stream_arn)
        if args.schedule is not None:
            schedule(self, args.function_name, args.account_id, args.schedule, self.function.arn)
        self._alarms(args)
        self.register_outputs({"arn": self.arn})

    def _log(self, args: PythonFunctionArgs) -> LogGroup:
        return LogGroup(
            f"{self.name}-log",
            LogGroupArgs(
                retention_days=args.log_retention_days,
                key_arn=args.key_arn,
                keep=args.keep,
                log_group_name=f"/stanchion/functions/{args.function_name}",
            ),
            self.child(),
        )

    def _role(self, args: PythonFunctionArgs) -> aws.iam.Role:
        trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        return aws.iam.Role(
            f"{self.name}-run",
            description=f"What the function {args.function_name} may do.",
            assume_role_policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [trust]}),
            tags=self.shared(),
            opts=self.child(),
        )

    def _permission(self, args: PythonFunctionArgs) -> list[aws.iam.RolePolicy]:
        own: list[dict[str, Any]] = [
            {
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": pulumi.Output.concat(self.log.log_group.arn, ":log-stream:*"),
            },
            {
                "Effect": "Allow",
                "Action": "kms:Decrypt",
                "Resource": args.key_arn,
                "Condition": {"StringLike": {"kms:ViaService": ["lambda.*.amazonaws.com", "dynamodb.*.amazonaws.com"]}},
            },
        ]
        if args.stream_arn is not None:
            stream = pulumi.Output.from_input(args.stream_arn)
            own += [
                {
                    "Effect": "Allow",
                    "Action": ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
                    "Resource": stream,
                },
                {
                    "Effect": "Allow",
                    "Action": "dynamodb:ListStreams",
                    "Resource": stream.apply(lambda arn: f"{arn.rpartition('/')[0]}/*"),
                },
            ]
        policies = {"run": pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": own})}
        if args.policy is not None:
            policies["do"] = pulumi.Output.from_input(args.policy)
        return [
            aws.iam.RolePolicy(f"{self.name}-{name}", role=self.role.name, policy=policy, opts=self.child())
            for name, policy in policies.items()
        ]

    def _function(self, args: PythonFunctionArgs) -> aws.lambda_.Function:
        return aws.lambda_.Function(
            f"{self.name}-function",
            name=args.function_name,
            description=args.description,
            role=self.role.arn,
            runtime=args.runtime,
            architectures=[args.architecture],
            handler=f"functions.{args.function}.handler.handler",
            code=pulumi.FileArchive(args.archive),
            layers=args.layer_arns or None,
            timeout=args.timeout_seconds,
            memory_size=args.memory_mib,
            kms_key_arn=args.key_arn,
            environment=aws.lambda_.FunctionEnvironmentArgs(variables=args.variables) if args.variables else None,
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_format="Text", log_group=self.log.log_group.name),
            tags=self.shared(),
            # A run without its permissions fails, and a clock starts one at once.
            opts=self.child(depends_on=self.permission),
        )

    def _mapping(self, stream_arn: pulumi.Input[str]) -> aws.lambda_.EventSourceMapping:
        return aws.lambda_.EventSourceMapping(
            f"{self.name}-changes",
            function_name=self.function.arn,
            event_source_arn=stream_arn,
            starting_position="LATEST",
            batch_size=STREAM_BATCH,
            maximum_retry_attempts=3,
            maximum_record_age_in_seconds=3600,
            tags=self.shared(),
            opts=self.child(),
        )

    def _alarms(self, args: PythonFunctionArgs) -> None:
        dimensions: dict[str, pulumi.Input[str]] = {"FunctionName": self.function.name}
        period = _alarm_period(args)
        self.alarm(
            "failing",
            signal=Signal.ERRORS,
            severity=Severity.WARNING,
            metric=Metric("AWS/Lambda", "Errors", dimensions, period=period),
            threshold=0,
            comparison=Comparison.ABOVE,
            missing_data=MissingData.NOT_BREACHING,
            periods=FAILED_RUNS,
            runbook=args.runbook,
            description=f"The function {args.function_name} has failed {FAILED_RUNS} times in a row.",
        )
        self.alarm(
            "throttled",
            signal=Signal.SATURATION,
            severity=Severity.WARNING,
            metric=Metric("AWS/Lambda", "Throttles", dimensions, period=period),
            threshold=0,
            comparison=Comparison.ABOVE,
            missing_data=MissingData.NOT_BREACHING,
            periods=FAILED_RUNS,
            runbook=args.runbook,
            description=f"The account runs so many functions at once that {args.function_name} was turned away.",
        )
        # Of what runs less often an alarm can't say in time that it did not; it is seen when it fails.
        if args.schedule is not None and every_seconds(args.schedule) <= LONGEST_PERIOD:
            self.alarm(
                "silent",
                signal=Signal.HEARTBEAT,
                severity=Severity.CRITICAL,
                metric=Metric("AWS/Lambda", "Invocations", dimensions, period=period),
                threshold=1,
                comparison=Comparison.BELOW,
                missing_data=MissingData.BREACHING,
                periods=FAILED_RUNS,
                runbook=args.runbook,
                description=f"The clock has not started the function {args.function_name} {FAILED_RUNS} times in a "
                "row.",
            )
        if args.stream_arn is not None:
            self.alarm(
                "late",
                signal=Signal.LATENCY,
                severity=Severity.WARNING,
                metric=Metric("AWS/Lambda", "IteratorAge", dimensions, statistic="Maximum", period=60),
                threshold=LATE_MILLISECONDS,
                comparison=Comparison.ABOVE,
                missing_data=MissingData.NOT_BREACHING,
                periods=3,
                runbook=args.runbook,
                description=f"Changes wait over {LATE_MILLISECONDS // 60_000} minutes for the function "
                f"{args.function_name}.",
            )


def _alarm_period(args: PythonFunctionArgs) -> int:
    """Seconds in which there has to be a run of the clock; whole minutes, an hour at most."""
    seconds = 60 if args.schedule is None else every_seconds(args.schedule)
    return min(LONGEST_PERIOD, max(60, -(-seconds // 60) * 60))


def refuse_too_long(args: PythonFunctionArgs) -> None:
    """Refuse a run that Lambda would not let end.

    Raises:
        ValueError: a sentence with the name and the fix.
    """
    if not 1 <= args.timeout_seconds <= LONGEST_SECONDS:
        raise ValueError(
            f"function '{args.function_name}' has timeout_seconds {args.timeout_seconds}; allowed: 1 to "
            f"{LONGEST_SECONDS}."
        )
