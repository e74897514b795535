"""What a job wrote lies in its log group, and a cloud that has none of it holds nothing up."""

import asyncio
import json
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from sandbox.batch.logs import publish, stream_of
from sandbox.batch.records import Document

JOB: Document = {
    "container": {"logConfiguration": {"options": {"awslogs-group": "/aws/batch/one", "awslogs-stream-prefix": "job"}}}
}


def published(job: Document, file: Path, status: int = 200) -> list[tuple[str, Any]]:
    """The requests that CloudWatch Logs got."""
    asked: list[tuple[str, Any]] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append((request.headers["X-Amz-Target"].partition(".")[2], json.loads(await request.read())))
        body = {} if status == 200 else {"__type": "ResourceNotFoundException"}
        return web.json_response(body, status=status)

    async def run() -> None:
        app = web.Application()
        app.router.add_post("/", answer)
        server = TestServer(app, host="127.0.0.1")
        await server.start_server()
        await publish(str(server.make_url("")), "us-west-2", job, "job/default/1", file)
        await server.close()

    asyncio.run(run())
    return asked


def test_each_line_is_an_event_of_the_attempts_stream(tmp_path: Path) -> None:
    file = tmp_path / "1.log"
    file.write_bytes(b"one\n\ntwo \xff\n")
    made, put = published(JOB, file)
    assert made == ("CreateLogStream", {"logGroupName": "/aws/batch/one", "logStreamName": "job/default/1"})
    assert put[0] == "PutLogEvents"
    assert [event["message"] for event in put[1]["logEvents"]] == ["one", "two \ufffd"]


def test_no_more_events_go_into_a_request_than_it_takes(tmp_path: Path) -> None:
    file = tmp_path / "1.log"
    file.write_text("line\n" * 10_001)
    _, *puts = published(JOB, file)
    assert [len(request["logEvents"]) for _, request in puts] == [10_000, 1]


def test_a_job_without_a_group_or_a_file_says_nothing(tmp_path: Path) -> None:
    file = tmp_path / "1.log"
    assert published(JOB, file) == []
    file.write_text("one\n")
    assert published({"container": {}}, file) == []


def test_a_group_that_is_not_there_is_no_failure_of_the_job(tmp_path: Path) -> None:
    file = tmp_path / "1.log"
    file.write_text("one\n")
    assert [operation for operation, _ in published(JOB, file, status=400)] == ["CreateLogStream"]


def test_the_stream_is_named_as_batch_names_it() -> None:
    assert stream_of(JOB, "task-1") == "job/default/task-1"
    assert stream_of({"container": {}}, "task-1") == "batch/default/task-1"
