"""How the control planes of a local cloud's clusters are."""

import time
from collections.abc import Iterator

import psutil

from sandbox.kubernetes import control_plane
from sandbox.kubernetes.plane_folder import PlaneFolder
from sandbox.processes.supervisor import ProcessStatus
from sandbox.run_directory import RunDirectory


def plane_statuses(directory: RunDirectory) -> Iterator[ProcessStatus]:
    """One for each control plane that runs, with the memory of all of its programs and of its process nodes."""
    for path in sorted(directory.planes.glob("*/*")):
        found = control_plane.status(PlaneFolder(path)) if path.is_dir() else None
        if found is None:
            continue
        memory, uptime = sum(found.memory_bytes.values()), 0
        for process in _beside(path.as_posix(), found.running.runner):
            try:
                memory += process.memory_info().rss
                uptime = max(uptime, int(time.time() - process.create_time()))
            except psutil.Error:
                continue
        port = int(found.server.rpartition(":")[2])
        state = "RUNNING" if found.ready else "STARTING"
        yield ProcessStatus(f"{path.name}.{path.parent.name}", state, found.running.runner, port, memory, uptime)


def _beside(folder: str, runner: int) -> Iterator[psutil.Process]:
    """The runner of the programs and the process nodes, which are told by the folder in their arguments."""
    for process in psutil.process_iter():
        try:
            arguments = process.cmdline()
        except psutil.Error:
            continue
        if process.pid == runner or ("sandbox.kubernetes" in arguments and folder in arguments):
            yield process
