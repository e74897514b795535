"""Topics that alarms and events go to, one per severity, with what keeps a message nobody could take."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs, Comparison, Metric, MissingData, Severity, Signal
from components.component import Component

FOURTEEN_DAYS = 14 * 24 * 3600  # SQS keeps nothing longer.
FOUR_DAYS = 4 * 24 * 3600

# A topic that can't deliver can't say so: another one has to.
TELLS_OF: dict[Severity, Severity] = {
    Severity.CRITICAL: Severity.WARNING,
    Severity.WARNING: Severity.CRITICAL,
    Severity.INFO: Severity.WARNING,
}


@dataclass
class TopicsArgs:
    """Args of `Topics`.

    Args:
        account_id: whose alarms and rules may publish.
        key_arn: ARN of the region's KMS key. Its policy has to let CloudWatch, EventBridge and SNS use it
            (`kms:Decrypt` and `kms:GenerateDataKey*`), or nothing is delivered.
        region: only for stacks that span regions.
    """

    account_id: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    region: str | None = None


class Topics(Component):
    """One encrypted topic per severity, an inbox queue on each, and a dead-letter queue for what can't be delivered.

    The inbox keeps 14 days of what was said, so that an alarm is not lost while nobody has subscribed yet, and so that
    a person or a test can read what was sent. People subscribe with `dead_letter_arn` as their redrive target.

    Cost: nothing while idle but the alarms, 0.10 USD each a month (5 of them); 0.50 USD per million messages
        (us-east-1, from memory).
    Recovery: regional. The standby region has its own, so that alarms reach people when the primary is gone.
    """

    def __init__(self, name: str, args: TopicsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.topics = {severity: self._topic(severity, args) for severity in Severity}
        self.alarm_topics = AlarmTopicsArgs(
            critical=self.topics[Severity.CRITICAL].arn,
            warning=self.topics[Severity.WARNING].arn,
            info=self.topics[Severity.INFO].arn,
        )
        self._alarm_topics = self.alarm_topics
        self.topic_policies = [self._topic_policy(severity, args) for severity in Severity]
        self.dead_letter = self._queue("dead-letter", args)
        self.dead_letter_arn = self.dead_letter.arn
        self.dead_letter_policy = self._dead_letter_policy(args)
        self.inboxes = {severity: self._inbox(severity, args) for severity in Severity}
        self._delivery_alarms(args)
        self._dead_letter_alarms(args)
        self.register_outputs(
            {
                **{severity.value: topic.arn for severity, topic in self.topics.items()},
                "deadLetter": self.dead_letter_arn,
            }
        )

    def _topic(self, severity: Severity, args: TopicsArgs) -> aws.sns.Topic:
        return aws.sns.Topic(
            f"{self.name}-{severity.value}",
            kms_master_key_id=args.key_arn,
            region=args.region,
            tags={**self.shared(), "stanchion:severity": severity.value},
            opts=self.child(),
        )

    def _topic_policy(self, severity: Severity, args: TopicsArgs) -> aws.sns.TopicPolicy:
        arn = self.topics[severity].arn
        publish = {"Action": "sns:Publish", "Resource": arn}
        statements: list[dict[str, Any]] = [
            {
                **publish,
                "Sid": "AlarmsOfThisAccount",
                "Effect": "Allow",
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": args.account_id},
                    # "*" for the partition, the region and the name: any alarm, of this account only.
                    "ArnLike": {
                        "aws:SourceArn": pulumi.Output.concat("arn:*:cloudwatch:*:", args.account_id, ":alarm:*")
                    },
                },
            },
            {
                **publish,
                "Sid": "Rules",
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                # No condition: EventBridge has not supported any in topic policies, and one that it does not send
                # would drop every event without a word. It refuses topics of other accounts as plain targets itself.
            },
            {
                **publish,
                "Sid": "Backups",
                "Effect": "Allow",
                # No condition either: the guide's policy has none, and a vault notifies topics of its own account only.
                "Principal": {"Service": "backup.amazonaws.com"},
            },
            {
                **publish,
                "Sid": "RefusePlainHttp",
                "Effect": "Deny",
                # "*" in a Deny widens nothing.
                "Principal": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ]
        return aws.sns.TopicPolicy(
            f"{self.name}-{severity.value}",
            arn=arn,
            policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements}),
            region=args.region,
            opts=self.child(),
        )

    def _queue(self, purpose: str, args: TopicsArgs) -> aws.sqs.Queue:
        return aws.sqs.Queue(
            f"{self.name}-{purpose}",
            kms_master_key_id=args.key_arn,
            message_retention_seconds=FOURTEEN_DAYS,
            region=args.region,
            # What was said once is no data that a recovery needs.
            tags={**self.shared(), **self.disposable()},
            opts=self.child(),
        )

    def _queue_policy(
        self, purpose: str, queue: aws.sqs.Queue, allowed: list[dict[str, Any]], args: TopicsArgs
    ) -> aws.sqs.QueuePolicy:
        refused = {
            "Sid": "RefusePlainHttp",
            "Effect": "Deny",
            # "*" in a Deny widens nothing; every action, so that the next one is not let through.
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": queue.arn,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        statements = [
            {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue.arn, **statement}
            for statement in allowed
        ]
        return aws.sqs.QueuePolicy(
            f"{self.name}-{purpose}",
            queue_url=queue.url,
            policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [*statements, refused]}),
            region=args.region,
            opts=self.child(),
        )

    def _dead_letter_policy(self, args: TopicsArgs) -> aws.sqs.QueuePolicy:
        """What SNS and EventBridge of this account could not deliver; nobody else writes here."""
        rules = pulumi.Output.concat("arn:*:events:*:", args.account_id, ":rule/*")
        topics = [topic.arn for topic in self.topics.values()]
        return self._queue_policy(
            "dead-letter",
            self.dead_letter,
            [
                {
                    "Sid": "Undelivered",
                    "Principal": {"Service": "sns.amazonaws.com"},
                    "Condition": {"ArnEquals": {"aws:SourceArn": topics}},
                },
                {
                    "Sid": "UndeliveredEvents",
                    "Principal": {"Service": "events.amazonaws.com"},
                    "Condition": {"ArnLike": {"aws:SourceArn": rules}},
                },
            ],
            args,
        )

    def _inbox(self, severity: Severity, args: TopicsArgs) -> aws.sqs.Queue:
        topic = self.topics[severity]
        purpose = f"{severity.value}-inbox"
        queue = self._queue(purpose, args)
        allowed = {
            "Sid": "ItsTopic",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Condition": {"ArnEquals": {"aws:SourceArn": topic.arn}},
        }
        policy = self._queue_policy(purpose, queue, [allowed], args)
        aws.sns.TopicSubscription(
            f"{self.name}-{purpose}",
            topic=topic.arn,
            protocol="sqs",
            endpoint=queue.arn,
            redrive_policy=pulumi.Output.json_dumps({"deadLetterTargetArn": self.dead_letter_arn}),
            region=args.region,
            # A message that comes before the policies is refused, and then lost.
            opts=self.child(depends_on=[policy, self.dead_letter_policy]),
        )
        return queue

    def _delivery_alarms(self, args: TopicsArgs) -> None:
        for severity, topic in self.topics.items():
            self.alarm(
                f"{severity.value}-undelivered",
                signal=Signal.ERRORS,
                severity=TELLS_OF[severity],
                metric=Metric("AWS/SNS", "NumberOfNotificationsFailed", {"TopicName": topic.name}, period=60),
                threshold=0,
                comparison=Comparison.ABOVE,
                missing_data=MissingData.NOT_BREACHING,
                runbook="notifications-undelivered",
                description=f"The topic of severity {severity.value} could not deliver to a subscriber.",
                region=args.region,
            )

    def _dead_letter_alarms(self, args: TopicsArgs) -> None:
        dimensions: dict[str, pulumi.Input[str]] = {"QueueName": self.dead_letter.name}
        self.alarm(
            "dead-letters",
            signal=Signal.ERRORS,
            severity=Severity.CRITICAL,
            metric=Metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", dimensions, statistic="Maximum", period=60),
            threshold=0,
            comparison=Comparison.ABOVE,
            missing_data=MissingData.NOT_BREACHING,
            runbook="notifications-undelivered",
            description="Notifications that nobody received wait in the dead-letter queue.",
            region=args.region,
        )
        self.alarm(
            "dead-letters-unread",
            signal=Signal.SATURATION,
            severity=Severity.CRITICAL,
            metric=Metric("AWS/SQS", "ApproximateAgeOfOldestMessage", dimensions, statistic="Maximum", period=300),
            threshold=FOUR_DAYS,
            comparison=Comparison.ABOVE,
            missing_data=MissingData.NOT_BREACHING,
            runbook="notifications-undelivered",
            description="Nobody has looked at undelivered notifications for 4 days; after 14 they are gone.",
            region=args.region,
        )
