"""Tells a person at once when a key is disabled or scheduled for deletion."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs, Comparison, Metric, MissingData, Severity, Signal
from components.component import RUNBOOKS, Component

RUNBOOK = "key-disabled-or-deleted"
CALLS = ["DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy", "DeleteImportedKeyMaterial"]


@dataclass
class KeyGuardArgs:
    """Args of `KeyGuard`.

    Args:
        key_arn: the key to watch; its region and account are read from it.
        alarm_topics: topics of the key's region; their policy has to let events.amazonaws.com publish.
        other_region: where the key's replica, or what it replicates, lies and another guard watches. None if the key
            has no other region, and then nobody is told while the topics are encrypted with the lost key.
    """

    key_arn: pulumi.Input[str]
    alarm_topics: AlarmTopicsArgs
    other_region: str | None = None


@dataclass(frozen=True)
class Arn:
    """A key's ARN and its parts."""

    arn: str
    partition: str
    region: str
    account: str
    key_id: str

    @classmethod
    def of(cls, arn: str, region: str | None = None) -> "Arn":
        """The parts of a key's ARN, or of the ARN that the same multi-region key has in another region."""
        _, partition, service, home, account, resource = arn.split(":", 5)
        there = region or home
        return cls(
            arn=":".join(("arn", partition, service, there, account, resource)),
            partition=partition,
            region=there,
            account=account,
            key_id=resource.removeprefix("key/"),
        )


class KeyGuard(Component):
    """Pages when someone disables a key, schedules its deletion, or changes its policy.

    A key lies before the topics (they are encrypted with it), so what watches it is a component of its own. It is an
    event rule rather than a metric alarm: there is no metric for it, and a disabled key is silent until data is read.

    The topics of the key's own region can't be published to once the key is disabled. So the event also goes to the
    other region's bus, where the guard of the replica publishes it to topics that the replica encrypts; a multi-region
    key has the same id in both regions and a state in each.

    Cost: nothing while nothing happens; rules on the default bus are free, and an event sent on is about 1 USD per
        million (EventBridge price page, from memory). One or two alarms, 0.10 USD each a month. It needs a CloudTrail
        trail that logs management events of the region, which this platform does not make: without one it is silent.
    Recovery: shortens detection of a lost key from "when somebody reads" to some minutes.
    """

    rule_arn: pulumi.Output[str]

    def __init__(self, name: str, args: KeyGuardArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.rule = self._rule("rule", args, None)
        self.target = self._page("target", args, self.rule)
        self.relay_role: aws.iam.Role | None = None
        if args.other_region:
            self.relay_role = self._relay_role()
            self.relay = self._relay(args, args.other_region, self.relay_role)
            self.other_rule = self._rule("other", args, args.other_region)
            self.other_target = self._page("other", args, self.other_rule)
        self._alarms()
        self.rule_arn = self.rule.arn
        self.register_outputs({"ruleArn": self.rule_arn})

    def _rule(self, name: str, args: KeyGuardArgs, other_region: str | None) -> aws.cloudwatch.EventRule:
        """A rule on the calls of one region only, so that an event that was sent on is not sent back."""
        key = pulumi.Output.from_input(args.key_arn).apply(lambda arn: Arn.of(arn, other_region))
        pattern = {
            "source": ["aws.kms"],
            "region": [key.region],
            "account": [key.account],
            "detail-type": ["AWS API Call via CloudTrail"],
            "detail": {
                "eventSource": ["kms.amazonaws.com"],
                "eventName": CALLS,
                # The call names the key by ARN or by id, as its caller did.
                "requestParameters": {"keyId": [key.arn, key.key_id]},
            },
        }
        return aws.cloudwatch.EventRule(
            f"{self.name}-{name}",
            description=f"The key of {self.name} was disabled, scheduled for deletion or given another policy"
            f"{f' in {other_region}' if other_region else ''}.",
            event_pattern=pulumi.Output.json_dumps(pattern),
            tags=self.shared(),
            opts=self.child(),
        )

    def _page(self, name: str, args: KeyGuardArgs, rule: aws.cloudwatch.EventRule) -> aws.cloudwatch.EventTarget:
        return aws.cloudwatch.EventTarget(
            f"{self.name}-{name}",
            rule=rule.name,
            arn=args.alarm_topics.critical,
            input_transformer=aws.cloudwatch.EventTargetInputTransformerArgs(
                input_paths={
                    "call": "$.detail.eventName",
                    "who": "$.detail.userIdentity.arn",
                    "at": "$.time",
                    "region": "$.region",
                },
                input_template=(
                    f'"<call> on the data key of {self.name} in <region> by <who> at <at>. '
                    f'Runbook: {RUNBOOKS}/{RUNBOOK}.md"'
                ),
            ),
            opts=self.child(),
        )

    def _relay_role(self) -> aws.iam.Role:
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "events.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                    # The service acts for this rule only.
                    "Condition": {"ArnEquals": {"aws:SourceArn": self.rule.arn}},
                }
            ],
        }
        return aws.iam.Role(
            f"{self.name}-relay",
            assume_role_policy=pulumi.Output.json_dumps(trust),
            tags=self.shared(),
            opts=self.child(),
        )

    def _relay(self, args: KeyGuardArgs, region: str, role: aws.iam.Role) -> aws.cloudwatch.EventTarget:
        key = pulumi.Output.from_input(args.key_arn).apply(lambda arn: Arn.of(arn, region))
        bus = pulumi.Output.concat("arn:", key.partition, ":events:", region, ":", key.account, ":event-bus/default")
        policy = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "events:PutEvents", "Resource": bus}],
        }
        permission = aws.iam.RolePolicy(
            f"{self.name}-relay", role=role.name, policy=pulumi.Output.json_dumps(policy), opts=self.child()
        )
        return aws.cloudwatch.EventTarget(
            f"{self.name}-relay",
            rule=self.rule.name,
            arn=bus,
            role_arn=role.arn,
            opts=self.child(depends_on=[permission]),
        )

    def _alarms(self) -> None:
        """The page itself can fail, and of its own topic nothing more is heard then but this."""
        rules = {"page": self.rule} | ({"other-page": self.other_rule} if self.relay_role else {})
        for what, rule in rules.items():
            self.alarm(
                f"{what}-undelivered",
                signal=Signal.ERRORS,
                severity=Severity.CRITICAL,
                metric=Metric("AWS/Events", "FailedInvocations", {"RuleName": rule.name}),
                threshold=0,
                comparison=Comparison.ABOVE,
                missing_data=MissingData.NOT_BREACHING,
                runbook=RUNBOOK,
                description="Something was done to a data key, and the page about it could not be sent.",
            )
