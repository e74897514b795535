"""The foundation of one region: key, topics, network, buckets, registry, log group."""

import pulumi

from components.alarm import AlarmTopicsArgs
from components.continuity.backup_vault import BackupVault, BackupVaultArgs
from components.delivery.registry import ContainerRegistry, ContainerRegistryArgs
from components.network.network import Nat, Network, NetworkArgs
from components.observability.log_group import LogGroup, LogGroupArgs
from components.observability.topics import Topics, TopicsArgs
from components.storage.bucket import TieredBucket, TieredBucketArgs
from components.storage.key import MultiRegionKey, MultiRegionKeyArgs, ReplicaKey, ReplicaKeyArgs
from components.storage.key_guard import KeyGuard, KeyGuardArgs
from stacks.arns import bucket_arn, vault_arn
from stacks.continuity import plan_name, shared_plan
from stacks.needs import LayerOutputs, Needs, publish
from stacks.providers import provider_of
from stanchion.contracts import FoundationOutputs
from stanchion.layers import Place
from stanchion.spec import BucketPolicy, Environment

# What a drill measured can't be removed for a year, not even by an administrator without the bypass permission.
EVIDENCE_LOCK_DAYS = 365
# The platform's own log groups; what has to be kept longer goes to a bucket.
PLATFORM_LOG_DAYS = 90


def build(spec: Environment, place: Place, needs: Needs) -> LayerOutputs[FoundationOutputs]:
    """Build the foundation of `place.region`; the standby's key is a replica of the primary's."""
    region = str(place.region)
    opts = pulumi.ResourceOptions(provider=provider_of(spec, place))
    key = _key(spec, region, needs, opts)
    topics = Topics(f"{spec.name}-alarms", TopicsArgs(account_id=spec.accounts.workload, key_arn=key.arn), opts)
    KeyGuard(
        f"{spec.name}-key-guard",
        KeyGuardArgs(
            key_arn=key.arn,
            alarm_topics=topics.alarm_topics,
            other_region=next(other for other in spec.regions.both if other != region),
        ),
        opts,
    )
    network = Network(
        f"{spec.name}-network",
        NetworkArgs(
            cidr=spec.cidr_of(region),
            key_arn=key.arn,
            flow_log_retention_days=spec.network.flow_log_retention.days,
            account_id=spec.accounts.workload,
            alarm_topics=topics.alarm_topics,
            keep=spec.keep,
            nat=Nat(spec.network.nat.value),
            interface_endpoints=list(spec.network.interface_endpoints),
        ),
        opts,
    )
    buckets = _buckets(spec, key, topics.alarm_topics, opts)
    registry = ContainerRegistry(
        f"{spec.name}-registry",
        ContainerRegistryArgs(
            environment=spec.name,
            repositories=list(spec.storage.repositories),
            key_arn=key.arn,
            keep=spec.keep,
            alarm_topics=topics.alarm_topics,
            dead_letter_arn=topics.dead_letter_arn,
            restore_time=str(spec.continuity.restore),
        ),
        opts,
    )
    logs = LogGroup(
        f"{spec.name}-platform",
        LogGroupArgs(retention_days=PLATFORM_LOG_DAYS, key_arn=key.arn, keep=spec.keep),
        opts,
    )
    vaults = _vaults(spec, key, topics.alarm_topics, opts)
    return publish(
        FoundationOutputs,
        {
            "account": spec.accounts.workload,
            "region": region,
            "network": {
                "vpc_id": network.vpc_id,
                "cidr": network.cidr,
                "zones": network.zone_names,
                "public_subnet_ids": network.public_subnet_ids,
                "private_subnet_ids": network.private_subnet_ids,
                "isolated_subnet_ids": network.isolated_subnet_ids,
                "endpoint_security_group_id": network.endpoint_security_group_id,
            },
            "key": {"arn": key.arn, "key_id": key.key_id, "alias": key.alias.name},
            "buckets": {
                purpose: {"name": bucket.bucket.bucket, "arn": bucket_arn(region, bucket.bucket.bucket)}
                for purpose, bucket in buckets.items()
            },
            "repositories": {
                name: {"url": repository.repository_url, "arn": repository.arn}
                for name, repository in registry.repositories.items()
            },
            "topics": {
                "critical": topics.alarm_topics.critical,
                "warning": topics.alarm_topics.warning,
                "info": topics.alarm_topics.info,
                "dead_letter": topics.dead_letter_arn,
            },
            "log_group": logs.log_group.name,
            "backup_vaults": {
                tier: {"name": vault.vault_name, "arn": vault_arn(spec, region, vault.vault_name)}
                for tier, vault in vaults.items()
            },
        },
        stack=pulumi.get_stack(),
    )


