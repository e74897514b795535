"""The provider's process: serves the protocol on a free port of the loopback address and prints that port.

`python -m sandbox.provider.plugin [engine address]`; one process per provider instance, as with the official one.
"""

import importlib.util
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

THREADS = 32  # requests at a time; some wait for minutes until a resource is made
PARENT_INTERVAL = 2.0  # seconds between two looks at whether the engine that started us is still there


def without_sdk() -> None:
    """Makes `pulumi.runtime.proto` importable without running the SDK around it, which costs most of the start.

    Only for this process: nothing in it uses the SDK itself.
    """
    spec = importlib.util.find_spec("pulumi")
    if spec is None or spec.origin is None or "pulumi" in sys.modules:
        return
    folder = Path(spec.origin).parent
    for name, path in {
        "pulumi": folder,
        "pulumi.runtime": folder / "runtime",
        "pulumi.runtime.proto": folder / "runtime" / "proto",
    }.items():
        package = ModuleType(name)
        package.__path__ = [str(path)]
        sys.modules[name] = package


def serve(provider: Callable[[], Any], load: Callable[[], object]) -> None:
    """Serves until the engine says goodbye, by a signal or by going away itself.

    Args:
        provider: makes the servicer.
        load: what the first request needs, done while the engine connects, so that it does not wait for it.
    """
    import grpc
    from pulumi.runtime.proto import provider_pb2_grpc

    stopped = threading.Event()
    # The engine says goodbye with SIGINT and waits five seconds before it kills; nobody else's Ctrl-C gets here, as
    # the engine starts its plugins in groups of their own.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    server = grpc.server(
        ThreadPoolExecutor(THREADS),
        # The engine's messages may be larger than gRPC's default of 4 MiB.
        options=[("grpc.max_receive_message_length", 400 * 1024 * 1024), ("grpc.so_reuseport", 0)],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    threading.Thread(target=load, daemon=True).start()
    parent = os.getppid()
    while not stopped.wait(PARENT_INTERVAL) and os.getppid() == parent:
        pass
    server.stop(grace=1).wait()
    # Requests that hang in a socket must not keep the process.
    os._exit(0)


def _load() -> None:
    import botocore.session  # noqa: F401


if __name__ == "__main__":
    without_sdk()
    from sandbox.provider.servicer import AwsProvider

    serve(AwsProvider, _load)
