"""Batch inference on AWS Batch: spot first, on demand when there is none, a job again when its host is taken back."""

from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs, Comparison, Metric, MissingData, Severity, Signal
from components.component import Component
from components.observability.log_group import LogGroup, LogGroupArgs
from components.serving.batch_capacity import BatchCapacity, BatchCapacityArgs
from components.serving.batch_schedule import BatchSchedule, BatchScheduleArgs
from components.serving.job_definition import JobArgs, container, refuse_unfit, retry_strategy
from components.serving.pod_identity import read_prefix, write_prefix
from stanchion.spec import Duration

EXECUTION_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
# How long a job may wait for an instance before it is given up and told: a day of no capacity is somebody's decision.
WAITS_AT_MOST_SECONDS = 24 * 3600


@dataclass
class BatchEndpointArgs:
    """Args of `BatchEndpoint`.

    Args:
        endpoint_name: unique in account and region.
        account_id: whose jobs may use the roles.
        workload: whose it is.
        tier: that workload's tier.
        job: the container and what it may use.
        instance_types: 15 or more, since spot comes from them.
        vpc_id: where jobs run.
        subnet_ids: private subnets, one a zone.
        model_bucket_arn: ARN of the bucket of weights.
        model_prefix: the model's keys in it.
        input_bucket_arn: ARN of the bucket that is read.
        input_prefix: the keys in it.
        output_bucket_arn: ARN of the bucket that is written.
        output_prefix: the keys in it.
        key_arn: ARN of the region's KMS key, which all three and the log are encrypted with.
        alarm_topics: topics of the region.
        keep: leave the log in the cloud when the stack goes.
        max_vcpus: most vCPUs of all jobs together, on spot and on demand each.
        schedule: a rate or cron expression of EventBridge Scheduler; by hand only if None.
        restore_time: how long the team says a job takes to start again and end, such as `2h`.
        dead_letter_arn: a queue that keeps what the schedule could not submit.
        log_retention_days: of what jobs write.
        environment: variables of the container.
    """

    endpoint_name: str
    account_id: str
    workload: str
    tier: str
    job: JobArgs
    instance_types: list[str]
    vpc_id: pulumi.Input[str]
    subnet_ids: pulumi.Input[list[str]]
    model_bucket_arn: pulumi.Input[str]
    model_prefix: str
    input_bucket_arn: pulumi.Input[str]
    input_prefix: str
    output_bucket_arn: pulumi.Input[str]
    output_prefix: str
    key_arn: pulumi.Input[str]
    alarm_topics: AlarmTopicsArgs
    keep: bool
    max_vcpus: int = 256
    schedule: str | None = None
    restore_time: str | None = None
    dead_letter_arn: pulumi.Input[str] | None = None
    log_retention_days: int = 90
    environment: dict[str, pulumi.Input[str]] = field(default_factory=dict)


