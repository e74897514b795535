"""`python -m sandbox.kubernetes`: build the programs, run one region's control plane, look, stop."""

import argparse
import signal
import sys
import time
from pathlib import Path

from sandbox.errors import SandboxError, SandboxFailedError
from sandbox.kubernetes import binaries, control_plane, keda
from sandbox.kubernetes.control_plane import ControlPlane
from sandbox.kubernetes.metrics import commands as metrics_commands
from sandbox.kubernetes.plane_folder import PlaneFolder
from sandbox.kubernetes.process_node import commands as node_commands
from stanchion.errors import StanchionError


def main(arguments: list[str]) -> int:
    """Do what the arguments say; the exit code of a process."""
    chosen = _parser().parse_args(arguments)
    try:
        return chosen.do(chosen)
    except StanchionError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code


def _build(chosen: argparse.Namespace) -> int:
    for name, place in binaries.build(chosen.programs or (*binaries.CONTROL_PLANE, *binaries.SCHEMAS), _say).items():
        _say(f"{name}: {place}")
    return 0


def _run(chosen: argparse.Namespace) -> int:
    """Until told to stop, or until a program ends: then all of them do, so that a supervisor can start anew."""
    # As Ctrl-C does: what was started is stopped.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    flags = _flags(chosen.flag)
    executables = binaries.built(binaries.CONTROL_PLANE)
    plane = ControlPlane(PlaneFolder(chosen.folder.resolve()), chosen.region, executables, flags, chosen.public_port)
    ended = None
    try:
        plane.start(_say)
        ended = plane.wait()
    except KeyboardInterrupt:
        pass
    finally:
        begun = time.monotonic()
        plane.stop()
    _say(f"control plane of {chosen.region} has ended ({time.monotonic() - begun:.1f} s)")
    if ended is not None:
        raise SandboxFailedError(ended)
    return 0


def _status(chosen: argparse.Namespace) -> int:
    found = control_plane.status(PlaneFolder(chosen.folder.resolve()))
    if found is None:
        _say(f"no control plane runs in {chosen.folder}")
        return 1
    _say(f"{found.running.region}: {found.server}, {'ready' if found.ready else 'does not answer'}")
    for name, size in found.memory_bytes.items():
        _say(f"  {name}: process {found.running.programs[name]}, {size / 2**20:.0f} MiB")
    _say(f"  together: {sum(found.memory_bytes.values()) / 2**20:.0f} MiB")
    return 0 if found.ready else 1


def _stop(chosen: argparse.Namespace) -> int:
    if not control_plane.stop(PlaneFolder(chosen.folder.resolve())):
        _say(f"no control plane ran in {chosen.folder}")
    return 0


def _flags(texts: list[str]) -> dict[str, dict[str, str]]:
    flags: dict[str, dict[str, str]] = {}
    for text in texts:
        name, dot, rest = text.partition(".")
        flag, equals, value = rest.partition("=")
        if not (name and dot and flag and equals):
            raise SandboxError(
                f"'{text}' is no flag; write PROGRAM.FLAG=VALUE, such as kwok.node-lease-duration-seconds=4."
            )
        flags.setdefault(name, {})[flag] = value
    return flags


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m sandbox.kubernetes", description=__doc__)
    commands = parser.add_subparsers(required=True)
    build = commands.add_parser("build", help="build the programs that are not built yet")
    build.add_argument("programs", nargs="*", metavar="PROGRAM", help=", ".join(binaries.BINARIES))
    build.set_defaults(do=_build)
    for name, do, what in (
        ("run", _run, "run a control plane until told to stop"),
        ("status", _status, "say how a control plane is"),
        ("stop", _stop, "stop a control plane"),
    ):
        command = commands.add_parser(name, help=what)
        command.add_argument("folder", type=Path, help="where the control plane keeps what it needs")
        command.set_defaults(do=do)
        if name == "run":
            command.add_argument("--region", required=True, help="names the cluster")
            command.add_argument("--public-port", type=int, help="where clients reach it, when something stands before")
            command.add_argument("--flag", action="append", default=[], metavar="PROGRAM.FLAG=VALUE")
    node_commands.add(commands)
    metrics_commands.add(commands)
    keda.add(commands)
    return parser


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
