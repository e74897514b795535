"""Which emulator answers for which service."""

from collections.abc import Mapping
from enum import Enum

from sandbox.front_door.scope import Scope


class Backend(Enum):
    """The servers behind the front door."""

    MINISTACK = "ministack"
    MOTO = "moto"
    EKS = "eks"
    BATCH = "batch"
    CLOCK = "clock"


# Signing names, as they stand in a request's credential scope. MiniStack comes first: it runs what it stores (queries,
# functions, state machines, replication); moto keeps records, and is asked for what MiniStack lacks.
_MINISTACK = """
    account acm airflow aoss apigateway appconfig appsync athena autoscaling backup bedrock
    bedrock-agentcore budgets cloudformation cloudfront cloudfront-keyvaluestore cloudtrail
    codebuild cognito-identity cognito-idp config cur dynamodb ec2 ecr ecs elasticache elasticfilesystem
    elasticloadbalancing elasticmapreduce es events execute-api firehose glue iam kafka kinesis
    kinesisanalytics kms lambda logs monitoring organizations pipes rds rds-data resource-groups route53 s3
    s3tables secretsmanager servicediscovery ses signer sns sqs ssm states sts tagging wafv2
"""
_MOTO = """
    application-autoscaling aps ce ebs fis guardduty identitystore lakeformation ram resiliencehub route53resolver
    sagemaker securityhub servicequotas support synthetics xray
"""

ROUTES: Mapping[str, Backend] = {
    **dict.fromkeys(_MINISTACK.split(), Backend.MINISTACK),
    **dict.fromkeys(_MOTO.split(), Backend.MOTO),
    # Both emulators have one, but MiniStack's wants Docker for a control plane, and neither knows Auto Mode nor half of
    # the updates: ours has real control planes (sandbox/eks).
    "eks": Backend.EKS,
    # MiniStack's Batch ends every job at once, and moto's wants containers: ours runs them (sandbox/batch).
    "batch": Backend.BATCH,
    # MiniStack's looks every ten seconds, calls no operations, tries nothing again, makes up for what it missed, and
    # knows nothing of a region that is lost here; moto's does nothing by the clock. Ours does (sandbox/clock).
    "scheduler": Backend.CLOCK,
}


def backend_of(scope: Scope) -> Backend | None:
    """The server for a request; none when the local cloud has no such service.

    An unsigned request goes to MiniStack: objects of presigned forms, health checks, functions' callbacks.
    """
    if scope.service is None:
        return Backend.MINISTACK
    return ROUTES.get(scope.service)
