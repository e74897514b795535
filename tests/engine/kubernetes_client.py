"""The engine's side of the kubernetes provider's protocol: one resource's life, as an engine would lead it."""

import contextlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from sandbox.kubernetes_provider.paths import Path, look, parse, put
from sandbox.kubernetes_provider.servicer import KubernetesProvider
from sandbox.kubernetes_provider.wire import decode, encode
from sandbox.provider.values import Properties
from sandbox.run_directory import RunDirectory


class Refused(Exception):
    """What the provider said instead of doing something."""


class NotReady(Refused):
    """It was done, but did not get ready."""


class Resource:
    """One resource and what the engine's state keeps of it."""

    def __init__(self, stub: Any, token: str, name: str) -> None:
        self.stub = stub
        self.urn = f"urn:pulumi:test::kubernetes::{token}::{name}"
        self.id = ""
        self.inputs: Properties = {}
        self.state: Properties = {}
        self.secrets: set[Path] = set()

    def check(self, program: Properties, secrets: tuple[str, ...] = (), *, fresh: bool = False) -> Properties:
        """The inputs, or everything that is wrong with them."""
        answer = self.stub.Check(
            provider_pb2.CheckRequest(
                urn=self.urn, news=encode(program, {parse(each) for each in secrets}),
                olds=encode({} if fresh else self.inputs), randomSeed=b"seed" + self.id.encode(),
            )
        )  # fmt: skip
        if answer.failures:
            raise Refused("\n".join(each.reason for each in answer.failures))
        bag = decode(answer.inputs)
        self.secrets = bag.secrets
        return bag.values

    def diff(self, new: Properties, ignored: tuple[str, ...] = ()) -> Any:
        return self._asked(
            self.stub.Diff,
            provider_pb2.DiffRequest(
                urn=self.urn, id=self.id, old_inputs=encode(self.inputs), olds=encode(self.state),
                news=encode(new, self.secrets), ignoreChanges=ignored,
            ),
        )  # fmt: skip

    def preview(self, program: Properties, ignored: tuple[str, ...] = (), secrets: tuple[str, ...] = ()) -> Properties:
        """What a preview says it would look like."""
        new = self.check(self._without_ignored(program, ignored), secrets)
        if not self.id:
            request = provider_pb2.CreateRequest(urn=self.urn, properties=encode(new, self.secrets), preview=True)
            return decode(self._asked(self.stub.Create, request).properties).values
        return decode(self._update(new, ignored, preview=True)).values

    def up(
        self, program: Properties, ignored: tuple[str, ...] = (), secrets: tuple[str, ...] = (), timeout: float = 0
    ) -> str:
        """Create, update or replace; says which, or `same`."""
        new = self.check(self._without_ignored(program, ignored), secrets)
        if not self.id:
            self._create(new, timeout)
            return "create"
        found = self.diff(new, ignored)
        if found.changes == provider_pb2.DiffResponse.DIFF_NONE:
            self.inputs = new
            return "same"
        if found.replaces:
            if found.deleteBeforeReplace:
                self.delete()
            new = self.check(program, secrets, fresh=True)
            old, self.id = (self.id, self.inputs, self.state), ""
            self._create(new, timeout)
            if not found.deleteBeforeReplace:
                self._delete(*old)
            return "replace first deleted" if found.deleteBeforeReplace else "replace"
        bag = decode(self._update(new, ignored, timeout=timeout))
        self.inputs, self.state = new, bag.values
        return "update"

    def refresh(self) -> bool:
        """Read it again; whether it is still there."""
        request = provider_pb2.ReadRequest(
            urn=self.urn, id=self.id, inputs=encode(self.inputs, self.secrets), properties=encode(self.state)
        )
        answer = self._asked(self.stub.Read, request)
        self.id, self.inputs, self.state = answer.id, decode(answer.inputs).values, decode(answer.properties).values
        return bool(self.id)

    def delete(self) -> None:
        self._delete(self.id, self.inputs, self.state)
        self.id = ""

    def _create(self, new: Properties, timeout: float) -> None:
        request = provider_pb2.CreateRequest(urn=self.urn, properties=encode(new, self.secrets), timeout=timeout)
        answer = self._asked(self.stub.Create, request)
        self.id, self.inputs, self.state = answer.id, new, decode(answer.properties).values

    def _update(self, new: Properties, ignored: tuple[str, ...], *, preview: bool = False, timeout: float = 0) -> Any:
        request = provider_pb2.UpdateRequest(
            urn=self.urn, id=self.id, old_inputs=encode(self.inputs), olds=encode(self.state), timeout=timeout,
            news=encode(new, self.secrets), ignoreChanges=ignored, preview=preview,
        )  # fmt: skip
        return self._asked(self.stub.Update, request).properties

    def _delete(self, identity: str, inputs: Properties, state: Properties) -> None:
        request = provider_pb2.DeleteRequest(
            urn=self.urn, id=identity, old_inputs=encode(inputs), properties=encode(state)
        )
        self._asked(self.stub.Delete, request)

    def _without_ignored(self, program: Properties, ignored: tuple[str, ...]) -> Properties:
        """The engine puts what the state has in place of what is ignored."""
        changed = deepcopy(program)
        for path in map(parse, ignored):
            if self.inputs and look(self.inputs, path) is not None:
                put(changed, path, look(self.inputs, path))
        return changed

    def _asked(self, method: Any, request: Any) -> Any:
        try:
            return method(request)
        except grpc.RpcError as error:
            code, said = error.code(), error.details()  # type: ignore[attr-defined]
            assert code != grpc.StatusCode.INTERNAL, said
            details = dict(error.trailing_metadata()).get("grpc-status-details-bin")  # type: ignore[attr-defined]
            if details is None:
                raise Refused(said) from error
            detail = provider_pb2.ErrorResourceInitFailed()
            packed: AnyMessage = status_pb2.Status.FromString(details).details[0]
            packed.Unpack(detail)
            self.id, self.state = detail.id, decode(detail.properties).values
            self.inputs = decode(detail.inputs).values or self.inputs
            raise NotReady(said) from error


@contextlib.contextmanager
def served(provider: KubernetesProvider) -> Iterator[Any]:
    """A provider served as long as the block lives; gives the engine's end of it."""
    server = grpc.server(ThreadPoolExecutor(8))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield provider_pb2_grpc.ResourceProviderStub(channel)
    finally:
        server.stop(None).wait()


@contextlib.contextmanager
def configured(config: Mapping[str, Any], directory: RunDirectory) -> Iterator[Any]:
    """A provider of its own, served and configured."""
    with served(KubernetesProvider(directory)) as stub:
        stub.Configure(provider_pb2.ConfigureRequest(args=encode(config), acceptSecrets=True))
        yield stub
