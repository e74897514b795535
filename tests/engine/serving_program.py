"""The way in and a batch endpoint on a small network, as a program of their own."""

import json

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs
from components.serving.batch import BatchEndpoint, BatchEndpointArgs
from components.serving.entry import Entry, EntryArgs, TierEntryArgs
from components.serving.job_definition import JobArgs

TYPES = [f"m{generation}.{size}xlarge" for generation in ("5", "6i", "6a", "7i", "7a") for size in (1, 2, 4)]


def build() -> None:
    """Declare it, with what the stack's configuration says."""
    config = pulumi.Config("app")
    name, account = config.require("name"), aws.get_caller_identity().account_id
    vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")
    subnets = [
        aws.ec2.Subnet(
            f"net-{letter}",
            vpc_id=vpc.id,
            cidr_block=f"10.0.{number}.0/24",
            availability_zone=f"us-east-1{letter}",
        ).id
        for number, letter in enumerate("abc")
    ]
    nodes = aws.ec2.SecurityGroup("nodes", vpc_id=vpc.id, description="Nodes")
    key = aws.kms.Key("key", deletion_window_in_days=7)
    topics = [aws.sns.Topic(f"{name}-{severity}").arn for severity in ("critical", "warning", "info")]
    bucket = aws.s3.Bucket("data", bucket=name, force_destroy=True)
    alarm_topics = AlarmTopicsArgs(*topics)
    entry = Entry(
        "way-in",
        EntryArgs(
            entry_name=name,
            cluster_name=name,
            cluster_security_group_id=nodes.id,
            vpc_id=vpc.id,
            vpc_cidr="10.0.0.0/16",
            subnet_ids=pulumi.Output.all(*subnets),
            certificate_arn=f"arn:aws:acm:us-east-1:{account}:certificate/1",
            access_log_bucket=bucket.bucket,
            key_arn=key.arn,
            allowed_cidrs=["192.0.2.0/24"],
            tiers=[
                TierEntryArgs("critical", "critical.example.com", config.get("rto") or "2m"),
                TierEntryArgs("standard", "standard.example.com"),
            ],
            alarm_topics=alarm_topics,
            keep=False,
        ),
    )
    endpoint = BatchEndpoint(
        "nightly",
        BatchEndpointArgs(
            endpoint_name=name,
            account_id=account,
            workload="nightly",
            tier="standard",
            job=JobArgs(
                image=f"{account}.dkr.ecr.us-east-1.amazonaws.com/batch@sha256:{'0' * 64}",
                command=["score"],
                vcpus=1,
                attempts=config.get_int("attempts") or 3,
            ),
            instance_types=TYPES,
            vpc_id=vpc.id,
            subnet_ids=pulumi.Output.all(*subnets),
            model_bucket_arn=bucket.arn,
            model_prefix="models",
            input_bucket_arn=bucket.arn,
            input_prefix="in",
            output_bucket_arn=bucket.arn,
            output_prefix="out",
            key_arn=key.arn,
            alarm_topics=alarm_topics,
            keep=False,
            schedule="cron(0 3 * * ? *)",
            restore_time="2h",
            environment={"STANCHION_LOCAL_COMMAND": json.dumps(["python", "-c", config.get("code") or "pass"])},
        ),
    )
    pulumi.export("queue", endpoint.queue_arn)
    pulumi.export("definition", endpoint.job_definition_arn)
    pulumi.export("balancer", entry.arn)
    pulumi.export("targets", entry.target_group_arns)
