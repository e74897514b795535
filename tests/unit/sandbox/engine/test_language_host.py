import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import psutil
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from sandbox.engine.launchers import HOST, OUR_HOST, PROGRAM_RUNNER, link, write_host, write_our_host, write_script

# Takes the place of the SDK's runner: writes down how it was called.
RUNNER = """import json, os, sys
config, secrets = os.environ["PULUMI_CONFIG"], os.environ["PULUMI_CONFIG_SECRET_KEYS"]
seen = {"arguments": sys.argv[1:], "config": config, "secrets": secrets}
open(os.environ["SEEN"], "w").write(json.dumps(seen))
print("said by the program", flush=True)
if os.environ.get("WAIT"):
    open(os.environ["WAIT"], "w").write(str(os.getpid()))
    import time; time.sleep(120)
sys.exit(int(os.environ["CODE"]))
"""


class Started:
    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.process = process
        self.folder = folder
        assert process.stdout is not None
        self.channel = grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}")
        self.stub: Any = language_pb2_grpc.LanguageRuntimeStub(self.channel)

    def info(self, virtualenv: str | None = None) -> Any:
        options = struct_pb2.Struct()
        if virtualenv:
            options.update({"virtualenv": virtualenv})
        folder = str(self.folder)
        return language_pb2.ProgramInfo(
            root_directory=folder, program_directory=folder, entry_point=".", options=options
        )

    def run(self, virtualenv: str | None = None) -> Any:
        request = language_pb2.RunRequest(
            project="p", stack="s", pwd=str(self.folder), dryRun=True, parallel=4, monitor_address="127.0.0.1:1",
            organization="o", config={"p:k": "v"}, configSecretKeys=["p:k"], info=self.info(virtualenv),
        )  # fmt: skip
        return self.stub.Run(request, timeout=30)


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Started]]:
    started: list[Started] = []
    shared, run = tmp_path / "cache", tmp_path / "run"
    for folder in (shared, run):
        folder.mkdir()
    write_host(shared / HOST)
    link(run / HOST, shared / HOST)
    write_our_host(run / OUR_HOST)
    (run / PROGRAM_RUNNER).write_text(RUNNER, encoding="utf-8")

    def start(**environment: str) -> Started:
        variables = {**os.environ, "SEEN": str(tmp_path / "seen"), "CODE": "0"} | environment
        process = subprocess.Popen(
            [str(run / HOST), "127.0.0.1:2"], env=variables,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        started.append(Started(process, tmp_path))
        return started[-1]

    yield start
    for each in started:
        each.channel.close()
        if each.process.poll() is None:
            each.process.kill()
        each.process.communicate()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_program_is_run_with_what_the_engine_says(host: Callable[..., Started], tmp_path: Path):
    answer = host().run()
    assert (answer.error, answer.bail) == ("", False)
    seen = json.loads((tmp_path / "seen").read_text(encoding="utf-8"))
    pairs = dict(zip(seen["arguments"][:-1:2], seen["arguments"][1::2], strict=False))
    assert pairs["--monitor"] == "127.0.0.1:1"
    assert pairs["--engine"] == "127.0.0.1:2"
    assert pairs["--dry_run"] == "true"
    assert pairs["--root_directory"] == str(tmp_path)
    assert json.loads(seen["config"]) == {"p:k": "v"}
    assert json.loads(seen["secrets"]) == ["p:k"]


def test_a_handshake_brings_the_engines_address(host: Callable[..., Started], tmp_path: Path):
    started = host()
    started.stub.Handshake(language_pb2.LanguageHandshakeRequest(engine_address="127.0.0.1:3"), timeout=30)
    started.run()
    assert "127.0.0.1:3" in json.loads((tmp_path / "seen").read_text(encoding="utf-8"))["arguments"]


def test_an_error_that_was_shown_is_not_told_again(host: Callable[..., Started]):
    answer = host(CODE="32").run()
    assert answer.bail
    assert not answer.error


def test_another_exit_code_is_an_error(host: Callable[..., Started]):
    assert host(CODE="7").run().error == "the program ended with exit code 7"


def test_an_interpreter_that_is_not_there_is_named(host: Callable[..., Started], tmp_path: Path):
    assert f"{tmp_path}/nowhere/bin/python can't be run" in host().run("nowhere").error


def test_a_policy_pack_is_streamed_and_its_exit_code_comes_last(host: Callable[..., Started], tmp_path: Path):
    package = tmp_path / "pulumi" / "policy"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").write_text("", encoding="utf-8")
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "__main__.py").write_text(
        "import os, sys\n"
        "print(sys.argv[1:], os.environ['ONLY'], flush=True)\n"
        "sys.stderr.write('warned')\n"
        "sys.exit(3)\n",
        encoding="utf-8",
    )
    started = host()
    parts = list(
        started.stub.RunPlugin(
            language_pb2.RunPluginRequest(
                kind="analyzer", pwd=str(tmp_path), args=["127.0.0.1:2"], info=started.info(),
                env=["ONLY=this", f"PYTHONPATH={tmp_path}"],
            ),
            timeout=30,
        )
    )  # fmt: skip
    stdout = b"".join(part.stdout for part in parts).decode()
    assert stdout == f"['127.0.0.1:2', '{tmp_path}'] this\n"
    assert b"".join(part.stderr for part in parts) == b"warned"
    assert parts[-1].exitcode == 3


