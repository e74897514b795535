"""Declares recorded resources by their pulumi_aws classes; the plain program imports nothing else of ours."""

import importlib
import inspect
import re
from typing import Any

# What a program with these resources imports at its top.
SERVICES = ("cloudwatch", "ec2", "ecr", "iam", "kms", "s3", "sns", "sqs", "vpc")


def declare(resources: list[dict[str, Any]]) -> None:
    """Declare each resource by its pulumi_aws class, under one explicit provider, as a plain program does."""
    import pulumi
    import pulumi_aws as aws

    provider = aws.Provider("plain", region="us-east-1", allowed_account_ids=["000000000000"])
    opts = pulumi.ResourceOptions(provider=provider)
    for resource in resources:
        kind = class_of(resource["type"])
        accepted = inspect.signature(kind._internal_init).parameters
        inputs = {snake(key): value for key, value in resource["inputs"].items() if snake(key) in accepted}
        kind(resource["name"], opts=opts, **inputs)


def class_of(token: str) -> Any:
    """The class of a type token such as `aws:s3/bucket:Bucket`."""
    _, module, name = token.split(":")
    return getattr(importlib.import_module(f"pulumi_aws.{module.split('/')[0]}"), name)


def snake(name: str) -> str:
    """`forceDestroy` as `force_destroy`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