def _key(spec: Environment, region: str, needs: Needs, opts: pulumi.ResourceOptions) -> MultiRegionKey | ReplicaKey:
    alias = f"stanchion-{spec.name}-data"
    if region == spec.regions.primary:
        return MultiRegionKey(
            f"{spec.name}-data",
            MultiRegionKeyArgs(account_id=spec.accounts.workload, home=region, alias=alias, keep=spec.keep),
            opts,
        )
    return ReplicaKey(
        f"{spec.name}-data",
        ReplicaKeyArgs(
            primary_key_arn=needs.foundation(spec.regions.primary).output(lambda foundation: foundation.key.arn),
            account_id=spec.accounts.workload,
            home=region,
            alias=alias,
            keep=spec.keep,
        ),
        opts,
    )


def _vaults(
    spec: Environment, key: MultiRegionKey | ReplicaKey, topics: AlarmTopicsArgs, opts: pulumi.ResourceOptions
) -> dict[str, BackupVault]:
    """A vault for each tier: backups of the region's data, and copies of the other region's."""
    continuity = spec.continuity
    return {
        tier: BackupVault(
            f"{spec.name}-backups-{tier}",
            BackupVaultArgs(
                vault_name=plan_name(spec, tier),
                tier=tier,
                key_arn=key.arn,
                keep=spec.keep,
                minimum_retention_days=continuity.minimum_retention.days,
                alarm_topics=topics,
                lock=continuity.lock,
                cooling_off_days=continuity.cooling_off.days if continuity.cooling_off else None,
            ),
            opts,
        )
        for tier in spec.tiers
    }


def _buckets(
    spec: Environment,
    key: MultiRegionKey | ReplicaKey,
    topics: AlarmTopicsArgs,
    opts: pulumi.ResourceOptions,
) -> dict[str, TieredBucket]:
    """The buckets by purpose; the access logs' first, since the others write there."""
    logs = _bucket(spec, "access_logs", spec.storage.access_logs, topics, opts, receives_access_logs=True)
    purposes = ("raw", "curated", "archive", "models", "evidence")
    return {
        "access_logs": logs,
        **{
            purpose: _bucket(
                spec,
                purpose,
                getattr(spec.storage, purpose),
                topics,
                opts,
                key_arn=key.arn,
                log_bucket=logs.bucket.bucket,
                # A lock would outlive an environment that says it is disposable.
                object_lock_days=EVIDENCE_LOCK_DAYS if purpose == "evidence" and spec.keep else None,
            )
            for purpose in purposes
        },
    }


def _bucket(
    spec: Environment,
    purpose: str,
    policy: BucketPolicy,
    topics: AlarmTopicsArgs,
    opts: pulumi.ResourceOptions,
    *,
    key_arn: pulumi.Input[str] | None = None,
    log_bucket: pulumi.Input[str] | None = None,
    object_lock_days: int | None = None,
    receives_access_logs: bool = False,
) -> TieredBucket:
    backed_up = {bucket.value for bucket in spec.continuity.backed_up}
    return TieredBucket(
        f"{spec.name}-{purpose.replace('_', '-')}",
        TieredBucketArgs(
            purpose=purpose,
            account_id=spec.accounts.workload,
            noncurrent_days=policy.noncurrent.days,
            keep=spec.keep,
            key_arn=key_arn,
            tiering=policy.tiering,
            cold_days=policy.cold.days if policy.cold else None,
            archive_days=policy.archive.days if policy.archive else None,
            archive_class=policy.archive_class,
            expire_days=policy.expire.days if policy.expire else None,
            incomplete_upload_days=policy.incomplete_uploads.days,
            queried=policy.queried,
            for_the_record=purpose == "archive",
            receives_access_logs=receives_access_logs,
            log_bucket=log_bucket,
            object_lock_days=object_lock_days,
            backup_plan=shared_plan(spec) if purpose in backed_up else None,
            restore_time=None if receives_access_logs else str(spec.continuity.restore),
            alarm_topics=topics,
        ),
        opts,
    )
