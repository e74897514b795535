"""The provider protocol on one side, objects of a cluster on the other."""
# The protocol gives the methods their names and arguments, and documents them.
# ruff: noqa: ARG002, D102

import json
import threading
import traceback
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path as File
from typing import Any

import grpc
from google.protobuf import empty_pb2
from google.protobuf.any_pb2 import Any as AnyMessage
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from sandbox.kubernetes_provider import changes, deletion, reading, settings
from sandbox.kubernetes_provider.check import Surroundings, check
from sandbox.kubernetes_provider.cluster import NoNamespaceError, NotServedError
from sandbox.kubernetes_provider.diff import Asked, difference
from sandbox.kubernetes_provider.errors import UnreachableError
from sandbox.kubernetes_provider.naming import STATE_MANAGER, manager_of
from sandbox.kubernetes_provider.objects import Kind, from_identity, identity, is_secret
from sandbox.kubernetes_provider.paths import Path, covers, parse, written
from sandbox.kubernetes_provider.readiness import NotReadyError, missing_now, wait_ready
from sandbox.kubernetes_provider.settings import TO_COME, Settings
from sandbox.kubernetes_provider.state_only import STATE_ONLY
from sandbox.kubernetes_provider.validate import Problem
from sandbox.kubernetes_provider.waiting import Patience
from sandbox.kubernetes_provider.wire import Bag, decode, encode
from sandbox.provider.errors import ConfigurationError, ProviderError
from sandbox.provider.values import Properties, has_unknown
from sandbox.run_directory import RunDirectory
from stanchion.errors import StanchionError

# The release of the official provider whose types and names this one follows.
VERSION = "4.34.2"

_ORDER_SECONDS = 20.0  # how long a namespace or a kind may come after what needs it, in a program that says no order
_INITIAL_VERSION = "__initialApiVersion"
_NOT_READY = "__notReady"  # in the state: what an object lacked when it was last waited for
_SECRET_DATA: tuple[Path, ...] = (("data",), ("stringData",))
_KINDS = provider_pb2.PropertyDiff.Kind
_REPLACING = {"add": _KINDS.ADD_REPLACE, "delete": _KINDS.DELETE_REPLACE, "update": _KINDS.UPDATE_REPLACE}
_PLAIN = {"add": _KINDS.ADD, "delete": _KINDS.DELETE, "update": _KINDS.UPDATE}


class _HalfDoneError(Exception):
    """An object is there and not ready: the engine has to record it and to come back to it."""

    def __init__(self, reason: str, state: Any, inputs: Any, identity: str) -> None:
        super().__init__(reason)
        self.detail = provider_pb2.ErrorResourceInitFailed(
            id=identity, properties=state, reasons=[reason], inputs=inputs
        )


def _answering(method: Callable[..., Any]) -> Callable[..., Any]:
    """Turns our errors into the protocol's: a sentence, and for a half-made object what the engine has to record."""

    @wraps(method)
    def answer(self: "KubernetesProvider", request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request, context)
        except _HalfDoneError as error:
            packed = AnyMessage()
            packed.Pack(error.detail)
            code = grpc.StatusCode.UNKNOWN
            status = status_pb2.Status(code=code.value[0], message=str(error), details=[packed])
            context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
            context.abort(code, str(error))
        except ConfigurationError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        except StanchionError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except Exception as error:
            # A defect of ours: where it happened helps whoever mends it, values of properties are no part of it.
            place = traceback.extract_tb(error.__traceback__)[-1]
            context.abort(
                grpc.StatusCode.INTERNAL,
                f"{method.__name__} failed by a defect of the local cloud's kubernetes provider: "
                f"{type(error).__name__} at {File(place.filename).name}:{place.lineno}",
            )

    return answer


def _token(urn: str) -> str:
    """The type of a resource: the last of the types in its URN."""
    return urn.split("::")[2].rpartition("$")[2]


def _logical(urn: str) -> str:
    return urn.split("::", 3)[3]


