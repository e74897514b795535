"""DynamoDB, ECR and EBS."""

import pulumi_aws as aws

from tests.foreign.pair import APPLICATION, HOUR, REGION, ZONE, Pair, Regions


def table(broken_recovery: bool = False, replicas: bool = True, consistency: str | None = None) -> None:
    regions = Regions()
    made = [
        aws.dynamodb.TableReplicaArgs(region_name=name, consistency_mode=consistency, point_in_time_recovery=True)
        for name in (("us-west-2", "us-east-2") if consistency == "STRONG" else ("us-west-2",))
    ]
    aws.dynamodb.Table(
        "orders",
        hash_key="id",
        billing_mode="PAY_PER_REQUEST",
        attributes=[aws.dynamodb.TableAttributeArgs(name="id", type="S")],
        point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=not broken_recovery),
        stream_enabled=True,
        stream_view_type="NEW_AND_OLD_IMAGES",
        replicas=made if replicas else [],
        opts=regions.in_east,
    )


def registry(broken: bool) -> None:
    regions = Regions()
    aws.ecr.Repository("models", name="orders/models", image_tag_mutability="IMMUTABLE", opts=regions.in_east)
    a = aws.ecr
    aws.ecr.ReplicationConfiguration(
        "registry",
        replication_configuration=a.ReplicationConfigurationReplicationConfigurationArgs(
            rules=[
                a.ReplicationConfigurationReplicationConfigurationRuleArgs(
                    destinations=[
                        a.ReplicationConfigurationReplicationConfigurationRuleDestinationArgs(
                            region="us-west-2", registry_id="111122223333"
                        )
                    ],
                    repository_filters=[
                        a.ReplicationConfigurationReplicationConfigurationRuleRepositoryFilterArgs(
                            filter="others/" if broken else "orders/", filter_type="PREFIX_MATCH"
                        )
                    ],
                )
            ]
        ),
        opts=regions.in_east,
    )


def volume(broken: bool) -> None:
    regions = Regions()
    aws.ebs.Volume(
        "index",
        availability_zone="us-east-1a",
        size=100,
        tags={"snapshots": "none" if broken else "hourly"},
        opts=regions.in_east,
    )
    a = aws.dlm
    aws.dlm.LifecyclePolicy(
        "hourly",
        description="hourly snapshots",
        execution_role_arn="arn:aws:iam::111122223333:role/dlm",
        state="ENABLED",
        policy_details=a.LifecyclePolicyPolicyDetailsArgs(
            resource_types=["VOLUME"],
            target_tags={"snapshots": "hourly"},
            schedules=[
                a.LifecyclePolicyPolicyDetailsScheduleArgs(
                    name="hourly",
                    create_rule=a.LifecyclePolicyPolicyDetailsScheduleCreateRuleArgs(interval=1, interval_unit="HOURS"),
                    retain_rule=a.LifecyclePolicyPolicyDetailsScheduleRetainRuleArgs(count=48),
                )
            ],
        ),
        opts=regions.in_east,
    )


PAIRS = (
    Pair("no point-in-time recovery", lambda broken: table(broken_recovery=broken), "orders", ("RPO", APPLICATION)),
    Pair("a table without a replica", lambda broken: table(replicas=not broken), "orders", ("RPO", REGION)),
    Pair(
        "eventual consistency where nothing may be lost",
        lambda broken: table(consistency="EVENTUAL" if broken else "STRONG"),
        "orders",
        ("RPO", REGION),
        0.0,
    ),
    Pair("a replication filter that misses the repository", registry, "models", ("RPO", REGION), HOUR),
    Pair("a volume that no snapshot policy selects", volume, "index", ("RPO", ZONE), 6 * HOUR),
)
