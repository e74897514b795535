"""Tells a person at once when a key is disabled or scheduled for deletion."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs
from components.component import RUNBOOKS, Component

RUNBOOK = f"{RUNBOOKS}/key-disabled-or-deleted.md"


@dataclass
class KeyGuardArgs:
    """Args of `KeyGuard`.

    Args:
        key_arn: the key to watch.
        alarm_topics: topics of the key's region; their policy has to let events.amazonaws.com publish.
    """

    key_arn: pulumi.Input[str]
    alarm_topics: AlarmTopicsArgs


class KeyGuard(Component):
    """Pages when someone disables a key, schedules its deletion, or changes its policy.

    A key lies before the topics (they are encrypted with it), so what watches it is a component of its own. It is an
    event rule rather than a metric alarm: there is no metric for it, and a disabled key is silent until data is read.

    Cost: nothing while nothing happens; event rules on the default bus are free. Needs a CloudTrail trail for
        management events, which every account has a free copy of.
    Recovery: shortens detection of a lost key from "when somebody reads" to about a minute.
    """

    def __init__(self, name: str, args: KeyGuardArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.rule = self._rule(args)
        self.target = self._target(args)
        self.register_outputs({"ruleArn": self.rule.arn})

    def _rule(self, args: KeyGuardArgs) -> aws.cloudwatch.EventRule:
        key_id = pulumi.Output.from_input(args.key_arn).apply(lambda arn: arn.rsplit("/", 1)[-1])
        pattern = {
            "source": ["aws.kms"],
            "detail-type": ["AWS API Call via CloudTrail"],
            "detail": {
                "eventSource": ["kms.amazonaws.com"],
                "eventName": ["DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy", "DeleteImportedKeyMaterial"],
                # The call names the key by ARN or by id, as its caller did.
                "requestParameters": {"keyId": [args.key_arn, key_id]},
            },
        }
        return aws.cloudwatch.EventRule(
            f"{self.name}-rule",
            description=f"The key of {self.name} was disabled, scheduled for deletion or given another policy.",
            event_pattern=pulumi.Output.json_dumps(pattern),
            tags=self.shared(),
            opts=self.child(),
        )

    def _target(self, args: KeyGuardArgs) -> aws.cloudwatch.EventTarget:
        return aws.cloudwatch.EventTarget(
            f"{self.name}-target",
            rule=self.rule.name,
            arn=args.alarm_topics.critical,
            input_transformer=aws.cloudwatch.EventTargetInputTransformerArgs(
                input_paths={"call": "$.detail.eventName", "who": "$.detail.userIdentity.arn", "at": "$.time"},
                input_template=f'"<call> on the data key of {self.name} by <who> at <at>. Runbook: {RUNBOOK}"',
            ),
            opts=self.child(),
        )
