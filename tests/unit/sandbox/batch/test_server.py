"""The API of Batch as boto3 uses it, and the loss of a host."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import boto3
import pytest
from aiohttp.test_utils import TestServer
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.batch.host import Host
from sandbox.batch.records import Records
from sandbox.batch.runner import Runner
from sandbox.batch.server import OPERATIONS, Service, build_app
from tests.unit.sandbox.batch.batch import python

PATIENCE = 30


def served(tmp_path: Path, test: Callable[[Any], None], records: Records | None = None) -> None:
    """Run a test in a thread with a client, while the service is up."""
    known = records or Records(tmp_path / "batch.json")

    async def run() -> None:
        server = TestServer(build_app(Service(known, Runner(known, Host("http://127.0.0.1:1", tmp_path)))))
        await server.start_server()
        try:
            await asyncio.wait_for(asyncio.to_thread(test, client(str(server.make_url("")))), PATIENCE)
        finally:
            await server.close()

    asyncio.run(run())


def client(url: str, region: str = "us-east-1") -> Any:
    return boto3.client(
        "batch",
        endpoint_url=url,
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )


def make_queue(batch: Any) -> None:
    batch.create_compute_environment(
        computeEnvironmentName="spot",
        type="MANAGED",
        computeResources={"type": "SPOT", "maxvCpus": 4, "subnets": [], "instanceTypes": ["m7i.large"]},
        tags={"a": "1"},
    )
    order = [{"order": 1, "computeEnvironment": "spot"}]
    batch.create_job_queue(jobQueueName="nightly", priority=1, computeEnvironmentOrder=order)


def submit(batch: Any, code: str) -> str:

    batch.register_job_definition(
        jobDefinitionName="nightly",
        type="container",
        containerProperties={
            "image": "nobody",
            "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}],
            "environment": [{"name": "STANCHION_LOCAL_COMMAND", "value": json.dumps(python(code))}],
        },
        retryStrategy={"attempts": 2},
    )
    return batch.submit_job(jobName="one", jobQueue="nightly", jobDefinition="nightly")["jobId"]


def until(batch: Any, job: str, *statuses: str) -> dict[str, Any]:
    while (found := batch.describe_jobs(jobs=[job])["jobs"][0])["status"] not in statuses:
        pass
    return found


def test_a_job_goes_from_a_request_to_its_end(tmp_path: Path) -> None:
    def test(batch: Any) -> None:
        make_queue(batch)
        job = until(batch, submit(batch, "pass"), "SUCCEEDED", "FAILED")
        assert (job["status"], job["container"]["exitCode"]) == ("SUCCEEDED", 0)
        (listed,) = batch.list_jobs(jobQueue="nightly", jobStatus="SUCCEEDED")["jobSummaryList"]
        assert listed["jobId"] == job["jobId"]

    served(tmp_path, test)
    assert Records(tmp_path / "batch.json").region("us-east-1").jobs, "what is known is kept"


def test_a_host_that_is_lost_is_told_with_the_instance(tmp_path: Path) -> None:
    def test(batch: Any) -> None:
        make_queue(batch)
        job = submit(batch, "import os, time; os.environ['AWS_BATCH_JOB_ATTEMPT'] == '2' or time.sleep(60)")
        until(batch, job, "RUNNING")
        status, answer = post(batch.meta.endpoint_url + "/_stanchion/interrupt", {"job": job, "grace": 0})
        assert status == 200
        found = until(batch, job, "SUCCEEDED", "FAILED")
        assert found["attempts"][0]["statusReason"] == f"Host EC2 (instance {answer['instance']}) terminated."
        assert len(found["attempts"]) == 2
        status, answer = post(batch.meta.endpoint_url + "/_stanchion/interrupt", {"job": job})
        assert (status, answer["message"].endswith("it is SUCCEEDED")) == (409, True)

    served(tmp_path, test)


def post(url: str, document: Any) -> tuple[int, Any]:
    async def ask() -> tuple[int, Any]:
        async with aiohttp.ClientSession() as session, session.post(url, json=document) as answer:
            return answer.status, await answer.json()

    return asyncio.run(ask())


def test_jobs_are_cancelled_and_terminated(tmp_path: Path) -> None:
    def test(batch: Any) -> None:
        make_queue(batch)
        job = submit(batch, "import time; time.sleep(60)")
        until(batch, job, "RUNNING")
        batch.cancel_job(jobId=job, reason="has no effect on what runs")
        batch.terminate_job(jobId=job, reason="no longer needed")
        found = until(batch, job, "SUCCEEDED", "FAILED")
        assert (found["statusReason"], found["isTerminated"]) == ("no longer needed", True)
        with pytest.raises(ClientError, match="job unknown does not exist"):
            batch.terminate_job(jobId="unknown", reason="?")

    served(tmp_path, test)


def test_a_refusal_is_an_error_of_the_service(tmp_path: Path) -> None:
    def test(batch: Any) -> None:
        with pytest.raises(ClientError) as caught:
            batch.submit_job(jobName="one", jobQueue="nobody", jobDefinition="nothing")
        assert caught.value.response["Error"]["Code"] == "ClientException"
        assert "JobQueue nobody does not exist" in str(caught.value)
        with pytest.raises(ClientError, match="Batch of the local cloud has no createschedulingpolicy"):
            batch.create_scheduling_policy(name="fair")

    served(tmp_path, test)


def test_regions_know_nothing_of_one_another(tmp_path: Path) -> None:
    def test(batch: Any) -> None:
        make_queue(batch)
        other = client(batch.meta.endpoint_url, "us-west-2")
        assert other.describe_job_queues()["jobQueues"] == []
        assert len(batch.describe_job_queues()["jobQueues"]) == 1

    served(tmp_path, test)


def test_tags_are_listed_added_and_taken_away(tmp_path: Path) -> None:
    def test(batch: Any) -> None:
        make_queue(batch)
        (environment,) = batch.describe_compute_environments()["computeEnvironments"]
        arn = environment["computeEnvironmentArn"]
        batch.tag_resource(resourceArn=arn, tags={"b": "2", "c": "3"})
        batch.untag_resource(resourceArn=arn, tagKeys=["a", "c"])
        assert batch.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
        with pytest.raises(ClientError, match="does not exist"):
            batch.list_tags_for_resource(resourceArn=arn + "-other")

    served(tmp_path, test)


def test_every_operation_that_is_answered_is_one_of_the_service() -> None:
    model = boto3.client("batch", region_name="us-east-1").meta.service_model
    uris = {model.operation_model(name).http["requestUri"] for name in model.operation_names}
    assert {f"/v1/{name}" for name in OPERATIONS} <= uris
