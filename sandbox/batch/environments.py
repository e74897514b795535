"""Compute environments: recorded as they are asked for, valid at once; their instances are this machine."""

from sandbox.batch.errors import BatchError, absent
from sandbox.batch.records import Document, Records, Region, arn, name_in, new_id

KIND = "compute-environment"
SERVICE_ROLE = "arn:aws:iam::000000000000:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch"
_CHANGEABLE = ("state", "unmanagedvCpus", "serviceRole", "updatePolicy", "context")


def create(records: Records, region: str, asked: Document) -> Document:
    """CreateComputeEnvironment."""
    name, here = asked["computeEnvironmentName"], records.region(region)
    if name in here.environments:
        raise BatchError(f"Object already exists: {name}")
    environment: Document = {
        "state": "ENABLED",
        "serviceRole": SERVICE_ROLE,
        **asked,
        "computeEnvironmentArn": arn(region, KIND, name),
        "ecsClusterArn": arn(region, "cluster", f"AWSBatch-{name}", "ecs"),
        "status": "VALID",
        "statusReason": "ComputeEnvironment Healthy",
        "containerOrchestrationType": "ECS",
        "uuid": new_id(),
    }
    here.environments[name] = environment
    return {"computeEnvironmentName": name, "computeEnvironmentArn": environment["computeEnvironmentArn"]}


def describe(records: Records, region: str, asked: Document) -> Document:
    """DescribeComputeEnvironments: all, or those that are named and there."""
    here = records.region(region)
    names = [name_in(each, region, KIND) for each in asked.get("computeEnvironments") or list(here.environments)]
    return {"computeEnvironments": [here.environments[name] for name in names if name in here.environments]}


def update(records: Records, region: str, asked: Document) -> Document:
    """UpdateComputeEnvironment: what is not said stays."""
    environment = found(records.region(region), region, asked["computeEnvironment"])
    environment |= {name: asked[name] for name in _CHANGEABLE if name in asked}
    environment["computeResources"] = {**environment.get("computeResources", {}), **asked.get("computeResources", {})}
    return {name: environment[name] for name in ("computeEnvironmentName", "computeEnvironmentArn")}


def delete(records: Records, region: str, asked: Document) -> Document:
    """DeleteComputeEnvironment: only one that is disabled, and that no queue uses."""
    here = records.region(region)
    name = name_in(asked["computeEnvironment"], region, KIND)
    environment = here.environments.get(name)
    if environment is None:
        return {}
    if environment["state"] != "DISABLED":
        raise BatchError("Cannot delete, resource is not in DISABLED state")
    used = {name_in(each["computeEnvironment"], region, KIND) for q in here.queues.values() for each in _order(q)}
    if name in used:
        raise BatchError("Cannot delete, found existing JobQueue relationship")
    del here.environments[name]
    return {}


def _order(queue: Document) -> list[Document]:
    return queue.get("computeEnvironmentOrder", [])


def found(here: Region, region: str, reference: str) -> Document:
    """The environment of a name or an ARN.

    Raises:
        BatchError: there is none.
    """
    environment = here.environments.get(name_in(reference, region, KIND))
    if environment is None:
        raise absent(reference)
    return environment
