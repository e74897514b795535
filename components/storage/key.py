"""The key that data is encrypted with, the same one in both regions."""

from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.component import Component
from components.storage.key_policy import SERVICES, key_policy

# The longest and the shortest waiting time that KMS allows (API text of ScheduleKeyDeletion).
DELETION_WINDOW_KEPT_DAYS = 30
DELETION_WINDOW_DISPOSABLE_DAYS = 7


@dataclass
class MultiRegionKeyArgs:
    """Args of `MultiRegionKey`.

    Args:
        account_id: whose IAM policies decide over the key.
        home: the region the key lies in; conditions of its policy name it.
        alias: without `alias/`; what people and configuration call the key.
        keep: leave the key in the cloud when the stack goes, since what it encrypted would be unreadable.
        services: AWS services that use the key on their own behalf, of `key_policy.SERVICES`.
        region: only for stacks that span regions; the same as home.
    """

    account_id: str
    home: str
    alias: str
    keep: bool
    services: list[str] = field(default_factory=lambda: list(SERVICES))
    region: str | None = None


@dataclass
class ReplicaKeyArgs:
    """Args of `ReplicaKey`: as `MultiRegionKeyArgs`, and the ARN of the key it replicates."""

    primary_key_arn: pulumi.Input[str]
    account_id: str
    home: str
    alias: str
    keep: bool
    services: list[str] = field(default_factory=lambda: list(SERVICES))
    region: str | None = None


class MultiRegionKey(Component):
    """A multi-region KMS key with rotation, an alias, and a policy that lets in named services of this account only.

    Cost: 1 USD a month, 1 more for each of the first two yearly rotations; 0.03 USD per 10,000 requests (KMS price
        page, 2026). Buckets use bucket keys, which makes requests rare.
    Recovery: data encrypted here can be read in the standby region through `ReplicaKey`, without a call to this region.
        A key scheduled for deletion makes everything unreadable: 30 days to notice, and `KeyGuard` pages at once.
    """

    def __init__(self, name: str, args: MultiRegionKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.key = self._key(args)
        self.alias = alias_of(self, args.alias, self.key.key_id, args.keep, args.region)
        self.arn = self.key.arn
        self.key_id = self.key.key_id
        self.register_outputs({"arn": self.arn, "keyId": self.key_id, "alias": self.alias.name})

    def _key(self, args: MultiRegionKeyArgs) -> aws.kms.Key:
        return aws.kms.Key(
            f"{self.name}-key",
            description=f"Data of {self.name}, primary",
            multi_region=True,
            enable_key_rotation=True,
            deletion_window_in_days=deletion_window(args.keep),
            policy=pulumi.Output.json_dumps(key_policy(args.account_id, args.home, tuple(args.services))),
            region=args.region,
            tags=self.shared(),
            opts=self.kept(args.keep),
        )


class ReplicaKey(Component):
    """The replica of a multi-region key in another region: the same key material, its own ARN, policy and alias.

    Cost: 1 USD a month, and requests as any key (KMS price page, 2026). Rotation comes from the primary.
    Recovery: decrypts what the primary encrypted when the primary's region is gone, and encrypts what the standby
        writes then. It needs the primary for nothing but its own creation.
    """

    def __init__(self, name: str, args: ReplicaKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.key = self._key(args)
        self.alias = alias_of(self, args.alias, self.key.key_id, args.keep, args.region)
        self.arn = self.key.arn
        self.key_id = self.key.key_id
        self.register_outputs({"arn": self.arn, "keyId": self.key_id, "alias": self.alias.name})

    def _key(self, args: ReplicaKeyArgs) -> aws.kms.ReplicaKey:
        return aws.kms.ReplicaKey(
            f"{self.name}-key",
            description=f"Data of {self.name}, replica",
            primary_key_arn=args.primary_key_arn,
            deletion_window_in_days=deletion_window(args.keep),
            policy=pulumi.Output.json_dumps(key_policy(args.account_id, args.home, tuple(args.services))),
            region=args.region,
            tags=self.shared(),
            opts=self.kept(args.keep),
        )


def deletion_window(keep: bool) -> int:
    """Days between a key's deletion being asked for and done."""
    return DELETION_WINDOW_KEPT_DAYS if keep else DELETION_WINDOW_DISPOSABLE_DAYS


def alias_of(
    component: Component, alias: str, key_id: pulumi.Input[str], keep: bool, region: str | None
) -> aws.kms.Alias:
    """The alias of a key; kept with it, since configuration names keys by alias."""
    return aws.kms.Alias(
        f"{component.name}-alias",
        name=f"alias/{alias}",
        target_key_id=key_id,
        region=region,
        opts=component.kept(keep),
    )
