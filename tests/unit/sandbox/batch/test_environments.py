"""Compute environments: what is said is kept, and one that is used can't go."""

import pytest

from sandbox.batch import environments, queues
from sandbox.batch.errors import BatchError
from sandbox.batch.records import Records
from tests.unit.sandbox.batch.batch import REGION, prepared


def test_it_is_valid_at_once_and_describes_all_it_was_told() -> None:
    records = prepared()
    (spot,) = environments.describe(records, REGION, {"computeEnvironments": ["spot"]})["computeEnvironments"]
    assert (spot["state"], spot["status"]) == ("ENABLED", "VALID")
    assert spot["computeResources"]["type"] == "SPOT"
    by_arn = environments.describe(records, REGION, {"computeEnvironments": [spot["computeEnvironmentArn"]]})
    assert by_arn["computeEnvironments"] == [spot]
    assert len(environments.describe(records, REGION, {})["computeEnvironments"]) == 2


def test_a_name_is_taken_once_in_a_region() -> None:
    records = prepared()
    with pytest.raises(BatchError, match="Object already exists: spot"):
        environments.create(records, REGION, {"computeEnvironmentName": "spot", "type": "MANAGED"})
    environments.create(records, "us-west-2", {"computeEnvironmentName": "spot", "type": "MANAGED"})


def test_an_update_leaves_what_it_does_not_say() -> None:
    records = prepared()
    environments.update(records, REGION, {"computeEnvironment": "spot", "computeResources": {"maxvCpus": 9}})
    (spot,) = environments.describe(records, REGION, {"computeEnvironments": ["spot"]})["computeEnvironments"]
    assert spot["computeResources"] == {"type": "SPOT", "maxvCpus": 9, "minvCpus": 0}
    with pytest.raises(BatchError, match="nobody does not exist"):
        environments.update(records, REGION, {"computeEnvironment": "nobody"})


def test_only_one_that_is_disabled_and_unused_can_be_deleted() -> None:
    records = prepared()
    with pytest.raises(BatchError, match="not in DISABLED state"):
        environments.delete(records, REGION, {"computeEnvironment": "spot"})
    environments.update(records, REGION, {"computeEnvironment": "spot", "state": "DISABLED"})
    with pytest.raises(BatchError, match="existing JobQueue relationship"):
        environments.delete(records, REGION, {"computeEnvironment": "spot"})
    queues.update(records, REGION, {"jobQueue": "nightly", "state": "DISABLED"})
    queues.delete(records, REGION, {"jobQueue": "nightly"})
    environments.delete(records, REGION, {"computeEnvironment": "spot"})
    assert "spot" not in records.region(REGION).environments
    assert environments.delete(Records(), REGION, {"computeEnvironment": "spot"}) == {}
