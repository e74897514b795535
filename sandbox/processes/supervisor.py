"""Starts, watches and ends the programs of one local cloud with supervisord (docs/decisions/)."""

import contextlib
import hashlib
import http.client
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import xmlrpc.client
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psutil
from supervisor.xmlrpc import SupervisorTransport

from sandbox.errors import SandboxError, SandboxFailedError
from sandbox.ports import LOOPBACK
from sandbox.processes.marked import alive, last_lines, marked, wait_gone
from sandbox.processes.programs import MARK, Program
from sandbox.run_directory import RunDirectory

# A unix socket's path may have 107 characters on Linux and 103 on macOS.
_LONGEST_SOCKET_PATH = 100
_POLL_SECONDS = 0.05
_DEAD_STATES = ("EXITED", "FATAL", "BACKOFF", "STOPPED", "UNKNOWN")


@dataclass(frozen=True)
class ProcessStatus:
    """What one program does.

    Args:
        state: supervisord's word: RUNNING, STARTING, EXITED, ...
        memory_bytes: resident memory of the process and its children.
        uptime_seconds: since its start.
    """

    name: str
    state: str
    pid: int
    port: int | None
    memory_bytes: int
    uptime_seconds: int


class Supervisor:
    """The supervisor of one run directory."""

    def __init__(self, directory: RunDirectory) -> None:
        self._directory = directory
        self.config_file = directory.path / "supervisord.conf"
        self.pid_file = directory.path / "supervisord.pid"
        self.socket = socket_path(directory.path)

    def start(self, programs: Sequence[Program], environment: dict[str, str]) -> None:
        """Start the supervisor and its programs, and return at once.

        Raises:
            SandboxFailedError: supervisord did not come up; its last lines are in the message.
        """
        inside = self.socket.parent == self._directory.path
        socket = self.socket.name if inside else str(self.socket)
        self.config_file.write_text(configuration(socket, programs), encoding="utf-8")
        variables = environment | {"STANCHION_PYTHON": sys.executable}
        done = subprocess.run(
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(self.config_file)],
            cwd=self._directory.path, env=variables, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SandboxFailedError(f"the local cloud's supervisor did not start:\n{last_lines(done.stdout)}")

    def wait_healthy(self, programs: Iterable[Program], timeout: float, tell: Callable[[str], None]) -> None:
        """Wait until every program answers on its health path.

        Args:
            timeout: seconds for all of them together.
            tell: is given one line for each program that is ready.

        Raises:
            SandboxFailedError: one ended or did not answer in time; the last lines of its log are in the message.
        """
        deadline = time.monotonic() + timeout
        for program in programs:
            begun = time.monotonic()
            while not healthy(program.port, program.health):
                state = self.states().get(program.name, ("UNKNOWN", 0))[0]
                late = time.monotonic() > deadline
                if late or state in _DEAD_STATES:
                    what = f"does not answer after {timeout:.0f} s" if late else "ended while it started"
                    raise SandboxFailedError(
                        f"{program.name} {what}; the last lines of {self.log_of(program.name)}:\n"
                        f"{last_lines(self._read_log(program.name))}"
                    )
                time.sleep(_POLL_SECONDS)
            tell(f"{program.name} answers on {LOOPBACK}:{program.port} ({time.monotonic() - begun:.1f} s)")

    def states(self) -> dict[str, tuple[str, int]]:
        """State and process id of each program; empty when the supervisor does not answer."""
        try:
            with self._proxy() as proxy:
                return {each["name"]: (each["statename"], each["pid"]) for each in proxy.getAllProcessInfo()}
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            return {}

    def status(self, programs: Sequence[Program]) -> list[ProcessStatus]:
        """What the supervisor and its programs do; empty when it does not run."""
        main = self._process()
        if main is None:
            return []
        known = {program.name: program for program in programs}
        states = self.states()
        rows = [_status("supervisord", "RUNNING" if states else "UNKNOWN", main.pid, None, alone=True)]
        for name, (state, pid) in states.items():
            program = known.get(name)
            port = program.port if program else None
            rows.append(_status(name, state, pid, port, alone=program is not None and program.children_apart))
        return rows

    def running(self) -> bool:
        """Whether the supervisor's process is there."""
        return self._process() is not None

    def stop(self, timeout: float) -> bool:
        """End the supervisor and everything it started, and wait until they are gone.

        Args:
            timeout: seconds for an orderly end; what is left then is killed.

        Returns:
            Whether anything had to be ended.
        """
        main = self._process()
        mine = marked(MARK, str(self._directory.path))
        if main is not None:
            mine = [main, *mine]
            try:
                with self._proxy() as proxy:
                    proxy.shutdown()
            except (OSError, http.client.HTTPException, xmlrpc.client.Error):
                main.terminate()
        else:
            # The supervisor was killed: its programs are told themselves.
            for process in mine:
                with contextlib.suppress(psutil.Error):
                    process.terminate()
        left = wait_gone(mine, timeout)
        # What a program started at the very end of its life is found only now.
        for process in {*left, *marked(MARK, str(self._directory.path))}:
            with contextlib.suppress(psutil.Error):
                process.kill()
        wait_gone(left, 10)
        for file in (self.socket, self.pid_file):
            file.unlink(missing_ok=True)
        return bool(mine)

    def log_of(self, name: str) -> Path:
        """The log of a program.

        Raises:
            SandboxError: there is no such program.
        """
        names = sorted(file.stem for file in self._directory.logs.glob("*.log"))
        if name not in names:
            raise SandboxError(
                f"no log '{name}'; allowed: {', '.join(names) or 'none yet, the cloud was never started'}."
            )
        return self._directory.logs / f"{name}.log"

    def _read_log(self, name: str) -> str:
        return self.log_of(name).read_text(encoding="utf-8", errors="replace")

    def _process(self) -> psutil.Process | None:
        """The supervisor's process, made sure by its arguments: a process id may belong to somebody else by now."""
        try:
            process = psutil.Process(int(self.pid_file.read_text(encoding="utf-8")))
            return process if str(self.config_file) in process.cmdline() and alive(process) else None
        except (OSError, ValueError, psutil.Error):
            return None

    @contextlib.contextmanager
    def _proxy(self):
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        with xmlrpc.client.ServerProxy(
            "http://localhost", transport=cast("xmlrpc.client.Transport", transport)
        ) as proxy:
            yield cast("Any", proxy).supervisor


