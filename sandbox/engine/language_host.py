# ruff: noqa: ARG002 - every method has the signature of the protocol
"""The Python language host of the engine: starts programs and policy packs, and answers what the engine asks.

The official host is a Go program whose module can't be fetched by version. This one speaks the same protocol
(pulumi/language.proto) with the SDK's own stubs. The engine starts it as `pulumi-language-python [flags] <address>`
and reads its port from the first line of its output.

It is run as a file and imports nothing of this package: every preview waits for its start.
"""

import importlib.util
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import types
from collections.abc import Iterable, Iterator
from concurrent import futures
from pathlib import Path
from typing import Any, cast


def _bare_packages(*names: str) -> None:
    """Make packages importable without running their `__init__`: `import pulumi` alone costs a third of a second."""
    found = importlib.util.find_spec("pulumi")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("pulumi")
    root = Path(found.submodule_search_locations[0])
    for name in names:
        package = types.ModuleType(name)
        package.__path__ = [str(root.joinpath(*name.split(".")[1:]))]
        sys.modules[name] = package


if __name__ == "__main__":
    _bare_packages("pulumi", "pulumi.runtime", "pulumi.runtime.proto")

import grpc  # noqa: E402
from google.protobuf import empty_pb2  # noqa: E402
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2  # noqa: E402

# What a program's runner exits with when the error was shown to the user already.
_SHOWN_EXIT_CODE = 32
# A stack's configuration and outputs in one message may be larger than gRPC's 4 MB; the engine uses this limit, too.
_LARGEST_MESSAGE = 400 * 1024 * 1024


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Answers the engine.

    Args:
        engine: the engine's address; a Handshake brings it when the command line has none.
        runner: the SDK's script that runs a program.
    """

    def __init__(self, engine: str, runner: Path) -> None:
        self._engine = engine
        self._runner = runner
        self._children: set[subprocess.Popen[bytes]] = set()

    def Handshake(self, request: Any, context: Any) -> Any:
        """Take the engine's address."""
        self._engine = request.engine_address or self._engine
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        """Say the version of the SDK, whose protocol this is."""
        from importlib.metadata import version

        return plugin_pb2.PluginInfo(version=version("pulumi"))

    def GetRequiredPackages(self, request: Any, context: Any) -> Any:
        """Nothing: plugins are installed by whoever made the engine's home."""
        return language_pb2.GetRequiredPackagesResponse()

    def GetRequiredPlugins(self, request: Any, context: Any) -> Any:
        """Nothing; the older form of the same question."""
        return language_pb2.GetRequiredPluginsResponse()

    def RuntimeOptionsPrompts(self, request: Any, context: Any) -> Any:
        """Nothing to ask when a project is made."""
        return language_pb2.RuntimeOptionsResponse()

    def Template(self, request: Any, context: Any) -> Any:
        """Nothing to change in a new project."""
        return language_pb2.TemplateResponse()

    def Cancel(self, request: Any, context: Any) -> Any:
        """End the running programs."""
        self.end_children()
        return empty_pb2.Empty()

    def Run(self, request: Any, context: Any) -> Any:
        """Run a program until it ends."""
        info = request.info
        environment = {
            **os.environ,
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        }
        interpreter = _interpreter(info)
        command = [
            *(interpreter, "-u", str(self._runner)),
            *("--monitor", request.monitor_address, "--engine", self._engine),
            *("--project", request.project, "--stack", request.stack, "--pwd", request.pwd),
            *("--dry_run", str(request.dryRun).lower(), "--parallel", str(request.parallel)),
            *("--organization", request.organization, "--root_directory", info.root_directory),
            os.path.join(info.program_directory or request.pwd, info.entry_point or "."),  # noqa: PTH118
            *request.args,
        ]
        try:
            # It writes straight to this process's output, which the engine shows.
            child = subprocess.Popen(command, cwd=request.pwd, env=environment, stdin=subprocess.DEVNULL)
        except OSError as error:
            return language_pb2.RunResponse(
                error=f"the program's interpreter {interpreter} can't be run: {error.strerror}"
            )
        self._children.add(child)
        code = child.wait()
        self._children.discard(child)
        if code == _SHOWN_EXIT_CODE:
            return language_pb2.RunResponse(bail=True)
        return language_pb2.RunResponse(error="" if code == 0 else f"the program ended with {_ending(code)}")

    def RunPlugin(self, request: Any, context: Any) -> Iterator[Any]:
        """Run a plugin that is a Python program: a policy pack (analyzer), or a provider; stream what it writes."""
        interpreter = _interpreter(request.info)
        if request.kind == "analyzer":
            command = [interpreter, "-u", "-m", "pulumi.policy", *request.args, request.info.program_directory]
        else:
            command = [interpreter, "-u", request.info.program_directory, *request.args]
        child = subprocess.Popen(
            command, cwd=request.pwd or None, env=_environment(request.env), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self._children.add(child)
        context.add_callback(lambda: child.poll() is None and child.terminate())
        parts: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        for name, stream in (("stdout", child.stdout), ("stderr", child.stderr)):
            threading.Thread(target=_collect, args=(name, stream, parts), daemon=True).start()
        open_streams = 2
        while open_streams:
            name, chunk = parts.get()
            if chunk:
                yield language_pb2.RunPluginResponse(**cast("Any", {name: chunk}))
            else:
                open_streams -= 1
        code = child.wait()
        self._children.discard(child)
        yield language_pb2.RunPluginResponse(exitcode=code if code >= 0 else 128 - code)

    def InstallDependencies(self, request: Any, context: Any) -> Iterator[Any]:
        """Refuse: the environment is made by `make`, from pinned files with checksums."""
        text = "packages are installed by `make up`, from requirements/; nothing was done.\n"
        yield language_pb2.InstallDependenciesResponse(stdout=text.encode())

    def About(self, request: Any, context: Any) -> Any:
        """Say which Python runs a program."""
        interpreter = _interpreter(request.info)
        return language_pb2.AboutResponse(executable=interpreter, version=".".join(map(str, sys.version_info[:3])))

    def GetProgramDependencies(self, request: Any, context: Any) -> Any:
        """The installed distributions; the engine asks for `pulumi about` and for what it stores with an update."""
        from importlib.metadata import distributions

        interpreter = _interpreter(request.info)
        if Path(interpreter).parent != Path(sys.executable).parent:
            return language_pb2.GetProgramDependenciesResponse()
        found = {each.name: each.version for each in distributions() if each.name}
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[language_pb2.DependencyInfo(name=name, version=found[name]) for name in sorted(found)]
        )

    def end_children(self) -> None:
        """End the programs that still run."""
        for child in tuple(self._children):
            if child.poll() is None:
                child.terminate()


