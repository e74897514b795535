"""Lambda, Batch, alarms, routing controls, FSx, OpenSearch, MemoryDB, DocumentDB, queues, secrets."""

from typing import Any

import pulumi_aws as aws

from tests.foreign.compute import subnets
from tests.foreign.pair import APPLICATION, DAY, HOUR, INFRASTRUCTURE, REGION, ZONE, Pair, Regions

ROLE = "arn:aws:iam::111122223333:role/service"


def function(broken: bool) -> None:
    regions = Regions()
    aws.lambda_.Function(
        "score",
        role=ROLE,
        runtime="python3.13",
        handler="app.handle",
        s3_bucket="code",
        s3_key="score.zip",
        vpc_config=aws.lambda_.FunctionVpcConfigArgs(
            subnet_ids=subnets(regions, 1 if broken else 2), security_group_ids=["sg-0123"]
        ),
        opts=regions.in_east,
    )


def jobs(spot_only: bool = False, attempts: int = 3) -> None:
    regions = Regions()
    places = subnets(regions, 2)
    environments = [
        aws.batch.ComputeEnvironment(
            name,
            type="MANAGED",
            service_role=ROLE,
            compute_resources=aws.batch.ComputeEnvironmentComputeResourcesArgs(
                type=kind, max_vcpus=64, subnets=places, security_group_ids=["sg-0123"], instance_types=["optimal"]
            ),
            opts=regions.in_east,
        )
        for name, kind in (("spot", "SPOT"), *(() if spot_only else (("steady", "EC2"),)))
    ]
    aws.batch.JobQueue(
        "nightly",
        state="ENABLED",
        priority=1,
        compute_environment_orders=[
            aws.batch.JobQueueComputeEnvironmentOrderArgs(order=number, compute_environment=environment.arn)
            for number, environment in enumerate(environments, 1)
        ],
        opts=regions.in_east,
    )
    aws.batch.JobDefinition(
        "score",
        type="container",
        container_properties='{"image": "scores", "command": ["run"]}',
        retry_strategy=aws.batch.JobDefinitionRetryStrategyArgs(attempts=attempts),
        opts=regions.in_east,
    )


def alarm(minutes: int) -> None:
    regions = Regions()
    topic = aws.sns.Topic("pages", opts=regions.in_east)
    aws.cloudwatch.MetricAlarm(
        "errors",
        namespace="Service",
        metric_name="Errors",
        statistic="Sum",
        period=60,
        evaluation_periods=minutes,
        threshold=1,
        comparison_operator="GreaterThanThreshold",
        treat_missing_data="breaching",
        alarm_actions=[topic.arn],
        opts=regions.in_east,
    )


def controls(ttl: int) -> None:
    """A record that follows a routing control, which people switch in the ten minutes of their mapping."""
    regions = Regions()
    zone = aws.route53.Zone("zone", name="example.test", opts=regions.in_east)
    cluster = aws.route53recoverycontrol.Cluster("cells", opts=regions.in_east)
    control = aws.route53recoverycontrol.RoutingControl("east", cluster_arn=cluster.arn, opts=regions.in_east)
    check = aws.route53.HealthCheck(
        "cell", type="RECOVERY_CONTROL", routing_control_arn=control.arn, opts=regions.in_east
    )
    for name, kind in (("primary", "PRIMARY"), ("secondary", "SECONDARY")):
        aws.route53.Record(
            name,
            zone_id=zone.zone_id,
            name="api.example.test",
            type="CNAME",
            ttl=ttl,
            records=[f"{name}.example.test"],
            set_identifier=name,
            health_check_id=check.id if kind == "PRIMARY" else None,
            failover_routing_policies=[aws.route53.RecordFailoverRoutingPolicyArgs(type=kind)],
            opts=regions.in_east,
        )


def windows(deployment: str) -> None:
    regions = Regions()
    aws.fsx.WindowsFileSystem(
        "shares",
        active_directory_id="d-0123",
        throughput_capacity=32,
        storage_capacity=300,
        subnet_ids=subnets(regions, 2),
        deployment_type=deployment,
        opts=regions.in_east,
    )


def search(zones: bool) -> None:
    regions = Regions()
    config = aws.opensearch.DomainClusterConfigArgs(
        instance_type="r7g.large.search", instance_count=3 if zones else 1, zone_awareness_enabled=zones
    )
    aws.opensearch.Domain("index", engine_version="OpenSearch_2.19", cluster_config=config, opts=regions.in_east)


