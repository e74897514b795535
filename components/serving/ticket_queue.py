"""The queue by which people learn of new tickets."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs, Comparison, Metric, MissingData, Severity, Signal
from components.component import Component
from stanchion.spec import Duration
from stanchion.tickets.names import ticket_queue

FOURTEEN_DAYS = 14 * 24 * 3600  # SQS keeps nothing longer.
# As long as a person who looks at a message may need; then another one gets it.
SEEN_SECONDS = 300
# Message that so many people looked at and left has something wrong with it.
RECEIVES = 10
RUNBOOK = "tickets-waiting"


@dataclass
class TicketQueueArgs:
    """Args of `TicketQueue`.

    Args:
        environment: the environment's name.
        key_arn: ARN of the region's KMS key.
        alarm_topics: topics of the region.
        answer_within: how long a ticket may wait before somebody is told, such as `1h`; whole minutes.
    """

    environment: str
    key_arn: pulumi.Input[str]
    alarm_topics: AlarmTopicsArgs
    answer_within: str = "1h"


class TicketQueue(Component):
    """A queue of ids of new tickets, with a dead-letter queue behind it.

    The tickets themselves lie in a table, and that is what counts: a message that is lost costs a look at the table,
    and no ticket.

    Cost: nothing while idle but the alarms, 0.10 USD each a month (2 of them); 0.40 USD per million messages
        (us-east-1, from memory).
    Recovery: regional; each region has its own. What waited in a region that is gone is open in the table still, so
        the messages are declared disposable.
    """

    def __init__(self, name: str, args: TicketQueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.waits_at_most = self._waits_at_most(args)
        self.queue_name = ticket_queue(args.environment)
        self.dead_letter = self._dead_letter(args)
        self.queue = self._queue(args)
        self.policies = [self._policy("queue", self.queue), self._policy("dead-letter", self.dead_letter)]
        self.allowed = self._only_from_the_queue()
        self._alarms()
        self.register_outputs({"url": self.queue.url, "arn": self.queue.arn})

    def _waits_at_most(self, args: TicketQueueArgs) -> int:
        waits = Duration.parse(args.answer_within).seconds
        if waits % 60 or not 60 <= waits < FOURTEEN_DAYS:
            raise ValueError(
                f"ticket queue '{self.name}' has answer_within '{args.answer_within}'; allowed: whole minutes, less "
                "than 14 days."
            )
        return waits

    def _dead_letter(self, args: TicketQueueArgs) -> aws.sqs.Queue:
        return aws.sqs.Queue(
            f"{self.name}-dead-letter",
            name=f"{self.queue_name}-dead-letter",
            kms_master_key_id=args.key_arn,
            message_retention_seconds=FOURTEEN_DAYS,
            tags={**self.shared(), **self.disposable()},
            opts=self.child(),
        )

    def _queue(self, args: TicketQueueArgs) -> aws.sqs.Queue:
        return aws.sqs.Queue(
            f"{self.name}-queue",
            name=self.queue_name,
            kms_master_key_id=args.key_arn,
            message_retention_seconds=FOURTEEN_DAYS,
            visibility_timeout_seconds=SEEN_SECONDS,
            receive_wait_time_seconds=1,
            redrive_policy=pulumi.Output.json_dumps(
                {"deadLetterTargetArn": self.dead_letter.arn, "maxReceiveCount": RECEIVES}
            ),
            tags={**self.shared(), **self.disposable()},
            opts=self.child(),
        )

    def _policy(self, purpose: str, queue: aws.sqs.Queue) -> aws.sqs.QueuePolicy:
        # Who may send and receive is said where these identities are: here nobody is let in, and plain HTTP refused.
        refused = {
            "Sid": "RefusePlainHttp",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": queue.arn,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        return aws.sqs.QueuePolicy(
            f"{self.name}-{purpose}",
            queue_url=queue.url,
            policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [refused]}),
            opts=self.child(),
        )

    def _only_from_the_queue(self) -> aws.sqs.RedriveAllowPolicy:
        return aws.sqs.RedriveAllowPolicy(
            f"{self.name}-dead-letter",
            queue_url=self.dead_letter.url,
            redrive_allow_policy=pulumi.Output.json_dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [self.queue.arn]}
            ),
            opts=self.child(),
        )

    def _alarms(self) -> None:
        self.alarm(
            "waiting",
            signal=Signal.LATENCY,
            severity=Severity.CRITICAL,
            metric=Metric(
                "AWS/SQS",
                "ApproximateAgeOfOldestMessage",
                {"QueueName": self.queue.name},
                statistic="Maximum",
                period=60,
            ),
            threshold=self.waits_at_most,
            comparison=Comparison.ABOVE,
            missing_data=MissingData.NOT_BREACHING,
            runbook=RUNBOOK,
            description=f"A ticket has waited over {self.waits_at_most // 60} minutes for somebody to take it.",
        )
        self.alarm(
            "dead-letters",
            signal=Signal.ERRORS,
            severity=Severity.WARNING,
            metric=Metric(
                "AWS/SQS",
                "ApproximateNumberOfMessagesVisible",
                {"QueueName": self.dead_letter.name},
                statistic="Maximum",
                period=60,
            ),
            threshold=0,
            comparison=Comparison.ABOVE,
            missing_data=MissingData.NOT_BREACHING,
            runbook=RUNBOOK,
            description=f"A ticket was looked at {RECEIVES} times and taken by nobody.",
        )
