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
from collections.abc import Mapping
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2

from policies.judge import Judged, Ruling, judge
from policies.registry import all_rules
from policies.rule import Level, Program, Rule, Severity, Threshold
from stanchion.errors import StanchionError
from stanchion.graph.sources.analyzer import analyzed

PACK = "stanchion"
# As the engine's own: a program's properties in one message may be larger than gRPC's 4 MB.
LARGEST_MESSAGE = 400 * 1024 * 1024
_LEVELS = {
    Level.MANDATORY: analyzer_pb2.MANDATORY,
    Level.ADVISORY: analyzer_pb2.ADVISORY,
    Level.DISABLED: analyzer_pb2.DISABLED,
}
_SEVERITIES = {
    Severity.LOW: analyzer_pb2.POLICY_SEVERITY_LOW,
    Severity.MEDIUM: analyzer_pb2.POLICY_SEVERITY_MEDIUM,
    Severity.HIGH: analyzer_pb2.POLICY_SEVERITY_HIGH,
    Severity.CRITICAL: analyzer_pb2.POLICY_SEVERITY_CRITICAL,
}


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
        """Every rule as a policy of its own."""
        return analyzer_pb2.AnalyzerInfo(
            name=PACK,
            displayName="Stanchion",
            version=_version(),
            supportsConfig=True,
            description="Recovery, storage, capacity, cost and observability of a whole program.",
            policies=[_policy(rule) for rule in all_rules()],
        )

    def ConfigureStack(self, request: Any, context: Any) -> Any:
        """Remember which stack is judged, and its configuration; while its program runs, load what judging needs."""
        threading.Thread(target=prepare, daemon=True).start()
        self._stack = request.stack
        self._config = dict(request.config)
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def Configure(self, request: Any, context: Any) -> Any:
        """Take what `--policy-pack-config` says; the engine has checked it against each policy's schema."""
        levels = {number: level for level, number in _LEVELS.items()}
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
        return judge(program, with_engine_rules(configuration.ruling(), self._engine_rules))


def with_engine_rules(ruling: Ruling, engine: Mapping[str, tuple[Level, dict[str, Any]]]) -> Ruling:
    """A ruling with what the engine was told on top."""
    from policies.judge import RuleSettings

    rules = dict(ruling.rules)
    by_id = {rule.id: rule for rule in all_rules()}
    for name, (level, properties) in engine.items():
        if name not in by_id:
            continue
        before = rules.get(name, RuleSettings())
        thresholds = {key: tuple(value) if isinstance(value, list) else value for key, value in properties.items()}
        rules[name] = RuleSettings(level, {**before.thresholds, **thresholds})
    return Ruling(rules, ruling.exemptions)


def _is_shown(judged: Judged) -> bool:
    return judged.exempted_by is None


def _diagnostic(judged: Judged) -> Any:
    return analyzer_pb2.AnalyzeDiagnostic(
        policyName=judged.rule.id,
        policyPackName=PACK,
        policyPackVersion=_version(),
        description=judged.rule.description,
        message=f"{judged.violation.message} {judged.rule.remediation}",
        enforcementLevel=_LEVELS[judged.level],
        urn=judged.violation.urn,
        severity=_SEVERITIES[judged.rule.severity],
    )


def _policy(rule: Rule) -> Any:
    return analyzer_pb2.PolicyInfo(
        name=rule.id,
        displayName=rule.id,
        description=rule.description,
        enforcementLevel=_LEVELS[rule.level],
        policy_type=analyzer_pb2.POLICY_TYPE_STACK,
        severity=_SEVERITIES[rule.severity],
        remediation_steps=rule.remediation,
        tags=[rule.group.value],
        configSchema=analyzer_pb2.PolicyConfigSchema(properties=_schema(rule)),
    )


def _schema(rule: Rule) -> struct_pb2.Struct:
    """JSON Schema of a rule's thresholds, by name."""
    schema = struct_pb2.Struct()
    json_format.ParseDict({threshold.name: _threshold(threshold) for threshold in rule.thresholds}, schema)
    return schema


def _threshold(threshold: Threshold) -> dict[str, Any]:
    default = threshold.default
    found: dict[str, Any] = {"description": threshold.description}
    if isinstance(default, bool):
        found["type"] = "boolean"
    elif isinstance(default, str):
        found["type"] = "string"
    elif isinstance(default, tuple):
        found |= {"type": "array", "items": {"type": ["string", "number"]}}
    else:
        found["type"] = "number"
        found |= {
            key: value
            for key, value in (("minimum", threshold.minimum), ("maximum", threshold.maximum))
            if value is not None
        }
    found["default"] = list(default) if isinstance(default, tuple) else default
    return found


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
