"""The part of a cluster layer that works through objects: AWS Batch, which needs no cluster and lies beside it."""

import json
from typing import Any

import pulumi

from components.alarm import AlarmTopicsArgs
from components.serving.batch import BatchEndpoint, BatchEndpointArgs
from components.serving.job_definition import JobArgs
from stacks.capacity import ACCELERATORS, image_of
from stacks.needs import LayerOutputs
from stanchion.contracts import FoundationOutputs
from stanchion.serving.instances import types_of
from stanchion.spec import BatchEndpoint as BatchSpec
from stanchion.spec import Capacity, Environment

Foundation = LayerOutputs[FoundationOutputs]
# Which the local cloud's AWS Batch runs in place of the container (docs/serving-batch.md).
LOCAL_COMMAND = "STANCHION_LOCAL_COMMAND"


def batch_endpoints(
    spec: Environment,
    region: str,
    capacity: Capacity,
    foundation: Foundation,
    topics: AlarmTopicsArgs,
    opts: pulumi.ResourceOptions,
) -> dict[str, dict[str, Any]]:
    """Declare the batch endpoints of a region; what the layer publishes of them, by name."""
    published: dict[str, dict[str, Any]] = {}
    for name, endpoint in spec.batch_endpoints.items():
        made = _endpoint(spec, region, name, endpoint, capacity, foundation, topics, opts)
        published[name] = {
            "tier": endpoint.tier,
            "use_case": endpoint.use_case,
            "queue_arn": made.queue_arn,
            "job_definition_arn": made.job_definition_arn,
        }
    return published


def _endpoint(
    spec: Environment,
    region: str,
    name: str,
    endpoint: BatchSpec,
    capacity: Capacity,
    foundation: Foundation,
    topics: AlarmTopicsArgs,
    opts: pulumi.ResourceOptions,
) -> BatchEndpoint:
    variant = spec.models[endpoint.model].variants["full"]
    pool = capacity.pools[variant.pool]
    own = f"{spec.name}-{name}"

    def bucket(purpose: str) -> pulumi.Output[str]:
        return foundation.output(lambda f: getattr(f.buckets, purpose).arn)

    def objects(purpose: str, prefix: str) -> pulumi.Output[str]:
        bucket_name = foundation.output(lambda f: getattr(f.buckets, purpose).name)
        return pulumi.Output.concat("s3://", bucket_name, "/", prefix)

    return BatchEndpoint(
        own,
        BatchEndpointArgs(
            endpoint_name=own,
            account_id=spec.accounts.workload,
            workload=name,
            tier=endpoint.tier,
            job=JobArgs(
                image=image_of(variant, foundation),
                command=list(endpoint.command),
                # Batch gives out whole vCPUs on instances.
                vcpus=-(-variant.resources.cpu.millis // 1000),
                memory_mib=variant.resources.memory.mib,
                accelerators=variant.resources.accelerators,
                accelerator=ACCELERATORS[pool.accelerator.value]
                if pool.accelerator and variant.resources.accelerators
                else None,
                attempts=endpoint.attempts,
                timeout=str(endpoint.timeout),
                disk_gib=pool.disk.gib,
                # What `Ref::input` and `Ref::output` of the command stand for unless a job says otherwise.
                parameters={
                    "input": objects(endpoint.input.bucket, endpoint.input.prefix),
                    "output": objects(endpoint.output.bucket, endpoint.output.prefix),
                },
            ),
            instance_types=[each.name for each in types_of(pool.families, pool.sizes)],
            vpc_id=foundation.output(lambda f: f.network.vpc_id),
            subnet_ids=foundation.output(lambda f: f.network.private_subnet_ids),
            model_bucket_arn=bucket("models"),
            model_prefix=variant.weights.prefix,
            input_bucket_arn=bucket(endpoint.input.bucket),
            input_prefix=endpoint.input.prefix,
            output_bucket_arn=bucket(endpoint.output.bucket),
            output_prefix=endpoint.output.prefix,
            key_arn=foundation.output(lambda f: f.key.arn),
            alarm_topics=topics,
            keep=spec.keep,
            max_vcpus=endpoint.max_vcpus,
            # The standby's queue is there and idle: whoever fails over submits, so nothing is computed twice till then.
            schedule=endpoint.schedule if region == spec.regions.primary else None,
            restore_time=str(endpoint.timeout),
            dead_letter_arn=foundation.output(lambda f: f.topics.dead_letter),
            environment={
                "STANCHION_WEIGHTS_URI": objects("models", variant.weights.prefix),
                "STANCHION_WEIGHTS_SHA256": variant.weights.sha256,
                "STANCHION_INPUT_URI": objects(endpoint.input.bucket, endpoint.input.prefix),
                "STANCHION_OUTPUT_URI": objects(endpoint.output.bucket, endpoint.output.prefix),
                **({LOCAL_COMMAND: json.dumps(endpoint.local_command)} if endpoint.local_command else {}),
            },
        ),
        opts,
    )