def _interpreter(info: Any) -> str:
    """The Python of the project's virtual environment, else the one that runs this."""
    chosen = dict(info.options).get("virtualenv")
    if not chosen:
        return sys.executable
    return os.path.join(info.root_directory, chosen, "bin", "python")  # noqa: PTH118 - `..` in it stays as it is


def _environment(entries: Iterable[str]) -> dict[str, str] | None:
    pairs = [entry.partition("=") for entry in entries]
    return {name: value for name, _, value in pairs} if pairs else None


def _collect(name: str, source: Any, parts: "queue.SimpleQueue[tuple[str, bytes]]") -> None:
    while chunk := os.read(source.fileno(), 65536):
        parts.put((name, chunk))
    parts.put((name, b""))


def _ending(code: int) -> str:
    return f"exit code {code}" if code > 0 else f"signal {signal.Signals(-code).name}"


def _end_with_parent(host: LanguageHost, parent: int, stop: threading.Event) -> None:
    """An engine that was killed can't say so: without it, this host and its programs have nothing left to do."""
    while not stop.wait(1.0):
        if os.getppid() != parent:
            host.end_children()
            os._exit(1)


def main() -> None:
    """Serve the engine until it ends this process."""
    parent = os.getppid()
    arguments = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    runner = Path(os.environ["STANCHION_PROGRAM_RUNNER"])
    limits = [("grpc.max_send_message_length", _LARGEST_MESSAGE), ("grpc.max_receive_message_length", _LARGEST_MESSAGE)]
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16), options=limits)
    host = LanguageHost(arguments[-1] if arguments else "", runner)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    stop = threading.Event()
    # The engine ends a host with an interrupt and waits five seconds for it. Ctrl-C does not come here: the engine
    # gives each plugin a process group of its own. Before the port is told: from then on the engine may end it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    print(port, flush=True)
    threading.Thread(target=_end_with_parent, args=(host, parent, stop), daemon=True).start()
    stop.wait()
    host.end_children()
    server.stop(grace=None)
    sys.stdout.flush()
    # The interpreter's own end waits for threads that have nothing left to do.
    os._exit(0)


if __name__ == "__main__":
    main()
