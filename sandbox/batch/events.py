"""Tells of jobs that have changed their state, as EventBridge events."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime

from sandbox.batch.records import Document, Records, new_id, now
from sandbox.processes.programs import ACCOUNT

SOURCE = "aws.batch"
DETAIL_TYPE = "Batch Job State Change"

# Takes a region and an event.
Publish = Callable[[str, Document], None]


def event_of(region: str, job: Document) -> Document:
    """The event of a job that has come to its state (Batch user guide, job state change events)."""
    return {
        "version": "0",
        "id": new_id(),
        "detail-type": DETAIL_TYPE,
        "source": SOURCE,
        "account": ACCOUNT,
        "time": datetime.fromtimestamp(now() / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": [job["jobArn"]],
        # As it is now: it goes on while the event is delivered.
        "detail": copy.deepcopy(job),
    }


class Changes:
    """Finds the jobs whose state is another one than it was at the last look.

    Args:
        records: in which the jobs are; states that they have already are not told again.
        publish: is given each change.
    """

    def __init__(self, records: Records, publish: Publish) -> None:
        self._records = records
        self._publish = publish
        self._told = {job["jobId"]: job["status"] for _, job in records.jobs()}

    def look(self) -> None:
        """Tell of what has changed."""
        before, self._told = self._told, {}
        for region, job in self._records.jobs():
            self._told[job["jobId"]] = job["status"]
            if before.get(job["jobId"]) != job["status"]:
                self._publish(region, event_of(region, job))
