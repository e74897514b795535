"""Time passes on the local cloud: schedules do what they say, in each region that is there."""

import io
import itertools
import json
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sandbox.batch.host import COMMAND_VARIABLE
from sandbox.cloud import control
from sandbox.front_door.faults import Effect, Fault
from sandbox.run_directory import DIRECTORY_VARIABLE
from tests.engine.clock_service import running_clock
from tests.engine.conftest import unique_name

pytestmark = pytest.mark.engine

REGIONS = ("us-east-1", "us-west-2")
PATIENCE = 60
# Seconds of the clock in one of the machine: a minute is a second and a half.
SPEED = 40
ROLE = "arn:aws:iam::000000000000:role/schedules"
TELL = "import boto3, os, sys; boto3.client('sqs').send_message(QueueUrl=os.environ['QUEUE'], MessageBody=sys.argv[1])"
FUNCTION = """
import boto3, json, os

def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(event))
"""


class Region:
    """One region of the local cloud, with a queue that schedules fill."""

    def __init__(self, cloud: dict[str, str], name: str, region: str) -> None:
        self._cloud = cloud
        self.name, self.region = name, region
        self.queues = self.client("sqs")
        self.url = self.queues.create_queue(QueueName=name)["QueueUrl"]
        self.arn = self.arn_of(name)

    def client(self, service: str, url: str | None = None) -> Any:
        return boto3.client(
            service,
            region_name=self.region,
            endpoint_url=url or self._cloud["AWS_ENDPOINT_URL"],
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )

    def arn_of(self, queue: str) -> str:
        return f"arn:aws:sqs:{self.region}:000000000000:{queue}"

    def schedule(self, name: str, arn: str, url: str | None = None, **target: Any) -> None:
        """A schedule of each minute, kept by the cloud or by a clock of the test."""
        self.client("scheduler", url).create_schedule(
            Name=f"{self.name}-{name}",
            ScheduleExpression="rate(1 minute)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": arn, "RoleArn": ROLE, **target},
        )

    def messages(self, count: int, url: str | None = None) -> list[dict[str, Any]]:
        """So many messages, or as many as there are at once when the count is 0."""
        found: list[dict[str, Any]] = []
        deadline = time.monotonic() + PATIENCE
        while True:
            received = self.queues.receive_message(
                QueueUrl=url or self.url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
            ).get("Messages", [])
            for message in received:
                self.queues.delete_message(QueueUrl=url or self.url, ReceiptHandle=message["ReceiptHandle"])
            found += received
            if not received and len(found) >= count:
                return found
            assert time.monotonic() < deadline, found
            time.sleep(0.05 if not received else 0)


@pytest.fixture
def regions(local_cloud: dict[str, str], request: pytest.FixtureRequest) -> list[Region]:
    return [Region(local_cloud, unique_name(request.node.name), region) for region in REGIONS]


@pytest.fixture
def clock(local_cloud: dict[str, str]) -> Iterator[str]:
    with running_clock(local_cloud["AWS_ENDPOINT_URL"], SPEED) as url:
        yield url


def make_function(region: Region) -> str:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("tell.py", FUNCTION)
    return region.client("lambda").create_function(
        FunctionName=region.name,
        Runtime="python3.11",
        Handler="tell.handler",
        Role=ROLE,
        Code={"ZipFile": archive.getvalue()},
        Environment={"Variables": {"QUEUE": region.url}},
    )["FunctionArn"]


