"""A policy pack that finds nothing and writes down what the engine asks: `ANSWERS` names the file for it.

Each line is one request as JSON: `inputs` of `Analyze`, `stack` of `AnalyzeStack`, `config` of `ConfigureStack`.
"""

import json
import os
import sys
import threading
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2

_WRITING = threading.Lock()


def _write(kind: str, request: Any) -> None:
    with _WRITING, Path(os.environ["ANSWERS"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps({kind: json_format.MessageToDict(request)}) + "\n")


class RecordingPack(analyzer_pb2_grpc.AnalyzerServicer):
    def Handshake(self, _request: Any, _context: Any) -> Any:
        return analyzer_pb2.AnalyzerHandshakeResponse()

    def GetAnalyzerInfo(self, _request: Any, _context: Any) -> Any:
        policy = analyzer_pb2.PolicyInfo(
            name="none", description="finds nothing", enforcementLevel=analyzer_pb2.MANDATORY
        )
        return analyzer_pb2.AnalyzerInfo(name="recording", displayName="recording", version="1.0.0", policies=[policy])

    def GetPluginInfo(self, _request: Any, _context: Any) -> Any:
        return plugin_pb2.PluginInfo(version="1.0.0")

    def Configure(self, _request: Any, _context: Any) -> Any:
        return empty_pb2.Empty()

    def ConfigureStack(self, request: Any, _context: Any) -> Any:
        _write("config", request)
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def Analyze(self, request: Any, _context: Any) -> Any:
        _write("inputs", request)
        return analyzer_pb2.AnalyzeResponse()

    def Remediate(self, _request: Any, _context: Any) -> Any:
        return analyzer_pb2.RemediateResponse()

    def AnalyzeStack(self, request: Any, _context: Any) -> Any:
        _write("stack", request)
        return analyzer_pb2.AnalyzeResponse()

    def Cancel(self, _request: Any, _context: Any) -> Any:
        return empty_pb2.Empty()


def main() -> None:
    """Serve until the engine ends the process; the port is the first line, as the engine expects it."""
    server = grpc.server(futures.ThreadPoolExecutor(4))
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(RecordingPack(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
