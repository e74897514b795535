"""A queue with two environments and a definition, for the tests of Batch."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.batch import definitions, environments, jobs, queues
from sandbox.batch.host import COMMAND_VARIABLE, TIMEOUT_VARIABLE
from sandbox.batch.records import Document, Records

REGION = "us-east-1"
HOST_LOST = {"action": "RETRY", "onStatusReason": "Host EC2*"}
NOTHING_ELSE = {"action": "EXIT", "onReason": "*"}


def prepared(file: Path | None = None, *, vcpus: int = 4) -> Records:
    """Environments `spot` and `on-demand` of so many vCPUs, queue `nightly` over both."""
    records = Records(file)
    for name, kind in (("spot", "SPOT"), ("on-demand", "EC2")):
        resources = {"type": kind, "maxvCpus": vcpus, "minvCpus": 0}
        asked = {"computeEnvironmentName": name, "type": "MANAGED", "computeResources": resources}
        environments.create(records, REGION, asked)
    order = [{"order": 1, "computeEnvironment": "spot"}, {"order": 2, "computeEnvironment": "on-demand"}]
    queues.create(records, REGION, {"jobQueueName": "nightly", "priority": 1, "computeEnvironmentOrder": order})
    return records


def python(code: str) -> list[str]:
    """A command that runs Python code."""
    return [sys.executable, "-c", code]


def submitted(
    records: Records,
    words: list[str] | None = None,
    *,
    attempts: int = 3,
    seconds: float | None = None,
    variables: Mapping[str, str] | None = None,
    **asked: Any,
) -> Document:
    """A job that runs these words here and is retried after its host only."""
    own = dict(variables or {})
    if words is not None:
        own[COMMAND_VARIABLE] = json.dumps(words)
    if seconds is not None:
        own[TIMEOUT_VARIABLE] = str(seconds)
    container = {
        "image": "nobody@sha256:0",
        "command": ["score", "Ref::input"],
        "resourceRequirements": [{"type": "VCPU", "value": "2"}, {"type": "MEMORY", "value": "1024"}],
        "environment": [{"name": name, "value": value} for name, value in own.items()],
    }
    definition: Document = {
        "jobDefinitionName": "nightly",
        "type": "container",
        "containerProperties": container,
        "retryStrategy": {"attempts": attempts, "evaluateOnExit": [HOST_LOST, NOTHING_ELSE]},
    }
    if seconds is not None:
        definition["timeout"] = {"attemptDurationSeconds": 60}
    definitions.register(records, REGION, definition)
    request = {"jobName": "one", "jobQueue": "nightly", "jobDefinition": "nightly", **asked}
    return jobs.found(records, REGION, jobs.submit(records, REGION, request)["jobId"])
