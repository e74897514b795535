"""RDS, Aurora, EFS and ElastiCache."""

from typing import Any

import pulumi
import pulumi_aws as aws

from tests.foreign.pair import APPLICATION, HOUR, INFRASTRUCTURE, REGION, ZONE, Pair, Regions


def instance(**settings: Any) -> None:
    regions = Regions()
    aws.rds.Instance(
        "orders",
        engine="postgres",
        instance_class="db.m7g.large",
        allocated_storage=100,
        username="admin",
        manage_master_user_password=True,
        skip_final_snapshot=True,
        storage_encrypted=True,
        **{"multi_az": True, "backup_retention_period": 14, **settings},
        opts=regions.in_east,
    )


def aurora(instances: int) -> None:
    regions = Regions()
    cluster = aws.rds.Cluster(
        "orders",
        engine=aws.rds.EngineType.AURORA_POSTGRESQL,
        backup_retention_period=7,
        master_username="admin",
        manage_master_user_password=True,
        skip_final_snapshot=True,
        opts=regions.in_east,
    )
    for number in range(instances):
        aws.rds.ClusterInstance(
            f"orders-{number}",
            cluster_identifier=cluster.id,
            engine=aws.rds.EngineType.AURORA_POSTGRESQL,
            instance_class="db.r7g.large",
            availability_zone=f"us-east-1{'abc'[number]}",
            opts=regions.in_east,
        )


def aurora_global(broken: bool) -> None:
    regions = Regions()
    world = aws.rds.GlobalCluster(
        "orders", global_cluster_identifier="orders", engine=aws.rds.EngineType.AURORA_POSTGRESQL, opts=regions.in_east
    )

    def cluster(name: str, opts: pulumi.ResourceOptions, member: bool) -> aws.rds.Cluster:
        return aws.rds.Cluster(
            name,
            engine=aws.rds.EngineType.AURORA_POSTGRESQL,
            backup_retention_period=7,
            master_username="admin",
            manage_master_user_password=True,
            skip_final_snapshot=True,
            global_cluster_identifier=world.id if member else None,
            opts=opts,
        )

    first = cluster("orders", regions.in_east, member=True)
    aws.rds.ClusterInstance(
        "orders-0",
        cluster_identifier=first.id,
        engine=aws.rds.EngineType.AURORA_POSTGRESQL,
        instance_class="db.r7g.large",
        opts=regions.in_east,
    )
    if not broken:
        second = cluster("orders-west", regions.in_west, member=True)
        aws.rds.ClusterInstance(
            "orders-west-0",
            cluster_identifier=second.id,
            engine=aws.rds.EngineType.AURORA_POSTGRESQL,
            instance_class="db.r7g.large",
            opts=regions.in_west,
        )


def files(broken: bool) -> None:
    regions = Regions()
    made = aws.efs.FileSystem("shared", encrypted=True, opts=regions.in_east)
    if not broken:
        aws.efs.ReplicationConfiguration(
            "shared",
            source_file_system_id=made.id,
            destination=aws.efs.ReplicationConfigurationDestinationArgs(region="us-west-2"),
            opts=regions.in_east,
        )


def one_zone(broken: bool) -> None:
    regions = Regions()
    aws.efs.FileSystem(
        "shared", encrypted=True, availability_zone_name="us-east-1a" if broken else None, opts=regions.in_east
    )


def cache(broken: bool) -> None:
    regions = Regions()
    aws.elasticache.ReplicationGroup(
        "sessions",
        description="sessions",
        engine="valkey",
        node_type="cache.r7g.large",
        num_cache_clusters=1 if broken else 3,
        automatic_failover_enabled=not broken,
        multi_az_enabled=not broken,
        opts=regions.in_east,
    )


PAIRS = (
    Pair("a database in one zone", lambda broken: instance(multi_az=not broken), "orders", ("RPO", ZONE), 60.0),
    Pair(
        "a database that keeps no backups",
        lambda broken: instance(backup_retention_period=0 if broken else 14),
        "orders",
        ("RPO", APPLICATION),
    ),
    Pair("a database without a copy elsewhere", aurora_global, "orders", ("RPO", REGION)),
    Pair("a cluster of one instance", lambda broken: aurora(1 if broken else 2), "orders", ("RTO", ZONE), 300.0),
    Pair("a file system without a replica", files, "shared", ("RPO", REGION)),
    Pair("a file system in one zone", one_zone, "shared", ("RPO", ZONE), HOUR),
    Pair("a cache of one node", cache, "sessions", ("RPO", INFRASTRUCTURE), 60.0),
)
