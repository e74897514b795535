# ruff: noqa: ARG002 - every method has the signature of the protocol
"""The policy pack as the engine sees it: a server of the analyzer protocol.

Not the `pulumi_policy` package: there a policy that touches an unknown value turns advisory without a word, and each
policy deserialises all resources again. Here properties are read once, unknown values stay unknown, and a rule that
needs one fails with a sentence that says which (docs/decisions/0010).
"""

import os
import signal
import sys
import threading
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2

from policies.described import LEVELS, PACK, SEVERITIES, described
from policies.engine_ruling import with_engine
from policies.judge import Judged, Ruling, judge
from policies.rule import Level, Program
from stanchion.errors import StanchionError
from stanchion.graph.sources.analyzer import analyzed

# As the engine's own: a program's properties in one message may be larger than gRPC's 4 MB.
LARGEST_MESSAGE = 400 * 1024 * 1024


class Analyzer(analyzer_pb2_grpc.AnalyzerServicer):
    """Answers the engine.

    Args:
        root: the folder whose environments/ hold the objectives.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._stack = ""
        self._config: dict[str, str] = {}
        self._engine_rules: dict[str, tuple[Level, dict[str, Any]]] = {}
        self._requests: list[bytes] = []

    def Handshake(self, request: Any, context: Any) -> Any:
        """Nothing to agree upon."""
        return analyzer_pb2.AnalyzerHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        """The version of this package."""
        return plugin_pb2.PluginInfo(version=_version())

    def GetAnalyzerInfo(self, request: Any, context: Any) -> Any:
        """Every rule as a policy of its own, as the configuration sets it."""
        return described(_configured(), _version())

    def ConfigureStack(self, request: Any, context: Any) -> Any:
        """Remember which stack is judged, and its configuration; while its program runs, load what judging needs."""
        threading.Thread(target=prepare, daemon=True).start()
        self._stack = request.stack
        self._config = dict(request.config)
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def Configure(self, request: Any, context: Any) -> Any:
        """Take what `--policy-pack-config` says; the engine has checked it against each policy's schema."""
        levels = {number: level for level, number in LEVELS.items()}
        for name, config in request.policyConfig.items():
            properties: dict[str, Any] = json_format.MessageToDict(config.properties)
            self._engine_rules[name] = (levels.get(config.enforcementLevel, Level.MANDATORY), properties)
        return empty_pb2.Empty()

    def keep(self, request: bytes, context: Any) -> bytes:
        """`Analyze`: keep what the program said of a resource; it is judged together with all others.

        The request of the whole mixes it with what only the cloud will say. It is read there, once: this is called for
        each resource while the program waits.
        """
        self._requests.append(request)
        return b""

    def leave(self, request: bytes, context: Any) -> bytes:
        """`Remediate`: nothing, what people wrote is theirs to change."""
        return b""

    def Cancel(self, request: Any, context: Any) -> Any:
        """Nothing to call off."""
        return empty_pb2.Empty()

    def AnalyzeStack(self, request: Any, context: Any) -> Any:
        """Judge the whole program."""
        try:
            found = self._judge(request.resources)
        except StanchionError as error:
            # The engine shows the text and fails: what can't be judged is not well.
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
            raise AssertionError from None
        return analyzer_pb2.AnalyzeResponse(diagnostics=[_diagnostic(judged) for judged in found if _is_shown(judged)])

    def _judge(self, resources: Any) -> tuple[Judged, ...]:
        # Imported here and not at the start, for which the engine waits.
        from policies.configuration import load_policy_configuration
        from policies.judging import settings_and_context
        from stanchion.recovery.context import add_to_context, context_folder

        said = [analyzer_pb2.AnalyzeRequest.FromString(request) for request in self._requests]
        graph = analyzed(resources, self._config, {request.urn: request.properties for request in said})
        configuration = load_policy_configuration(None)
        environment = next((v for k, v in self._config.items() if k.endswith("stanchion:environment")), None)
        settings, context = settings_and_context(configuration, environment, graph, self._root, without=self._stack)
        if folder := context_folder():
            add_to_context(folder, self._stack, graph)
        own = frozenset(graph.resources) if context else None
        program = Program(graph.merged(*context) if context else graph, settings, own)
        return judge(program, with_engine(configuration.ruling(), self._engine_rules))


def _is_shown(judged: Judged) -> bool:
    return judged.exempted_by is None


def _diagnostic(judged: Judged) -> Any:
    return analyzer_pb2.AnalyzeDiagnostic(
        policyName=judged.rule.id,
        policyPackName=PACK,
        policyPackVersion=_version(),
        description=judged.rule.description,
        message=f"{judged.violation.message} {judged.rule.remediation}",
        enforcementLevel=LEVELS[judged.level],
        urn=judged.violation.urn,
        severity=SEVERITIES[judged.rule.severity],
    )


def _configured() -> Ruling:
    # A broken one is told when the program is judged, where the engine shows it.
    from policies.configuration import load_policy_configuration

    try:
        return load_policy_configuration(None).ruling()
    except StanchionError:
        return Ruling()


def _version() -> str:
    from importlib.metadata import version

    return version("stanchion")


def prepare() -> None:
    """Import what judging needs: a second of the end of a preview is spent beside the program instead."""
    import policies.judging  # noqa: F401
    import stanchion.recovery.context  # noqa: F401
    from stanchion.recovery.mechanism import all_mechanisms

    all_mechanisms()


def add_to_server(analyzer: Analyzer, server: Any) -> None:
    """Register the methods; those that are called for each resource take and give bytes as they are."""
    handlers = {
        "Analyze": grpc.unary_unary_rpc_method_handler(analyzer.keep),
        "Remediate": grpc.unary_unary_rpc_method_handler(analyzer.leave),
    }
    # The first handler that knows a method has it.
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("pulumirpc.Analyzer", handlers),))
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(analyzer, server)


def serve(root: Path) -> None:
    """Serve the engine until it ends this process.

    Args:
        root: the folder whose environments/ hold the objectives.
    """
    options = [("grpc.max_send_message_length", LARGEST_MESSAGE), ("grpc.max_receive_message_length", LARGEST_MESSAGE)]
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4), options=options)
    add_to_server(Analyzer(root), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    stop = threading.Event()
    # The engine ends a plugin with an interrupt and waits five seconds for it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    parent = os.getppid()
    # An engine that was killed can't say so.
    while not stop.wait(1.0):
        if os.getppid() != parent:
            break
    server.stop(grace=None)
    sys.stdout.flush()
    # The interpreter's own end waits for threads that have nothing left to do.
    os._exit(0)