def _secrets(document: Mapping[str, Any], *bags: Bag) -> set[Path]:
    """What is secret in an object: what the program says, and the content of Secrets."""
    found = set().union(*(bag.secrets for bag in bags))
    return found | (set(_SECRET_DATA) if is_secret(document) else set())


def _ignored(paths: Any) -> tuple[Path, ...]:
    try:
        return tuple(parse(each) for each in paths)
    except ValueError as error:
        raise ProviderError(f"ignoreChanges: {error}") from error


def _failure(problem: Problem, secrets: set[Path]) -> Any:
    """A problem on the wire. The path is a part of the reason: the engine would print a value beside a property."""
    hidden = any(covers(each, problem.path) or covers(problem.path, each) for each in secrets)
    said = problem.value_free if hidden else problem.reason
    where = written(problem.path)
    return provider_pb2.CheckFailure(reason=f"{where}: {said}" if where else said)


class KubernetesProvider(provider_pb2_grpc.ResourceProviderServicer):
    """One instance of the provider: one cluster."""

    def __init__(self, directory: RunDirectory | None = None) -> None:
        self._directory = directory or RunDirectory.resolve()
        self._settings: Settings | None = None
        self._cancelled = threading.Event()

    @property
    def settings(self) -> Settings:
        """The settings, once the engine has configured the provider."""
        if self._settings is None:
            raise ConfigurationError("the kubernetes provider was used before it was configured")
        return self._settings

    @_answering
    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        return plugin_pb2.PluginInfo(version=VERSION)

    @_answering
    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, accept_resources=True, accept_outputs=False, supports_autonaming_configuration=True
        )

    @_answering
    def Attach(self, request: Any, context: grpc.ServicerContext) -> Any:
        return empty_pb2.Empty()

    @_answering
    def GetSchema(self, request: Any, context: grpc.ServicerContext) -> Any:
        return provider_pb2.GetSchemaResponse(schema=json.dumps({"name": "kubernetes", "version": VERSION}))

    @_answering
    def GetMapping(self, request: Any, context: grpc.ServicerContext) -> Any:
        return provider_pb2.GetMappingResponse(provider="", data=b"")

    @_answering
    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._cancelled.set()
        return empty_pb2.Empty()

    @_answering
    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        news = decode(request.news)
        failures = [
            provider_pb2.CheckFailure(property=name, reason=f"{name} {why}")
            for name, why in settings.problems(settings.parsed(news.values))
        ]
        inputs = request.news
        if has_unknown([news.values.get(name) for name in ("kubeconfig", "context", "cluster")]):
            known = {name: value for name, value in news.values.items() if not has_unknown(value)}
            inputs = encode({**known, "kubeconfig": TO_COME}, news.secrets)
        return provider_pb2.CheckResponse(inputs=inputs, failures=failures)

    @_answering
    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        old = settings.parsed(decode(request.old_inputs or request.olds).values)
        new = settings.parsed(decode(request.news).values)
        changed = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
        ways = [name for name in changed if name in ("kubeconfig", "context", "cluster", "clusterIdentifier")]
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=changed,
            replaces=ways if ways and settings.is_another_cluster(old, new) else [],
        )

    @_answering
    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        config = decode(request.args).values if request.HasField("args") else {}
        if not config:
            config = {name.removeprefix("kubernetes:config:"): value for name, value in request.variables.items()}
        self._settings = settings.settings_of(settings.parsed(config), self._directory)
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True,
            supportsPreview=True,
            acceptResources=True,
            acceptOutputs=False,
            supports_autonaming_configuration=True,
        )

    @_answering
    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:
        token, news, olds = _token(request.urn), decode(request.news), decode(request.olds)
        if token in STATE_ONLY:
            return provider_pb2.CheckResponse(inputs=request.news)
        kind = Kind.of_token(token)
        if refusal := _unsupported(kind, news.values):
            return provider_pb2.CheckResponse(failures=[provider_pb2.CheckFailure(reason=refusal)])
        naming = request.autonaming if request.HasField("autonaming") else None
        around = Surroundings(
            cluster=self.settings.cluster,
            namespace=self.settings.namespace,
            logical=_logical(request.urn),
            seed=request.randomSeed,
            proposed=naming.proposed_name if naming is not None else "",
            automatic=naming is None or naming.mode != provider_pb2.CheckRequest.AutonamingOptions.DISABLE,
        )
        document, problems = check(kind, olds.values, news.values, around)
        secrets = _secrets(document, news)
        return provider_pb2.CheckResponse(
            inputs=encode(document, secrets), failures=[_failure(each, secrets) for each in problems]
        )

    @_answering
    def Diff(self, request: Any, context: grpc.ServicerContext) -> Any:
        news, olds, state = decode(request.news), decode(request.old_inputs), decode(request.olds).values
        ignored = _ignored(request.ignoreChanges)
        asked = Asked(
            cluster=self.settings.cluster,
            manager=manager_of(request.urn, news.values, state),
            secrets=_secrets(news.values, news),
            ignored=ignored,
            config_maps=self.settings.config_maps,
            secret_data=self.settings.secret_data,
            asking=not self.settings.to_come and _token(request.urn) not in STATE_ONLY,
        )
        found = difference(olds.values or state, news.values, asked)
        detailed = {
            written(path): provider_pb2.PropertyDiff(
                kind=(_REPLACING if path in found.replaces else _PLAIN)[how], inputDiff=True
            )
            for path, how in found.paths.items()
        }
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if found.paths else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=sorted({str(path[0]) for path in found.paths}),
            replaces=sorted({str(path[0]) for path in found.replaces}),
            deleteBeforeReplace=found.delete_first,
            detailedDiff=detailed,
            hasDetailedDiff=True,
        )

    @_answering
    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:
        wanted, token = decode(request.properties), _token(request.urn)
        document, secrets = wanted.values, _secrets(wanted.values, wanted)
        manager = manager_of(request.urn, document)
        if token in STATE_ONLY:
            name = "" if request.preview else _logical(request.urn)
            return provider_pb2.CreateResponse(id=name, properties=request.properties)
        cluster = self.settings.cluster
        if request.preview:
            if self.settings.to_come:
                expected = changes.planned(document)
            else:
                expected = changes.preview_create(cluster, document, manager, secrets)
            return provider_pb2.CreateResponse(properties=_state(expected, manager, secrets))
        live = self._in_order(lambda: changes.create(cluster, document, manager, secrets))
        live = self._ready(live, wanted, manager, request.timeout)
        return provider_pb2.CreateResponse(id=identity(live), properties=_state(live, manager, secrets))

    @_answering
    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:
        token, known, wanted = _token(request.urn), decode(request.properties), decode(request.inputs)
        if token in STATE_ONLY:
            return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)
        cluster = self.settings.cluster
        try:
            namespace, name = from_identity(request.id)
            live = cluster.get(Kind.of_token(token), namespace or self.settings.namespace, name)
        except UnreachableError:
            if self.settings.forget_unreachable:
                return provider_pb2.ReadResponse()
            raise
        if live is None:
            return provider_pb2.ReadResponse()
        manager, secrets = manager_of(request.urn, wanted.values, known.values), _secrets(live, wanted, known)
        if wanted.values:
            inputs = reading.inputs_now(cluster, live, wanted.values, manager, secrets)
        else:
            inputs = reading.inputs_of_import(live)
        said = encode(inputs, secrets)
        # Only what never got ready is asked about: a rollout that goes on, or lost nodes, are nothing to repair.
        missing = missing_now(cluster, live, wanted.values) if _NOT_READY in known.values else None
        if missing is not None:
            raise _HalfDoneError(missing, _state(live, manager, secrets, missing), said, request.id)
        return provider_pb2.ReadResponse(id=identity(live), properties=_state(live, manager, secrets), inputs=said)

    @_answering
    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:
        wanted, state, token = decode(request.news), decode(request.olds).values, _token(request.urn)
        document, secrets = wanted.values, _secrets(wanted.values, wanted)
        if token in STATE_ONLY:
            return provider_pb2.UpdateResponse(properties=request.news)
        manager, ignored = manager_of(request.urn, document, state), _ignored(request.ignoreChanges)
        cluster = self.settings.cluster
        if request.preview:
            if self.settings.to_come:
                expected = changes.planned(document, state)
            else:
                expected = changes.preview_update(cluster, document, manager, secrets, ignored, state)
            return provider_pb2.UpdateResponse(properties=_state(expected, manager, secrets))
        live = self._in_order(lambda: changes.update(cluster, document, manager, secrets, ignored))
        live = self._ready(live, wanted, manager, request.timeout)
        return provider_pb2.UpdateResponse(properties=_state(live, manager, secrets))

    @_answering
    def Delete(self, request: Any, context: grpc.ServicerContext) -> Any:
        token = _token(request.urn)
        inputs = decode(request.old_inputs).values or decode(request.properties).values
        try:
            if token not in STATE_ONLY:
                namespace, name = from_identity(request.id)
                patience = Patience.of(inputs, request.timeout, self._cancelled)
                kind = Kind.of_token(token)
                deletion.delete(self.settings.cluster, kind, namespace, name, inputs, patience)
        except UnreachableError:
            if not self.settings.forget_unreachable:
                raise
        return empty_pb2.Empty()

    @_answering
    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:
        raise ProviderError(
            f"the local cloud's kubernetes provider has no function {request.tok}: make the objects in the program, "
            "one resource each"
        )

    @_answering
    def Construct(self, request: Any, context: grpc.ServicerContext) -> Any:
        raise ProviderError(
            f"the local cloud's kubernetes provider makes no {request.type}: make the objects in the program, "
            "one resource each"
        )

    def _in_order(self, make: Callable[[], Properties]) -> Properties:
        """Make something whose namespace or kind the same program may be about to make."""
        last: ProviderError | None = None
        for _ in Patience(_ORDER_SECONDS, self._cancelled).looks():
            try:
                return make()
            except (NoNamespaceError, NotServedError) as error:
                last = error
        raise ProviderError(f"{last} (waited for {_ORDER_SECONDS:g} s)") from last

    def _ready(self, live: Properties, wanted: Bag, manager: str, timeout: float) -> Properties:
        patience = Patience.of(wanted.values, timeout, self._cancelled)
        secrets = _secrets(wanted.values, wanted)
        try:
            return wait_ready(self.settings.cluster, live, wanted.values, patience)
        except ProviderError as error:
            live = error.live if isinstance(error, NotReadyError) else live
            inputs = encode(wanted.values, secrets)
            state = _state(live, manager, secrets, str(error))
            raise _HalfDoneError(str(error), state, inputs, identity(live)) from error


def _state(document: Properties, manager: str, secrets: set[Path], not_ready: str | None = None) -> Any:
    """An object as the state keeps it, on the wire."""
    own = {STATE_MANAGER: manager, _INITIAL_VERSION: document.get("apiVersion"), _NOT_READY: not_ready}
    kept = {**document, **own}
    if isinstance(kept.get("metadata"), dict):
        kept["metadata"] = {name: value for name, value in kept["metadata"].items() if name != "managedFields"}
    return encode(kept, secrets)


def _unsupported(kind: Kind, document: Mapping[str, Any]) -> str | None:
    if kind.name.endswith("Patch"):
        return (
            f"the local cloud's kubernetes provider has no {kind.name}: manage the whole object as {kind.name[:-5]}, "
            "or import it"
        )
    if kind.name.endswith("List") and "items" in document:
        return f"{kind.name} is a list and no object: make its objects in the program, one resource each"
    return None
