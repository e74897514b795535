"""The process itself: what it prints, when it leaves, what it does without."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2_grpc

from sandbox.kubernetes_provider.servicer import VERSION


@pytest.fixture
def plugin() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.kubernetes_provider.plugin", "127.0.0.1:1"], stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def port_of(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_the_engine_says_goodbye(plugin: subprocess.Popen[str], number: int):
    with grpc.insecure_channel(f"127.0.0.1:{port_of(plugin)}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        assert stub.GetPluginInfo(empty_pb2.Empty(), timeout=30, wait_for_ready=True).version == VERSION
    started = time.monotonic()
    plugin.send_signal(number)
    assert plugin.wait(timeout=10) == 0
    assert time.monotonic() - started < 4, "the engine waits five seconds and then kills"


def test_it_runs_neither_the_sdks_nor_what_the_aws_provider_needs():
    code = (
        "import sys; from sandbox.provider.plugin import without_sdk; without_sdk(); "
        "import sandbox.kubernetes_provider.servicer; "
        "heavy = {'pulumi.resource', 'pulumi_kubernetes', 'botocore', 'kubernetes', 'cryptography', 'yaml'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
