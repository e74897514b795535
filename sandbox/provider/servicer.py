"""The provider protocol on one side, the engine of rows on the other."""
# The protocol gives the methods their names and arguments, and documents them.
# ruff: noqa: ARG002, D102

import json
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from google.protobuf.any_pb2 import Any as AnyMessage
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from sandbox.provider import engine, invokes, rows
from sandbox.provider.check import Surroundings, check, check_configuration
from sandbox.provider.cloud import Cloud, is_region, settings_from
from sandbox.provider.diff import difference
from sandbox.provider.errors import ConfigurationError, PartlyCreatedError, ProviderError, UnsupportedTypeError
from sandbox.provider.recorded import bare_row, recorded
from sandbox.provider.row import Problem, Row
from sandbox.provider.schema import UnknownTypeError, schema_of
from sandbox.provider.state_only import STATE_ONLY
from sandbox.provider.values import Bag, Properties, decode, encode, has_unknown
from stanchion.errors import StanchionError

# The release of the official provider whose types and names this one follows.
VERSION = "7.51.1"

_KINDS = provider_pb2.PropertyDiff.Kind
_REPLACING = {"add": _KINDS.ADD_REPLACE, "delete": _KINDS.DELETE_REPLACE, "update": _KINDS.UPDATE_REPLACE}
_PLAIN = {"add": _KINDS.ADD, "delete": _KINDS.DELETE, "update": _KINDS.UPDATE}


def _answering(method: Callable[..., Any]) -> Callable[..., Any]:
    """Turns our errors into the protocol's: a sentence, and for a half-made resource what the engine has to record."""

    @wraps(method)
    def answer(self: "AwsProvider", request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request, context)
        except PartlyCreatedError as error:
            context.set_trailing_metadata((("grpc-status-details-bin", _details(request, error)),))
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except ConfigurationError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        except (StanchionError, UnknownTypeError) as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except Exception as error:
            # A defect of ours: where it happened helps whoever mends it, values of properties are no part of it.
            place = traceback.extract_tb(error.__traceback__)[-1]
            context.abort(
                grpc.StatusCode.INTERNAL,
                f"{method.__name__} failed by a defect of the local cloud's aws provider: {type(error).__name__} at "
                f"{Path(place.filename).name}:{place.lineno}",
            )

    return answer


def _details(request: Any, error: PartlyCreatedError) -> bytes:
    wanted = decode(request.properties if isinstance(request, provider_pb2.CreateRequest) else request.news)
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.identity,
        properties=_outputs(_token(request.urn), error.state, wanted),
        reasons=[str(error)],
        inputs=encode(wanted.values, wanted.secrets),
    )
    packed = AnyMessage()
    packed.Pack(detail)
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error), details=[packed])
    return status.SerializeToString()


def _token(urn: str) -> str:
    """The type of a resource: the last of the types in its URN."""
    return urn.split("::")[2].rpartition("$")[2]


def _logical(urn: str) -> str:
    return urn.split("::", 3)[3]


def _row(token: str) -> Row:
    row = rows.find(token)
    if row is None and token in STATE_ONLY:
        return bare_row(token)
    if row is None:
        raise UnsupportedTypeError(token)
    return row


def _outputs(token: str, state: Properties, inputs: Bag, *more: Bag) -> Any:
    """A state on the wire: what the type or the program calls secret stays secret."""
    secrets = set(schema_of(token).secrets).union(inputs.secrets, *(bag.secrets for bag in more))
    if "tags" in secrets:
        secrets.add("tagsAll")
    return encode({name: value for name, value in state.items() if not name.startswith("__")}, secrets)


def _failure(problem: Problem, secrets: set[str]) -> Any:
    """A problem on the wire; of a secret property the engine must not be led to print the value."""
    if problem.property.partition(".")[0].partition("[")[0] in secrets:
        return provider_pb2.CheckFailure(reason=f"{problem.property}: its value, a secret, is not allowed")
    return provider_pb2.CheckFailure(property=problem.property, reason=problem.reason)


