"""What jobs write, in CloudWatch Logs of the local cloud, as the awslogs driver puts it there."""

import asyncio
import contextlib
import time
from pathlib import Path
from typing import Any

from sandbox.batch.records import Document

# PutLogEvents takes so many events in one request (CloudWatch Logs API reference).
_MOST_EVENTS = 10_000
# Nobody waits long for a log: the cloud may have lost its region.
_SECONDS = 5


def stream_of(job: Document, task: str) -> str:
    """The stream of an attempt: `<prefix>/default/<task>` (Batch user guide, awslogs log driver)."""
    prefix = _options(job).get("awslogs-stream-prefix", "batch")
    return f"{prefix}/default/{task}"


async def publish(endpoint: str, region: str, job: Document, stream: str, file: Path) -> None:
    """Put what an attempt wrote into the job's log group, if it names one that is there.

    Args:
        endpoint: the local cloud's address.
        stream: its name.
        file: what was written.
    """
    group = _options(job).get("awslogs-group")
    if group and file.is_file():
        await asyncio.to_thread(_put, endpoint, region, group, stream, file)


def _options(job: Document) -> dict[str, str]:
    return (job["container"].get("logConfiguration") or {}).get("options") or {}


def _put(endpoint: str, region: str, group: str, stream: str, file: Path) -> None:
    # Imported on first use: it takes as long as everything else in the process.
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    limits = Config(connect_timeout=_SECONDS, read_timeout=_SECONDS, retries={"total_max_attempts": 1})
    logs: Any = boto3.Session().client(
        "logs",
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - any will do
        config=limits,
    )
    now = int(time.time() * 1000)
    lines = [line for line in file.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    events = [{"timestamp": now, "message": line} for line in lines]
    # A group that is not there, or a cloud that does not answer: the file is kept.
    with contextlib.suppress(BotoCoreError, ClientError):
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        for first in range(0, len(events), _MOST_EVENTS):
            part = events[first : first + _MOST_EVENTS]
            logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=part)
