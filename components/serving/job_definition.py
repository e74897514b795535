"""A batch job: its container, what it may use, and after which failures it is started again."""

import re
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.serving.placement import Accelerator

# Batch API, RetryStrategy: 1 to 10 attempts.
MOST_ATTEMPTS = 10
_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")


@dataclass
class JobArgs:
    """The container of a batch job.

    Args:
        image: by digest, `<registry>/<name>@sha256:<64 hex>`, so that a retry runs what the first attempt ran.
        command: its arguments; `Ref::input` and `Ref::output` stand for what a job is submitted with.
        vcpus: for each job.
        memory_mib: for each job.
        accelerators: how many of `accelerator` each job gets.
        accelerator: none or NVIDIA's; Batch gives out no others by number.
        attempts: how often a job is started at most, over hosts that are taken back; 2 to 10.
        timeout: how long one attempt may run, such as `4h`.
        disk_gib: disk of a host for images and weights.
        parameters: what `Ref::…` stands for when a job does not say.
    """

    image: pulumi.Input[str]
    command: list[str]
    vcpus: int = 4
    memory_mib: int = 15000
    accelerators: int = 0
    accelerator: Accelerator | None = None
    attempts: int = 5
    timeout: str = "4h"
    disk_gib: int = 100
    parameters: dict[str, pulumi.Input[str]] = field(default_factory=dict)


def retry_strategy(attempts: int) -> aws.batch.JobDefinitionRetryStrategyArgs:
    """Again when the host went or the image could not be had, and for no other reason.

    Rules are tried in their order and what none matches is retried, so the last one matches all
    (Batch user guide, automated job retries; read 2026-11-23).
    """
    rule = aws.batch.JobDefinitionRetryStrategyEvaluateOnExitArgs
    return aws.batch.JobDefinitionRetryStrategyArgs(
        attempts=attempts,
        evaluate_on_exits=[
            rule(action="RETRY", on_status_reason="Host EC2*"),
            rule(action="RETRY", on_reason="CannotPullContainerError*"),
            rule(action="EXIT", on_reason="*"),
        ],
    )


def container(
    job: JobArgs,
    *,
    job_role: pulumi.Input[str],
    execution_role: pulumi.Input[str],
    log_group: pulumi.Input[str],
    environment: dict[str, pulumi.Input[str]],
) -> dict[str, Any]:
    """The container's properties: no root, nothing written but below /tmp, all output in one log group."""
    resources = [
        {"type": "VCPU", "value": str(job.vcpus)},
        {"type": "MEMORY", "value": str(job.memory_mib)},
        *([{"type": "GPU", "value": str(job.accelerators)}] if job.accelerators else []),
    ]
    return {
        "image": job.image,
        "command": job.command,
        "resourceRequirements": resources,
        "jobRoleArn": job_role,
        "executionRoleArn": execution_role,
        "readonlyRootFilesystem": True,
        "privileged": False,
        "user": "65532:65532",
        "volumes": [{"name": "scratch", "host": {}}],
        "mountPoints": [{"sourceVolume": "scratch", "containerPath": "/tmp", "readOnly": False}],  # noqa: S108
        "environment": [{"name": name, "value": environment[name]} for name in sorted(environment)],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {"awslogs-group": log_group, "awslogs-stream-prefix": "job", "mode": "non-blocking"},
        },
    }


def refuse_unfit(name: str, job: JobArgs) -> None:
    """Refuse a job that would not run again as it ran, or that could never start.

    Raises:
        ValueError: a sentence with the job's name, the value and the fix.
    """
    if isinstance(job.image, str) and not _DIGEST.search(job.image):
        raise ValueError(
            f"batch job '{name}' has image '{job.image}'; allowed: an image by its digest, "
            "'<registry>/<name>@sha256:<64 hex digits>', since a tag can mean another one at the next attempt."
        )
    if not 2 <= job.attempts <= MOST_ATTEMPTS:
        raise ValueError(
            f"batch job '{name}' has {job.attempts} attempts; allowed: 2 to {MOST_ATTEMPTS}, since spot hosts are "
            "taken back and one attempt is none then."
        )
    if bool(job.accelerators) != (job.accelerator is Accelerator.NVIDIA):
        said = job.accelerator.value if job.accelerator else "none"
        raise ValueError(
            f"batch job '{name}' asks for {job.accelerators} accelerators and its kind is {said}; name NVIDIA's and "
            "how many, or neither: Batch gives out no others by number."
        )