class BatchEndpoint(Component):
    """A queue whose jobs run on spot, or on demand while there is no spot, and a definition that is retried for that.

    A job that is taken back starts again from its beginning, on another host. So what it writes has to be the same when
    it is written twice: one key for each part of the input, written whole (docs/serving-batch.md). A job that fails by
    its own exit code is not tried again: it would fail again, and cost again.

    Cost: nothing while no job runs; then the instances, as a rule at spot prices, by the second.
    Recovery: a lost host costs the job's time so far. AWS promises no time until it runs again; the queue carries what
        the team declares. Input and output lie in buckets, which replicate; the standby's queue is there and idle.
    """

    queue_arn: pulumi.Output[str]
    job_definition_arn: pulumi.Output[str]

    def __init__(self, name: str, args: BatchEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        refuse_unfit(name, args.job)
        super().__init__(name, args, opts)
        self.tags = self.owned_by(args.workload, args.tier)
        self.log_group = self._log_group(args)
        self.execution_role = self._execution_role(args)
        self.job_role = self._job_role(args)
        self.capacity = self._capacity(args)
        self.queue = self._queue(args)
        self.definition = self._definition(args)
        self.schedule = self._schedule(args)
        self._failures(args)
        self.queue_arn = self.queue.arn
        self.job_definition_arn = self.definition.arn
        self.register_outputs({"queueArn": self.queue_arn, "jobDefinitionArn": self.job_definition_arn})

    def _log_group(self, args: BatchEndpointArgs) -> LogGroup:
        return LogGroup(
            f"{self.name}-jobs",
            LogGroupArgs(
                retention_days=args.log_retention_days,
                key_arn=args.key_arn,
                keep=args.keep,
                log_group_name=f"/aws/batch/{args.endpoint_name}",
            ),
            self.child(),
        )

    def _role(self, suffix: str, description: str, args: BatchEndpointArgs) -> aws.iam.Role:
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": args.account_id}},
        }
        return aws.iam.Role(
            f"{self.name}-{suffix}",
            description=description,
            assume_role_policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [trust]}),
            tags=self.tags,
            opts=self.child(),
        )

    def _execution_role(self, args: BatchEndpointArgs) -> aws.iam.Role:
        role = self._role("execution", "Pulls the image and writes the log of jobs.", args)
        aws.iam.RolePolicyAttachment(
            f"{self.name}-execution", role=role.name, policy_arn=EXECUTION_POLICY, opts=self.child()
        )
        return role

    def _job_role(self, args: BatchEndpointArgs) -> aws.iam.Role:
        role = self._role("job", "What the jobs themselves may do.", args)
        statements: list[dict[str, Any]] = [
            *read_prefix(args.model_bucket_arn, args.model_prefix, args.key_arn),
            *read_prefix(args.input_bucket_arn, args.input_prefix, args.key_arn),
            # A retry skips what is there already, so it has to see its own output.
            *read_prefix(args.output_bucket_arn, args.output_prefix, args.key_arn),
            *write_prefix(args.output_bucket_arn, args.output_prefix, args.key_arn),
        ]
        aws.iam.RolePolicy(
            f"{self.name}-job",
            role=role.name,
            policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements}),
            opts=self.child(),
        )
        return role

    def _capacity(self, args: BatchEndpointArgs) -> BatchCapacity:
        return BatchCapacity(
            f"{self.name}-capacity",
            BatchCapacityArgs(
                workload=args.workload,
                tier=args.tier,
                instance_types=args.instance_types,
                vpc_id=args.vpc_id,
                subnet_ids=args.subnet_ids,
                max_vcpus=args.max_vcpus,
                disk_gib=args.job.disk_gib,
            ),
            self.child(),
        )

    def _queue(self, args: BatchEndpointArgs) -> aws.batch.JobQueue:
        order = [self.capacity.spot.arn, self.capacity.on_demand.arn]
        return aws.batch.JobQueue(
            f"{self.name}-queue",
            name=args.endpoint_name,
            state="ENABLED",
            priority=1,
            compute_environment_orders=[
                aws.batch.JobQueueComputeEnvironmentOrderArgs(order=number, compute_environment=arn)
                for number, arn in enumerate(order, start=1)
            ],
            job_state_time_limit_actions=[
                aws.batch.JobQueueJobStateTimeLimitActionArgs(
                    state="RUNNABLE", reason=reason, max_time_seconds=WAITS_AT_MOST_SECONDS, action="CANCEL"
                )
                # Batch user guide, jobs stuck in RUNNABLE: the reasons that a queue can act on.
                for reason in (
                    "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",
                    "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE",
                    "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
                )
            ],
            tags={**self.tags, **self.restored_within(args.restore_time)},
            opts=self.child(),
        )

    def _definition(self, args: BatchEndpointArgs) -> aws.batch.JobDefinition:
        properties = container(
            args.job,
            job_role=self.job_role.arn,
            execution_role=self.execution_role.arn,
            log_group=self.log_group.log_group.name,
            environment=args.environment,
        )
        return aws.batch.JobDefinition(
            f"{self.name}-job",
            name=args.endpoint_name,
            type="container",
            platform_capabilities=["EC2"],
            container_properties=pulumi.Output.json_dumps(properties),
            parameters=args.job.parameters or None,
            retry_strategy=retry_strategy(args.job.attempts),
            timeout=aws.batch.JobDefinitionTimeoutArgs(
                attempt_duration_seconds=Duration.parse(args.job.timeout).seconds
            ),
            propagate_tags=True,
            # A submission that the scheduler still tries names the revision that it began with.
            deregister_on_new_revision=False,
            tags=self.tags,
            opts=self.child(),
        )

    def _schedule(self, args: BatchEndpointArgs) -> BatchSchedule | None:
        if args.schedule is None:
            return None
        return BatchSchedule(
            f"{self.name}-schedule",
            BatchScheduleArgs(
                endpoint_name=args.endpoint_name,
                account_id=args.account_id,
                expression=args.schedule,
                queue_arn=self.queue.arn,
                job_definition_arn=self.definition.arn,
                workload=args.workload,
                tier=args.tier,
                alarm_topics=args.alarm_topics,
                dead_letter_arn=args.dead_letter_arn,
            ),
            self.child(),
        )

    def _failures(self, args: BatchEndpointArgs) -> None:
        """Batch has no metric of failed jobs; it has events (Batch user guide, job state change events)."""
        rule = aws.cloudwatch.EventRule(
            f"{self.name}-failed",
            description=f"Jobs of {args.endpoint_name} that failed or were given up.",
            event_pattern=pulumi.Output.json_dumps(
                {
                    "source": ["aws.batch"],
                    "detail-type": ["Batch Job State Change"],
                    "detail": {"status": ["FAILED"], "jobQueue": [self.queue.arn]},
                }
            ),
            tags=self.tags,
            opts=self.child(),
        )
        aws.cloudwatch.EventTarget(
            f"{self.name}-failed",
            rule=rule.name,
            arn=args.alarm_topics.of(Severity.WARNING),
            opts=self.child(),
        )
        self.alarm(
            "failures-untold",
            signal=Signal.ERRORS,
            # The warning topic is what could not be reached.
            severity=Severity.CRITICAL,
            metric=Metric("AWS/Events", "FailedInvocations", {"RuleName": rule.name}),
            threshold=0,
            comparison=Comparison.ABOVE,
            missing_data=MissingData.NOT_BREACHING,
            runbook="batch-jobs-failed",
            description="A failed batch job could not be told to the warning topic.",
        )
