"""Batch jobs on the local cloud: taken back in the middle and retried to the end, with no record twice and none lost.

The retry rules are those that the platform's batch endpoints declare.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from components.serving.job_definition import retry_strategy
from sandbox.batch.__main__ import interrupt
from sandbox.batch.host import COMMAND_VARIABLE, TIMEOUT_VARIABLE
from sandbox.cloud import control
from sandbox.front_door.faults import Effect, Fault
from sandbox.run_directory import DIRECTORY_VARIABLE
from tests.engine.conftest import unique_name

pytestmark = pytest.mark.engine

JOB = Path(__file__).with_name("batch_job.py")
REGION = "us-west-2"
PARTS, RECORDS = 6, 50
PATIENCE = 60


class Batch:
    """A queue over a spot and an on-demand environment, and a bucket with input, of one test."""

    def __init__(self, cloud: dict[str, str], name: str) -> None:
        self.name = name
        self._cloud = cloud
        self.api = self.client("batch")
        self.s3 = self.client("s3")

    def client(self, service: str, region: str = REGION) -> Any:
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self._cloud["AWS_ENDPOINT_URL"],
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )

    @property
    def root(self) -> Path:
        return Path(self._cloud[DIRECTORY_VARIABLE])

    def make(self) -> None:
        for suffix, kind in (("spot", "SPOT"), ("on-demand", "EC2")):
            self.api.create_compute_environment(
                computeEnvironmentName=f"{self.name}-{suffix}",
                type="MANAGED",
                computeResources={"type": kind, "maxvCpus": 4, "subnets": ["s"], "instanceTypes": ["m7i.large"]},
            )
        order = [
            {"order": number, "computeEnvironment": f"{self.name}-{suffix}"}
            for number, suffix in enumerate(("spot", "on-demand"), start=1)
        ]
        self.api.create_job_queue(jobQueueName=self.name, priority=1, computeEnvironmentOrder=order)
        self.client("logs").create_log_group(logGroupName=f"/aws/batch/{self.name}")
        self.s3.create_bucket(Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": REGION})
        for part in range(PARTS):
            numbers = range(part * RECORDS, (part + 1) * RECORDS)
            self.s3.put_object(Bucket=self.name, Key=f"in/{part}.txt", Body="\n".join(map(str, numbers)).encode())
        parts = [f"in/{part}.txt" for part in range(PARTS)]
        self.s3.put_object(Bucket=self.name, Key="in/parts.json", Body=json.dumps(parts).encode())

    def submit(self, words: list[str], *, seconds: float | None = None, attempts: int = 3) -> str:
        variables = {COMMAND_VARIABLE: json.dumps(words)}
        if seconds is not None:
            variables[TIMEOUT_VARIABLE] = str(seconds)
        definition = self.api.register_job_definition(
            jobDefinitionName=self.name,
            type="container",
            containerProperties={
                "image": f"nobody@sha256:{'0' * 64}",
                "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "512"}],
                "environment": [{"name": name, "value": value} for name, value in variables.items()],
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {"awslogs-group": f"/aws/batch/{self.name}", "awslogs-stream-prefix": "job"},
                },
            },
            retryStrategy=declared(attempts),
            timeout={"attemptDurationSeconds": 3600},
        )["jobDefinitionArn"]
        parameters = {"input": f"s3://{self.name}/in", "output": f"s3://{self.name}/out"}
        return self.api.submit_job(
            jobName=self.name, jobQueue=self.name, jobDefinition=definition, parameters=parameters
        )["jobId"]

    def job(self, identity: str) -> dict[str, Any]:
        return self.api.describe_jobs(jobs=[identity])["jobs"][0]

    def until(self, identity: str, *statuses: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while (job := self.job(identity))["status"] not in statuses:
            assert time.monotonic() < deadline, f"still {job['status']}: {job}"
            time.sleep(0.05)
        return job

    def said(self, identity: str, attempt: int, text: str) -> None:
        """Wait until an attempt of a job has said something."""
        deadline = time.monotonic() + PATIENCE
        log = self.root / "cloud" / "batch" / "logs" / identity / f"{attempt}.log"
        while not log.is_file() or text not in log.read_text():
            assert time.monotonic() < deadline, log.read_text() if log.is_file() else "nothing was said"
            time.sleep(0.05)

    def log(self, job: dict[str, Any], attempt: int) -> list[str]:
        """The lines of an attempt, from the log group that the definition names."""
        stream = job["attempts"][attempt - 1]["container"]["logStreamName"]
        found = self.client("logs").get_log_events(
            logGroupName=f"/aws/batch/{self.name}", logStreamName=stream, startFromHead=True
        )
        return [event["message"] for event in found["events"]]

    def output(self) -> dict[str, bytes]:
        listed = self.s3.list_objects_v2(Bucket=self.name, Prefix="out/").get("Contents", [])
        return {each["Key"]: self.s3.get_object(Bucket=self.name, Key=each["Key"])["Body"].read() for each in listed}


def declared(attempts: int) -> dict[str, Any]:
    """The strategy of the platform's job definitions in the API's form."""
    rules = cast("list[Any]", retry_strategy(attempts).evaluate_on_exits)
    names = {"action": "action", "onStatusReason": "on_status_reason", "onReason": "on_reason"}
    return {
        "attempts": attempts,
        "evaluateOnExit": [
            {name: getattr(rule, own) for name, own in names.items() if getattr(rule, own) is not None}
            for rule in rules
        ],
    }


def scoring(*more: str) -> list[str]:
    fixed = ["--input", "Ref::input", "--output", "Ref::output"]
    return [sys.executable, str(JOB), *fixed, *more]


@pytest.fixture
def batch(local_cloud: dict[str, str], request: pytest.FixtureRequest) -> Batch:
    made = Batch(local_cloud, unique_name(request.node.name))
    made.make()
    return made


def test_a_job_whose_host_is_taken_away_is_retried_to_the_end_and_no_record_is_there_twice(batch: Batch) -> None:
    identity = batch.submit(scoring("--stop-after", "3"))
    batch.said(identity, 1, "waiting in in/3.txt")
    before = batch.output()
    assert sorted(before) == ["out/0.txt", "out/1.txt", "out/2.txt"], "no part of a part, and no manifest"
    interrupt(identity, 5, batch.root)

    job = batch.until(identity, "SUCCEEDED", "FAILED")
    assert job["status"] == "SUCCEEDED"
    assert len(job["attempts"]) == 2
    first, second = job["attempts"]
    assert first["statusReason"].startswith("Host EC2 (instance i-")
    assert second["container"]["exitCode"] == 0
    # What the first attempt wrote is neither done nor written again.
    assert batch.log(job, 2) == [f"{'skipped' if part < 3 else 'wrote'} in/{part}.txt" for part in range(PARTS)]
    after = batch.output()
    assert {key: after[key] for key in before} == before
    manifest = json.loads(after["out/manifest.json"])
    found = [json.loads(line)["record"] for key in manifest["parts"] for line in after[key].splitlines()]
    assert found == list(range(PARTS * RECORDS)), "each record once"


def test_a_second_run_of_the_same_input_changes_nothing(batch: Batch) -> None:
    batch.until(batch.submit(scoring()), "SUCCEEDED")
    before = batch.output()
    assert len(before) == PARTS + 1
    again = batch.until(batch.submit(scoring()), "SUCCEEDED", "FAILED")
    assert batch.output() == before
    assert batch.log(again, 1) == [f"skipped in/{part}.txt" for part in range(PARTS)]


def test_a_failure_of_the_job_itself_is_not_tried_again(batch: Batch) -> None:
    job = batch.until(batch.submit([sys.executable, "-c", "raise SystemExit(3)"]), "SUCCEEDED", "FAILED")
    assert (job["status"], len(job["attempts"]), job["container"]["exitCode"]) == ("FAILED", 1, 3)


def test_a_timeout_ends_the_attempt_and_the_job(batch: Batch) -> None:
    job = batch.until(batch.submit(scoring("--stop-after", "1"), seconds=4), "SUCCEEDED", "FAILED")
    assert (job["status"], len(job["attempts"])) == ("FAILED", 1)
    assert job["statusReason"] == "Job attempt duration exceeded timeout"


def test_a_lost_region_answers_nobody_and_the_other_one_knows_nothing_of_its_queues(batch: Batch) -> None:
    faults = control(batch.root)
    faults.add(Fault(Effect.UNAVAILABLE, region=REGION, service="batch"))
    try:
        with pytest.raises(ClientError):
            batch.api.describe_job_queues()
        other = batch.client("batch", "us-east-1")
        assert other.describe_job_queues(jobQueues=[batch.name])["jobQueues"] == []
    finally:
        faults.heal()
    assert len(batch.api.describe_job_queues(jobQueues=[batch.name])["jobQueues"]) == 1
