"""Jobs as clients ask for them and see them; the runner moves them on."""

import math
from collections.abc import Mapping
from typing import Any

from sandbox.batch import definitions, queues
from sandbox.batch.errors import BatchError, absent
from sandbox.batch.records import Document, Records, arn, new_id, now
from sandbox.batch.retries import MOST_ATTEMPTS

BEFORE_START = ("SUBMITTED", "PENDING", "RUNNABLE")
UNDER_WAY = ("STARTING", "RUNNING")
# Batch API, JobTimeout.
LEAST_TIMEOUT_SECONDS = 60
# What would change how a job runs, and does not here.
_UNSUPPORTED = (
    *("arrayProperties", "dependsOn", "nodeOverrides", "eksPropertiesOverride", "ecsPropertiesOverride"),
    *("shareIdentifier", "schedulingPriorityOverride", "consumableResourcePropertiesOverride"),
)
_SUMMARY = ("jobArn", "jobId", "jobName", "createdAt", "status", "statusReason", "startedAt", "stoppedAt")


def submit(records: Records, region: str, asked: Document) -> Document:
    """SubmitJob."""
    refused = next((name for name in _UNSUPPORTED if asked.get(name)), None)
    if refused:
        raise BatchError(f"the local cloud runs single jobs that depend on no others; '{refused}' is not supported")
    here = records.region(region)
    queue = queues.found(here, region, asked["jobQueue"])
    if queue["state"] != "ENABLED":
        raise BatchError(f"JobQueue {queue['jobQueueName']} is DISABLED")
    definition = definitions.found(here, region, asked["jobDefinition"])
    identity = new_id()
    propagated = asked.get("propagateTags", definition["propagateTags"])
    job: Document = {
        "jobArn": arn(region, "job", identity),
        "jobName": asked["jobName"],
        "jobId": identity,
        "jobQueue": queue["jobQueueArn"],
        "status": "RUNNABLE",
        "attempts": [],
        "createdAt": now(),
        "retryStrategy": _strategy(definition, asked),
        "dependsOn": [],
        "jobDefinition": definition["jobDefinitionArn"],
        "parameters": {**definition.get("parameters", {}), **asked.get("parameters", {})},
        "container": _container(definition["containerProperties"], asked.get("containerOverrides") or {}),
        "tags": {**(definition.get("tags", {}) if propagated else {}), **asked.get("tags", {})},
        "propagateTags": propagated,
        "platformCapabilities": definition["platformCapabilities"],
        "isCancelled": False,
        "isTerminated": False,
    }
    if timeout := asked.get("timeout") or definition.get("timeout"):
        job["timeout"] = _checked(timeout)
    here.jobs[identity] = job
    return {name: job[name] for name in ("jobArn", "jobName", "jobId")}


def _strategy(definition: Document, asked: Document) -> Document:
    strategy = asked.get("retryStrategy") or definition.get("retryStrategy") or {}
    attempts = strategy.get("attempts", 1)
    if not 1 <= attempts <= MOST_ATTEMPTS:
        raise BatchError(f"retryStrategy has {attempts} attempts; allowed: 1 to {MOST_ATTEMPTS}")
    return {"attempts": attempts, "evaluateOnExit": strategy.get("evaluateOnExit", [])}


def _checked(timeout: Document) -> Document:
    seconds = timeout.get("attemptDurationSeconds", LEAST_TIMEOUT_SECONDS)
    if seconds < LEAST_TIMEOUT_SECONDS:
        raise BatchError(f"attemptDurationSeconds is {seconds}; allowed: {LEAST_TIMEOUT_SECONDS} or more")
    return {"attemptDurationSeconds": seconds}


def _container(properties: Mapping[str, Any], overrides: Mapping[str, Any]) -> Document:
    container = {name: value for name, value in properties.items() if value is not None}
    variables = {each["name"]: each for key in (properties, overrides) for each in key.get("environment") or []}
    resources = {
        each["type"]: each for key in (properties, overrides) for each in key.get("resourceRequirements") or []
    }
    return {
        **container,
        "command": overrides.get("command") or container.get("command", []),
        "environment": list(variables.values()),
        "resourceRequirements": list(resources.values()),
    }


def describe(records: Records, region: str, asked: Document) -> Document:
    """DescribeJobs: those that are named and there."""
    here = records.region(region)
    names = [each.rpartition("/")[2] for each in asked["jobs"]]
    return {"jobs": [here.jobs[name] for name in names if name in here.jobs]}


def listed(records: Records, region: str, asked: Document) -> Document:
    """ListJobs: the jobs of a queue in a status, RUNNING when none is said; the newest first."""
    if "jobQueue" not in asked or asked.get("filters"):
        raise BatchError("the local cloud lists jobs by jobQueue and jobStatus only")
    here = records.region(region)
    queue, status = queues.found(here, region, asked["jobQueue"]), asked.get("jobStatus", "RUNNING")
    every = [job for job in here.jobs.values() if (job["jobQueue"], job["status"]) == (queue["jobQueueArn"], status)]
    every.sort(key=lambda job: -job["createdAt"])
    return {"jobSummaryList": [{name: job[name] for name in _SUMMARY if name in job} for job in every]}


def found(records: Records, region: str, identity: str) -> Document:
    """One job.

    Raises:
        BatchError: there is none of this id.
    """
    job = records.region(region).jobs.get(identity.rpartition("/")[2])
    if job is None:
        raise absent(f"job {identity}")
    return job


def fail(job: Document, reason: str) -> None:
    """A job that is given up."""
    job |= {"status": "FAILED", "statusReason": reason, "stoppedAt": now()}


def vcpus(job: Document) -> int:
    """How many vCPUs a job takes, rounded up; 1 unless it says otherwise."""
    wanted = {each["type"]: each["value"] for each in job["container"]["resourceRequirements"]}
    return max(1, math.ceil(float(wanted.get("VCPU", job["container"].get("vcpus", 1)))))
