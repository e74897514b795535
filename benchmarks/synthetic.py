"""Synthetic programs of any size: the same resources as a Pulumi preview and as a Terraform plan.

A slice of 20 resources is what a service of a data platform declares: buckets with their parts, a table, a queue, a
database, volumes, a backup plan with its selection, a load balancer with a target group, logs and alarms. Slices differ
in names and belong to workloads of their own, five slices a workload.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SLICE = 20
PROJECT, STACK = "synthetic", "bench"
PROVIDER = f"urn:pulumi:{STACK}::{PROJECT}::pulumi:providers:aws::us-east-1"
TIERS = ("critical", "standard", "batch")


@dataclass
class Resource:
    """One resource: Pulumi's token and Terraform's type, inputs in Pulumi's names, edges by input."""

    token: str
    terraform: str
    name: str
    inputs: dict[str, Any]
    edges: dict[str, list[str]] = field(default_factory=dict)
    blocks: tuple[str, ...] = ()

    @property
    def urn(self) -> str:
        return f"urn:pulumi:{STACK}::{PROJECT}::{self.token}::{self.name}"


def program(count: int) -> list[Resource]:
    """At least `count` resources, in whole slices cut off at the count."""
    resources: list[Resource] = []
    for number in range((count + SLICE - 1) // SLICE):
        resources += _slice(number)
    return resources[:count]


def _slice(n: int) -> list[Resource]:
    workload, tier = f"service-{n // 5}", TIERS[(n // 5) % 3]
    tags = {"stanchion:workload": workload, "stanchion:tier": tier, "team": "data"}
    bucket = Resource("aws:s3/bucket:Bucket", "aws_s3_bucket", f"lake-{n}", {"bucket": f"lake-{n}", "tags": tags})
    named = {"bucket": bucket.inputs["bucket"]}
    key = Resource(
        "aws:kms/key:Key",
        "aws_kms_key",
        f"key-{n}",
        {"description": f"data of slice {n}", "enableKeyRotation": True, "multiRegion": True, "tags": tags},
    )
    vault = Resource("aws:backup/vault:Vault", "aws_backup_vault", f"vault-{n}", {"name": f"vault-{n}", "tags": tags})
    rule = {
        "ruleName": "hourly",
        "targetVaultName": vault.inputs["name"],
        "schedule": "cron(0 * * * ? *)",
        "startWindow": 60,
        "completionWindow": 180,
        "lifecycle": {"deleteAfter": 35},
        "copyActions": [
            {"destinationVaultArn": f"arn:aws:backup:us-west-2:111122223333:backup-vault:vault-{n}", "lifecycle": None}
        ],
    }
    plan = Resource(
        "aws:backup/plan:Plan", "aws_backup_plan", f"plan-{n}", {"name": f"plan-{n}", "rules": [rule], "tags": tags}
    )
    table = Resource(
        "aws:dynamodb/table:Table",
        "aws_dynamodb_table",
        f"table-{n}",
        {
            "name": f"table-{n}",
            "billingMode": "PAY_PER_REQUEST",
            "hashKey": "id",
            "attributes": [{"name": "id", "type": "S"}],
            "pointInTimeRecovery": {"enabled": True},
            "tags": tags,
        },
    )
    target = Resource(
        "aws:lb/targetGroup:TargetGroup",
        "aws_lb_target_group",
        f"target-{n}",
        {
            "name": f"target-{n}",
            "port": 8080,
            "protocol": "HTTP",
            "vpcId": "vpc-0123",
            "deregistrationDelay": 60,
            "healthCheck": {"interval": 10, "unhealthyThreshold": 2, "path": "/healthz"},
            "tags": tags,
        },
    )
    balancer = Resource(
        "aws:lb/loadBalancer:LoadBalancer",
        "aws_lb",
        f"front-{n}",
        {"name": f"front-{n}", "internal": True, "subnets": ["subnet-a", "subnet-b", "subnet-c"], "tags": tags},
    )
    return [
        bucket,
        Resource(
            "aws:s3/bucketVersioning:BucketVersioning",
            "aws_s3_bucket_versioning",
            f"lake-{n}",
            {**named, "versioningConfiguration": {"status": "Enabled"}},
            {"bucket": [bucket.urn]},
        ),
        Resource(
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            "aws_s3_bucket_server_side_encryption_configuration",
            f"lake-{n}",
            {**named, "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}]},
            {"bucket": [bucket.urn]},
        ),
        Resource(
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
            "aws_s3_bucket_public_access_block",
            f"lake-{n}",
            {
                **named,
                "blockPublicAcls": True,
                "blockPublicPolicy": True,
                "ignorePublicAcls": True,
                "restrictPublicBuckets": True,
            },
            {"bucket": [bucket.urn]},
        ),
        Resource(
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
            "aws_s3_bucket_lifecycle_configuration",
            f"lake-{n}",
            {
                **named,
                "rules": [
                    {
                        "id": "tidy",
                        "status": "Enabled",
                        "filter": {"prefix": ""},
                        "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
                        "noncurrentVersionExpiration": {"noncurrentDays": 30},
                    }
                ],
            },
            {"bucket": [bucket.urn]},
        ),
        key,
        Resource(
            "aws:kms/alias:Alias",
            "aws_kms_alias",
            f"key-{n}",
            {"name": f"alias/key-{n}", "targetKeyId": None},
            {"targetKeyId": [key.urn]},
        ),
        vault,
        plan,
        Resource(
            "aws:backup/selection:Selection",
            "aws_backup_selection",
            f"selection-{n}",
            {
                "name": f"selection-{n}",
                "planId": None,
                "iamRoleArn": "arn:aws:iam::111122223333:role/backup",
                "selectionTags": [{"type": "STRINGEQUALS", "key": "stanchion:workload", "value": workload}],
            },
            {"planId": [plan.urn]},
        ),
        table,
        Resource(
            "aws:sqs/queue:Queue",
            "aws_sqs_queue",
            f"queue-{n}",
            {"name": f"queue-{n}", "sqsManagedSseEnabled": True, "messageRetentionSeconds": 1209600, "tags": tags},
        ),
        Resource(
            "aws:rds/instance:Instance",
            "aws_db_instance",
            f"database-{n}",
            {
                "identifier": f"database-{n}",
                "engine": "postgres",
                "instanceClass": "db.m7g.large",
                "allocatedStorage": 100,
                "multiAz": True,
                "backupRetentionPeriod": 14,
                "storageEncrypted": True,
                "skipFinalSnapshot": True,
                "tags": tags,
            },
        ),
        Resource(
            "aws:ebs/volume:Volume",
            "aws_ebs_volume",
            f"volume-{n}",
            {"availabilityZone": "us-east-1a", "size": 100, "encrypted": True, "type": "gp3", "tags": tags},
        ),
        balancer,
        target,
        Resource(
            "aws:lb/listener:Listener",
            "aws_lb_listener",
            f"front-{n}",
            {
                "loadBalancerArn": None,
                "port": 443,
                "protocol": "HTTPS",
                "defaultActions": [{"type": "forward", "targetGroupArn": None}],
            },
            {"loadBalancerArn": [balancer.urn], "defaultActions": [target.urn]},
        ),
        Resource(
            "aws:cloudwatch/logGroup:LogGroup",
            "aws_cloudwatch_log_group",
            f"logs-{n}",
            {"name": f"/service/{n}", "retentionInDays": 90, "tags": tags},
        ),
        Resource(
            "aws:cloudwatch/metricAlarm:MetricAlarm",
            "aws_cloudwatch_metric_alarm",
            f"errors-{n}",
            {
                "name": f"errors-{n}",
                "namespace": "AWS/ApplicationELB",
                "metricName": "HTTPCode_Target_5XX_Count",
                "statistic": "Sum",
                "period": 60,
                "evaluationPeriods": 2,
                "threshold": 10,
                "comparisonOperator": "GreaterThanThreshold",
                "treatMissingData": "notBreaching",
                "alarmActions": ["arn:aws:sns:us-east-1:111122223333:page"],
                "dimensions": {"LoadBalancer": f"app/front-{n}/1"},
                "tags": tags,
            },
        ),
        Resource(
            "aws:sns/topic:Topic",
            "aws_sns_topic",
            f"topic-{n}",
            {"name": f"topic-{n}", "kmsMasterKeyId": "alias/aws/sns", "tags": tags},
        ),
    ]


UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def preview(resources: list[Resource]) -> dict[str, Any]:
    """As `pulumi preview --json` writes a first preview: what only the cloud knows is unknown."""
    stack = f"urn:pulumi:{STACK}::{PROJECT}::pulumi:pulumi:Stack::{PROJECT}-{STACK}"
    steps = [
        _step(stack, "pulumi:pulumi:Stack", {}, custom=False),
        _step(PROVIDER, "pulumi:providers:aws", {"region": "us-east-1", "version": "7.51.1"}, parent=stack),
    ]
    for resource in resources:
        known = {key: UNKNOWN if key in resource.edges else value for key, value in resource.inputs.items()}
        edges = {key: resource.edges.get(key, []) for key in known}
        steps.append(
            _step(
                resource.urn,
                resource.token,
                known,
                parent=stack,
                provider=f"{PROVIDER}::{UNKNOWN}",
                propertyDependencies=edges,
                dependencies=sorted({urn for urns in edges.values() for urn in urns}),
            )
        )
    return {"config": {"aws:region": "us-east-1"}, "steps": steps, "changeSummary": {"create": len(steps)}}


def _step(urn: str, type_: str, inputs: dict[str, Any], *, custom: bool = True, **more: Any) -> dict[str, Any]:
    return {
        "op": "create",
        "urn": urn,
        "newState": {"urn": urn, "custom": custom, "type": type_, "inputs": inputs, **more},
    }


# What is a mapping in Terraform as well; every other object is a block there, which its plan writes as a list.
_MAPS = ("tags", "dimensions")


def terraform_plan(resources: list[Resource]) -> dict[str, Any]:
    """As `terraform show -json` writes the plan of the same resources."""
    values = [_terraform(resource) for resource in resources]
    by_urn = {resource.urn: f"{resource.terraform}.{_label(resource.name)}" for resource in resources}
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.8",
        "planned_values": {"root_module": {"resources": values}},
        "resource_changes": [
            {
                **{key: value[key] for key in ("address", "mode", "type", "name", "provider_name")},
                "change": {"actions": ["create"], "before": None, "after": value["values"], "after_unknown": {}},
            }
            for value in values
        ],
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "full_name": "hashicorp/aws"}},
            "root_module": {
                "resources": [
                    {
                        **{key: value[key] for key in ("address", "mode", "type", "name")},
                        "provider_config_key": "aws",
                        "expressions": {
                            _snake(key): {
                                "references": [f"{by_urn[urn]}.id" for urn in urns] + [by_urn[urn] for urn in urns]
                            }
                            for key, urns in resource.edges.items()
                        },
                        "schema_version": 0,
                    }
                    for resource, value in zip(resources, values, strict=True)
                ]
            },
        },
    }


