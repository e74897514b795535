"""The command line: what a lost host says, and what it says when there is none."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from sandbox.batch.__main__ import interrupt, main
from sandbox.errors import SandboxError
from sandbox.run_directory import DIRECTORY_VARIABLE, Ports, RunDirectory


def test_it_takes_the_host_of_a_job_away(tmp_path: Path) -> None:
    asked: list[object] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(await request.json())
        if len(asked) > 1:
            return web.json_response({"message": "job 1 has no host"}, status=409)
        return web.json_response({"instance": "i-1"})

    async def run() -> None:
        app = web.Application()
        app.router.add_post("/_stanchion/interrupt", answer)
        server = TestServer(app, host="127.0.0.1")
        await server.start_server()
        assert server.port is not None
        RunDirectory(tmp_path).write_ports(Ports(front_door=1, ministack=2, moto=3, batch=server.port))
        assert await asyncio.to_thread(interrupt, "1", 0.5, tmp_path) == "i-1"
        with pytest.raises(SandboxError, match="job 1 has no host"):
            await asyncio.to_thread(interrupt, "1", 0.5, tmp_path)
        await server.close()

    asyncio.run(run())
    assert asked[0] == {"job": "1", "grace": 0.5}


def test_without_a_local_cloud_it_says_how_to_start_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(DIRECTORY_VARIABLE, str(tmp_path))
    assert main(["interrupt", "1"]) == 1
    assert "start it with `make up`" in capsys.readouterr().err
