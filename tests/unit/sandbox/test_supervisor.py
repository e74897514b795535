import os
import stat
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from sandbox.errors import SandboxError, SandboxFailedError
from sandbox.ports import choose_ports, is_free
from sandbox.processes.programs import MARK, Program
from sandbox.processes.supervisor import Supervisor, socket_path
from sandbox.run_directory import RunDirectory

SERVER = """
import http.server, sys
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


@pytest.fixture
def directory():
    # Characters that mean something to supervisord's configuration or to a shell.
    with tempfile.TemporaryDirectory(prefix="st %s;'# ") as folder:
        made = RunDirectory(Path(folder) / "run")
        made.create()
        yield made


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def variables(directory: RunDirectory) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], MARK: str(directory.path)}


def server(directory: RunDirectory, name: str = "server") -> Program:
    port = choose_ports(None).front_door
    script = directory.path / "serve.py"
    script.write_text(SERVER, encoding="utf-8")
    return Program(name, port, "/", ("serve.py", str(port)))


def test_starts_waits_shows_and_ends_in_a_folder_with_an_odd_name(directory: RunDirectory):
    supervisor, program = Supervisor(directory), server(directory)
    told: list[str] = []
    supervisor.start([program], variables(directory))
    try:
        supervisor.wait_healthy([program], 30, told.append)
        assert told[0].startswith(f"server answers on 127.0.0.1:{program.port}")
        rows = {row.name: row for row in supervisor.status([program])}
        assert set(rows) == {"supervisord", "server"}
        assert rows["server"].port == program.port
        assert rows["server"].memory_bytes > 1_000_000
        assert stat.S_IMODE(supervisor.socket.stat().st_mode) == 0o700
        pids = [row.pid for row in rows.values()]
    finally:
        assert supervisor.stop(30)
    assert not [pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie"]
    assert not supervisor.running()
    assert not supervisor.stop(1)


def test_a_program_that_ends_while_it_starts_is_told_with_its_last_words(directory: RunDirectory):
    (directory.path / "fail.py").write_text("raise SystemExit('no room on this shelf')", encoding="utf-8")
    program = Program("failing", choose_ports(None).moto, "/", ("fail.py",))
    supervisor = Supervisor(directory)
    supervisor.start([program], variables(directory))
    try:
        with pytest.raises(SandboxFailedError, match=r"failing ended while it started; .*\n  no room on this shelf"):
            supervisor.wait_healthy([program], 30, print)
    finally:
        supervisor.stop(30)


def test_what_a_killed_supervisor_left_is_ended_by_stop(directory: RunDirectory):
    supervisor, program = Supervisor(directory), server(directory)
    supervisor.start([program], variables(directory))
    try:
        supervisor.wait_healthy([program], 30, lambda _: None)
        main = psutil.Process(int(supervisor.pid_file.read_text(encoding="utf-8")))
        main.kill()
        until(lambda: not supervisor.running())
        assert not is_free(program.port)
    finally:
        assert supervisor.stop(30)
    assert is_free(program.port)


def test_somebody_elses_process_with_the_old_number_is_left_alone(directory: RunDirectory):
    supervisor = Supervisor(directory)
    supervisor.pid_file.write_text(str(os.getpid()), encoding="utf-8")
    assert not supervisor.running()
    assert not supervisor.stop(1)


def test_a_log_that_is_not_there(directory: RunDirectory):
    (directory.logs / "moto.log").write_text("x", encoding="utf-8")
    with pytest.raises(SandboxError, match="no log 'motto'; allowed: moto"):
        Supervisor(directory).log_of("motto")


def test_a_long_run_directory_gets_a_short_private_socket(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tempfile, "tempdir", tempfile.mkdtemp(dir="/tmp"))
    first, second = (socket_path(Path("/") / ("x" * 120) / name) for name in "ab")
    assert first != second
    assert len(os.fsencode(first)) < 100
    assert stat.S_IMODE(first.parent.stat().st_mode) == 0o700
    first.parent.chmod(0o755)
    with pytest.raises(SandboxError, match="not a private folder of yours"):
        socket_path(Path("/") / ("x" * 120) / "a")
    first.parent.rmdir()
    Path(tempfile.gettempdir()).rmdir()


def test_a_short_run_directory_keeps_its_socket():
    assert socket_path(Path("/run/x")) == Path("/run/x/supervisord.sock")
