"""Job queues: an order of compute environments."""

from sandbox.batch import environments
from sandbox.batch.errors import BatchError, absent
from sandbox.batch.records import Document, Records, Region, arn, name_in

KIND = "job-queue"
ENDED = ("SUCCEEDED", "FAILED")
_CHANGEABLE = ("state", "schedulingPolicyArn", "priority", "computeEnvironmentOrder", "jobStateTimeLimitActions")


def create(records: Records, region: str, asked: Document) -> Document:
    """CreateJobQueue."""
    name, here = asked["jobQueueName"], records.region(region)
    if name in here.queues:
        raise BatchError(f"Object already exists: {name}")
    queue: Document = {
        "state": "ENABLED",
        "computeEnvironmentOrder": [],
        "jobStateTimeLimitActions": [],
        **asked,
        "jobQueueArn": arn(region, KIND, name),
        "jobQueueType": "ECS",
        "status": "VALID",
        "statusReason": "JobQueue Healthy",
    }
    _check_order(here, region, queue)
    here.queues[name] = queue
    return {"jobQueueName": name, "jobQueueArn": queue["jobQueueArn"]}


def describe(records: Records, region: str, asked: Document) -> Document:
    """DescribeJobQueues: all, or those that are named and there."""
    here = records.region(region)
    names = [name_in(each, region, KIND) for each in asked.get("jobQueues") or list(here.queues)]
    return {"jobQueues": [here.queues[name] for name in names if name in here.queues]}


def update(records: Records, region: str, asked: Document) -> Document:
    """UpdateJobQueue: what is not said stays."""
    here = records.region(region)
    queue = found(here, region, asked["jobQueue"])
    changed = {**queue, **{name: asked[name] for name in _CHANGEABLE if name in asked}}
    _check_order(here, region, changed)
    queue |= changed
    return {name: queue[name] for name in ("jobQueueName", "jobQueueArn")}


def delete(records: Records, region: str, asked: Document) -> Document:
    """DeleteJobQueue: only one that is disabled and whose jobs have ended."""
    here = records.region(region)
    queue = here.queues.get(name_in(asked["jobQueue"], region, KIND))
    if queue is None:
        return {}
    if queue["state"] != "DISABLED":
        raise BatchError("Cannot delete, resource is not in DISABLED state")
    mine = [job for job in here.jobs.values() if job["jobQueue"] == queue["jobQueueArn"]]
    if any(job["status"] not in ENDED for job in mine):
        raise BatchError(f"Cannot delete, jobs of {queue['jobQueueName']} are still running; terminate them first")
    for job in mine:
        del here.jobs[job["jobId"]]
    del here.queues[queue["jobQueueName"]]
    return {}


def found(here: Region, region: str, reference: str) -> Document:
    """The queue of a name or an ARN.

    Raises:
        BatchError: there is none.
    """
    queue = here.queues.get(name_in(reference, region, KIND))
    if queue is None:
        raise absent(f"JobQueue {reference}")
    return queue


def _check_order(here: Region, region: str, queue: Document) -> None:
    for each in queue["computeEnvironmentOrder"]:
        environments.found(here, region, each["computeEnvironment"])
