"""What Batch knows outlives a stop."""

from pathlib import Path

from sandbox.batch.records import Records, arn, name_in
from tests.unit.sandbox.batch.batch import REGION, prepared, submitted


def test_all_of_it_is_there_after_a_start(tmp_path: Path) -> None:
    file = tmp_path / "batch.json"
    records = prepared(file)
    job = submitted(records, variables={"A": "1"})
    records.save()
    again = Records(file)
    assert again.region(REGION) == records.region(REGION)
    assert list(again.jobs()) == [(REGION, job)]
    assert again.region("us-west-2").queues == {}


def test_an_arn_of_elsewhere_is_nobodys_name() -> None:
    assert name_in(arn(REGION, "job-queue", "nightly"), REGION, "job-queue") == "nightly"
    assert name_in("nightly", REGION, "job-queue") == "nightly"
    elsewhere = arn("us-west-2", "job-queue", "nightly")
    assert name_in(elsewhere, REGION, "job-queue") == elsewhere
