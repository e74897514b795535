"""The process itself: what it prints, whom it listens to, when it leaves."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2_grpc


@pytest.fixture
def plugin() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.provider.plugin", "127.0.0.1:1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def port_of(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def test_the_first_line_is_the_port_and_the_protocol_answers_there(plugin: subprocess.Popen[str]) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{port_of(plugin)}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        assert stub.GetPluginInfo(empty_pb2.Empty(), timeout=30, wait_for_ready=True).version.startswith("7.")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_leaves_at_once_when_the_engine_says_so(plugin: subprocess.Popen[str], number: int) -> None:
    port_of(plugin)
    started = time.monotonic()
    plugin.send_signal(number)
    assert plugin.wait(timeout=10) == 0
    assert time.monotonic() - started < 4, "the engine waits five seconds and then kills"


def test_the_sdk_around_the_protocol_is_not_run() -> None:
    code = (
        "import sys; from sandbox.provider.plugin import without_sdk; without_sdk(); "
        "import sandbox.provider.servicer; print('pulumi.resource' in sys.modules, 'pulumi_aws' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_where_the_sdk_is_loaded_already_it_stays() -> None:
    code = (
        "import pulumi; from sandbox.provider.plugin import without_sdk; without_sdk(); "
        "import sandbox.provider.servicer; print(pulumi.CustomResource.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["CustomResource"]
