"""Free ports on the loopback address, the same ones as last time where possible."""

import os
import random
import socket
from collections.abc import Sequence

from sandbox.errors import SandboxError
from sandbox.run_directory import Ports

LOOPBACK = "127.0.0.1"
PORT_VARIABLE = "STANCHION_SANDBOX_PORT"
# Below what kernels give to outgoing connections (Linux from 32768, macOS from 49152): one of those would take a port
# in the seconds between its choice and the start of the server that is to have it.
_SERVERS = range(15_000, 30_000)
_TRIES = 200


def choose_ports(last: Ports | None) -> Ports:
    """Ports for the servers.

    Args:
        last: the ports of the last start; kept when they are free, because addresses of the cloud (a queue's URL, say)
            stand in the engine's state.

    Raises:
        SandboxError: STANCHION_SANDBOX_PORT is not a port, or is taken.
    """
    wanted = _wanted()
    if wanted is not None and not is_free(wanted):
        raise SandboxError(
            f"port {wanted} is taken, but {PORT_VARIABLE} asks for it; "
            "stop what listens there, or choose another port, or leave the variable unset to get a free one."
        )
    taken: list[socket.socket] = []
    try:
        front_door = wanted or _hold(last.front_door if last else 0, taken)
        return Ports(
            front_door=front_door,
            ministack=_hold(last.ministack if last else 0, taken),
            moto=_hold(last.moto if last else 0, taken),
            eks=_hold(last.eks if last else 0, taken),
            batch=_hold(last.batch if last else 0, taken),
            clock=_hold(last.clock if last else 0, taken),
        )
    finally:
        for held in taken:
            held.close()


def free_ports(last: Sequence[int]) -> tuple[int, ...]:
    """Free ports, no two the same.

    Args:
        last: those of the last start, kept when they are free; 0 for one that never was.
    """
    taken: list[socket.socket] = []
    try:
        return tuple(_hold(port, taken) for port in last)
    finally:
        for held in taken:
            held.close()


def is_free(port: int) -> bool:
    """Whether a server could listen on the port of 127.0.0.1 now."""
    with _socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def _wanted() -> int | None:
    text = os.environ.get(PORT_VARIABLE, "").strip()
    if not text:
        return None
    if not text.isdecimal() or not 1024 <= int(text) <= 65535:
        raise SandboxError(f"{PORT_VARIABLE} is '{text}', which is not a port; allowed: 1024 to 65535, or unset.")
    return int(text)


def _hold(port: int, taken: list[socket.socket]) -> int:
    """Bind the port, or any free one when it is taken, and keep it bound until all are chosen."""
    held = _socket()
    for candidate in (*((port,) if port else ()), *random.sample(_SERVERS, _TRIES), 0):
        try:
            held.bind((LOOPBACK, candidate))
        except OSError:
            continue
        break
    taken.append(held)
    return held.getsockname()[1]


def _socket() -> socket.socket:
    probe = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # A port in TIME_WAIT after a stop counts as free, as it does for the servers themselves.
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return probe
