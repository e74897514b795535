"""Job definitions: each registration is a new revision, and none is ever changed."""

from sandbox.batch.errors import BatchError, absent
from sandbox.batch.records import Document, Records, Region, arn, name_in

KIND = "job-definition"


def register(records: Records, region: str, asked: Document) -> Document:
    """RegisterJobDefinition: containers on EC2 only."""
    name = asked["jobDefinitionName"]
    if asked.get("type") != "container" or "containerProperties" not in asked:
        raise BatchError("the local cloud runs jobs of type 'container' with containerProperties only")
    revisions = records.region(region).definitions.setdefault(name, [])
    revision = len(revisions) + 1
    definition: Document = {
        "platformCapabilities": ["EC2"],
        "propagateTags": False,
        **asked,
        "jobDefinitionArn": arn(region, KIND, f"{name}:{revision}"),
        "revision": revision,
        "status": "ACTIVE",
        "containerOrchestrationType": "ECS",
    }
    revisions.append(definition)
    return {name: definition[name] for name in ("jobDefinitionName", "jobDefinitionArn", "revision")}


def describe(records: Records, region: str, asked: Document) -> Document:
    """DescribeJobDefinitions: by ARN, by name, by status."""
    every = [each for revisions in records.region(region).definitions.values() for each in revisions]
    if references := asked.get("jobDefinitions"):
        names = {name_in(reference, region, KIND) for reference in references}
        every = [each for each in every if {_full_name(each), each["jobDefinitionName"]} & names]
    for member, name in (("jobDefinitionName", "jobDefinitionName"), ("status", "status")):
        if member in asked:
            every = [each for each in every if each[name] == asked[member]]
    return {"jobDefinitions": every}


def deregister(records: Records, region: str, asked: Document) -> Document:
    """DeregisterJobDefinition: no new job is made from it; it is described for 180 days more."""
    name, _, number = name_in(asked["jobDefinition"], region, KIND).partition(":")
    for revision in records.region(region).definitions.get(name, []):
        if str(revision["revision"]) == number:
            revision["status"] = "INACTIVE"
    return {}


def found(here: Region, region: str, reference: str) -> Document:
    """The definition that a job is made from: the revision that is named, else the newest that is active.

    Raises:
        BatchError: there is none, or it is not active.
    """
    name, _, number = name_in(reference, region, KIND).partition(":")
    active = [each for each in here.definitions.get(name, []) if each["status"] == "ACTIVE"]
    chosen = [each for each in active if not number or str(each["revision"]) == number]
    if not chosen:
        raise absent(f"an active job definition {reference}")
    return chosen[-1]


def _full_name(definition: Document) -> str:
    return f"{definition['jobDefinitionName']}:{definition['revision']}"
