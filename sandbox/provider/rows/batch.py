"""Rows of AWS Batch: compute environments, job queues and job definitions (sandbox/batch keeps and runs them)."""

import json
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Call, Example, Need, Ref, Row, TagCalls
from sandbox.provider.rules import at_least_one, between, conflicts, matches, one_of
from sandbox.provider.shapes import object_from, to_request
from sandbox.provider.values import Properties

ENVIRONMENT = "aws:batch/computeEnvironment:ComputeEnvironment"
NAMES = (r"[a-zA-Z0-9][\w-]{0,127}", "up to 128 letters, digits, hyphens and underscores")
ENVIRONMENT_NAMES = {
    "name": "computeEnvironmentName",
    "arn": "computeEnvironmentArn",
    "computeResources.ec2Configurations": "ec2Configuration",
}
QUEUE_NAMES = {
    "name": "jobQueueName",
    "arn": "jobQueueArn",
    "computeEnvironmentOrders": "computeEnvironmentOrder",
}
DEFINITION_NAMES = {"name": "jobDefinitionName", "arn": "jobDefinitionArn", "evaluateOnExits": "evaluateOnExit"}
TAGS = TagCalls(
    add="tag_resource",
    remove="untag_resource",
    target=("resourceArn", "arn"),
    tags="tags",
    keys="tagKeys",
    pair=None,
    at_create="tags",
)


def disable(operation: str, member: str) -> Any:
    """Batch deletes only what is disabled."""

    def step(context: Context) -> None:
        described = "describe_" + operation.removeprefix("update_") + "s"
        if any(context.call(described, **{f"{member}s": [context.id]}).get(f"{member}s", [])):
            context.call(operation, **{member: context.id}, state="DISABLED")

    return step


def register(context: Context) -> Properties:
    """Registers a revision; properties of the container are a text in the program and an object in the API."""
    shape: Any = context.client().meta.service_model.operation_model("RegisterJobDefinition").input_shape
    hidden = {"containerProperties", "deregisterOnNewRevision", "region", "tags"}
    wanted = {name: value for name, value in context.inputs.items() if name in context.schema.inputs.keys() - hidden}
    request = to_request(wanted, shape, DEFINITION_NAMES)
    # As it was written: in there, names are the API's own.
    request["containerProperties"] = json.loads(context["containerProperties"])
    context.tags_sent = True
    answer = context.call(
        "register_job_definition", **request, tags={k: str(v) for k, v in (context["tagsAll"] or {}).items()} or None
    )
    return {"id": answer["jobDefinitionArn"], "arn": answer["jobDefinitionArn"], "revision": answer["revision"]}


def _name(context: Context) -> str:
    """The definition's name, from the ARN of whichever revision the id is."""
    return context.id.rpartition("/")[2].rpartition(":")[0]


def _active(context: Context) -> list[dict[str, Any]]:
    found = context.call("describe_job_definitions", jobDefinitionName=_name(context), status="ACTIVE")
    return sorted(found["jobDefinitions"], key=lambda each: each["revision"])


def new_revision(context: Context) -> None:
    """Registers what changed as a new revision, and takes the one before away unless it is to stay."""
    if not context.changed - {"tags", "tagsAll", "deregisterOnNewRevision"}:
        return
    before = _active(context)
    context.state |= {name: value for name, value in register(context).items() if name != "id"}
    if before and context["deregisterOnNewRevision"] is not False:
        context.call("deregister_job_definition", jobDefinition=before[-1]["jobDefinitionArn"])


def read_definition(context: Context) -> Properties | None:
    """The newest active revision."""
    active = _active(context)
    if not active:
        return None
    found = active[-1]
    state = object_from(
        {name: value for name, value in found.items() if name != "containerProperties"},
        context.schema.outputs,
        DEFINITION_NAMES,
    )
    return {
        **state,
        "id": context.id,
        "arnPrefix": found["jobDefinitionArn"].rpartition(":")[0],
        "containerProperties": json.dumps(found["containerProperties"]),
    }