class AwsProvider(provider_pb2_grpc.ResourceProviderServicer):
    """One instance of the provider: one region, one set of credentials."""

    def __init__(self) -> None:
        self._cloud: Cloud | None = None

    @property
    def cloud(self) -> Cloud:
        """The cloud, once the engine has configured the provider."""
        if self._cloud is None:
            raise ConfigurationError("the aws provider was used before it was configured")
        return self._cloud

    def use(self, cloud: Cloud) -> None:
        """Works on this cloud from now on."""
        self._cloud = cloud

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
        return provider_pb2.GetSchemaResponse(schema=json.dumps({"name": "aws", "version": VERSION}))

    @_answering
    def GetMapping(self, request: Any, context: grpc.ServicerContext) -> Any:
        return provider_pb2.GetMappingResponse(provider="", data=b"")

    @_answering
    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:
        if self._cloud is not None:
            self._cloud.cancelled.set()
        return empty_pb2.Empty()

    @_answering
    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        news = decode(request.news)
        problems = check_configuration(_parsed(news.values))
        return provider_pb2.CheckResponse(
            inputs=request.news,
            failures=[_failure(one, news.secrets) for one in problems],
        )

    @_answering
    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        old, new = decode(request.old_inputs or request.olds).values, decode(request.news).values
        changed = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
        # Another region or account is another cloud: everything in it would have to be made anew.
        replaces = [name for name in changed if name == "region" and not has_unknown(new.get(name))]
        changes = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=changes, diffs=changed, replaces=replaces)

    @_answering
    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        config = decode(request.args).values if request.HasField("args") else {}
        if not config:
            config = {name.removeprefix("aws:config:"): value for name, value in request.variables.items()}
        cloud = Cloud(settings_from(_parsed(config)))
        cloud.check_account()
        self.use(cloud)
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
        try:
            row = _row(token)
        except UnsupportedTypeError as error:
            return provider_pb2.CheckResponse(failures=[provider_pb2.CheckFailure(reason=str(error))])
        naming = request.autonaming if request.HasField("autonaming") else None
        around = Surroundings(
            region=self.cloud.region,
            default_tags=self.cloud.settings.default_tags,
            logical=_logical(request.urn),
            seed=request.randomSeed,
            proposed=naming.proposed_name if naming is not None else "",
            automatic=naming is None or naming.mode != provider_pb2.CheckRequest.AutonamingOptions.DISABLE,
            models=self.cloud.model,
        )
        inputs, problems = check(row, olds.values, news.values, around)
        secrets = news.secrets | ({"tagsAll"} if "tags" in news.secrets else set())
        return provider_pb2.CheckResponse(
            inputs=encode(inputs, secrets),
            failures=[_failure(one, news.secrets) for one in problems],
        )

    @_answering
    def Diff(self, request: Any, context: grpc.ServicerContext) -> Any:
        token = _token(request.urn)
        old = decode(request.old_inputs).values or decode(request.olds).values
        new = decode(request.news).values
        found = difference(_row(token), old, new, frozenset(request.ignoreChanges))
        detailed = {
            path: provider_pb2.PropertyDiff(
                kind=(_REPLACING if path in found.replaces else _PLAIN)[kind], inputDiff=True
            )
            for path, kind in found.paths.items()
        }
        changes = provider_pb2.DiffResponse.DIFF_SOME if found.paths else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(
            changes=changes,
            diffs=sorted({path.split(".")[0].split("[")[0] for path in found.paths}),
            replaces=sorted(set(found.replaces.values())),
            deleteBeforeReplace=found.delete_first,
            detailedDiff=detailed,
            hasDetailedDiff=True,
        )

    @_answering
    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:
        token, wanted = _token(request.urn), decode(request.properties)
        row = _row(token)
        if request.preview:
            return provider_pb2.CreateResponse(properties=_outputs(token, engine.planned(row, wanted.values), wanted))
        if token in STATE_ONLY:
            identity, state = recorded(row, wanted.values, _logical(request.urn))
        else:
            identity, state = engine.create(self.cloud, row, wanted.values)
        return provider_pb2.CreateResponse(id=identity, properties=_outputs(token, state, wanted))

    @_answering
    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:
        token, known, wanted = _token(request.urn), decode(request.properties), decode(request.inputs)
        if token in STATE_ONLY:
            return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)
        row = _row(token)
        identity, state = request.id, known.values
        if not wanted.values and "@" in identity and is_region(identity.rpartition("@")[2]):
            # An import may name another region than the provider's behind the id.
            identity, _, region = identity.rpartition("@")
            state = {**state, "region": region}
        found = engine.read(self.cloud, row, identity, wanted.values, state)
        if found is None:
            return provider_pb2.ReadResponse()
        state, inputs = found
        return provider_pb2.ReadResponse(
            id=identity,
            properties=_outputs(token, state, wanted, known),
            inputs=encode(inputs, wanted.secrets | (schema_of(token).secrets & inputs.keys())),
        )

    @_answering
    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:
        token, news, olds = _token(request.urn), decode(request.news), decode(request.olds)
        row = _row(token)
        if request.preview:
            return provider_pb2.UpdateResponse(
                properties=_outputs(token, engine.planned(row, news.values, olds.values), news)
            )
        old = decode(request.old_inputs).values or olds.values
        if token in STATE_ONLY:
            _, state = recorded(row, news.values, request.id)
        else:
            state = engine.update(self.cloud, row, request.id, old, news.values, olds.values)
        return provider_pb2.UpdateResponse(properties=_outputs(token, state, news))

    @_answering
    def Delete(self, request: Any, context: grpc.ServicerContext) -> Any:
        token = _token(request.urn)
        if token not in STATE_ONLY:
            inputs, state = decode(request.old_inputs).values, decode(request.properties).values
            engine.delete(self.cloud, _row(token), request.id, inputs, state)
        return empty_pb2.Empty()

    @_answering
    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:
        result = invokes.invoke(self.cloud, request.tok, decode(request.args).values)
        answer = provider_pb2.InvokeResponse()
        getattr(answer, "return").CopyFrom(encode(result))
        return answer


def _parsed(config: Properties) -> Properties:
    """Configuration with its nested values read: the engine sends everything that is no string as JSON."""
    parsed: Properties = {}
    for name, value in config.items():
        if name == "version":
            continue
        parsed[name] = value
        if (isinstance(value, str) and value[:1] in ("[", "{")) or value in ("true", "false"):
            try:
                parsed[name] = json.loads(value)
            except ValueError as error:
                raise ProviderError(f"the provider's {name} is no JSON: {error}") from error
    return parsed
