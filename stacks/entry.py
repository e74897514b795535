"""The part of a cluster layer that lets clients in."""

from typing import Any

import pulumi

from components.alarm import AlarmTopicsArgs
from components.serving.cluster import Cluster
from components.serving.entry import Entry, EntryArgs, TierEntryArgs
from stacks.needs import LayerOutputs
from stanchion.contracts import FoundationOutputs
from stanchion.spec import Duration, Environment


def entry(
    spec: Environment,
    region: str,
    cluster: Cluster,
    foundation: LayerOutputs[FoundationOutputs],
    topics: AlarmTopicsArgs,
    opts: pulumi.ResourceOptions,
) -> dict[str, Any] | None:
    """Declare the load balancer of a region; what the layer publishes of it, or None without one."""
    if spec.entry is None:
        return None
    certificates = spec.entry.certificates
    made = Entry(
        f"{spec.name}-entry",
        EntryArgs(
            entry_name=f"{spec.name}-gateways",
            cluster_name=cluster.cluster_name,
            cluster_security_group_id=cluster.security_group_id,
            vpc_id=foundation.output(lambda f: f.network.vpc_id),
            vpc_cidr=foundation.output(lambda f: f.network.cidr),
            subnet_ids=foundation.output(
                lambda f: (
                    f.network.private_subnet_ids if spec.entry and spec.entry.internal else f.network.public_subnet_ids
                )
            ),
            certificate_arn=certificates.primary if region == spec.regions.primary else certificates.standby,
            access_log_bucket=foundation.output(lambda f: f.buckets.access_logs.name),
            key_arn=foundation.output(lambda f: f.key.arn),
            allowed_cidrs=[str(cidr) for cidr in spec.entry.allowed_cidrs],
            tiers=[_tier(spec, tier, hostname) for tier, hostname in spec.entry.hostnames.items()],
            alarm_topics=topics,
            keep=spec.keep,
            internal=spec.entry.internal,
            requests_per_address=spec.entry.requests_per_address,
        ),
        opts,
    )
    return {
        "arn": made.arn,
        "dns_name": made.dns_name,
        "zone_id": made.zone_id,
        "targets": {
            tier: {"hostname": hostname, "target_group_arn": made.target_groups[tier].arn}
            for tier, hostname in spec.entry.hostnames.items()
        },
    }


def _tier(spec: Environment, tier: str, hostname: str) -> TierEntryArgs:
    rto = spec.tiers[tier].rto
    strictest = min((each for each in (rto.infrastructure, rto.zone) if each is not None), default=None)
    slowest = [each.slo.p95.milliseconds for each in spec.online_endpoints.values() if each.tier == tier]
    return TierEntryArgs(
        tier=tier,
        hostname=hostname,
        rto=None if strictest is None else _said(strictest),
        # The load balancer sees the tier's endpoints together: the slowest promise is the one that all of them keep.
        p95_ms=max(slowest, default=5000),
    )


def _said(duration: Duration) -> str:
    return str(duration)
