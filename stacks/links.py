"""What ties the two regions: replication both ways, of images too, global tables, backups and their copies."""

import pulumi

from components.delivery.registry_replication import RegistryReplication, RegistryReplicationArgs
from components.serving.gateway_tables import GatewayTables, GatewayTablesArgs
from components.storage.replication import BucketReplication, BucketReplicationArgs, ReplicatedBucketArgs
from components.storage.table import TableReplicaArgs
from stacks.arns import key_alias_arn
from stacks.backups import backups
from stacks.needs import LayerOutputs, Needs, publish
from stacks.providers import provider_of
from stacks.topics import topics_of
from stanchion.contracts import FoundationOutputs, LinksOutputs
from stanchion.layers import Place
from stanchion.spec import Environment

# Access logs stay where they were written: each region logs its own requests.
REPLICATED = ("raw", "curated", "archive", "models", "evidence")


def build(spec: Environment, place: Place, needs: Needs) -> LayerOutputs[LinksOutputs]:
    """Tie the foundations of both regions; every resource names its region, since the stack has none."""
    opts = pulumi.ResourceOptions(provider=provider_of(spec, place))
    foundations = {region: needs.foundation(region) for region in spec.regions.both}
    replications = [
        BucketReplication(
            f"{spec.name}-{purpose}",
            BucketReplicationArgs(
                primary=_side(spec, foundations[spec.regions.primary], purpose, spec.regions.primary),
                standby=_side(spec, foundations[spec.regions.standby], purpose, spec.regions.standby),
                object_lock=purpose == "evidence" and spec.keep,
            ),
            opts,
        )
        for purpose in REPLICATED
    ]
    registry = RegistryReplication(
        f"{spec.name}-registry",
        RegistryReplicationArgs(
            environment=spec.name,
            account_id=spec.accounts.workload,
            primary_region=spec.regions.primary,
            standby_region=spec.regions.standby,
        ),
        opts,
    )
    plans = backups(spec, foundations, opts)
    tables = {} if spec.capacity is None else _tables(spec, foundations, opts).tables
    return publish(
        LinksOutputs,
        {
            "replications": [
                {
                    "source": direction.source.name,
                    "destination": direction.destination.name,
                    "rule": direction.rule,
                }
                for replication in replications
                for direction in replication.directions
            ],
            "replicated_repositories": registry.prefix,
            "backup_plans": [
                {
                    "tier": tier,
                    "region": region,
                    "plan_id": plan.plan_id,
                    "snapshot_rpo": plan.schedule.bound,
                    "continuous": plan.continuous,
                }
                for (tier, region), plan in plans.items()
            ],
            "tables": {purpose: table.name for purpose, table in tables.items()},
        },
        stack=pulumi.get_stack(),
    )


def _tables(
    spec: Environment, foundations: dict[str, LayerOutputs[FoundationOutputs]], opts: pulumi.ResourceOptions
) -> GatewayTables:
    """Global tables are declared once, in the primary region, and there are replicas."""
    primary, standby = (foundations[region] for region in spec.regions.both)
    return GatewayTables(
        f"{spec.name}-gateway",
        GatewayTablesArgs(
            environment=spec.name,
            key_arn=primary.output(lambda f: f.key.arn),
            keep=spec.keep,
            alarm_topics=topics_of(primary),
            replica=TableReplicaArgs(
                spec.regions.standby,
                standby.output(lambda f: f.key.arn),
                key_alias_arn(spec, spec.regions.standby, standby.output(lambda f: f.key.alias)),
            ),
            restore_time=str(spec.continuity.restore),
        ),
        opts,
    )


def _side(
    spec: Environment, foundation: LayerOutputs[FoundationOutputs], purpose: str, region: str
) -> ReplicatedBucketArgs:
    return ReplicatedBucketArgs(
        name=foundation.output(lambda f: getattr(f.buckets, purpose).name),
        arn=foundation.output(lambda f: getattr(f.buckets, purpose).arn),
        region=region,
        alarm_topics=topics_of(foundation),
        key_arn=foundation.output(lambda f: f.key.arn),
        key_alias_arn=key_alias_arn(spec, region, foundation.output(lambda f: f.key.alias)),
    )
