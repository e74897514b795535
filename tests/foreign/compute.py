"""Auto Scaling groups, node groups, SageMaker endpoints, Batch, budgets, logs: what serves and what it costs."""

from typing import Any

import pulumi_aws as aws

from tests.foreign.pair import INFRASTRUCTURE, ZONE, Pair, Regions

SUBNETS = ["subnet-0a", "subnet-0b", "subnet-0c"]


def subnets(regions: Regions, count: int) -> list[Any]:
    vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=regions.in_east)
    return [
        aws.ec2.Subnet(
            f"zone-{number}",
            vpc_id=vpc.id,
            cidr_block=f"10.0.{number}.0/24",
            availability_zone=f"us-east-1{'abc'[number]}",
            opts=regions.in_east,
        ).id
        for number in range(count)
    ]


def group(zones: int = 3, base: int = 2, delay: int = 60) -> None:
    regions = Regions()
    places = subnets(regions, zones)
    a = aws.autoscaling
    template = aws.ec2.LaunchTemplate("server", image_id="ami-0123", instance_type="m7g.large", opts=regions.in_east)
    target = aws.lb.TargetGroup(
        "servers",
        port=8080,
        protocol="HTTP",
        vpc_id="vpc-0123",
        deregistration_delay=delay,
        health_check=aws.lb.TargetGroupHealthCheckArgs(interval=10, unhealthy_threshold=2),
        opts=regions.in_east,
    )
    aws.autoscaling.Group(
        "servers",
        min_size=3,
        max_size=12,
        vpc_zone_identifiers=places,
        health_check_type="ELB",
        target_group_arns=[target.arn],
        mixed_instances_policy=a.GroupMixedInstancesPolicyArgs(
            instances_distribution=a.GroupMixedInstancesPolicyInstancesDistributionArgs(
                on_demand_base_capacity=base, on_demand_percentage_above_base_capacity=0
            ),
            launch_template=a.GroupMixedInstancesPolicyLaunchTemplateArgs(
                launch_template_specification=a.GroupMixedInstancesPolicyLaunchTemplateLaunchTemplateSpecificationArgs(
                    launch_template_id=template.id, version="1"
                )
            ),
        ),
        opts=regions.in_east,
    )


def nodes(broken: bool) -> None:
    regions = Regions()
    cluster = aws.eks.Cluster(
        "cluster",
        role_arn="arn:aws:iam::111122223333:role/cluster",
        version="1.34",
        vpc_config=aws.eks.ClusterVpcConfigArgs(subnet_ids=SUBNETS),
        opts=regions.in_east,
    )
    for name, kind in (("burst", "SPOT"), ("floor", "SPOT" if broken else "ON_DEMAND")):
        aws.eks.NodeGroup(
            name,
            cluster_name=cluster.name,
            node_role_arn="arn:aws:iam::111122223333:role/node",
            subnet_ids=SUBNETS,
            capacity_type=kind,
            scaling_config=aws.eks.NodeGroupScalingConfigArgs(min_size=2, max_size=10, desired_size=2),
            opts=regions.in_east,
        )


def endpoint(broken: bool) -> None:
    regions = Regions()
    model = aws.sagemaker.Model(
        "ranker", execution_role_arn="arn:aws:iam::111122223333:role/model", opts=regions.in_east
    )
    configuration = aws.sagemaker.EndpointConfiguration(
        "ranker",
        production_variants=[
            aws.sagemaker.EndpointConfigurationProductionVariantArgs(
                variant_name="all",
                model_name=model.name,
                initial_instance_count=1 if broken else 3,
                instance_type="ml.m5.large",
            )
        ],
        opts=regions.in_east,
    )
    aws.sagemaker.Endpoint("ranker", endpoint_config_name=configuration.name, opts=regions.in_east)


def budget(broken: bool) -> None:
    regions = Regions()
    aws.budgets.Budget(
        "month",
        budget_type="COST",
        limit_amount="1000",
        limit_unit="USD",
        time_unit="MONTHLY",
        notifications=[
            aws.budgets.BudgetNotificationArgs(
                comparison_operator="GREATER_THAN",
                notification_type="FORECASTED" if broken and threshold == 125 else "ACTUAL",
                threshold=threshold,
                threshold_type="PERCENTAGE",
                subscriber_email_addresses=["money@example.test"],
            )
            for threshold in (110, 125, 150)
        ],
        opts=regions.in_east,
    )


def logs(broken: bool) -> None:
    regions = Regions()
    aws.cloudwatch.LogGroup("service", retention_in_days=None if broken else 90, opts=regions.in_east)


def vault(broken: bool) -> None:
    regions = Regions()
    made = aws.backup.Vault("vault", opts=regions.in_east)
    if not broken:
        aws.backup.VaultLockConfiguration(
            "vault", backup_vault_name=made.name, min_retention_days=7, max_retention_days=365, opts=regions.in_east
        )
    table = aws.dynamodb.Table(
        "orders",
        hash_key="id",
        billing_mode="PAY_PER_REQUEST",
        attributes=[aws.dynamodb.TableAttributeArgs(name="id", type="S")],
        opts=regions.in_east,
    )
    plan = aws.backup.Plan(
        "daily",
        rules=[
            aws.backup.PlanRuleArgs(
                rule_name="daily", target_vault_name=made.name, schedule="cron(0 3 * * ? *)",
                start_window=60, completion_window=180,
            )
        ],
        opts=regions.in_east,
    )  # fmt: skip
    aws.backup.Selection(
        "orders",
        plan_id=plan.id,
        iam_role_arn="arn:aws:iam::111122223333:role/backup",
        resources=[table.arn],
        opts=regions.in_east,
    )


PAIRS = (
    Pair("a group of spot instances only", lambda broken: group(base=0 if broken else 2), "servers",
         ("RTO", INFRASTRUCTURE), 1800.0),
    Pair("a group in one zone", lambda broken: group(zones=1 if broken else 3), "servers", ("RTO", ZONE), 1800.0),
    Pair("a drain longer than the spot notice", lambda broken: group(delay=300 if broken else 60), "servers",
         rule="capacity-deregistration-under-spot-notice"),
    Pair("nodes on spot only", nodes, "burst", rule="capacity-floor-under-spot"),
    Pair("an endpoint of one instance", endpoint, "ranker", ("RTO", ZONE), 300.0),
    Pair("a budget that says nothing at 125 %", budget, "month", rule="cost-budget-thresholds"),
    Pair("a log group that keeps everything for ever", logs, "service", rule="storage-log-retention"),
    Pair("an unlocked vault", vault, "vault", rule="recovery-vault-lock", tier="critical"),
)  # fmt: skip
