"""The API of EventBridge Scheduler as boto3 uses it."""

import asyncio
import itertools
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from aiohttp.test_utils import TestServer
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.clock.invocation import Occurrence
from sandbox.clock.records import Records
from sandbox.clock.server import build_app
from sandbox.clock.ticking import Clock
from sandbox.delivery.attempts import SystemTime
from tests.unit.sandbox.clock.schedules import REGION, asked

PATIENCE = 30


def served(test: Callable[[Any, list[Occurrence]], None], file: Path | None = None, speed: float = 1.0) -> None:
    """Run a test in a thread with a client and what was invoked, while the service is up."""

    async def run() -> None:
        done: list[Occurrence] = []

        async def invoke(occurrence: Occurrence) -> None:
            done.append(occurrence)

        async def lost(_: str) -> bool:
            return False

        records, time = Records(file), SystemTime(speed)
        server = TestServer(build_app(records, Clock(records, invoke, lost, time), time))
        await server.start_server()
        try:
            await asyncio.wait_for(asyncio.to_thread(test, client(str(server.make_url(""))), done), PATIENCE)
        finally:
            await server.close()

    asyncio.run(run())


def client(url: str, region: str = REGION) -> Any:
    return boto3.client(
        "scheduler",
        endpoint_url=url,
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )


def test_a_schedule_from_its_beginning_to_its_end() -> None:
    def test(api: Any, _: list[Occurrence]) -> None:
        api.create_schedule_group(Name="nightly", Tags=[{"Key": "a", "Value": "1"}])
        arn = api.create_schedule(Name="one", GroupName="nightly", **asked("cron(0 3 * * ? *)"))["ScheduleArn"]
        assert arn.endswith(":schedule/nightly/one")
        found = api.get_schedule(Name="one", GroupName="nightly")
        assert (found["State"], found["ScheduleExpressionTimezone"]) == ("ENABLED", "UTC")
        assert found["Target"]["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}
        api.update_schedule(Name="one", GroupName="nightly", State="DISABLED", **asked("rate(1 hour)"))
        changed = api.get_schedule(Name="one", GroupName="nightly")
        assert (changed["State"], changed["CreationDate"]) == ("DISABLED", found["CreationDate"])
        assert [each["Name"] for each in api.list_schedules(GroupName="nightly", State="DISABLED")["Schedules"]] == [
            "one"
        ]
        assert api.list_schedules(State="ENABLED")["Schedules"] == []
        api.delete_schedule(Name="one", GroupName="nightly")
        with pytest.raises(api.exceptions.ResourceNotFoundException):
            api.get_schedule(Name="one", GroupName="nightly")

    served(test)


def test_a_group_goes_with_its_schedules_and_the_default_one_stays() -> None:
    def test(api: Any, _: list[Occurrence]) -> None:
        arn = api.create_schedule_group(Name="g")["ScheduleGroupArn"]
        api.create_schedule(Name="one", GroupName="g", **asked())
        api.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
        api.untag_resource(ResourceArn=arn, TagKeys=["a"])
        assert api.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
        with pytest.raises(api.exceptions.ConflictException):
            api.create_schedule_group(Name="g")
        api.delete_schedule_group(Name="g")
        assert [group["Name"] for group in api.list_schedule_groups()["ScheduleGroups"]] == ["default"]
        assert api.list_schedules()["Schedules"] == []
        with pytest.raises(api.exceptions.ResourceNotFoundException):
            api.list_tags_for_resource(ResourceArn=arn)
        with pytest.raises(api.exceptions.ValidationException, match="default schedule group"):
            api.delete_schedule_group(Name="default")

    served(test)


def test_lists_come_in_pages() -> None:
    def test(api: Any, _: list[Occurrence]) -> None:
        for number in range(5):
            api.create_schedule(Name=f"s{number}", **asked("cron(0 3 * * ? *)"))
        pages = api.get_paginator("list_schedules").paginate(PaginationConfig={"PageSize": 2})
        assert [[one["Name"] for one in page["Schedules"]] for page in pages] == [["s0", "s1"], ["s2", "s3"], ["s4"]]

    served(test)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (asked("every day"), "is no schedule expression"),
        (asked(ScheduleExpressionTimezone="Europe/Berlin"), "is in Europe/Berlin; allowed on the local cloud: UTC"),
        (asked(StartDate=1.0), "'StartDate' is not supported"),
        (
            asked(arn="arn:aws:ecs:us-east-1:000000000000:cluster/c"),
            "allowed on the local cloud: lambda, sns, sqs, states",
        ),
        (asked(arn="arn:aws:sqs:us-west-2:000000000000:q"), "of us-east-1"),
        (asked(arn="arn:aws:scheduler:::aws-sdk:batch:flyAway"), "batch has no action 'flyAway'"),
        (asked(target={"RetryPolicy": {"MaximumRetryAttempts": 186}}), "MaximumRetryAttempts 186; allowed: 0 to 185"),
        (asked(GroupName="nobody"), "Schedule group nobody does not exist"),
    ],
)
def test_what_could_not_be_done_is_refused_when_it_is_asked_for(wanted: dict[str, Any], message: str) -> None:
    def test(api: Any, _: list[Occurrence]) -> None:
        # The service is asked, not the client's own model of it.
        with pytest.raises(ClientError, match=message):
            api.create_schedule(Name="one", **wanted)
        assert api.list_schedules()["Schedules"] == []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.validate.ParamValidator.validate", lambda *_: Valid())
        served(test)


class Valid:
    """The answer of a validator that lets all pass."""

    def has_errors(self) -> bool:
        return False


def test_regions_know_nothing_of_one_another_and_an_unsigned_request_is_refused() -> None:
    def test(api: Any, _: list[Occurrence]) -> None:
        api.create_schedule(Name="one", **asked("cron(0 3 * * ? *)"))
        assert client(api.meta.endpoint_url, "us-west-2").list_schedules()["Schedules"] == []
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{api.meta.endpoint_url}/schedules")  # noqa: S310 - our own address

    served(test)


def test_what_is_known_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "scheduler.json"
    served(lambda api, _: api.create_schedule(Name="one", **asked("cron(0 3 * * ? *)")), file)
    served(lambda api, _: api.get_schedule(Name="one"), file)


def test_a_schedule_is_followed_as_long_as_the_service_is_up() -> None:
    def test(api: Any, done: list[Occurrence]) -> None:
        api.create_schedule(Name="one", **asked("rate(1 minute)"))
        while len(done) < 3:
            pass
        assert [round(after.at - before.at) for before, after in itertools.pairwise(done)][:2] == [60, 60]

    served(test, speed=100)