def test_a_provider_that_is_a_program_is_run_by_its_folder(host: Callable[..., Started], tmp_path: Path):
    (tmp_path / "__main__.py").write_text("import sys\nprint(sys.argv[1], flush=True)\n", encoding="utf-8")
    started = host()
    request = language_pb2.RunPluginRequest(kind="resource", pwd=str(tmp_path), args=["x"], info=started.info())
    parts = list(started.stub.RunPlugin(request, timeout=30))
    assert b"".join(part.stdout for part in parts) == b"x\n"
    assert parts[-1].exitcode == 0


def test_what_the_engine_asks_before_a_program(host: Callable[..., Started]):
    started = host()
    packages = language_pb2.GetRequiredPackagesRequest(info=started.info())
    assert not started.stub.GetRequiredPackages(packages, timeout=30).packages
    assert started.stub.GetPluginInfo(empty_pb2.Empty(), timeout=30).version
    about = started.stub.About(language_pb2.AboutRequest(info=started.info()), timeout=30)
    assert about.executable == sys.executable
    found = started.stub.GetProgramDependencies(
        language_pb2.GetProgramDependenciesRequest(info=started.info()), timeout=30
    )
    assert "pulumi" in {each.name for each in found.dependencies}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once_when_told_to(host: Callable[..., Started], number: signal.Signals):
    started = host()
    begun = time.monotonic()
    started.process.send_signal(number)
    assert started.process.wait(4) == 0
    # The engine kills a host after five seconds, and waits for that long.
    assert time.monotonic() - begun < 4
    assert started.process.stderr is not None
    assert started.process.stderr.read() == ""


def test_a_program_does_not_outlive_a_killed_engine(host: Callable[..., Started], tmp_path: Path):
    waiting = tmp_path / "pid"
    script = f'"{tmp_path}/run/{HOST}" 127.0.0.1:2 & echo $! > {tmp_path}/host; wait'
    write_script(tmp_path / "engine", script + "\n")
    environment = {**os.environ, "SEEN": str(tmp_path / "seen"), "CODE": "0", "WAIT": str(waiting)}
    engine = subprocess.Popen(
        [str(tmp_path / "engine")], env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    started = Started(engine, tmp_path)
    request = language_pb2.RunRequest(pwd=str(tmp_path), info=started.info())
    answer = started.stub.Run.future(request, timeout=60)
    until(lambda: waiting.exists() and waiting.read_text(encoding="utf-8") != "")
    processes = [int(file.read_text(encoding="utf-8")) for file in (tmp_path / "host", waiting)]
    engine.kill()
    engine.wait()
    until(lambda: not any(alive(pid) for pid in processes))
    started.channel.close()
    answer.cancel()


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
