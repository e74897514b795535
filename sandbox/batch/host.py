"""This machine as the host of a job: the command, its variables, its folder, its process."""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.batch.records import Document
from sandbox.processes.programs import MARK

# Variables of a job definition that mean something here only.
COMMAND_VARIABLE = "STANCHION_LOCAL_COMMAND"
TIMEOUT_VARIABLE = "STANCHION_LOCAL_TIMEOUT"
_REFERENCE = re.compile(r"Ref::([A-Za-z0-9_-]+)")
# As a container's runtime counts an end by a signal.
_SIGNALLED = 128
# What an image would have and a job may need.
_INHERITED = ("LANG", "LC_ALL", "PATH", "PYTHONPATH", MARK)


class NoCommandError(Exception):
    """A job that can't run here; a sentence for its status reason."""


@dataclass(frozen=True)
class Place:
    """Where and as what an attempt runs.

    Args:
        region: of the queue.
        queue: its name.
        environment: the compute environment's name.
        attempt: its number, from 1.
    """

    region: str
    queue: str
    environment: str
    attempt: int


@dataclass(frozen=True)
class Host:
    """This machine.

    Args:
        endpoint: the local cloud's address, for the jobs.
        folder: what jobs write to standard output lies below it, and their scratch while they run.
    """

    endpoint: str
    folder: Path

    def log_file(self, job: Document, attempt: int) -> Path:
        """What an attempt wrote to standard output and standard error."""
        return self.folder / "logs" / job["jobId"] / f"{attempt}.log"

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder for one attempt: another host has nothing of it."""
        (self.folder / "scratch").mkdir(parents=True, exist_ok=True)
        path = Path(tempfile.mkdtemp(dir=self.folder / "scratch"))
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    async def start(self, job: Document, place: Place, scratch: Path) -> "Process":
        """Start an attempt.

        Raises:
            NoCommandError: the job has no command for this machine.
            OSError: the command can't be started.
        """
        words = command(job)
        log = self.log_file(job, place.attempt)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *words,
                env=self.variables(job, place, scratch),
                cwd=scratch,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        return Process(process)

    def variables(self, job: Document, place: Place, scratch: Path) -> dict[str, str]:
        """The environment of an attempt: the job's own, Batch's, and what leads to the local cloud."""
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        # The interpreter's own folder first: a command may begin with `python`.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
        return {
            **inherited,
            "PATH": path,
            "HOME": str(scratch),
            "TMPDIR": str(scratch),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": place.region,
            "AWS_DEFAULT_REGION": place.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            **_own(job),
            # Batch user guide, job environment variables.
            "AWS_BATCH_JOB_ID": job["jobId"],
            "AWS_BATCH_JOB_ATTEMPT": str(place.attempt),
            "AWS_BATCH_JQ_NAME": place.queue,
            "AWS_BATCH_CE_NAME": place.environment,
        }


@dataclass(frozen=True)
class Process:
    """An attempt under way, with all that it started."""

    process: asyncio.subprocess.Process

    async def wait(self) -> int:
        """Its exit code, as a container's: 128 and the number of the signal that ended it."""
        code = await self.process.wait()
        self._signal(signal.SIGKILL)  # what it left behind goes with the container
        return code if code >= 0 else _SIGNALLED - code

    async def end(self, grace: float) -> int:
        """Ask it to end, and end it when the grace is over.

        Args:
            grace: seconds.
        """
        self._signal(signal.SIGTERM)
        ended = asyncio.ensure_future(self.wait())
        _, late = await asyncio.wait({ended}, timeout=grace)
        if late:
            self._signal(signal.SIGKILL)
        return await ended

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


def command(job: Document) -> list[str]:
    """What a job runs as here, with its parameters put in.

    Raises:
        NoCommandError: it does not say, or says no list of words.
    """
    text = _own(job).get(COMMAND_VARIABLE)
    if text is None:
        raise NoCommandError(
            f"The local cloud runs no containers: the job definition needs {COMMAND_VARIABLE}, a JSON list of words, "
            "in its environment."
        )
    try:
        words = json.loads(text)
    except ValueError:
        words = None
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise NoCommandError(
            f'{COMMAND_VARIABLE} is {text!r}; allowed: a JSON list of words, such as ["python", "-V"].'
        )
    parameters: Mapping[str, str] = job["parameters"]
    return [_REFERENCE.sub(lambda match: parameters.get(match[1], match[0]), word) for word in words]


def timeout_of(job: Document) -> float | None:
    """Seconds of an attempt; what stands in for them here when the job says so, since Batch takes no less than 60.

    Raises:
        NoCommandError: what stands in for them is no number.
    """
    seconds = job.get("timeout", {}).get("attemptDurationSeconds")
    here = _own(job).get(TIMEOUT_VARIABLE)
    if here is None or seconds is None:
        return seconds
    try:
        return float(here)
    except ValueError:
        raise NoCommandError(f"{TIMEOUT_VARIABLE} is '{here}'; allowed: seconds, such as 1.5.") from None


def _own(job: Document) -> dict[str, str]:
    return {each["name"]: each.get("value", "") for each in job["container"]["environment"]}
