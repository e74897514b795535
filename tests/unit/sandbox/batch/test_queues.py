"""Job queues: their order is of environments that exist, and jobs under way keep them."""

import pytest

from sandbox.batch import jobs, queues
from sandbox.batch.errors import BatchError
from tests.unit.sandbox.batch.batch import REGION, prepared, python, submitted


def test_it_describes_what_it_was_told_by_name_and_by_arn() -> None:
    records = prepared()
    (queue,) = queues.describe(records, REGION, {"jobQueues": ["nightly"]})["jobQueues"]
    assert [each["computeEnvironment"] for each in queue["computeEnvironmentOrder"]] == ["spot", "on-demand"]
    assert queues.describe(records, REGION, {"jobQueues": [queue["jobQueueArn"]]})["jobQueues"] == [queue]
    assert queues.describe(records, REGION, {"jobQueues": ["another"]})["jobQueues"] == []


def test_an_environment_that_is_not_there_is_refused() -> None:
    records = prepared()
    order = [{"order": 1, "computeEnvironment": "gone"}]
    with pytest.raises(BatchError, match="gone does not exist"):
        queues.create(records, REGION, {"jobQueueName": "other", "priority": 1, "computeEnvironmentOrder": order})
    with pytest.raises(BatchError, match="gone does not exist"):
        queues.update(records, REGION, {"jobQueue": "nightly", "computeEnvironmentOrder": order})
    assert len(records.region(REGION).queues["nightly"]["computeEnvironmentOrder"]) == 2


def test_only_one_that_is_disabled_and_idle_can_be_deleted() -> None:
    records = prepared()
    job = submitted(records, python("pass"))
    with pytest.raises(BatchError, match="not in DISABLED state"):
        queues.delete(records, REGION, {"jobQueue": "nightly"})
    queues.update(records, REGION, {"jobQueue": "nightly", "state": "DISABLED"})
    with pytest.raises(BatchError, match="still running; terminate them first"):
        queues.delete(records, REGION, {"jobQueue": "nightly"})
    jobs.fail(job, "given up")
    queues.delete(records, REGION, {"jobQueue": "nightly"})
    assert not records.region(REGION).queues
    assert not records.region(REGION).jobs
