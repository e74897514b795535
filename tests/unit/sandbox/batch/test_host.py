"""This machine as a job's host: command, variables, and a process that goes with all that it started."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from sandbox.batch.host import COMMAND_VARIABLE, TIMEOUT_VARIABLE, Host, NoCommandError, Place, command, timeout_of
from sandbox.processes.marked import wait_gone
from tests.unit.sandbox.batch.batch import prepared, python, submitted

PLACE = Place("us-west-2", "nightly", "spot", attempt=2)
IGNORES = (
    "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
)


def host(tmp_path: Path) -> Host:
    return Host("http://127.0.0.1:1", tmp_path)


def test_parameters_stand_where_the_command_refers_to_them() -> None:
    words = ["score", "Ref::input", "--to=Ref::output", "Ref::unknown"]
    job = submitted(prepared(), words, parameters={"input": "in/today", "output": "out"})
    assert command(job) == ["score", "in/today", "--to=out", "Ref::unknown"]


@pytest.mark.parametrize("text", [None, "score", "[]", '["a", 1]', '{"a": 1}'])
def test_a_job_without_words_for_this_machine_says_what_it_lacks(text: str | None) -> None:
    job = submitted(prepared(), variables={} if text is None else {COMMAND_VARIABLE: text})
    with pytest.raises(NoCommandError, match=rf"{COMMAND_VARIABLE}.*a JSON list of words"):
        command(job)


def test_an_attempt_has_its_own_variables_and_is_led_to_the_local_cloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-users-own")
    monkeypatch.setenv("HTTPS_PROXY", "the-users-own")
    job = submitted(prepared(), python("pass"), variables={"MODEL": "s3://models/a", "AWS_BATCH_JOB_ATTEMPT": "7"})
    found = host(tmp_path).variables(job, PLACE, tmp_path)
    assert found["MODEL"] == "s3://models/a"
    assert (found["AWS_BATCH_JOB_ID"], found["AWS_BATCH_JOB_ATTEMPT"]) == (job["jobId"], "2")
    assert (found["AWS_BATCH_JQ_NAME"], found["AWS_BATCH_CE_NAME"]) == ("nightly", "spot")
    assert (found["AWS_ENDPOINT_URL"], found["AWS_REGION"]) == ("http://127.0.0.1:1", "us-west-2")
    assert "the-users-own" not in found.values()


def test_what_it_writes_is_kept_and_its_folder_is_not(tmp_path: Path) -> None:
    code = "import os, pathlib, sys; pathlib.Path('here').touch(); print(os.getcwd()); sys.exit(3)"
    job = submitted(prepared(), python(code))

    async def run() -> tuple[int, Path]:
        with host(tmp_path).scratch() as scratch:
            process = await host(tmp_path).start(job, PLACE, scratch)
            return await process.wait(), scratch

    exit_code, scratch = asyncio.run(run())
    assert exit_code == 3
    assert host(tmp_path).log_file(job, 2).read_text().strip() == str(scratch)
    assert not scratch.exists()


async def _says_up(log: Path) -> None:
    while not log.is_file() or "up" not in log.read_text():
        await asyncio.sleep(0.02)


def test_one_that_does_not_want_to_end_is_ended_after_its_grace(tmp_path: Path) -> None:
    job = submitted(prepared(), python(IGNORES))

    async def run() -> int:
        with host(tmp_path).scratch() as scratch:
            process = await host(tmp_path).start(job, PLACE, scratch)
            await asyncio.wait_for(_says_up(host(tmp_path).log_file(job, 2)), 20)
            return await process.end(0.1)

    assert asyncio.run(run()) == 128 + 9


def test_what_it_started_goes_with_it(tmp_path: Path) -> None:
    child = json.dumps([sys.executable, "-c", "import time; time.sleep(60)"])
    job = submitted(prepared(), python(f"import subprocess; print(subprocess.Popen({child}).pid, flush=True)"))

    async def run() -> int:
        with host(tmp_path).scratch() as scratch:
            return await (await host(tmp_path).start(job, PLACE, scratch)).wait()

    assert asyncio.run(run()) == 0
    pid = int(host(tmp_path).log_file(job, 2).read_text())
    left = [psutil.Process(pid)] if psutil.pid_exists(pid) else []
    assert not wait_gone(left, 10)
    assert os.getpgrp() != pid


def test_an_attempt_has_the_time_of_its_definition_unless_it_says_another_one_for_here() -> None:
    records = prepared()
    assert timeout_of(submitted(records, python("pass"))) is None
    assert timeout_of(submitted(records, python("pass"), seconds=0.5)) == 0.5
    asked: dict[str, Any] = {"timeout": {"attemptDurationSeconds": 90}}
    assert timeout_of(submitted(records, python("pass"), **asked)) == 90
    assert timeout_of(submitted(records, python("pass"), variables={TIMEOUT_VARIABLE: "1"})) is None
    with pytest.raises(NoCommandError, match=rf"{TIMEOUT_VARIABLE} is 'soon'; allowed: seconds"):
        timeout_of(submitted(records, python("pass"), variables={TIMEOUT_VARIABLE: "soon"}, **asked))
