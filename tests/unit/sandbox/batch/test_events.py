import asyncio
from pathlib import Path
from typing import Any

from sandbox.batch import jobs
from sandbox.batch.events import Changes, event_of
from sandbox.batch.host import Host
from sandbox.batch.records import Document, Records
from sandbox.batch.runner import Runner
from tests.unit.sandbox.batch.batch import REGION, prepared, python, submitted

PATIENCE = 30


def test_an_event_is_the_job_as_it_was_then():
    job = submitted(prepared(), python("pass"))
    event = event_of(REGION, job)
    job["status"] = "STARTING"
    assert (event["source"], event["detail-type"], event["region"]) == ("aws.batch", "Batch Job State Change", REGION)
    assert event["resources"] == [job["jobArn"]]
    assert event["detail"] == {**job, "status": "RUNNABLE"}


def test_each_change_is_told_once_and_what_was_there_before_is_not():
    records = prepared()
    old = submitted(records, python("pass"))
    told: list[tuple[str, str]] = []
    changes = Changes(records, lambda region, event: told.append((region, event["detail"]["status"])))
    changes.look()
    assert told == []
    submitted(records, python("pass"))
    jobs.fail(old, "given up")
    changes.look()
    changes.look()
    assert sorted(told) == [(REGION, "FAILED"), (REGION, "RUNNABLE")]


def statuses(records: Records, tmp_path: Path, submit: Any) -> list[str]:
    """The states that a job was told to be in, in their order."""
    told: list[str] = []

    async def run() -> None:
        host = Host("http://127.0.0.1:1", tmp_path)
        runner = Runner(records, host, lambda _, event: told.append(event["detail"]["status"]))
        runner.resume()
        job: Document = submit()
        runner.turn()
        while job["status"] not in ("SUCCEEDED", "FAILED"):
            await asyncio.sleep(0.01)
            if job["status"] == "RUNNING" and "wait" in job["jobName"] and not job["attempts"]:
                runner.interrupt(job["jobId"], grace=0)
        await runner.close()

    asyncio.run(asyncio.wait_for(run(), PATIENCE))
    return told


def test_a_job_is_told_of_from_state_to_state(tmp_path: Path):
    records = prepared()
    told = statuses(records, tmp_path, lambda: submitted(records, python("raise SystemExit(1)")))
    assert told == ["RUNNABLE", "STARTING", "RUNNING", "FAILED"]


def test_a_job_that_never_starts_is_told_of_too(tmp_path: Path):
    records = prepared()
    assert statuses(records, tmp_path, lambda: submitted(records)) == ["RUNNABLE", "STARTING", "FAILED"]


def test_a_lost_host_is_seen_in_the_states(tmp_path: Path):
    records = prepared()
    code = "import os, time; os.environ['AWS_BATCH_JOB_ATTEMPT'] == '2' or time.sleep(60)"
    told = statuses(records, tmp_path, lambda: submitted(records, python(code), jobName="waits"))
    assert told == [*["RUNNABLE", "STARTING", "RUNNING"] * 2, "SUCCEEDED"]
