"""Where Pulumi keeps its own state: a bucket in each region, and one key under one name in both."""

from dataclasses import dataclass

import pulumi

from components.component import Component
from components.observability.topics import Topics, TopicsArgs
from components.storage.bucket import TieredBucket, TieredBucketArgs
from components.storage.key import MultiRegionKey, MultiRegionKeyArgs, ReplicaKey, ReplicaKeyArgs
from components.storage.replication import BucketReplication, BucketReplicationArgs, ReplicatedBucketArgs

# Alarms of the state have topics of their own, since the foundation's come later; nothing else may use its key.
SERVICES_OF_KEY = ["cloudwatch", "sns"]


@dataclass
class StateBackendArgs:
    """Args of `StateBackend`.

    Args:
        environment: the environment's name; the key's alias carries it.
        account_id: whose IAM policies decide over the key.
        primary_region: where state is written.
        standby_region: where it can be read, decrypted and written when the primary is gone.
        keep: leave buckets and key in the cloud when the stack goes.
        noncurrent_days: how long an overwritten checkpoint can be had back.
        object_lock_days: how long no version can be removed by anyone without the bypass permission; no lock if None.
        restore_time: how long the team takes to put back a checkpoint's version, such as `30m`.
    """

    environment: str
    account_id: str
    primary_region: str
    standby_region: str
    keep: bool
    noncurrent_days: int = 365
    object_lock_days: int | None = 30
    restore_time: str | None = None


class StateBackend(Component):
    """Two locked buckets that replicate each other, and a multi-region key with the same alias in both regions.

    The lock is a default retention in governance mode. It protects *versions*: Pulumi overwrites a checkpoint, which
    adds a version, and removes its lock file under `.pulumi/locks/`, which adds a delete marker. Both go on to work,
    and neither can destroy what was there; only removing a version by its id is refused. Lifecycle rules leave a
    locked version alone until its lock ends, and remove it then if it has been noncurrent for noncurrent_days.

    `secrets_provider` names the key by alias and no region: the one in AWS_REGION is asked. The name is written into
    every checkpoint, so that a region in it would send each decryption to a region that is gone.

    Lock files replicate too, so that an update that was under way is seen from the other side; `pulumi cancel` clears
    one whose region is gone. State is written in one region at a time: with writers on both sides each bucket keeps
    all versions, but may hold another one as current.

    Cost: 2 USD a month for the key and its replica, alarms 1.40 USD; the rest is cents, since state is small.
    Recovery: RPO 15 min against the loss of the primary region (S3 RTC SLA), 0 against a corrupt checkpoint for
        noncurrent_days. RTO is a person's: two environment variables (docs/bootstrap.md).
    """

    def __init__(self, name: str, args: StateBackendArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.alias = f"stanchion-{args.environment}-state"
        self.key = self._key(args)
        self.replica_key = self._replica_key(args)
        self.primary_topics = self._topics("primary", args.primary_region, self.key.arn, args)
        self.standby_topics = self._topics("standby", args.standby_region, self.replica_key.arn, args)
        self.primary_bucket = self._bucket("primary", args.primary_region, self.key.arn, args)
        self.standby_bucket = self._bucket("standby", args.standby_region, self.replica_key.arn, args)
        self.replication = self._replication(args)
        self.primary_backend_url = _backend_url(self.primary_bucket, args.primary_region)
        self.standby_backend_url = _backend_url(self.standby_bucket, args.standby_region)
        self.secrets_provider = f"awskms://alias/{self.alias}"
        self.primary_secrets_provider = f"{self.secrets_provider}?region={args.primary_region}"
        self.standby_secrets_provider = f"{self.secrets_provider}?region={args.standby_region}"
        self.register_outputs(
            {
                "primaryBackendUrl": self.primary_backend_url,
                "standbyBackendUrl": self.standby_backend_url,
                "secretsProvider": self.secrets_provider,
            }
        )

    def _key(self, args: StateBackendArgs) -> MultiRegionKey:
        return MultiRegionKey(
            f"{self.name}-primary",
            MultiRegionKeyArgs(
                account_id=args.account_id,
                home=args.primary_region,
                alias=self.alias,
                keep=args.keep,
                services=SERVICES_OF_KEY,
                region=args.primary_region,
            ),
            self.child(),
        )

    def _replica_key(self, args: StateBackendArgs) -> ReplicaKey:
        return ReplicaKey(
            f"{self.name}-standby",
            ReplicaKeyArgs(
                primary_key_arn=self.key.arn,
                account_id=args.account_id,
                home=args.standby_region,
                alias=self.alias,
                keep=args.keep,
                services=SERVICES_OF_KEY,
                region=args.standby_region,
            ),
            self.child(),
        )

    def _topics(self, side: str, region: str, key_arn: pulumi.Input[str], args: StateBackendArgs) -> Topics:
        return Topics(
            f"{self.name}-{side}-topics",
            TopicsArgs(account_id=args.account_id, key_arn=key_arn, region=region),
            self.child(),
        )

    def _bucket(self, side: str, region: str, key_arn: pulumi.Input[str], args: StateBackendArgs) -> TieredBucket:
        return TieredBucket(
            f"{self.name}-{side}",
            TieredBucketArgs(
                purpose="state",
                account_id=args.account_id,
                noncurrent_days=args.noncurrent_days,
                keep=args.keep,
                key_arn=key_arn,
                object_lock_days=args.object_lock_days,
                # The engine itself fails aloud when it can't write; metrics would cost more than all the rest.
                request_metrics=False,
                restore_time=args.restore_time,
                region=region,
            ),
            self.child(),
        )

    def _replication(self, args: StateBackendArgs) -> BucketReplication:
        return BucketReplication(
            f"{self.name}-replication",
            BucketReplicationArgs(
                primary=_replicated(self.primary_bucket, args.primary_region, self.key.arn, self.primary_topics),
                standby=_replicated(
                    self.standby_bucket, args.standby_region, self.replica_key.arn, self.standby_topics
                ),
                object_lock=args.object_lock_days is not None,
            ),
            self.child(),
        )


def _replicated(bucket: TieredBucket, region: str, key_arn: pulumi.Input[str], topics: Topics) -> ReplicatedBucketArgs:
    """One side, named by outputs that are known once versioning is on: replication is refused before."""
    arn = pulumi.Output.all(arn=bucket.bucket.arn, versioning=bucket.versioning.id).apply(lambda known: known["arn"])
    return ReplicatedBucketArgs(
        name=bucket.versioning.bucket, arn=arn, region=region, alarm_topics=topics.alarm_topics, key_arn=key_arn
    )


def _backend_url(bucket: TieredBucket, region: str) -> pulumi.Output[str]:
    return pulumi.Output.concat("s3://", bucket.bucket.bucket, "?region=", region)
