"""The provider's process: serves the protocol on a free port of the loopback address and prints that port.

`python -m sandbox.provider.plugin [engine address]`; one process per provider instance, as with the official one.
"""

import importlib.util
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

THREADS = 16


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


def serve() -> None:
    """Serves until the engine says goodbye, by a signal or by going away itself."""
    import grpc
    from pulumi.runtime.proto import provider_pb2_grpc

    from sandbox.provider.servicer import AwsProvider

    server = grpc.server(
        ThreadPoolExecutor(THREADS),
        # The engine's messages may be larger than gRPC's default of 4 MiB.
        options=[("grpc.max_receive_message_length", 400 * 1024 * 1024), ("grpc.so_reuseport", 0)],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(AwsProvider(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    # The engine sends it to the whole group when a person interrupts it, and then still has requests for us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_load, daemon=True).start()
    stopped.wait()
    server.stop(grace=1).wait()


def _load() -> None:
    """Loads botocore while the engine connects, so that the first request does not wait for it."""
    import botocore.session  # noqa: F401


if __name__ == "__main__":
    without_sdk()
    serve()
