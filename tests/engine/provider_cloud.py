"""A MiniStack of its own for the provider's table test, and a client that speaks the provider's protocol."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from sandbox.ports import free_ports
from sandbox.provider.servicer import AwsProvider
from sandbox.provider.values import Bag, Properties, decode, encode

PATIENCE = 60  # seconds for MiniStack to start


def environment(url: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextlib.contextmanager
def running_cloud() -> Iterator[str]:
    """The address of a MiniStack that lives as long as the block."""
    (port,) = free_ports([0])
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ministack"],
            env={
                **os.environ,
                "GATEWAY_PORT": str(port),
                "BIND_HOST": "127.0.0.1",
                "PERSIST_STATE": "0",
                "STATE_DIR": folder,
                "S3_DATA_DIR": folder,
                "LOG_LEVEL": "WARNING",
            },
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(process, url, log)
            yield url
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: Any, url: str, log: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"{url}/_ministack/health", timeout=1):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                log.seek(0)
                raise AssertionError(f"MiniStack did not start: {log.read().decode()[-2000:]}") from error
            time.sleep(0.1)


class ProviderClient:
    """The engine's side of the protocol, in plain Python values."""

    def __init__(self, stub: Any, project: str = "table") -> None:
        self.stub = stub
        self.project = project

    def configure(self, config: Mapping[str, Any]) -> None:
        self.stub.Configure(provider_pb2.ConfigureRequest(args=encode(config), acceptSecrets=True))

    def urn(self, token: str, name: str) -> str:
        return f"urn:pulumi:test::{self.project}::{token}::{name}"

    def check(self, token: str, name: str, news: Properties, olds: Properties | None = None) -> tuple[Bag, list[Any]]:
        request = provider_pb2.CheckRequest(urn=self.urn(token, name), news=encode(news), olds=encode(olds or {}))
        answer = self.stub.Check(request)
        return decode(answer.inputs), list(answer.failures)

    def inputs(self, token: str, name: str, news: Properties, olds: Properties | None = None) -> Properties:
        bag, failures = self.check(token, name, news, olds)
        assert not failures, f"{token}: {[(one.property, one.reason) for one in failures]}"
        return bag.values

    def create(self, token: str, name: str, inputs: Properties, preview: bool = False) -> tuple[str, Properties]:
        request = provider_pb2.CreateRequest(urn=self.urn(token, name), properties=encode(inputs), preview=preview)
        answer = self.stub.Create(request)
        return answer.id, decode(answer.properties).values

    def read(
        self, token: str, name: str, identity: str, inputs: Properties, state: Properties
    ) -> tuple[str, Properties, Properties]:
        request = provider_pb2.ReadRequest(
            urn=self.urn(token, name), id=identity, inputs=encode(inputs), properties=encode(state)
        )
        answer = self.stub.Read(request)
        return answer.id, decode(answer.properties).values, decode(answer.inputs).values

    def diff(self, token: str, name: str, identity: str, old: Properties, state: Properties, new: Properties) -> Any:
        return self.stub.Diff(
            provider_pb2.DiffRequest(
                urn=self.urn(token, name), id=identity, old_inputs=encode(old), olds=encode(state), news=encode(new)
            )
        )

    def update(
        self, token: str, name: str, identity: str, old: Properties, state: Properties, new: Properties
    ) -> Properties:
        request = provider_pb2.UpdateRequest(
            urn=self.urn(token, name), id=identity, old_inputs=encode(old), olds=encode(state), news=encode(new)
        )
        return decode(self.stub.Update(request).properties).values

    def delete(self, token: str, name: str, identity: str, inputs: Properties, state: Properties) -> None:
        self.stub.Delete(
            provider_pb2.DeleteRequest(
                urn=self.urn(token, name), id=identity, old_inputs=encode(inputs), properties=encode(state)
            )
        )


@contextlib.contextmanager
def serving(provider: AwsProvider) -> Iterator[ProviderClient]:
    """A provider served over gRPC as long as the block lives."""
    server = grpc.server(ThreadPoolExecutor(4))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield ProviderClient(provider_pb2_grpc.ResourceProviderStub(channel))
    finally:
        server.stop(None).wait()


@contextlib.contextmanager
def provider_client(config: Mapping[str, Any]) -> Iterator[ProviderClient]:
    """A provider of its own, served and configured."""
    with serving(AwsProvider()) as client:
        client.configure(config)
        yield client
