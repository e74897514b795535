"""Jobs as they are asked for and told."""

from typing import Any

import pytest

from sandbox.batch import jobs, queues
from sandbox.batch.errors import BatchError
from tests.unit.sandbox.batch.batch import REGION, prepared, submitted


def test_a_job_is_its_definition_with_what_was_overridden() -> None:
    records = prepared()
    job = submitted(
        records,
        variables={"A": "1", "B": "1"},
        parameters={"input": "today"},
        containerOverrides={
            "environment": [{"name": "B", "value": "2"}],
            "resourceRequirements": [{"type": "VCPU", "value": "3"}],
        },
    )
    assert job["status"] == "RUNNABLE"
    assert job["jobDefinition"].endswith("job-definition/nightly:1")
    assert {each["name"]: each["value"] for each in job["container"]["environment"]} == {"A": "1", "B": "2"}
    assert jobs.vcpus(job) == 3
    assert job["parameters"] == {"input": "today"}
    assert job["retryStrategy"]["attempts"] == 3
    assert jobs.describe(records, REGION, {"jobs": [job["jobArn"], "unknown"]})["jobs"] == [job]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"jobQueue": "other"}, "JobQueue other does not exist"),
        ({"jobDefinition": "other"}, "an active job definition other does not exist"),
        ({"arrayProperties": {"size": 3}}, "'arrayProperties' is not supported"),
        ({"dependsOn": [{"jobId": "1"}]}, "'dependsOn' is not supported"),
        ({"retryStrategy": {"attempts": 11}}, "has 11 attempts; allowed: 1 to 10"),
        ({"timeout": {"attemptDurationSeconds": 59}}, "attemptDurationSeconds is 59; allowed: 60 or more"),
    ],
)
def test_what_could_not_run_as_asked_is_refused(asked: dict[str, Any], sentence: str) -> None:
    records = prepared()
    with pytest.raises(BatchError, match=sentence):
        submitted(records, **asked)
    assert not records.region(REGION).jobs


def test_a_disabled_queue_takes_no_jobs() -> None:
    records = prepared()
    queues.update(records, REGION, {"jobQueue": "nightly", "state": "DISABLED"})
    with pytest.raises(BatchError, match="JobQueue nightly is DISABLED"):
        submitted(records)


def test_jobs_of_a_queue_are_listed_by_status_the_newest_first() -> None:
    records = prepared()
    first, second = submitted(records), submitted(records)
    second["createdAt"] = first["createdAt"] + 1
    told = jobs.listed(records, REGION, {"jobQueue": "nightly", "jobStatus": "RUNNABLE"})["jobSummaryList"]
    assert [each["jobId"] for each in told] == [second["jobId"], first["jobId"]]
    assert jobs.listed(records, REGION, {"jobQueue": "nightly"})["jobSummaryList"] == [], "RUNNING is the default"
    jobs.fail(first, "given up")
    (told_one,) = jobs.listed(records, REGION, {"jobQueue": "nightly", "jobStatus": "FAILED"})["jobSummaryList"]
    assert told_one["statusReason"] == "given up"
    with pytest.raises(BatchError, match="by jobQueue and jobStatus only"):
        jobs.listed(records, REGION, {"arrayJobId": "1"})
