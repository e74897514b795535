"""Args of an online endpoint as small as they can be and still whole, for the tests of what it is made of."""

from dataclasses import replace
from typing import Any

import pulumi

from components.alarm import AlarmTopicsArgs
from components.serving.endpoint import OnlineEndpoint, OnlineEndpointArgs
from components.serving.placement import Accelerator
from components.serving.protocol import Kind
from components.serving.variant import StartArgs, VariantArgs
from components.serving.weights import WeightsArgs
from tests.recorder import Recording, kubernetes, provider, record

GIB = 1024**3
MIB = 1024**2
DIGEST, SHA256 = "a" * 64, "b" * 64
IMAGE = f"registry.example/models@sha256:{DIGEST}"
VARIANT = VariantArgs(
    variant="full",
    image=IMAGE,
    weights=WeightsArgs("s3://models/support-llm/2026-05", SHA256, 16 * GIB),
    start=StartArgs(image_bytes=8 * GIB, bytes_per_second=512 * MIB, start_seconds=195, node_seconds=130),
    pool="gpu",
    cpu="6",
    memory="24Gi",
    concurrency=16,
    floor=2,
    max=20,
    accelerator=Accelerator.NVIDIA,
    accelerators=1,
)
ENDPOINT = OnlineEndpointArgs(
    endpoint_name="support-assistant",
    kind=Kind.LLM,
    tier="critical",
    model="support-llm",
    variants=[VARIANT],
    cluster_name="prod",
    region="us-west-2",
    gateway_address="http://gateway.gateway.svc:8081",
    alarm_topics=AlarmTopicsArgs(critical="arn:critical", warning="arn:warning", info="arn:info"),
    rto="2m",
    spot=True,
)


def variant(**changes: Any) -> VariantArgs:
    """A variant that differs."""
    return replace(VARIANT, **changes)


def recorded(*variants: VariantArgs, **changes: Any) -> Recording:
    """What an endpoint called `local` registers."""
    args = replace(ENDPOINT, variants=list(variants or (VARIANT,)), **changes)
    options = pulumi.ResourceOptions
    return record(lambda: OnlineEndpoint("local", args, options(providers=[provider("us-west-2"), kubernetes()])))
