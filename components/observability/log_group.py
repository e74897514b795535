"""A log group that forgets in time and is encrypted."""

from bisect import bisect_left
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs, Comparison, Metric, MissingData, Severity, Signal
from components.component import Component
from stanchion.spec import Duration

# The retentions CloudWatch Logs takes, in days (API, PutRetentionPolicy).
RETENTIONS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)

# An alarm looks back a day at most (CloudWatch API, PutMetricAlarm: evaluation periods times period).
LONGEST_SILENCE = 24 * 3600


def allowed_retention(days: int) -> int:
    """The shortest retention CloudWatch Logs takes that keeps records for at least so long.

    Args:
        days: 1 to 3653.

    Raises:
        ValueError: shorter or longer than CloudWatch Logs can.
    """
    if not 1 <= days <= RETENTIONS[-1]:
        raise ValueError(
            f"a retention of {days} days is not possible; allowed: 1 to {RETENTIONS[-1]} days. What has to be "
            "kept longer goes to a bucket."
        )
    return RETENTIONS[bisect_left(RETENTIONS, days)]


@dataclass
class LogGroupArgs:
    """Args of `LogGroup`.

    Args:
        retention_days: at least so long; rounded up to what CloudWatch Logs takes.
        key_arn: ARN of the region's KMS key. Its policy has to let the region's CloudWatch Logs use it.
        keep: leave it in the cloud when the stack goes.
        log_group_name: such as `/stanchion/prod/foundation`; made from the component's name if None.
        silent_after: how long no record at all means that something is wrong, such as `1h`; whole minutes, a day at
            most. No alarm if None.
        alarm_topics: topics of the region; needed for silent_after.
    """

    retention_days: int
    key_arn: pulumi.Input[str]
    keep: bool
    log_group_name: pulumi.Input[str] | None = None
    silent_after: str | None = None
    alarm_topics: AlarmTopicsArgs | None = None


class LogGroup(Component):
    """A log group with retention and key; with `silent_after` it tells when nothing is written any more.

    Cost: 0.50 USD per GB written, 0.03 USD per GB-month kept (us-east-1, from memory); retention bounds the second.
    Recovery: regional and not replicated. What has to survive the region goes to a bucket.
    """

    def __init__(self, name: str, args: LogGroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.log_group = self._log_group(args)
        self._silence_alarm(args)
        self.register_outputs({"name": self.log_group.name, "arn": self.log_group.arn})

    def _log_group(self, args: LogGroupArgs) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            f"{self.name}-logs",
            name=args.log_group_name,
            retention_in_days=allowed_retention(args.retention_days),
            kms_key_id=args.key_arn,
            tags=self.shared(),
            opts=self.kept(args.keep),
        )

    def _silence_alarm(self, args: LogGroupArgs) -> None:
        if args.silent_after is None:
            return
        silence = Duration.parse(args.silent_after)
        if silence.seconds % 60 or not 60 <= silence.seconds <= LONGEST_SILENCE:
            raise ValueError(
                f"log group '{self.name}' has silent_after '{args.silent_after}'; allowed: whole minutes, 24h at most."
            )
        self.alarm(
            "silent",
            signal=Signal.HEARTBEAT,
            severity=Severity.WARNING,
            metric=Metric(
                "AWS/Logs", "IncomingLogEvents", {"LogGroupName": self.log_group.name}, period=silence.seconds
            ),
            threshold=1,
            comparison=Comparison.BELOW,
            missing_data=MissingData.BREACHING,
            runbook="log-group-silent",
            description=f"Nothing has been written to a log group for {args.silent_after}.",
        )
