"""The runner: which environment a job gets, what an end means, and what follows it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from sandbox.batch import environments, jobs
from sandbox.batch.errors import BatchError
from sandbox.batch.host import Host
from sandbox.batch.records import Document, Records
from sandbox.batch.runner import Runner
from tests.unit.sandbox.batch.batch import REGION, prepared, python, submitted

WAITS = "import time; print('up', flush=True); time.sleep(60)"
# Ends well at its second attempt only.
SECOND_TIME = "import os, time; os.environ['AWS_BATCH_JOB_ATTEMPT'] == '2' or time.sleep(60)"
PATIENCE = 30


def ran(records: Records, tmp_path: Path, test: Callable[[Runner], Awaitable[None]]) -> None:
    async def run() -> None:
        runner = Runner(records, Host("http://127.0.0.1:1", tmp_path))
        runner.resume()
        try:
            await asyncio.wait_for(test(runner), PATIENCE)
        finally:
            await runner.close()

    asyncio.run(run())


async def until(job: Document, *statuses: str) -> None:
    while job["status"] not in statuses:
        await asyncio.sleep(0.01)


async def ended(job: Document) -> None:
    await until(job, "SUCCEEDED", "FAILED")


def test_a_job_runs_to_its_end(tmp_path: Path) -> None:
    records = prepared()
    job = submitted(records, python("pass"))
    ran(records, tmp_path, lambda _: ended(job))
    assert (job["status"], job["container"]["exitCode"]) == ("SUCCEEDED", 0)
    (attempt,) = job["attempts"]
    assert attempt["container"]["exitCode"] == 0
    assert attempt["startedAt"] <= attempt["stoppedAt"] == job["stoppedAt"]
    task = attempt["container"]["taskArn"].rpartition("/")[2]
    assert attempt["container"]["logStreamName"] == job["container"]["logStreamName"] == f"batch/default/{task}"


def test_a_lost_host_is_followed_by_another_attempt(tmp_path: Path) -> None:
    records = prepared()
    job = submitted(records, python(SECOND_TIME))

    async def test(runner: Runner) -> None:
        await until(job, "RUNNING")
        instance = runner.interrupt(job["jobId"], grace=0)
        await ended(job)
        assert job["attempts"][0]["statusReason"] == f"Host EC2 (instance {instance}) terminated."

    ran(records, tmp_path, test)
    assert job["status"] == "SUCCEEDED"
    assert len(job["attempts"]) == 2
    assert "exitCode" not in job["attempts"][0]["container"], "nobody was left to tell"
    assert len({each["container"]["taskArn"] for each in job["attempts"]}) == 2


def test_a_host_that_is_lost_every_time_uses_the_attempts_up(tmp_path: Path) -> None:
    records = prepared()
    job = submitted(records, python(WAITS), attempts=2)

    async def test(runner: Runner) -> None:
        for number in (1, 2):
            while job["status"] != "RUNNING" or len(job["attempts"]) != number - 1:
                await asyncio.sleep(0.01)
            runner.interrupt(job["jobId"], grace=0)
        await ended(job)

    ran(records, tmp_path, test)
    assert (job["status"], len(job["attempts"])) == ("FAILED", 2)
    assert job["statusReason"].startswith("Host EC2 (instance i-")


def test_a_failure_of_its_own_is_not_tried_again(tmp_path: Path) -> None:
    records = prepared()
    job = submitted(records, python("raise SystemExit(7)"), attempts=5)
    ran(records, tmp_path, lambda _: ended(job))
    assert (job["status"], len(job["attempts"])) == ("FAILED", 1)
    assert job["container"]["exitCode"] == 7
    assert job["statusReason"] == "Essential container in task exited"


def test_a_timeout_ends_an_attempt_for_good(tmp_path: Path) -> None:
    records = prepared()
    job = submitted(records, python(WAITS), attempts=5, seconds=0.3)
    ran(records, tmp_path, lambda _: ended(job))
    assert (job["status"], len(job["attempts"])) == ("FAILED", 1)
    assert job["statusReason"] == "Job attempt duration exceeded timeout"
    assert job["attempts"][0]["container"]["exitCode"] == 128 + 15


def test_what_can_not_be_started_says_so(tmp_path: Path) -> None:
    records = prepared()
    absent, wordless = submitted(records, ["/no/such/program"]), submitted(records)

    async def test(_: Runner) -> None:
        await ended(absent)
        await ended(wordless)

    ran(records, tmp_path, test)
    assert absent["attempts"][0]["container"]["reason"].startswith("CannotStartContainerError: ")
    assert wordless["attempts"] == []
    assert wordless["statusReason"].startswith("The local cloud runs no containers")


def test_the_first_environment_with_room_gets_the_job_and_the_others_wait(tmp_path: Path) -> None:
    # Two vCPUs a job: one fits each environment.
    records = prepared(vcpus=3)
    first, second, third = (submitted(records, python(WAITS)) for _ in range(3))

    async def test(runner: Runner) -> None:
        await until(first, "RUNNING")
        await until(second, "RUNNING")
        assert [_environment(job) for job in (first, second)] == ["spot", "on-demand"]
        assert third["status"] == "RUNNABLE"
        runner.terminate(first, "no longer needed")
        await until(third, "RUNNING")
        assert _environment(third) == "spot"

    ran(records, tmp_path, test)
    assert first["statusReason"] == "no longer needed"
    assert (first["isTerminated"], len(first["attempts"])) == (True, 1)


def _environment(job: Document) -> str:
    return job["container"]["containerInstanceArn"].split("/")[1].removeprefix("AWSBatch-")


def test_without_spot_jobs_go_on_at_the_on_demand_price(tmp_path: Path) -> None:
    records = prepared()
    environments.update(records, REGION, {"computeEnvironment": "spot", "state": "DISABLED"})
    job = submitted(records, python("pass"))
    ran(records, tmp_path, lambda _: ended(job))
    assert _environment(job) == "on-demand"


def test_a_job_that_waits_can_be_cancelled_and_one_that_runs_can_not(tmp_path: Path) -> None:
    records = prepared(vcpus=2)
    running = [submitted(records, python(WAITS)) for _ in range(2)]
    waiting = submitted(records, python(WAITS))

    async def test(runner: Runner) -> None:
        for job in running:
            await until(job, "RUNNING")
        runner.cancel(running[0], "changed my mind")
        runner.cancel(waiting, "changed my mind")
        assert (waiting["status"], waiting["isCancelled"]) == ("FAILED", True)
        assert (running[0]["status"], running[0]["isCancelled"]) == ("RUNNING", False)

    ran(records, tmp_path, test)


def test_a_stop_is_a_lost_host_and_a_start_goes_on(tmp_path: Path) -> None:
    records = prepared()
    job = submitted(records, python(SECOND_TIME))
    ran(records, tmp_path, lambda _: until(job, "RUNNING"))
    assert (job["status"], len(job["attempts"])) == ("RUNNABLE", 1)
    ran(records, tmp_path, lambda _: ended(job))
    assert (job["status"], len(job["attempts"])) == ("SUCCEEDED", 2)


def test_a_runner_that_was_killed_is_a_lost_host_too(tmp_path: Path) -> None:
    records = prepared()
    job = submitted(records, python(SECOND_TIME))
    job["status"] = "RUNNING"
    ran(records, tmp_path, lambda _: ended(job))
    assert (job["status"], len(job["attempts"])) == ("SUCCEEDED", 2)
    assert job["attempts"][0]["statusReason"].startswith("Host EC2 (instance i-")


def test_only_a_running_job_has_a_host_to_lose(tmp_path: Path) -> None:
    records = prepared()
    job = submitted(records, python("pass"))

    async def test(runner: Runner) -> None:
        await ended(job)
        with pytest.raises(BatchError, match="has no host that could be taken away: it is SUCCEEDED"):
            runner.interrupt(job["jobId"])
        with pytest.raises(BatchError, match="there is none of this id"):
            runner.interrupt("unknown")

    ran(records, tmp_path, test)
    assert jobs.describe(records, REGION, {"jobs": [job["jobId"]]})["jobs"] == [job]