def deregister(context: Context) -> None:
    """Takes all revisions away."""
    for each in _active(context):
        context.call("deregister_job_definition", jobDefinition=each["jobDefinitionArn"])


_CONTAINER = {
    "image": "registry/batch@sha256:1",
    "command": ["score", "Ref::input"],
    "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "512"}],
    "environment": [{"name": "MODEL", "value": "s3://models/scorer"}],
    "volumes": [{"name": "scratch", "host": {}}],
}
_RESOURCES = {
    "type": "SPOT",
    "allocationStrategy": "SPOT_PRICE_CAPACITY_OPTIMIZED",
    "minVcpus": 0,
    "maxVcpus": 64,
    "instanceTypes": ["m7i.xlarge", "m6i.xlarge"],
    "subnets": ["subnet-1", "subnet-2"],
    "securityGroupIds": ["sg-1"],
    "instanceRole": "arn:aws:iam::000000000000:instance-profile/batch",
    "launchTemplate": {"launchTemplateId": "lt-1", "version": "1"},
    "tags": {"Name": "batch"},
}

ROWS = (
    Row(
        type=ENVIRONMENT,
        service="batch",
        names=ENVIRONMENT_NAMES,
        # How updates are done is not part of the call that creates.
        create=(
            Call("create_compute_environment"),
            Call("update_compute_environment", params={"computeEnvironment": "$id"}, only=("updatePolicy",)),
        ),
        read=(
            Call(
                "describe_compute_environments",
                params={"computeEnvironments": lambda context: [context.id]},
                fill=False,
                result="computeEnvironments.0",
            ),
        ),
        update=(
            Call(
                "update_compute_environment",
                params={"computeEnvironment": "$id"},
                only=("computeResources", "serviceRole", "state", "updatePolicy"),
            ),
        ),
        delete=(
            disable("update_compute_environment", "computeEnvironment"),
            Call("delete_compute_environment", params={"computeEnvironment": "$id"}, fill=False),
        ),
        id=("name",),
        replace=frozenset({"name", "namePrefix", "type"}),
        sets=frozenset({f"computeResources.{name}" for name in ("instanceTypes", "subnets", "securityGroupIds")}),
        defaults={"state": "ENABLED"},
        nested_computed=frozenset({"computeResources.desiredVcpus", "computeResources.ec2Configurations"}),
        sticky=frozenset({"serviceRole", "updatePolicy"}),
        provider_only=frozenset({"namePrefix"}),
        auto_name=AutoName("name", 128, "namePrefix"),
        tags=TAGS,
        unsupported={"eksConfiguration": "the local cloud runs jobs on instances only"},
        rules=(
            conflicts("name", "namePrefix"),
            matches("name", *NAMES),
            one_of("type", "MANAGED", "UNMANAGED"),
            one_of("state", "ENABLED", "DISABLED"),
            one_of("computeResources.type", "EC2", "SPOT"),
            one_of(
                "computeResources.allocationStrategy",
                "BEST_FIT",
                "BEST_FIT_PROGRESSIVE",
                "SPOT_CAPACITY_OPTIMIZED",
                "SPOT_PRICE_CAPACITY_OPTIMIZED",
            ),
            between("updatePolicy.jobExecutionTimeoutMinutes", 1, 360),
        ),
        example=Example(
            inputs={
                "type": "MANAGED",
                "computeResources": _RESOURCES,
                "updatePolicy": {"jobExecutionTimeoutMinutes": 60, "terminateJobsOnUpdate": False},
                "tags": {"a": "1", "b": "1"},
            },
            update={"computeResources": {**_RESOURCES, "maxVcpus": 128}, "state": "DISABLED", "tags": {"a": "2"}},
            replace={"name": "another"},
        ),
    ),
    Row(
        type="aws:batch/jobQueue:JobQueue",
        service="batch",
        names=QUEUE_NAMES,
        create=(Call("create_job_queue"),),
        read=(
            Call(
                "describe_job_queues",
                params={"jobQueues": lambda context: [context.id]},
                fill=False,
                result="jobQueues.0",
            ),
        ),
        update=(
            Call(
                "update_job_queue",
                params={"jobQueue": "$id"},
                only=("computeEnvironmentOrders", "jobStateTimeLimitActions", "priority", "state"),
            ),
        ),
        delete=(
            disable("update_job_queue", "jobQueue"),
            Call("delete_job_queue", params={"jobQueue": "$id"}, fill=False),
        ),
        id=("arn",),
        replace=frozenset({"name"}),
        auto_name=AutoName("name", 128),
        unset={"jobStateTimeLimitActions": []},
        tags=TAGS,
        unsupported={
            "schedulingPolicyArn": "the local cloud runs jobs in the order of priority and time",
            "timeouts": "the local cloud is done at once",
        },
        rules=(
            matches("name", *NAMES),
            one_of("state", "ENABLED", "DISABLED"),
            between("priority", 0, 10000),
            one_of("jobStateTimeLimitActions.action", "CANCEL", "TERMINATE"),
            one_of("jobStateTimeLimitActions.state", "RUNNABLE"),
            between("jobStateTimeLimitActions.maxTimeSeconds", 600, 86400),
        ),
        example=Example(
            inputs={
                "state": "ENABLED",
                "priority": 1,
                "computeEnvironmentOrders": [{"order": 1, "computeEnvironment": Ref("environment", "arn")}],
                "jobStateTimeLimitActions": [
                    {
                        "state": "RUNNABLE",
                        "reason": "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",
                        "maxTimeSeconds": 86400,
                        "action": "CANCEL",
                    }
                ],
                "tags": {"a": "1", "b": "1"},
            },
            update={"priority": 2, "jobStateTimeLimitActions": None, "tags": {"a": "2"}},
            replace={"name": "another"},
            needs={"environment": Need(ENVIRONMENT, {"type": "MANAGED", "computeResources": _RESOURCES})},
        ),
    ),
    Row(
        type="aws:batch/jobDefinition:JobDefinition",
        service="batch",
        create=(register,),
        read=(read_definition,),
        update=(new_revision,),
        delete=(deregister,),
        replace=frozenset({"name", "type"}),
        sets=frozenset({"platformCapabilities"}),
        json=frozenset({"containerProperties"}),
        defaults={"deregisterOnNewRevision": True, "propagateTags": False},
        provider_only=frozenset({"deregisterOnNewRevision"}),
        sticky=frozenset({"platformCapabilities"}),
        auto_name=AutoName("name", 128),
        tags=TAGS,
        unsupported={
            "ecsProperties": "use containerProperties",
            "eksProperties": "the local cloud runs jobs on instances only",
            "nodeProperties": "the local cloud runs jobs of one container only",
            "schedulingPriority": "the local cloud runs jobs in the order of priority and time",
        },
        rules=(
            matches("name", *NAMES),
            one_of("type", "container"),
            at_least_one("containerProperties", "ecsProperties", "eksProperties", "nodeProperties"),
            between("retryStrategy.attempts", 1, 10),
            between("timeout.attemptDurationSeconds", 60, 2_147_483_647),
            one_of("platformCapabilities", "EC2"),
        ),
        example=Example(
            inputs={
                "type": "container",
                "containerProperties": json.dumps(_CONTAINER),
                "parameters": {"input": "today"},
                "platformCapabilities": ["EC2"],
                "retryStrategy": {
                    "attempts": 5,
                    "evaluateOnExits": [
                        {"action": "RETRY", "onStatusReason": "Host EC2*"},
                        {"action": "EXIT", "onReason": "*"},
                    ],
                },
                "timeout": {"attemptDurationSeconds": 3600},
                "tags": {"a": "1", "b": "1"},
            },
            update={
                "containerProperties": json.dumps({**_CONTAINER, "command": ["score"]}),
                "retryStrategy": {"attempts": 3},
                "propagateTags": True,
                "tags": {"a": "2"},
            },
            replace={"name": "another"},
        ),
    ),
)
