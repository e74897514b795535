"""Who talked to whom in a VPC, kept for as long as the environment says."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs
from components.component import Component
from components.observability.log_group import LogGroup, LogGroupArgs


@dataclass
class FlowLogsArgs:
    """Args of `FlowLogs`.

    Args:
        vpc_id: the VPC whose traffic is logged, accepted and rejected alike.
        key_arn: encrypts the log group.
        retention_days: how long entries stay.
        account_id: whose flow logs the role may be used for.
        alarm_topics: topics of the region.
        keep: leave the log group in the cloud when the stack goes.
        watched: whether silence is an alarm; false for a VPC with nothing in it.
    """

    vpc_id: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    retention_days: int
    account_id: str
    alarm_topics: AlarmTopicsArgs
    keep: bool
    watched: bool = True


class FlowLogs(Component):
    """Flow logs of a VPC in CloudWatch Logs, through a role that can write to this one log group.

    Cost: 0.50 USD per GB taken in and 0.03 USD per GB-month kept (us-east-1, CloudWatch price page, 2026).
    Recovery: none is needed to serve; they are what an investigation after a disruption reads.
    """

    def __init__(self, name: str, args: FlowLogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.log_group = self._log_group(args)
        self.role = self._role(args)
        self.permission = self._permission()
        self.flow_log = self._flow_log(args)
        self.register_outputs({"logGroup": self.log_group.log_group.name})

    def _log_group(self, args: FlowLogsArgs) -> LogGroup:
        return LogGroup(
            f"{self.name}-logs",
            LogGroupArgs(
                retention_days=args.retention_days,
                key_arn=args.key_arn,
                keep=args.keep,
                silent_after="3h" if args.watched else None,
                alarm_topics=args.alarm_topics,
            ),
            self.child(),
        )

    def _role(self, args: FlowLogsArgs) -> aws.iam.Role:
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                    # The service acts for this account only, not for another customer's flow logs.
                    "Condition": {"StringEquals": {"aws:SourceAccount": args.account_id}},
                }
            ],
        }
        return aws.iam.Role(
            f"{self.name}-role",
            assume_role_policy=pulumi.Output.json_dumps(trust),
            tags=self.shared(),
            opts=self.child(),
        )

    def _permission(self) -> aws.iam.RolePolicy:
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
                    # The streams of this one log group; their names are made by the service.
                    "Resource": pulumi.Output.concat(self.log_group.log_group.arn, ":*"),
                }
            ],
        }
        return aws.iam.RolePolicy(
            f"{self.name}-write", role=self.role.name, policy=pulumi.Output.json_dumps(policy), opts=self.child()
        )

    def _flow_log(self, args: FlowLogsArgs) -> aws.ec2.FlowLog:
        return aws.ec2.FlowLog(
            f"{self.name}-log",
            vpc_id=args.vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=self.log_group.log_group.arn,
            iam_role_arn=self.role.arn,
            max_aggregation_interval=600,
            tags=self.shared(),
            # Without the permission the flow log is made all the same, and fails in silence.
            opts=self.child(depends_on=[self.permission]),
        )
