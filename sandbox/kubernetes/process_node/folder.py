"""The folder of one process node, in that of its control plane."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.kubernetes.plane_folder import PlaneFolder
from sandbox.kubernetes.process_node.logs import LogFolder


@dataclass(frozen=True)
class NodeFolder:
    """Where one process node keeps what it needs; readable by its owner only."""

    path: Path

    @classmethod
    def of(cls, plane: PlaneFolder, name: str) -> "NodeFolder":
        """The folder of the node of that name."""
        return cls(plane.path / "nodes" / name)

    @classmethod
    def all(cls, plane: PlaneFolder) -> "list[NodeFolder]":
        """The nodes there are or were, by name."""
        return [cls(entry) for entry in sorted((plane.path / "nodes").glob("*")) if entry.is_dir()]

    @property
    def mark(self) -> str:
        """Tells the processes of this node's pods from all others."""
        return str(self.path)

    @property
    def pods(self) -> Path:
        """One folder per pod, gone with it."""
        return self.path / "pods"

    @property
    def logs(self) -> LogFolder:
        """What pods write."""
        return LogFolder(self.path / "logs")

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder until the end, or until this process dies.

        Raises:
            SandboxError: the node runs already, or the place can't be written to.
        """
        try:
            for folder in (self.pods, self.logs.path):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Opened without emptying it: another process's number may stand in it.
            descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise SandboxError(
                f"a process node can't keep its files in {self.path}: {error.strerror}; "
                "choose a folder you can write to."
            ) from error
        with os.fdopen(descriptor, "r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SandboxError(
                    f"the node {self.path.name} runs already (process {lock.read().strip()}); "
                    "end that one first, or choose another name."
                ) from None
            lock.truncate()
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            yield

    def runner(self) -> int | None:
        """The process that runs the node; none when none does."""
        try:
            with self._lock.open() as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    return int(lock.read())
        except (OSError, ValueError):
            pass
        return None

    @property
    def _lock(self) -> Path:
        return self.path / "lock"