def _terraform(resource: Resource) -> dict[str, Any]:
    name = _label(resource.name)
    return {
        "address": f"{resource.terraform}.{name}",
        "mode": "managed",
        "type": resource.terraform,
        "name": name,
        "provider_name": "hashicorp/aws",
        "schema_version": 0,
        "values": {_snake(key): _value(key, value) for key, value in resource.inputs.items() if value is not None},
    }


def _value(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        if key in _MAPS:
            return value
        return [{_snake(k): _value(k, v) for k, v in value.items() if v is not None}]
    if isinstance(value, list):
        return [_value(key, item)[0] if isinstance(item, dict) else item for item in value]
    return value


# Blocks that Pulumi calls by their plural.
_SINGULAR = {"rules": "rule", "selectionTags": "selection_tag", "copyActions": "copy_action",
             "attributes": "attribute", "defaultActions": "default_action"}  # fmt: skip


def _snake(key: str) -> str:
    return _SINGULAR.get(key) or re.sub(r"(?<!^)(?=[A-Z])", "_", key).lower()


def _label(name: str) -> str:
    return name.replace("-", "_")


def write(folder: Path, count: int) -> tuple[Path, Path]:
    """Write both forms of a program; returns the preview and the plan."""
    resources = program(count)
    ours, theirs = folder / f"preview-{count}.json", folder / f"tfplan-{count}.json"
    ours.write_text(json.dumps(preview(resources)), encoding="utf-8")
    theirs.write_text(json.dumps(terraform_plan(resources)), encoding="utf-8")
    return ours, theirs
