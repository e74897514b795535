"""Job definitions: revisions that are never changed."""

import pytest

from sandbox.batch import definitions
from sandbox.batch.errors import BatchError
from sandbox.batch.records import Document, Records
from tests.unit.sandbox.batch.batch import REGION

DEFINITION: Document = {"jobDefinitionName": "nightly", "type": "container", "containerProperties": {"image": "a"}}


def registered(count: int) -> Records:
    records = Records()
    for number in range(count):
        asked = {**DEFINITION, "containerProperties": {"image": str(number)}}
        assert definitions.register(records, REGION, asked)["revision"] == number + 1
    return records


def images(records: Records, **asked: object) -> list[str]:
    found = definitions.describe(records, REGION, dict(asked))["jobDefinitions"]
    return [each["containerProperties"]["image"] for each in found]


def test_each_registration_is_a_revision_of_its_own() -> None:
    records = registered(3)
    assert images(records, jobDefinitionName="nightly") == ["0", "1", "2"]
    assert images(records, jobDefinitions=["nightly:2"]) == ["1"]
    arn = f"arn:aws:batch:{REGION}:000000000000:job-definition/nightly:3"
    assert images(records, jobDefinitions=[arn]) == ["2"]


def test_the_newest_active_one_is_meant_unless_a_revision_is_named() -> None:
    records = registered(3)
    here = records.region(REGION)
    assert definitions.found(here, REGION, "nightly")["revision"] == 3
    assert definitions.found(here, REGION, "nightly:1")["revision"] == 1
    definitions.deregister(records, REGION, {"jobDefinition": "nightly:3"})
    assert definitions.found(here, REGION, "nightly")["revision"] == 2
    with pytest.raises(BatchError, match="an active job definition nightly:3 does not exist"):
        definitions.found(here, REGION, "nightly:3")
    assert images(records, status="INACTIVE") == ["2"]


def test_a_number_is_not_given_twice() -> None:
    records = registered(1)
    definitions.deregister(records, REGION, {"jobDefinition": "nightly:1"})
    assert definitions.register(records, REGION, dict(DEFINITION))["revision"] == 2


def test_other_kinds_of_jobs_are_refused() -> None:
    with pytest.raises(BatchError, match="type 'container' with containerProperties only"):
        definitions.register(Records(), REGION, {"jobDefinitionName": "nightly", "type": "multinode"})
