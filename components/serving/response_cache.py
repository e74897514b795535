"""A cache of answers that all gateways of a region share."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs, Comparison, Metric, MissingData, Severity, Signal
from components.component import Component

GIB = 1024**3
# Metrics of memory are in bytes; a warning while there is still time to raise the limit.
NEARLY_FULL = 0.9
RUNBOOK = "response-cache"
LEAST_ECPU = 1000  # ElastiCache API, ECPUPerSecond


@dataclass
class ResponseCacheArgs:
    """Args of `ResponseCache`.

    Args:
        environment: the environment's name.
        subnet_ids: of two or three zones; their hosts reach the cache at no charge within a zone.
        security_group_ids: who gets through to it, on port 6379 and 6380.
        key_arn: ARN of the region's KMS key.
        alarm_topics: topics of the region.
        largest_gib: it keeps no more, and pushes out what was not asked for longest.
        largest_ecpu: work units a second; above, commands are refused.
        user_group_id: whose users may use it; whoever gets through the security groups if None.
    """

    environment: str
    subnet_ids: list[pulumi.Input[str]]
    security_group_ids: list[pulumi.Input[str]]
    key_arn: pulumi.Input[str]
    alarm_topics: AlarmTopicsArgs
    largest_gib: int = 5
    largest_ecpu: int = 20_000
    user_group_id: pulumi.Input[str] | None = None


class ResponseCache(Component):
    """A serverless Valkey cache, encrypted on its way and where it lies.

    Serverless, since what it holds comes and goes with traffic: it is paid by what is in it, grows by itself within
    its limits, and has TLS and several zones without being asked. Nodes would be cheaper from a steady load of some
    ten GB on.

    Cost: 0.084 USD per GB-hour, 100 MB at the least, which is 6 USD a month; 0.0023 USD per million simple commands
        (us-east-1, from memory). The limits bound it: 5 GB are 307 USD a month.
    Recovery: none, on purpose: what is in it can be computed again, and gateways go on without it. So it has no
        snapshots, and is declared disposable.
    """

    def __init__(self, name: str, args: ResponseCacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.limits = self._limits(args)
        self.cache = self._cache(args)
        self.address = self.cache.endpoints.apply(_address)
        self._alarms(args)
        self.register_outputs({"address": self.address, "arn": self.cache.arn})

    def _limits(self, args: ResponseCacheArgs) -> aws.elasticache.ServerlessCacheCacheUsageLimitsArgs:
        if args.largest_gib < 1 or args.largest_ecpu < LEAST_ECPU:
            raise ValueError(
                f"response cache '{self.name}' has largest_gib {args.largest_gib} and largest_ecpu "
                f"{args.largest_ecpu}; allowed: 1 or more, and {LEAST_ECPU} or more."
            )
        return aws.elasticache.ServerlessCacheCacheUsageLimitsArgs(
            data_storage=aws.elasticache.ServerlessCacheCacheUsageLimitsDataStorageArgs(
                maximum=args.largest_gib, unit="GB"
            ),
            ecpu_per_seconds=[
                aws.elasticache.ServerlessCacheCacheUsageLimitsEcpuPerSecondArgs(maximum=args.largest_ecpu)
            ],
        )

    def _cache(self, args: ResponseCacheArgs) -> aws.elasticache.ServerlessCache:
        return aws.elasticache.ServerlessCache(
            f"{self.name}-cache",
            name=f"{args.environment}-responses",
            description="Answers that may be given again.",
            engine="valkey",
            major_engine_version="8",
            cache_usage_limits=self.limits,
            kms_key_id=args.key_arn,
            security_group_ids=args.security_group_ids,
            subnet_ids=args.subnet_ids,
            user_group_id=args.user_group_id,
            snapshot_retention_limit=0,
            tags={**self.shared(), **self.disposable()},
            opts=self.child(),
        )

    def _alarms(self, args: ResponseCacheArgs) -> None:
        dimensions: dict[str, pulumi.Input[str]] = {"clusterId": self.cache.name}
        self.alarm(
            "nearly-full",
            signal=Signal.SATURATION,
            severity=Severity.INFO,
            metric=Metric("AWS/ElastiCache", "BytesUsedForCache", dimensions, statistic="Maximum", period=300),
            threshold=int(NEARLY_FULL * args.largest_gib * GIB),
            comparison=Comparison.ABOVE,
            missing_data=MissingData.NOT_BREACHING,
            periods=3,
            runbook=RUNBOOK,
            description=f"The cache of answers is filled to {NEARLY_FULL:.0%} and will push answers out.",
        )
        self.alarm(
            "refused",
            signal=Signal.SATURATION,
            severity=Severity.WARNING,
            metric=Metric("AWS/ElastiCache", "ThrottledCmds", dimensions, period=300),
            threshold=0,
            comparison=Comparison.ABOVE,
            missing_data=MissingData.NOT_BREACHING,
            periods=3,
            runbook=RUNBOOK,
            description="The cache of answers has refused commands for 15 minutes; gateways go on without it.",
        )


def _address(endpoints: Sequence[aws.elasticache.outputs.ServerlessCacheEndpoint]) -> str:
    """Name and port; empty where a cache tells none."""
    return f"{endpoints[0].address}:{endpoints[0].port}" if endpoints else ""