def make_queue_of_jobs(region: Region) -> str:
    """A queue of jobs that tell with which parameter they were submitted; returns the definition's ARN."""
    batch = region.client("batch")
    batch.create_compute_environment(
        computeEnvironmentName=region.name,
        type="MANAGED",
        computeResources={"type": "EC2", "maxvCpus": 4, "subnets": ["s"], "instanceTypes": ["m7i.large"]},
    )
    order = [{"order": 1, "computeEnvironment": region.name}]
    batch.create_job_queue(jobQueueName=region.name, priority=1, computeEnvironmentOrder=order)
    variables = {
        COMMAND_VARIABLE: json.dumps([sys.executable, "-c", TELL, "job of Ref::scheduled"]),
        "QUEUE": region.url,
    }
    return batch.register_job_definition(
        jobDefinitionName=region.name,
        type="container",
        containerProperties={
            "image": "nobody",
            "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}],
            "environment": [{"name": name, "value": value} for name, value in variables.items()],
        },
    )["jobDefinitionArn"]


def test_a_rate_invokes_a_function_and_submits_a_job(regions: list[Region]) -> None:
    region = regions[0]
    definition = make_queue_of_jobs(region)
    scheduled = "<aws.scheduler.scheduled-time>"
    job = {
        "JobName": region.name,
        "JobQueue": region.name,
        "JobDefinition": definition,
        # As the platform's schedules do: the job knows which run it is.
        "Parameters": {"scheduled": scheduled},
    }
    begun = time.monotonic()
    region.schedule("function", make_function(region), Input=json.dumps({"scheduled": scheduled}))
    region.schedule("job", "arn:aws:scheduler:::aws-sdk:batch:submitJob", Input=json.dumps(job))
    try:
        said = sorted(message["Body"] for message in region.messages(2))
    finally:
        for name in ("function", "job"):
            region.client("scheduler").delete_schedule(Name=f"{region.name}-{name}")
    print(f"a function and a job ran {time.monotonic() - begun:.1f} s after their schedules were made")
    # A rate is due at once.
    of_job, of_function = said
    assert of_job.startswith("job of 2")
    assert json.loads(of_function)["scheduled"].endswith("Z")


def times(messages: list[dict[str, Any]]) -> list[float]:
    """When messages were due, in order, in seconds since 1970."""
    return sorted(time.mktime(time.strptime(each["Body"], "%Y-%m-%dT%H:%M:%SZ")) for each in messages)


def gaps(moments: list[float]) -> set[float]:
    return {later - earlier for earlier, later in itertools.pairwise(moments)}


def test_a_lost_region_does_nothing_and_the_other_one_goes_on(
    regions: list[Region], clock: str, local_cloud: dict[str, str]
) -> None:
    east, west = regions
    for region in regions:
        region.schedule("tell", region.arn, clock, Input="<aws.scheduler.scheduled-time>")
    before = times(west.messages(2))
    faults = control(Path(local_cloud[DIRECTORY_VARIABLE]))
    faults.add(Fault(Effect.DROP, region=west.region))
    try:
        east.messages(0)
        meanwhile = times(east.messages(3))
    finally:
        faults.heal()
    # The first one may be of the moment before it was lost.
    after = times(west.messages(2))
    # At its own times only, of which a slow machine may miss some; none of those at which it was lost.
    for moments in ([*before, *after], meanwhile):
        assert all(gap % 60 == 0 for gap in gaps(moments))
    assert not [moment for moment in after if meanwhile[1] <= moment <= meanwhile[-1]]


def test_what_nobody_takes_ends_in_the_dead_letter_queue(regions: list[Region], clock: str) -> None:
    region = regions[0]
    dead = f"{region.name}-dead"
    url = region.queues.create_queue(QueueName=dead)["QueueUrl"]
    absent = f"arn:aws:lambda:{region.region}:000000000000:function:{region.name}"
    region.schedule("call", absent, clock, Input='{"a": 1}', DeadLetterConfig={"Arn": region.arn_of(dead)})
    message = region.messages(1, url)[0]
    assert message["Body"] == '{"a": 1}'
    told = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert told["SCHEDULE_ARN"].endswith(f"/{region.name}-call")
    assert (told["TARGET_ARN"], told["ERROR_CODE"]) == (absent, "ResourceNotFoundException")
    assert told["RETRY_ATTEMPTS"] == "0"