def configuration(socket: str, programs: Iterable[Program]) -> str:
    """supervisord's configuration.

    Its paths are relative to the run directory, in which supervisord is started, and the interpreter is named through a
    variable: a percent sign, a quote or a semicolon in a path would mean something else in this file.

    Args:
        socket: where supervisord listens for commands.
    """
    sections = [
        f"[unix_http_server]\nfile={socket}\nchmod=0700",
        "[supervisord]\n"
        "logfile=logs/supervisord.log\nlogfile_maxbytes=5MB\nlogfile_backups=1\nloglevel=info\n"
        "pidfile=supervisord.pid\nchildlogdir=logs\numask=077",
        "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
    ]
    sections += [_section(program) for program in programs]
    return "\n\n".join(sections) + "\n"


def _section(program: Program) -> str:
    arguments = " ".join(program.command)
    return (
        f"[program:{program.name}]\n"
        f'command="%(ENV_STANCHION_PYTHON)s" {arguments}\n'
        f"autorestart={'unexpected' if program.restart else 'false'}\n"
        "startsecs=1\nstartretries=0\n"
        # Functions run as children of the emulator: the whole group ends.
        "stopasgroup=true\nkillasgroup=true\n"
        f"stopwaitsecs={program.stop_seconds}\n"
        f"stdout_logfile=logs/{program.name}.log\n"
        "stdout_logfile_maxbytes=5MB\nstdout_logfile_backups=1\nredirect_stderr=true"
    )


def socket_path(run_directory: Path) -> Path:
    """Where supervisord listens: in the run directory, or, when that is too long a path, in a folder of the user's own.

    Raises:
        SandboxError: the folder belongs to somebody else.
    """
    inside = run_directory / "supervisord.sock"
    if len(os.fsencode(inside)) < _LONGEST_SOCKET_PATH:
        return inside
    key = hashlib.sha256(os.fsencode(run_directory)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"stanchion-{os.getuid()}"
    if len(os.fsencode(folder)) > _LONGEST_SOCKET_PATH - len(key) - 6:
        folder = Path("/tmp") / folder.name  # noqa: S108 - a folder of mode 0700 whose owner is checked below
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise SandboxError(f"{folder} is not a private folder of yours; remove it, or choose another with TMPDIR.")
    return folder / f"{key}.sock"


# The programs are on this machine: no proxy of the user's has a say in it.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def healthy(port: int, path: str) -> bool:
    """Whether the server on the port answers 200 on the path."""
    try:
        with _OPENER.open(f"http://{LOOPBACK}:{port}{path}", timeout=5) as answer:
            return answer.status == 200
    except (OSError, http.client.HTTPException, urllib.error.URLError):
        return False


def _status(name: str, state: str, pid: int, port: int | None, *, alone: bool = False) -> ProcessStatus:
    try:
        process = psutil.Process(pid) if pid else None
        family = [] if process is None else [process] if alone else [process, *process.children(recursive=True)]
        memory = sum(each.memory_info().rss for each in family)
        uptime = int(time.time() - process.create_time()) if process else 0
    except psutil.Error:
        memory = uptime = 0
    return ProcessStatus(name, state, pid, port, memory, uptime)
