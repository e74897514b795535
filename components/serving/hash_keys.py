"""The secret by which gateways hash what must not be read in events."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.component import Component
from stanchion.events.hash_keys import hash_key_secret

# Secrets Manager API, DeleteSecret: the shortest time in which a deleted secret can be had back.
RECOVERY_DAYS = 7


@dataclass
class HashKeysArgs:
    """Args of `HashKeys`.

    Args:
        environment: the environment's name.
        key_arn: ARN of the region's KMS key.
        keep: leave it in the cloud when the stack goes, and let a deleted one be had back.
        other_region: where the same secret lies; none if None.
        other_key_arn: ARN of that region's KMS key.
        other_key_alias_arn: ARN of an alias of that key, which is known before the key is made.
        restore_time: how long the team takes to put it back, such as `1h`.
    """

    environment: str
    key_arn: pulumi.Input[str]
    keep: bool
    other_region: str | None = None
    other_key_arn: pulumi.Input[str] | None = None
    other_key_alias_arn: pulumi.Input[str] | None = None
    restore_time: str | None = None


class HashKeys(Component):
    """A secret without a value: a function makes that, so that it is in no program and in no state.

    It is the same in both regions, or one user would be two in reports.

    Cost: 0.40 USD a month and region, 0.05 USD per 10,000 reads (Secrets Manager price page, from memory).
    Recovery: with the region a replica is left that can be read. With all of it gone, events are hashed with a new key,
        and reports per user begin anew; nothing else depends on it.
    """

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: HashKeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        replicas, tags = None, dict[str, pulumi.Input[str]](self.shared())
        if args.other_key_alias_arn is not None:
            tags |= self.replica_key_tag(args.other_key_alias_arn)
        if args.other_region is not None:
            replicas = [aws.secretsmanager.SecretReplicaArgs(region=args.other_region, kms_key_id=args.other_key_arn)]
        self.secret = aws.secretsmanager.Secret(
            f"{self.name}-secret",
            name=hash_key_secret(args.environment),
            description="Key of the hashes in events.",
            kms_key_id=args.key_arn,
            recovery_window_in_days=RECOVERY_DAYS if args.keep else 0,
            replicas=replicas,
            tags={**tags, **self.disposable(), **self.restored_within(args.restore_time)},
            opts=self.kept(args.keep),
        )
        self.arn = self.secret.arn
        self.register_outputs({"arn": self.arn})


def hash_key_statements(secret_arn: pulumi.Input[str], key_arn: pulumi.Input[str]) -> list[dict[str, Any]]:
    """What the function that makes keys may do."""
    return [
        {
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"],
            "Resource": secret_arn,
        },
        {
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": key_arn,
            "Condition": {"StringLike": {"kms:ViaService": "secretsmanager.*.amazonaws.com"}},
        },
    ]