def memory(days: int) -> None:
    regions = Regions()
    aws.memorydb.Cluster(
        "sessions",
        acl_name="open-access",
        node_type="db.r7g.large",
        snapshot_retention_limit=days,
        snapshot_window="03:00-04:00",
        opts=regions.in_east,
    )


def documents(instances: int) -> None:
    regions = Regions()
    cluster = aws.docdb.Cluster(
        "catalogue", master_username="admin", master_password="not-a-secret", backup_retention_period=7,
        skip_final_snapshot=True, opts=regions.in_east,
    )  # fmt: skip
    for number in range(instances):
        aws.docdb.ClusterInstance(
            f"catalogue-{number}",
            cluster_identifier=cluster.id,
            instance_class="db.r6g.large",
            availability_zone=f"us-east-1{'abc'[number]}",
            opts=regions.in_east,
        )


def queue(seconds: int) -> None:
    regions = Regions()
    aws.sqs.Queue("orders", message_retention_seconds=seconds, opts=regions.in_east)


def secret(broken: bool) -> None:
    regions = Regions()
    replicas: list[Any] = [] if broken else [aws.secretsmanager.SecretReplicaArgs(region="us-west-2")]
    made = aws.secretsmanager.Secret("token", replicas=replicas, opts=regions.in_east)
    aws.secretsmanager.SecretRotation(
        "token",
        secret_id=made.id,
        rotation_lambda_arn="arn:aws:lambda:us-east-1:111122223333:function:rotate",
        rotation_rules=aws.secretsmanager.SecretRotationRotationRulesArgs(automatically_after_days=30),
        opts=regions.in_east,
    )


def quota(vcpus: float) -> None:
    """A group of 10 servers of 8 vCPUs at most, and what the account is to have."""
    regions = Regions()
    template = aws.ec2.LaunchTemplate("server", image_id="ami-0123", instance_type="m7g.2xlarge", opts=regions.in_east)
    aws.autoscaling.Group(
        "servers",
        min_size=2,
        max_size=10,
        vpc_zone_identifiers=subnets(regions, 2),
        launch_template=aws.autoscaling.GroupLaunchTemplateArgs(id=template.id, version="1"),
        opts=regions.in_east,
    )
    aws.servicequotas.ServiceQuota(
        "standard", service_code="ec2", quota_code="L-1216C47A", value=vcpus, opts=regions.in_east
    )


PAIRS = (
    Pair("a function in the network of one zone", function, "score", ("RTO", ZONE), HOUR),
    Pair("jobs that are tried once", lambda broken: jobs(attempts=1 if broken else 3), "score",
         ("RTO", INFRASTRUCTURE), HOUR),
    Pair("a queue of jobs on spot only", lambda broken: jobs(spot_only=broken), "nightly", ("RTO", ZONE), HOUR),
    Pair("an alarm that looks at an hour", lambda broken: alarm(60 if broken else 3), "errors",
         ("RTO", APPLICATION), 1800.0),
    Pair("a switch behind a record that is cached for an hour", lambda broken: controls(3600 if broken else 60),
         "primary", ("RTO", REGION), 1800.0),
    Pair("shares in one zone", lambda broken: windows("SINGLE_AZ_2" if broken else "MULTI_AZ_1"), "shares",
         ("RPO", ZONE), HOUR),
    Pair("an index on one node", lambda broken: search(zones=not broken), "index", ("RPO", ZONE), 60.0),
    Pair("a database in memory that keeps no snapshots", lambda broken: memory(0 if broken else 7), "sessions",
         ("RPO", APPLICATION), 2 * DAY),
    Pair("a document database of one instance", lambda broken: documents(1 if broken else 2), "catalogue",
         ("RTO", ZONE), 300.0),
    Pair("a queue that keeps messages for two weeks", lambda broken: queue(1_209_600 if broken else 3600), "orders",
         ("RPO", REGION), DAY),
    Pair("a secret that rotates in one region", secret, "token", ("RPO", REGION), HOUR),
    Pair("more servers than the account may have", lambda broken: quota(79 if broken else 80), "servers",
         rule="capacity-vcpu-quota"),
)  # fmt: skip
