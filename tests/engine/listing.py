"""What a cloud itself says it has, asked with boto3: nothing of Pulumi's is believed."""

from collections.abc import Callable
from typing import Any

from tests.engine.project import Project

# Per kind: the service, the operation, where the list lies, and what names an entry.
KINDS: dict[str, tuple[str, str, str, Callable[[Any], str]]] = {
    "vpc": ("ec2", "describe_vpcs", "Vpcs", lambda v: v["VpcId"]),
    "subnet": ("ec2", "describe_subnets", "Subnets", lambda v: v["SubnetId"]),
    "internet gateway": ("ec2", "describe_internet_gateways", "InternetGateways", lambda v: v["InternetGatewayId"]),
    "nat gateway": (
        "ec2",
        "describe_nat_gateways",
        "NatGateways",
        # A deleted one is listed for an hour, as on AWS.
        lambda v: "" if v["State"] == "deleted" else v["NatGatewayId"],
    ),
    "address": ("ec2", "describe_addresses", "Addresses", lambda v: v["AllocationId"]),
    "route table": ("ec2", "describe_route_tables", "RouteTables", lambda v: v["RouteTableId"]),
    "security group": ("ec2", "describe_security_groups", "SecurityGroups", lambda v: v["GroupId"]),
    "vpc endpoint": ("ec2", "describe_vpc_endpoints", "VpcEndpoints", lambda v: v["VpcEndpointId"]),
    "flow log": ("ec2", "describe_flow_logs", "FlowLogs", lambda v: v["FlowLogId"]),
    "bucket": ("s3", "list_buckets", "Buckets", lambda v: v["Name"]),
    "alias": ("kms", "list_aliases", "Aliases", lambda v: v["AliasName"]),
    "role": ("iam", "list_roles", "Roles", lambda v: v["RoleName"]),
    "topic": ("sns", "list_topics", "Topics", lambda v: v["TopicArn"]),
    "queue": ("sqs", "list_queues", "QueueUrls", str),
    "repository": ("ecr", "describe_repositories", "repositories", lambda v: v["repositoryName"]),
    "log group": ("logs", "describe_log_groups", "logGroups", lambda v: v["logGroupName"]),
    "alarm": ("cloudwatch", "describe_alarms", "MetricAlarms", lambda v: v["AlarmName"]),
    "rule": ("events", "list_rules", "Rules", lambda v: v["Name"]),
}


def listing(project: Project) -> set[str]:
    """Everything of these kinds in both regions, as `region kind name`."""
    found: set[str] = set()
    for region in project.regions:
        for kind, (service, operation, member, name) in KINDS.items():
            client = project.client(service, region)
            if client.can_paginate(operation):
                pages = client.get_paginator(operation).paginate()
            else:
                pages = [getattr(client, operation)()]
            for page in pages:
                found |= {f"{region} {kind} {name(entry)}" for entry in page.get(member, []) if name(entry)}
        kms = project.client("kms", region)
        for page in kms.get_paginator("list_keys").paginate():
            for key in page["Keys"]:
                # A key that waits for its deletion can't be used; KMS deletes none at once.
                if kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled":
                    found.add(f"{region} key {key['KeyId']}")
    return found
