"""The process nodes of one control plane: each a process of its own, started when a pod with a command waits for it."""

import contextlib
import ctypes
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.kubernetes.nodes import Node
from sandbox.kubernetes.plane_folder import PlaneFolder
from sandbox.kubernetes.process_node.placement import RUNS

_STOP_SECONDS = 20
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)
# Loaded before any fork: the child may not.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class NodeProcesses:
    """Starts and ends them; one thread does, for when that ends they do.

    Args:
        folder: of the control plane.
    """

    folder: PlaneFolder
    _children: dict[str, subprocess.Popen[bytes]] = field(
        default_factory=dict[str, "subprocess.Popen[bytes]"], init=False
    )

    def start(self, node: Node) -> None:
        """Start a node that registers itself; one that was killed is lost, one that failed is tried again."""
        known = self._children.get(node.name)
        if known is not None and (known.poll() is None or known.returncode <= 0):
            return
        arguments = [
            *("--name", node.name, "--zone", node.zone, "--capacity-type", node.capacity_type.value),
            *("--instance-type", node.instance_type, "--engine", node.engine.value),
            *_pairs("--resource", node.allocatable),
            *_pairs("--label", node.labels),
        ]
        for taint in node.taints:
            arguments += ["--taint", f"{taint.key}={taint.value}:{taint.effect}"]
        self._children[node.name] = subprocess.Popen(
            [sys.executable, "-m", "sandbox.kubernetes", "node", str(self.folder.path), *arguments],
            stdin=subprocess.DEVNULL,
            # A supervisor that signals a group reaches who started it only: that ends them in order.
            process_group=0,
            preexec_fn=_die_with_parent,
        )

    def stop(self) -> None:
        """End all of them, and wait until they are gone; their objects stay."""
        running = [child for child in self._children.values() if child.poll() is None]
        for child in running:
            child.terminate()
        for child in running:
            try:
                child.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._children.clear()

    def collect(self) -> None:
        """Take note of those that ended, so that nothing is left of them."""
        for child in self._children.values():
            with contextlib.suppress(OSError):
                child.poll()


def runs_processes(node: Node) -> bool:
    """Whether pods with a command run on it for real."""
    key, value = RUNS
    return node.labels.get(key) == value


def _pairs(flag: str, pairs: Mapping[str, str]) -> list[str]:
    return [part for key, value in pairs.items() for part in (flag, f"{key}={value}")]


def _die_with_parent() -> None:
    """In the child, before its program: it is told to end when the thread that started it is gone."""
    if _LIBC is not None:
        _LIBC.prctl(_DIES_WITH_PARENT, signal.SIGTERM)
